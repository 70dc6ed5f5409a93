namespace Holdfast.Rig;

internal static class Waiting
{
    /// <summary>The result; null when it took longer.</summary>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public static async Task<T?> WithLimit<T>(this Task<T> task, TimeSpan limit, TimeProvider clock, CancellationToken cancellationToken = default)
        where T : struct
    {
        try
        {
            return await task.WaitAsync(limit, clock, cancellationToken);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            return null;
        }
    }
}
