namespace Holdfast.Contracts;

/// <summary>A call to an owner that has ended without an answer: it may have taken effect all the same, and is repeated with the same ids.</summary>
public static class NoAnswer
{
    /// <summary>Whether the exception says that nobody answered, rather than that the call failed by itself.</summary>
    /// <param name="stopping">Of the caller: cancelled by it, the call has not failed. Orleans also cancels calls of its own accord when a silo stops.</param>
    public static bool Is(Exception exception, CancellationToken stopping = default) =>
        exception is RetryableException or OrleansException or TimeoutException
        || (exception is OperationCanceledException && !stopping.IsCancellationRequested);
}
