namespace Holdfast.Tests;

/// <summary>Waits for what happens by itself.</summary>
internal static class Eventually
{
    /// <summary>Generous: it only bounds a wait that is in vain.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(10);

    /// <param name="happened">Asked again and again.</param>
    /// <param name="expected">What should have happened, for the failure.</param>
    public static async Task True(Func<Task<bool>> happened, Func<string> expected)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await happened())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Patience, $"within {Patience.TotalSeconds} s {expected()}");
            await Task.Delay(PollInterval, TimeProvider.System);
        }
    }

    public static Task True(Func<bool> happened, Func<string> expected) => True(() => Task.FromResult(happened()), expected);
}
