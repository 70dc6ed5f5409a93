using System.Globalization;
using System.Text;
using Holdfast.Bench.Measuring;
using Holdfast.Bench.Orders;
using Holdfast.Contracts;
using Holdfast.Journal;

namespace Holdfast.Bench.Growth;

/// <summary>
/// Does an order cost more in a store that is full of finished ones? The old orders are copies of a real one's rows under other
/// ids; the products' own histories and the sandbox gateway's ledger are left as they are.
/// </summary>
internal static class OldOrders
{
    private const string Title = "Orders of 1 line, after others";
    private const int Items = 10_000;
    private const int RowsPerOrder = 16;
    private const int ProgressEvery = 100_000;

    public static async Task<Comparison> Compare(
        IReadOnlyList<(int Size, BenchSilo Silo)> stores, Plan plan, MeasuringRun run, CancellationToken cancellationToken)
    {
        foreach (var (size, silo) in stores)
        {
            await Products.Create(silo.Grains, Items, cancellationToken);
            await Fill(silo, size, plan.Seed, run.Progress, cancellationToken);
        }

        return await new Contest(plan, run.Progress, cancellationToken).Run(Title, [.. stores.Select(static store => Placing(store.Size, store.Silo))]);
    }

    private static Way Placing(int finished, BenchSilo silo) => new(
        string.Create(CultureInfo.InvariantCulture, $"{finished:N0} finished orders"), new Placing(silo.Grains, Items, lines: 1).PlaceAndWait);

    private static async Task Fill(BenchSilo silo, int orders, int seed, Progress progress, CancellationToken cancellationToken)
    {
        var real = new Placing(silo.Grains, Items, lines: 1);
        await real.PlaceAndWait(new Client(0, seed));
        var id = real.Sample[0];
        var store = silo.Service<IJournalStore>();
        var rows = await store.ReadForward($"order/{id}", 0, RowsPerOrder, cancellationToken);

        // Not the seed of any caller: its ids would be theirs.
        var copies = new Copies(id, rows, new Random(~seed));
        for (var made = 0; made < orders; made += JournalFill.BatchSize)
        {
            if (made % ProgressEvery == 0) progress.Say(string.Create(CultureInfo.InvariantCulture, $"{made:N0} of {orders:N0} finished orders are stored"));
            foreach (var batch in copies.Next(Math.Min(JournalFill.BatchSize, orders - made)))
            {
                cancellationToken.ThrowIfCancellationRequested();
                await JournalFill.Commit(store, batch);
            }
        }
    }

    /// <summary>The appends of a real order, under other ids.</summary>
    private sealed class Copies(string orderId, IReadOnlyList<JournalRow> rows, Random random)
    {
        private readonly string _operation = PublicId.TryParse(PublicId.Order, orderId, out var id) ? id.ToString() : "";

        /// <summary>One batch for each of the order's rows: a batch holds at most one append of a stream.</summary>
        public IEnumerable<Append[]> Next(int orders)
        {
            var ids = new Guid[orders];
            var bytes = new byte[16];
            for (var i = 0; i < orders; i++)
            {
                random.NextBytes(bytes);
                ids[i] = new(bytes);
            }

            return rows.Select(row => Array.ConvertAll(ids, id => Copy(row, id)));
        }

        private Append Copy(JournalRow row, Guid id) => new(
            $"order/{PublicId.Format(PublicId.Order, id)}",
            row.FirstVersion - 1,
            Guid.CreateVersion7(row.RecordedAt),
            row.RecordedAt,
            (int)(row.LastVersion - row.FirstVersion + 1),
            Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(row.Events.Span).Replace(_operation, id.ToString(), StringComparison.Ordinal)),
            [],
            [],
            Follows: row.FirstVersion - 1);
    }
}
