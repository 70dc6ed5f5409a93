using System.Collections.Concurrent;
using Holdfast.Contracts;
using RecordedOperation = Holdfast.Checker.Operation;

namespace Holdfast.Rings.Linearizability;

/// <summary>
/// Records what clients of live grains saw. A client that gets no answer repeats the call with the same operation id; all its
/// attempts are one operation, from the first call to the answer.
/// </summary>
internal sealed class HistoryRecorder
{
    private readonly ConcurrentQueue<RecordedOperation> _operations = [];
    private int _retried;

    public IReadOnlyCollection<RecordedOperation> Operations => _operations;

    /// <summary>Operations that took more than one attempt.</summary>
    public int Retried => _retried;

    /// <param name="attempt">Calls the grain; the number counts the attempts from 0.</param>
    /// <param name="output">The model's answer, from the grain's and the number of attempts before it.</param>
    /// <param name="patience">Attempts before the client gives up.</param>
    public async Task Record<T>(
        string client, string key, string name, object input, Func<Task<T>> attempt, Func<T, int, object> output, int patience)
    {
        var call = Now();
        var nothingHappened = true;
        for (var failed = 0; failed < patience; failed++)
        {
            try
            {
                var answer = await attempt();
                _operations.Enqueue(RecordedOperation.Answered(client, key, call, Now(), name, input, output(answer, failed)));
                return;
            }
            catch (Exception exception) when (exception is RetryableException or OrleansException or TimeoutException or InterruptedCallException)
            {
                if (failed == 0) Interlocked.Increment(ref _retried);
                nothingHappened &= exception is RetryableException { Reason: RetryReason.Refused or RetryReason.Conflict or RetryReason.Overloaded };
            }
        }

        // Refused or overtaken by another writer is a promise that nothing happened: the checker holds the store to it.
        _operations.Enqueue(nothingHappened
            ? RecordedOperation.Failed(client, key, call, Now(), name, input)
            : RecordedOperation.Unknown(client, key, call, name, input));
    }

    private static long Now() => TimeProvider.System.GetTimestamp();
}

/// <summary>The silo went away during the call: nobody knows whether it had an effect.</summary>
internal sealed class InterruptedCallException : Exception;
