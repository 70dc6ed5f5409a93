using Holdfast.Contracts;

namespace Holdfast.Simulation;

/// <summary>How people ask for something: under one operation, again and again until they have an answer.</summary>
internal sealed class Caller(World world)
{
    /// <summary>Of one request; the worst weather is over long before.</summary>
    private const int MaxTries = 500;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Null when there was no answer for very long, which is a failure.</summary>
    public async Task<T?> UntilAnswered<T>(Func<Operation, ValueTask<T>> ask, Operation? same = null)
    {
        var operation = same ?? new(world.Dice.Id(), 1);
        for (var tries = 0; tries < MaxTries; tries++)
        {
            try
            {
                return await ask(operation);
            }
            catch (Exception exception) when (NoAnswer.IsOrGivenUp(exception, CancellationToken.None))
            {
                await world.Delay(world.Dice.Delay(Pause));
            }
        }

        world.Checks.Fail($"there was no answer in {MaxTries} tries");
        return default;
    }
}
