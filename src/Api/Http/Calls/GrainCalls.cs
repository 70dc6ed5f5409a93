using System.Collections.Concurrent;
using Holdfast.Api.Http.Problems;
using Holdfast.Contracts;

namespace Holdfast.Api.Http.Calls;

/// <summary>
/// Calls grains, and repeats a call that ended without an answer. The repeat carries the same command, so the owner's receipt
/// makes it harmless.
/// </summary>
/// <param name="remote">The silos are other processes, which can be lost while this one waits for them: see <see cref="RepeatAll"/>.</param>
public sealed partial class GrainCalls(TimeProvider clock, Backoff backoff, RaceSigns signs, ILogger<GrainCalls> logger, bool remote)
{
    /// <summary>Quick failures take some ten seconds to use them up: longer than a cluster takes to replace a silo.</summary>
    public const int Tries = 14;

    /// <summary>No further try begins after this long.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    internal static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>A store that is full does not have room in a second.</summary>
    private static readonly TimeSpan WritableAfter = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Guid, bool> _running = new();

    /// <summary>Ends with the next silo.</summary>
    private TaskCompletionSource _lost = NextLoss();

    /// <summary>
    /// A silo is gone, and with it, or behind it, what was asked there; nothing else will say which calls that were. All that wait
    /// are repeated: whose first try lives on finds its receipt, or waits behind it.
    /// </summary>
    public void RepeatAll() => Interlocked.Exchange(ref _lost, NextLoss()).SetResult();

    /// <summary>Calls the grain until it answers.</summary>
    /// <exception cref="RefusedRequestException">503: it did not.</exception>
    public async ValueTask<TAnswer> Send<TGrain, TCommand, TAnswer>(
        TGrain grain, TCommand command, Func<TGrain, TCommand, ValueTask<TAnswer>> call, CancellationToken cancellationToken)
    {
        var (started, nothingDone) = (clock.GetTimestamp(), true);
        signs.CountCall();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var lost = Volatile.Read(ref _lost).Task;
                var answer = call(grain, command);
                return !remote || answer.IsCompleted ? await answer : await Unless(lost, answer.AsTask());
            }
            catch (Exception exception) when (IsUnanswered(exception))
            {
                var elapsed = clock.GetElapsedTime(started);
                if (!IsCertain(exception)) signs.Count(RaceSign.Unanswered);
                nothingDone &= IsCertain(exception);
                if (attempt == Tries || elapsed >= Patience || IsFinal(exception))
                {
                    // The silo that answers so has done nothing; one that was asked before may have.
                    throw new RefusedRequestException(nothingDone ? Refusal(exception) : Unknown, exception);
                }

                LogRepeat(exception, typeof(TGrain).Name, attempt);
                await Task.Delay(backoff.After(attempt), clock, cancellationToken);
            }
        }
    }

    /// <summary>Calls the grain for a request with an idempotency key, which may come twice at the same time.</summary>
    /// <exception cref="RefusedRequestException">503: the grain did not answer. 409: nor has the first request with the key.</exception>
    public async ValueTask<TAnswer> Send<TGrain, TCommand, TAnswer>(
        TGrain grain,
        Guid operation,
        TCommand command,
        Func<TGrain, TCommand, ValueTask<TAnswer>> call,
        CancellationToken cancellationToken)
    {
        var first = _running.TryAdd(operation, true);
        try
        {
            return await Send(grain, command, call, cancellationToken);
        }
        catch (RefusedRequestException) when (!first && _running.ContainsKey(operation))
        {
            throw new RefusedRequestException(new Problem(ProblemKind.IdempotencyInProgress, "Repeat the request later, with the same key, to get its answer.")
            {
                RetryAfter = RetryAfter,
            });
        }
        finally
        {
            if (first) _running.TryRemove(operation, out _);
        }
    }

    /// <summary>What the caller of the front door is told.</summary>
    internal static Problem Refusal(Exception exception) => exception switch
    {
        RetryableException { Reason: RetryReason.Overloaded or RetryReason.Loading } => NothingDone,
        RetryableException { Reason: RetryReason.Unwritable } => NotWritten,
        _ when IsCertain(exception) => NothingTaken,
        _ => Unknown,
    };

    private static Problem NothingDone => new(ProblemKind.Overloaded, "Nothing was done. Repeat the request after a moment, with the same key.")
    {
        RetryAfter = RetryAfter,
        ForRead = new(ProblemKind.Overloaded, "Nothing was read. Repeat the request after a moment.") { RetryAfter = RetryAfter },
    };

    private static Problem NothingTaken => new(ProblemKind.Unavailable, "Nothing was done. Repeat the request after a moment, with the same key.")
    {
        RetryAfter = RetryAfter,
        ForRead = new(ProblemKind.Unavailable, "Nothing was read. Repeat the request after a moment.") { RetryAfter = RetryAfter },
    };

    private static Problem NotWritten => new(
        ProblemKind.Unavailable, "Nothing was done: the store takes no changes now. Repeat the request later, with the same key.")
    {
        RetryAfter = WritableAfter,
        ForRead = new(ProblemKind.Unavailable, "Nothing was read: the store takes no changes now. Repeat the request later.") { RetryAfter = WritableAfter },
    };

    private static Problem Unknown => new(ProblemKind.Unavailable, "Whether the request took effect is unknown. Repeat it with the same key: it takes effect once.")
    {
        RetryAfter = RetryAfter,
        ForRead = new(ProblemKind.Unavailable, "Nobody answered in time. Repeat the request.") { RetryAfter = RetryAfter },
    };

    /// <summary>It would be the same at once: the caller is told instead of being held.</summary>
    private static bool IsFinal(Exception exception) =>
        exception is RetryableException { Reason: RetryReason.Overloaded or RetryReason.Loading or RetryReason.Unwritable };

    /// <summary>Nothing came of the try.</summary>
    private static bool IsCertain(Exception exception) => exception is RetryableException { Reason: not RetryReason.Unknown };

    private static async Task<TAnswer> Unless<TAnswer>(Task lost, Task<TAnswer> answer)
    {
        if (await Task.WhenAny(answer, lost) == answer) return await answer;
        answer.Ignore();
        throw new TimeoutException("A silo was lost while it was waited for.");
    }

    private static TaskCompletionSource NextLoss() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The front door never cancels a call. So one that ends as cancelled was given up by a silo.</summary>
    private static bool IsUnanswered(Exception exception) => NoAnswer.IsOrGivenUp(exception, CancellationToken.None);
}
