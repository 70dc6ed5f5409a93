using Holdfast.Contracts;
using Orleans.Concurrency;

namespace Holdfast.Grains;

/// <summary>A worker of whichever silo the call comes to.</summary>
[StatelessWorker]
internal sealed class Pulse : Grain, IPulse
{
    public ValueTask Beat() => ValueTask.CompletedTask;
}
