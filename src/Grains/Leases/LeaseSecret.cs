using Holdfast.Contracts;
using Holdfast.Contracts.Callers;
using Holdfast.Domain.Leases;
using Holdfast.Grains.Hosting;
using Orleans.Concurrency;

namespace Holdfast.Grains.Leases;

/// <summary>Reads the key from the store each time: front doors remember it, and it is another one after the store was renewed.</summary>
[StatelessWorker]
internal sealed class LeaseSecret(OwnerServices services) : Grain, ILeaseSecret
{
    public async ValueTask<byte[]?> Read() =>
        await services.ReadStore(static store => store.ReadSecret(LeaseSecretName.Stream, LeaseSecretName.Name, CancellationToken.None))
            is { } stored
            ? KeyText.ReadMacKey(stored.Span)
            : null;

    /// <summary>The first one that is stored counts, whoever draws one at the same time.</summary>
    public async ValueTask<byte[]> ReadOrDraw() => await Read() ?? KeyText.ReadMacKey((await services.ReadStore(static store =>
        store.WriteSecret(
            LeaseSecretName.Stream, LeaseSecretName.Name, KeyText.DrawMacKey(), replaces: false, CancellationToken.None))).Span);
}
