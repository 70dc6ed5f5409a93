using Holdfast.Rings.Cluster;
using Holdfast.Rings.Delivery;

namespace Holdfast.Rings.Linearizability;

/// <summary>A silo with bad weather that can be killed and started again on the same files while clients are calling.</summary>
internal sealed class RestartableSilo : IAsyncDisposable
{
    private readonly string _directory;
    private readonly ulong _seed;
    private readonly Chances _chances;
    private volatile Life _life = null!;
    private int _lives;

    private RestartableSilo(string directory, ulong seed, Chances chances) => (_directory, _seed, _chances) = (directory, seed, chances);

    private sealed record Life(HoldfastCluster Cluster, Weather Weather)
    {
        /// <summary>Completes when the silo is about to be killed.</summary>
        public TaskCompletionSource Killed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Completes when the next one has started.</summary>
        public TaskCompletionSource Replaced { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public int Faults { get; private set; }

    public int Intrusions { get; private set; }

    public static async Task<RestartableSilo> Start(string directory, ulong seed, Chances chances)
    {
        var silo = new RestartableSilo(directory, seed, chances);
        await silo.Begin();
        return silo;
    }

    /// <summary>One call to the silo that is running.</summary>
    /// <exception cref="InterruptedCallException">It was killed before the answer came; the next one has started.</exception>
    public async Task<T> Call<T>(Func<IGrainFactory, ValueTask<T>> call)
    {
        var life = _life;
        var answer = Start(life, call);

        // Killed first: a call that comes between two lives finds only the disposed client of the first.
        if (await Task.WhenAny(life.Killed.Task, answer) == answer) return await answer;
        _ = answer.ContinueWith(static task => task.Exception, TaskScheduler.Default);
        await life.Replaced.Task;
        throw new InterruptedCallException();
    }

    /// <summary>Drops the silo in the middle of whatever it does, and starts another.</summary>
    public async Task Restart()
    {
        var life = _life;
        life.Killed.SetResult();
        await End(life);
        await Begin();
        life.Replaced.SetResult();
    }

    public async ValueTask DisposeAsync() => await End(_life);

    private static async Task<T> Start<T>(Life life, Func<IGrainFactory, ValueTask<T>> call) => await call(life.Cluster.Grains);

    private async Task Begin()
    {
        var cluster = await HoldfastCluster.Start(_directory);
        var weather = new Weather(Seeds.Of(_seed, _lives++), cluster.Store, _chances);
        weather.Start();
        _life = new(cluster, weather);
    }

    private async Task End(Life life)
    {
        (Faults, Intrusions) = (Faults + life.Weather.Faults, Intrusions + life.Weather.Intrusions);
        await life.Cluster.Kill();
    }
}
