using Holdfast.Journal;

namespace Holdfast.Simulation;

/// <summary>Stores what silos submit, after a while and not always: each append whole or not at all.</summary>
internal sealed class Writer(World world)
{
    /// <summary>What is stored, others read at once; who stored it may hear of it much later.</summary>
    private static readonly TimeSpan LatestWord = TimeSpan.FromSeconds(5);

    public Task<AppendStatus> Submit(Silo silo, Append append)
    {
        var answer = new TaskCompletionSource<AppendStatus>();
        world.After(world.Dice.Delay(world.Weather.Commit), () =>
        {
            // What a dead process had handed over may have reached the store, or not.
            if (!silo.IsAlive && world.Dice.Chance(0.5)) return;

            // Its death is in the same database, and is looked at with each append.
            var status = silo.IsCutOff && silo.IsAlive ? AppendStatus.Conflict : Store(append);
            var late = world.Dice.Chance(world.Weather.FailedAppends) ? world.Dice.Between(TimeSpan.Zero, LatestWord) : TimeSpan.Zero;
            world.After(late + world.Dice.Delay(world.Weather.Commit), () => answer.TrySetResult(status));
        });
        return answer.Task;
    }

    private AppendStatus Store(Append append)
    {
        if (!world.Dice.Chance(world.Weather.FailedAppends)) return world.Store.Store(append);
        switch (world.Dice.Below(4))
        {
            case 0:
                return AppendStatus.Refused;
            case 1:
                return AppendStatus.Unwritable;
            case 2:
                return AppendStatus.Unknown;
            default:
                // It is stored, or another one was first; nobody hears which.
                world.Store.Store(append);
                return AppendStatus.Unknown;
        }
    }
}
