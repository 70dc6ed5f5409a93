using System.Threading.Tasks.Sources;
using Holdfast.Contracts;

namespace Holdfast.Domain.Owner;

/// <summary>Decisions that will be stored together, and everyone who waits for them. For the grain's own turns only.</summary>
public sealed class PendingAppend<TEvent>(DateTimeOffset at)
{
    private readonly List<Waiter> _waiters = [];
    private RetryableException? _failure;
    private bool _ended;

    /// <summary>The time of every decision in it: what is replayed later must see the time the original saw.</summary>
    public DateTimeOffset At { get; } = at;

    public List<TEvent> Events { get; } = [];

    public List<OutgoingMessage> Messages { get; } = [];

    /// <summary>What changes in the rows beside the stream; null for nothing.</summary>
    public BesideRows? Beside { get; private set; }

    /// <summary>A tombstone stands alone: its row must not hold what it erases.</summary>
    public bool Erases { get; set; }

    /// <summary>One of the events is published.</summary>
    public bool Published { get; set; }

    /// <summary>The outcome when all of this is durable; a <see cref="RetryableException"/> when it will not be.</summary>
    public ValueTask<TOutcome> AnswerWhenDurable<TOutcome>(TOutcome outcome)
    {
        if (_ended) return _failure is null ? new(outcome) : ValueTask.FromException<TOutcome>(_failure);
        var waiter = new Waiter<TOutcome>(outcome);
        _waiters.Add(waiter);
        return waiter.Answer;
    }

    /// <summary>What a later event says of a thing takes the place of what an earlier one said.</summary>
    public void Add(BesideRows beside) => Beside = Beside is not { } earlier
        ? beside
        : new(
            [.. earlier.Secrets.Where(secret => beside.Secrets.All(later => later.Name != secret.Name)), .. beside.Secrets],
            beside.Attention ?? earlier.Attention);

    public void Complete() => End(null);

    public void Fail(RetryableException exception) => End(exception);

    private void End(RetryableException? failure)
    {
        (_ended, _failure) = (true, failure);
        foreach (var waiter in _waiters) waiter.End(failure);
    }

    private abstract class Waiter
    {
        public abstract void End(RetryableException? failure);
    }

    /// <summary>
    /// One caller. A hot owner has hundreds for each append: as an async method that awaits a task, each would cost a state machine,
    /// a continuation and a task to run it in.
    /// </summary>
    private sealed class Waiter<TOutcome>(TOutcome outcome) : Waiter, IValueTaskSource<TOutcome>
    {
        private ManualResetValueTaskSourceCore<TOutcome> _core;

        public ValueTask<TOutcome> Answer => new(this, _core.Version);

        public override void End(RetryableException? failure)
        {
            if (failure is null) _core.SetResult(outcome);
            else _core.SetException(failure);
        }

        public TOutcome GetResult(short token) => _core.GetResult(token);

        public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        {
            // Whoever ends the append is in a turn of the grain whose scheduler the caller would ask for: it goes on in place.
            _core.OnCompleted(continuation, state, token, flags & ~ValueTaskSourceOnCompletedFlags.UseSchedulingContext);
        }
    }
}
