using Holdfast.Bench.Measuring;
using Holdfast.Contracts;

namespace Holdfast.Lab.Races;

/// <summary>The wait before another try: exponential, with full jitter, so that those who collided do not collide again.</summary>
internal static class Backoff
{
    /// <summary>Tries of one operation before its caller is told to come back later.</summary>
    public const int MaxTries = 20;

    /// <summary>The longest wait.</summary>
    public const int MaxMilliseconds = 1 << MaxDoublings;

    private const int MaxDoublings = 6;

    public static Task Wait(int tries, Client client, TimeProvider clock) =>
        Task.Delay(TimeSpan.FromMilliseconds(client.Pick(1 << Math.Min(tries, MaxDoublings)) + 1), clock);

    /// <summary>Repeats an attempt that says false, or null, when others were in the way.</summary>
    public static async ValueTask<Answer> Retry(Client client, TimeProvider clock, Func<ValueTask<Reply?>> attempt)
    {
        for (var tries = 1; ; tries++)
        {
            if (await attempt() is { } reply) return new(reply, tries - 1);
            if (tries == MaxTries) return new(Reply.GaveUp, tries - 1);
            await Wait(tries, client, clock);
        }
    }

    /// <summary>Repeats a call of a grain that had no answer, with its operation's id: if it took effect, this finds the answer.</summary>
    public static ValueTask<Answer> RetryUnanswered(Client client, TimeProvider clock, Func<Task<Reply?>> call) => Retry(
        client,
        clock,
        async () =>
        {
            try
            {
                return await call();
            }
            catch (RetryableException)
            {
                return null;
            }
        });
}
