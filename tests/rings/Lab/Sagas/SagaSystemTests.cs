using Holdfast.Contracts;
using Holdfast.Lab.Sagas;
using Holdfast.Outside.Sandbox;
using Holdfast.Tests;
using PostgresDatabase = Holdfast.Rig.PostgresDatabase;

namespace Holdfast.Rings.Lab.Sagas;

/// <summary>Every system of <c>lab sagas</c> does the work that it is measured at, and is read back as it is.</summary>
[NeedsPostgres]
public sealed class SagaSystemTests
{
    private const int Products = 40;
    private const long OnHand = 1_000;
    private const int Lines = 5;
    private const int Orders = 30;

    /// <summary>Of them, every tenth.</summary>
    private const int Declined = 3;

    public static TheoryData<string> Systems => [.. SagaSystems.All.Select(static kind => kind.Id)];

    [StoreTheory, MemberData(nameof(Systems))]
    public async Task Orders_complete_declined_ones_give_back_what_they_held_and_the_audit_agrees(string system)
    {
        await using var database = await PostgresDatabase.Create(TimeProvider.System);
        var kind = SagaSystems.Find(system);
        await using (var running = kind.Create(database.ConnectionString, TimeProvider.System))
        {
            await running.Start(CancellationToken.None);
            await running.Stock(Products, OnHand, CancellationToken.None);
            var ends = await Task.WhenAll(Enumerable.Range(0, Orders).Select(number => running.PlaceAndWait(Order(number))));
            Assert.Equal(Enumerable.Range(0, Orders).Select(static number => IsDeclined(number) ? OrderEnd.Cancelled : OrderEnd.Completed), ends);
        }

        await using var stopped = kind.Create(database.ConnectionString, TimeProvider.System);
        var audit = await SagaAudit.Of(stopped, database.ConnectionString, Products * OnHand, CancellationToken.None);

        Assert.Null(audit.Wrong());
        Assert.Equal((Orders, Orders - Declined, Declined), (audit.Accepted, audit.Completed, audit.Cancelled));
        Assert.Equal((Orders - Declined) * Lines, audit.UnitsSold);
        Assert.Equal(Orders - Declined, audit.Captured);
    }

    [StoreTheory, InlineData("holdfast"), InlineData("outbox")]
    public async Task Orders_of_a_killed_process_end_by_themselves_in_the_next(string system)
    {
        await using var database = await PostgresDatabase.Create(TimeProvider.System);
        var plan = new SagaPlan(
            [SagaSystems.Find(system)],
            [Lines],
            Products,
            Clients: 8,
            WarmUp: TimeSpan.FromSeconds(1),
            Busy: TimeSpan.Zero,
            Alone: TimeSpan.Zero,
            Rounds: 0,
            Kills: 1,
            KilledOrders: 128,
            Patience: TimeSpan.FromSeconds(30),
            Seed: 1);

        var kill = await SagaKill.Run(plan, plan.Systems[0], ends: 8, database.ConnectionString, TimeProvider.System, CancellationToken.None);

        Assert.Null(kill.Audit.Wrong());
        Assert.Equal((kill.Unfinished, 0), (kill.Finished, kill.TakenBack));
        Assert.NotEqual(0, kill.Unfinished);
    }

    private static bool IsDeclined(int number) => number % (Orders / Declined) == 0;

    private static SagaOrder Order(int number) => new(
        PublicId.Format(PublicId.Order, PublicId.Derive("saga-test", $"{number}")),
        [.. Enumerable.Range(number, Lines).Select(static sku => SagaOrder.Sku(sku % Products)).Order(StringComparer.Ordinal)],
        IsDeclined(number) ? SandboxTokens.Declined : SandboxTokens.Ok);
}
