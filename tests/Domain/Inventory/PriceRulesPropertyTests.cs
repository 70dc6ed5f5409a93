using CsCheck;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Domain.Inventory;
using Holdfast.Tests.Domain.Owner;

namespace Holdfast.Tests.Domain.Inventory;

public sealed class PriceRulesPropertyTests
{
    private const string Sku = "sku-1";

    private static readonly Gen<Period[]> Periods = Gen.Select(
        Gen.Int[0, 20], Gen.Int[1, 40], Gen.Long[1, 3], static (gap, length, amount) => new Period(gap, length, amount)).Array[0, 4];

    private static readonly Gen<Step> Steps = Gen.Frequency(
        (3, Gen.Select(Periods, Gen.Enum<Beginning>(), Gen.Int[0, 3], Gen.Bool, static (periods, first, endless, keyed) =>
            (Step)new Schedule(periods, first, endless == 0, keyed))),
        (1, Gen.Long[10, 12].Select(static amount => (Step)new Details(amount))),
        (4, Gen.Const((Step)new Reserve())),
        (4, Gen.Int[1, 30].Select(static minutes => (Step)new Wait(minutes))),
        (1, Gen.Int[1, 30].Select(static minutes => (Step)new Wait(-minutes))));

    /// <summary>When the first period is to begin.</summary>
    private enum Beginning
    {
        LeftOut,
        AsTheRunningOne,
        Now,
        Later,
        Before,
    }

    private abstract record Step;

    private sealed record Period(int Gap, int Length, long Amount);

    private sealed record Schedule(Period[] Periods, Beginning First, bool Endless, bool Keyed) : Step
    {
        public override string ToString() => $"{First} {string.Join<Period>(' ', Periods)} endless {Endless} keyed {Keyed}";
    }

    private sealed record Details(long Amount) : Step;

    private sealed record Reserve : Step;

    private sealed record Wait(int Minutes) : Step;

    [Fact]
    public void Prices_agree_with_a_list_of_all_minutes_after_every_step() =>
        Steps.List[0, 40].Sample(static steps => Compare(steps), iter: 2_000, threads: 1, print: Print);

    [Fact]
    public void A_replay_and_the_rows_one_by_one_say_what_the_owner_says()
    {
        Steps.List[0, 40].Sample(
            static steps =>
            {
                var product = Compare(steps);
                var (version, said, at) = (1L, (ProductPrices?)null, default(DateTimeOffset));
                foreach (var (events, recorded) in product.Stored)
                {
                    // Whoever looks at no other rows has missed nothing.
                    if (StockLedger.ChangesPrices(events)) said = StockLedger.PricesAfter(said, Sku, events, version, recorded);
                    else Assert.Same(said, StockLedger.PricesAfter(said, Sku, events, version, recorded));
                    version += System.Text.Json.JsonDocument.Parse(events).RootElement.GetArrayLength();
                    at = recorded;
                }

                var owner = PriceRules.Read(product.State, at)!;
                var rows = PriceSchedule.View(Sku, said!.UnitPrice, PriceSchedule.Of(said), at, said.Version);
                Assert.Equal(owner with { Prices = [] }, rows with { Prices = [] });
                Assert.Equal(owner.Prices, rows.Prices);
                Assert.Equal(StateText.Of(product.State), StateText.Of(product.Replay()));
            },
            iter: 1_000,
            threads: 1,
            print: Print);
    }

    [Fact]
    public void A_snapshot_taken_anywhere_and_the_events_after_it_give_the_original_back()
    {
        Gen.Select(Steps.List[1, 40], Gen.Int[0, 39]).Sample(
            (List<Step> steps, int at) =>
            {
                var snapshot = (State: new StockState(Sku), Rows: 0);
                var product = Compare(steps, (product, step) =>
                {
                    if (step == at % steps.Count) snapshot = (product.Restore(), product.Rows);
                });
                Assert.Equal(StateText.Of(product.State), StateText.Of(product.ReplayFrom(snapshot.State, snapshot.Rows)));
            },
            iter: 1_000,
            threads: 1,
            print: static drawn => $"snapshot at {drawn.Item2 % drawn.Item1.Count} of {Print(drawn.Item1)}");
    }

    private static PlayedStream<StockState, StockEvent> Compare(
        List<Step> steps, Action<PlayedStream<StockState, StockEvent>, int>? before = null)
    {
        var product = new PlayedStream<StockState, StockEvent>(StockKind.Instance, Sku);
        var model = new NaivePrices(product.Now.AddHours(-1)) { UnitPrice = 10 };
        product.Put(new PutProduct(Id(), "Tea", new(10, "EUR"), null, IfAbsent: false));
        product.Adjust(new AdjustStock(Id(), 1_000, "received", null));
        foreach (var (i, step) in steps.Index())
        {
            before?.Invoke(product, i);
            if (step is Wait wait) product.Now += TimeSpan.FromMinutes(wait.Minutes);

            // The stream's time never goes back behind what is recorded.
            var now = new[] { product.Now, product.Stored.Last().At }.Max();
            Both(product, model, step, now);
            var said = product.Read(PriceRules.Read)!;
            Assert.Equal((model.UnitPrice, model.At(now), now), (said.UnitPrice.Amount, said.Now.UnitPrice.Amount, said.Now.At));
            Assert.Equal(model.Until(now), said.Now.Until);
            Assert.Equal(model.From(now), model.Said(said, now));
        }

        return product;
    }

    private static void Both(PlayedStream<StockState, StockEvent> product, NaivePrices model, Step step, DateTimeOffset now)
    {
        switch (step)
        {
            case Details details:
                product.Put(new PutProduct(Id(), "Tea", new(model.UnitPrice = details.Amount, "EUR"), null, IfAbsent: false));
                break;
            case Schedule schedule:
                var asked = Asked(schedule, now, model.RunningSince(now));
                var expected = model.Put(asked, now) ? PutPricesStatus.Put : PutPricesStatus.Past;
                Assert.Equal(expected, product.Put(new PutPrices(Id(schedule.Keyed ? 7UL : 0), asked, null, IfAbsent: false)).Status);
                break;
            case Reserve:
                var outcome = product.Reserve(new ReserveStock(Id(), 1, TimeSpan.FromMinutes(15), DateTimeOffset.MaxValue));
                Assert.Equal((ReserveStatus.Reserved, model.At(now)), (outcome.Status, outcome.UnitPrice.Amount));
                Assert.Equal((model.At(now), now), (Held(product.State, outcome), outcome.Reservation!.CreatedAt));
                break;
        }
    }

    private static long Held(StockState state, ReserveOutcome outcome) => state.Holds[outcome.Reservation!.Id].UnitPrice.Amount;

    private static AskedPrice[] Asked(Schedule schedule, DateTimeOffset now, DateTimeOffset? running)
    {
        var begins = schedule.First switch
        {
            Beginning.AsTheRunningOne => running ?? now,
            Beginning.Later => now.AddMinutes(1 + schedule.Periods.FirstOrDefault()?.Gap ?? 0),
            Beginning.Before => now.AddMinutes(-1 - schedule.Periods.FirstOrDefault()?.Gap ?? 0),
            _ => now,
        };
        var asked = new List<AskedPrice>();
        foreach (var (i, period) in schedule.Periods.Index())
        {
            if (i > 0) begins += TimeSpan.FromMinutes(period.Gap);
            var ends = begins.AddMinutes(period.Length);
            asked.Add(new(
                new(period.Amount, "EUR"),
                i == 0 && schedule.First == Beginning.LeftOut ? null : begins,
                i == schedule.Periods.Length - 1 && schedule.Endless ? null : ends));
            begins = ends;
        }

        return [.. asked];
    }

    private static Operation Id(ulong fingerprint = 7) => new(Guid.NewGuid(), fingerprint);

    private static string Print(List<Step> steps) => string.Join(Environment.NewLine, steps);
}
