using CsCheck;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Domain.Inventory;
using Holdfast.Tests.Domain.Owner;

namespace Holdfast.Tests.Domain.Inventory;

public sealed class StockRulesPropertyTests
{
    private const string Sku = "sku-1";

    private static readonly Gen<long> Quantities =
        Gen.Frequency((8, Gen.Long[1, 10]), (1, Gen.Long[1, Limits.Quantity]), (1, Gen.Const(Limits.Quantity)));

    /// <summary>Under which something is asked of a reservation; often none.</summary>
    private static readonly Gen<Operation> Keys = Gen.Frequency((1, Gen.Const(default(Operation))), (2, Operations(5)));

    private static readonly Gen<Step> Steps = Gen.Frequency(
        (1, Gen.Select(Operations(1), Gen.Int[0, 2], Gen.Bool, Gen.Int[0, 3], static (id, version, absent, archived) =>
            (Step)new Put(id, version == 0 ? null : version - 1, absent, archived == 0))),
        (2, Gen.Select(Operations(1), Gen.Int[0, 2], Gen.Int[0, 3], static (id, version, archived) =>
            (Step)new Patch(id, version == 0 ? version : null, archived switch { 0 => true, 1 => null, _ => false }))),
        (3, Gen.Select(Operations(2), Quantities, Gen.Bool, static (id, quantity, less) => (Step)new Adjust(id, less ? -quantity : quantity))),
        (1, Gen.Select(Operations(3), Quantities, Gen.Int[0, 2], static (id, quantity, seen) => (Step)new Set(id, quantity, seen))),
        (8, Gen.Select(Operations(4), Quantities, Gen.Int[1, 90], Gen.Int[-1, 5], static (id, quantity, ttl, deadline) =>
            (Step)new Reserve(id, quantity, ttl, deadline))),
        (4, Gen.Select(Operations(4), Keys, Gen.Int[0, 6], static (id, key, some) =>
            (Step)new Commit(id.Id, key, some == 0 ? null : some))),
        (3, Gen.Select(Operations(4), Keys, Gen.Bool, static (id, key, tombstone) => (Step)new Release(id.Id, key, tombstone))),
        (3, Gen.Select(Operations(4), Keys, Gen.Int[1, 90], static (id, key, ttl) => (Step)new Extend(id.Id, key, ttl))),
        (3, Gen.Select(Operations(4), Gen.Bool, static (id, tombstone) => (Step)new Undo(id.Id, tombstone))),
        (3, Gen.Int[1, 40].Select(static minutes => (Step)new Wait(minutes))),
        (1, Gen.Int[(24 * 60) - 60, (24 * 60) + 60].Select(static minutes => (Step)new Wait(minutes))));

    private abstract record Step;

    private sealed record Put(Operation Id, long? IfVersion, bool IfAbsent, bool Archived) : Step;

    private sealed record Patch(Operation Id, long? IfVersion, bool? Archived) : Step;

    private sealed record Adjust(Operation Id, long Delta) : Step;

    private sealed record Set(Operation Id, long OnHand, int Seen) : Step;

    private sealed record Reserve(Operation Id, long Quantity, int TtlMinutes, int DeadlineMinutes) : Step;

    private sealed record Commit(Guid Id, Operation Key, long? Quantity) : Step;

    private sealed record Release(Guid Id, Operation Key, bool Tombstone) : Step;

    private sealed record Extend(Guid Id, Operation Key, int TtlMinutes) : Step;

    private sealed record Undo(Guid Id, bool Tombstone) : Step;

    private sealed record Wait(int Minutes) : Step;

    [Fact]
    public void Stock_agrees_with_a_list_of_holds_after_every_step()
    {
        Steps.List[0, 80].Sample(static steps => Compare(steps, static (_, _) => { }), iter: 5_000, threads: 1, print: Print);
    }

    [Fact]
    public void A_replay_of_the_stored_events_gives_the_original_back()
    {
        Steps.List[0, 80].Sample(
            static steps =>
            {
                var product = Compare(steps, static (_, _) => { });
                Assert.Equal(StateText.Of(product.State), StateText.Of(product.Replay()));
            },
            iter: 3_000,
            threads: 1,
            print: Print);
    }

    [Fact]
    public void A_snapshot_taken_anywhere_and_the_events_after_it_give_the_original_back()
    {
        Gen.Select(Steps.List[1, 60], Gen.Int[0, 59]).Sample(
            (List<Step> steps, int at) =>
            {
                var snapshot = (State: new StockState(Sku), Rows: 0);
                var product = Compare(steps, (product, step) =>
                {
                    if (step == at % steps.Count) snapshot = (product.Restore(), product.Rows);
                });
                Assert.Equal(StateText.Of(product.State), StateText.Of(product.ReplayFrom(snapshot.State, snapshot.Rows)));
            },
            iter: 3_000,
            threads: 1,
            print: static drawn => $"snapshot at {drawn.Item2 % drawn.Item1.Count} of {Print(drawn.Item1)}");
    }

    private static PlayedStream<StockState, StockEvent> Compare(List<Step> steps, Action<PlayedStream<StockState, StockEvent>, int> before)
    {
        var product = new PlayedStream<StockState, StockEvent>(StockKind.Instance, Sku);
        var model = new NaiveStock(Sku);
        Both(product, model, new Put(new(OperationId(1, 0), 1), null, false, false));
        foreach (var (i, step) in steps.Index())
        {
            before(product, i);
            Both(product, model, step);
            var level = product.Read(StockRules.Level);
            model.Elapse(product.Now);
            Assert.Equal(model.Level, level);
            Assert.Equal(model.Available, product.State.Available);
            Assert.Equal(model.Reservations, product.Read(Pages(i % 3 + 1, newestFirst: false)));
            Assert.Equal(model.Reservations.Reverse(), product.Read(Pages(i % 3 + 1, newestFirst: true)));
            Assert.Equal(model.Receipts, product.State.Receipts.Capture().Kept.Select(static kept => kept.Id));
        }

        return product;
    }

    private static void Both(PlayedStream<StockState, StockEvent> product, NaiveStock model, Step step)
    {
        if (step is Wait wait) product.Now += TimeSpan.FromMinutes(wait.Minutes);
        var now = product.Now;
        model.Elapse(now);
        switch (step)
        {
            case Put put:
                // The name says which put it was: a replay must show the details as they are now.
                var details = new PutProduct(put.Id, $"Tea {put.Id}", new((long)put.Id.Fingerprint, "EUR"), put.IfVersion, put.IfAbsent)
                {
                    Archived = put.Archived,
                };
                Assert.Equal(model.Put(details, now), product.Put(details));
                break;
            case Patch patch:
                var change = new PatchProduct(
                    patch.Id, patch.IfVersion, null, 7, null, patch.Archived, true, $"{patch.Id.Id}", false, []);
                Assert.Equal(model.Patch(change, now), product.Patch(change));
                break;
            case Adjust adjust:
                var adjustment = new AdjustStock(adjust.Id, adjust.Delta, "received", null);
                Assert.Equal(model.Adjust(adjustment, now), product.Adjust(adjustment));
                break;
            case Set set:
                var seen = set.Seen switch { 0 => (long?)null, 1 => product.State.StockVersion, _ => product.State.StockVersion - 1 };
                var count = new SetStock(set.Id, set.OnHand, seen);
                Assert.Equal(model.Set(count, now), product.Count(count));
                break;
            case Reserve reserve:
                var asked = new ReserveStock(
                    reserve.Id, reserve.Quantity, TimeSpan.FromMinutes(reserve.TtlMinutes), now.AddMinutes(reserve.DeadlineMinutes))
                {
                    Text = reserve.Quantity % 2 == 0 ? new($"c-{reserve.Quantity}", null) : null,
                };
                Assert.Equal(model.Reserve(asked, now), product.Reserve(asked));
                break;
            case Commit commit:
                var toCommit = new ReservationCommand(commit.Id) { Operation = commit.Key, Quantity = commit.Quantity };
                Assert.Equal(model.Commit(toCommit, now), product.Ask(toCommit, StockRules.Commit));
                break;
            case Release release:
                var toRelease = new ReservationCommand(release.Id, LeaveTombstone: release.Tombstone) { Operation = release.Key };
                Assert.Equal(model.Release(toRelease, now), product.Ask(toRelease, StockRules.Release));
                break;
            case Extend extend:
                var toExtend = new ExtendReservation(extend.Key, extend.Id, TimeSpan.FromMinutes(extend.TtlMinutes));
                Assert.Equal(model.Extend(toExtend, now), product.Extend(toExtend));
                break;
            case Undo undo:
                var toUndo = new ReservationCommand(undo.Id, LeaveTombstone: undo.Tombstone);
                Assert.Equal(model.Undo(toUndo, now), product.Decide(StockRules.Undo, toUndo));
                break;
        }
    }

    /// <summary>All of them, a few at a time.</summary>
    private static Func<StockState, Reservation[]> Pages(int limit, bool newestFirst) => state =>
    {
        var all = new List<Reservation>();
        ReservationPlace? after = null;
        do
        {
            var page = OpenReservations.Page(state, after, limit, newestFirst);
            Assert.InRange(page.Reservations.Length, page.Next is null ? 0 : limit, limit);
            all.AddRange(page.Reservations);
            after = page.Next;
        }
        while (after is not null);
        return [.. all];
    };

    private static Gen<Operation> Operations(int kind) => Gen.Select(
        Gen.Int[0, 7], Gen.Frequency((5, 1UL), (1, 2UL)), (number, fingerprint) =>
            new Operation(OperationId(kind, number), fingerprint));

    private static Guid OperationId(int kind, int number) => new(kind, (short)number, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    private static string Print(List<Step> steps) => string.Join(Environment.NewLine, steps);
}
