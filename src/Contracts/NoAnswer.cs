namespace Holdfast.Contracts;

/// <summary>
/// What it means that nobody answered a call of a grain: it was not reached, or not in time, or its store failed. It may have acted all
/// the same; the call can be repeated with the same operation.
/// </summary>
public static class NoAnswer
{
    public static bool Is(Exception exception) => exception is RetryableException or TimeoutException or OrleansException;

    /// <summary>
    /// Or the call was cancelled, and not by its caller: Orleans gives up calls of its own accord, when a silo stops or no place is found
    /// for a grain in time.
    /// </summary>
    /// <param name="own">The token with which the caller would cancel; none: it never does.</param>
    public static bool IsOrGivenUp(Exception exception, CancellationToken own) =>
        Is(exception) || (exception is OperationCanceledException && !own.IsCancellationRequested);
}
