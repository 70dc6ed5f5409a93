using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Holdfast.Journal;
using Holdfast.Rings.Cluster;

namespace Holdfast.Rings.Delivery;

/// <summary>How often the store misbehaves, each as a share of 1.</summary>
/// <param name="Fault">Of the batches: lost before, lost after, refused, or called unknown and stored a while later.</param>
/// <param name="Intrusion">Of the appends: another writer of the stream gets in first.</param>
internal sealed record Chances(double Fault, double Intrusion);

/// <summary>
/// Draws what goes wrong in the store: batches that are lost or refused, and a second writer that gets in between a grain's load
/// and its append. What the intruder writes is valid and changes nothing, so that every invariant stays computable.
/// </summary>
/// <remarks>Asked by the store's one writer, so one seed draws one sequence.</remarks>
internal sealed class Weather(ulong seed, FaultyStore store, Chances chances)
{
    private static readonly byte[] NothingMoved = Encoding.UTF8.GetBytes("""[{"type":"receipts.moved","count":0}]""");

    /// <summary>Milliseconds after which a late batch lands, at the most.</summary>
    private const int Latest = 60;

    private readonly Random _random = Seeds.Random(seed);
    private readonly ConcurrentQueue<Task> _landings = [];
    private volatile bool _fair;

    public int Faults { get; private set; }

    /// <summary>Batches that were called unknown and stored after a while, when their owners had long been loaded again.</summary>
    public int Late { get; private set; }

    public int Intrusions { get; private set; }

    public void Start()
    {
        store.Fault = Draw;
        store.Intrude = Intrude;
    }

    /// <summary>Nothing goes wrong any more, and nothing is still to land.</summary>
    public async Task Clear()
    {
        _fair = true;
        await Task.WhenAll(_landings);
        await store.Land();
    }

    private StoreFault Draw(IReadOnlyList<Append> appends)
    {
        if (_fair || _random.NextDouble() >= chances.Fault) return StoreFault.None;
        Faults++;
        var fault = (StoreFault)_random.Next(1, 5);
        if (fault != StoreFault.Late) return fault;
        Late++;
        _landings.Enqueue(Land(TimeSpan.FromMilliseconds(_random.Next(1, Latest))));
        return fault;
    }

    private async Task Land(TimeSpan after)
    {
        await Task.Delay(after, TimeProvider.System);
        await store.Land();
    }

    private async Task<IReadOnlyList<Append>> Intrude(IReadOnlyList<Append> appends)
    {
        var foreign = new List<Append>();
        foreach (var append in appends)
        {
            if (_fair || append.ExpectedVersion == 0 || _random.NextDouble() >= chances.Intrusion) continue;
            foreign.Add(append with
            {
                Id = Guid.NewGuid(),
                EventCount = 1,
                Events = append.Stream.StartsWith("order/", StringComparison.Ordinal) ? await SameAttempt(append) : NothingMoved,
                Messages = [],
                Receipts = [],
                Erases = false,
                Beside = null,
            });
        }

        Intrusions += foreign.Count;
        return foreign;
    }

    /// <summary>An order has no event that says nothing; this one names the attempt that it is at anyway.</summary>
    private async Task<byte[]> SameAttempt(Append append)
    {
        var attempt = 1;
        foreach (var row in await store.ReadForward(append.Stream, 0, 1_000, CancellationToken.None))
        {
            using var events = JsonDocument.Parse(row.Events);
            foreach (var stored in events.RootElement.EnumerateArray())
            {
                if (stored.TryGetProperty("attempt", out var known)) attempt = known.GetInt32();
            }
        }

        return Encoding.UTF8.GetBytes($$"""[{"type":"payment.settling","attempt":{{attempt}}}]""");
    }
}
