namespace Holdfast.Journal.Postgres;

/// <summary>
/// The counterpart of the group commit: questions that arrive while others are being answered are asked together, as one statement.
/// A silo that starts, or that is given a thousand new orders a second, reads as many streams, and a statement costs both sides far
/// more than one more row in it. A question that finds a free turn is asked at once.
/// </summary>
/// <param name="ask">Answers the questions in their order, or fails for all of them.</param>
/// <param name="isOfGroup">
/// True for a failure that one of the questions may have caused, or their number: then each half is asked by itself, to spare the rest.
/// </param>
/// <param name="maxTurns">Statements under way at the same time; the more, the fewer questions in each.</param>
internal sealed class GroupRead<TQuestion, TAnswer>(
    Func<IReadOnlyList<TQuestion>, Task<TAnswer[]>> ask, Predicate<Exception> isOfGroup, int maxTurns)
{
    /// <summary>Questions in one statement, at most: their answers are in memory together.</summary>
    private const int MaxQuestions = 64;

    private readonly Lock _lock = new();
    private readonly Queue<Waiting> _waiting = [];
    private int _turns;

    /// <summary>The answer of a statement that was sent after this call.</summary>
    public Task<TAnswer> Ask(TQuestion question, CancellationToken cancellationToken)
    {
        var waiting = new Waiting(question);
        lock (_lock)
        {
            _waiting.Enqueue(waiting);
            if (_turns == maxTurns) return waiting.Answer.Task.WaitAsync(cancellationToken);
            _turns++;
        }

        // On the pool, and not as part of the call that happened to come first: it goes on to answer the others.
        ThreadPool.UnsafeQueueUserWorkItem(static reads => reads.AnswerWaiting().Ignore(), this, preferLocal: false);
        return waiting.Answer.Task.WaitAsync(cancellationToken);
    }

    private async Task AnswerWaiting()
    {
        while (Take() is { Length: > 0 } taken) await Answer(taken);
    }

    /// <summary>What waits now; when nothing does, the turn ends in the same moment.</summary>
    private Waiting[] Take()
    {
        lock (_lock)
        {
            var taken = new Waiting[Math.Min(_waiting.Count, MaxQuestions)];
            for (var i = 0; i < taken.Length; i++) taken[i] = _waiting.Dequeue();
            if (taken.Length == 0) _turns--;
            return taken;
        }
    }

    /// <summary>Never throws: those who asked hear of it.</summary>
    private async Task Answer(Waiting[] taken)
    {
        try
        {
            var answers = await ask(Array.ConvertAll(taken, static waiting => waiting.Question));
            for (var i = 0; i < taken.Length; i++) taken[i].Answer.SetResult(answers[i]);
        }
        catch (Exception exception) when (taken.Length > 1 && isOfGroup(exception))
        {
            var half = taken.Length / 2;
            await Answer(taken[..half]);
            await Answer(taken[half..]);
        }
#pragma warning disable CA1031 // Whatever it is, it is for those who asked.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            foreach (var waiting in taken)
            {
                waiting.Answer.SetException(exception);

                // Who has given up does not look any more.
                _ = waiting.Answer.Task.Exception;
            }
        }
    }

    private sealed record Waiting(TQuestion Question)
    {
        public TaskCompletionSource<TAnswer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
