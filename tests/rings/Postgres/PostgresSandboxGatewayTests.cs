using Holdfast.Contracts.Inventory;
using Holdfast.Domain.Orders.Payments;
using Holdfast.Outside.Sandbox;
using Holdfast.Rig;
using Holdfast.Tests;
using Holdfast.Tests.Outside.Sandbox;
using Npgsql;
using Xunit.Abstractions;

namespace Holdfast.Rings.Postgres;

/// <summary>Gateways that share one database stand for the processes of a cluster: they share nothing else.</summary>
[NeedsPostgres]
public sealed class PostgresSandboxGatewayTests(ITestOutputHelper output) : SandboxGatewayContract(output)
{
    private PostgresDatabase _ours = null!;
    private NpgsqlDataSource _database = null!;

    private string ConnectionString => _ours.ConnectionString;

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _database.DisposeAsync();
        await _ours.DisposeAsync();
    }

    [PostgresFact]
    public async Task One_key_charged_through_three_processes_at_once_is_captured_once_and_all_hear_the_same()
    {
        await using var processes = new Processes(this, 3);
        for (var round = 0; round < 20; round++)
        {
            var request = Request($"{round}");
            var answers = await Task.WhenAll(processes.EachTimes(5, gateway => gateway.Charge(request, default))).WaitAsync(Bound);

            Assert.Equal(ChargeStatus.Captured, answers[0].Status);
            Assert.All(answers, answer => Assert.Equal(answers[0], answer));
        }

        Assert.Equal(20, (await AllCharges()).Length);
    }

    [PostgresFact]
    public async Task One_order_charged_under_a_key_for_each_process_is_captured_once()
    {
        await using var processes = new Processes(this, 3);
        var answers = await Task.WhenAll(processes.All.Select(
            (gateway, i) => gateway.Charge(Request("1") with { IdempotencyKey = $"key {i}" }, default))).WaitAsync(Bound);

        Assert.Equal(1, answers.Count(answer => answer.Status == ChargeStatus.Captured));
        Assert.Equal(2, answers.Count(answer => answer.Status == ChargeStatus.OrderAlreadyAnswered));
    }

    [PostgresFact]
    public async Task One_key_with_other_content_at_each_process_is_captured_once_and_refused_elsewhere()
    {
        await using var processes = new Processes(this, 3);
        var answers = await Task.WhenAll(processes.All.Select(
            (gateway, i) => gateway.Charge(Request("1") with { Amount = new Money(100 + i, "EUR") }, default))).WaitAsync(Bound);

        Assert.Equal(1, answers.Count(answer => answer.Status == ChargeStatus.Captured));
        Assert.Equal(2, answers.Count(answer => answer.Status == ChargeStatus.KeyReused));
    }

    [PostgresFact]
    public async Task Refunds_through_three_processes_together_stay_within_the_charge()
    {
        var charge = await Charge(Request("1"));
        await using var processes = new Processes(this, 3);
        var key = 0;
        var answers = await Task.WhenAll(processes.EachTimes(
            10, gateway => gateway.Refund(new RefundRequest($"r{key++}", Order("1"), charge.ChargeId!, 100), default))).WaitAsync(Bound);

        Assert.Equal(12, answers.Count(answer => answer.Status == RefundStatus.Refunded));
        Assert.Equal(1_200, (await Find("1"))?.Refunded);
        Assert.Equal(1_200L, await Scalar("SELECT sum(amount)::bigint FROM sandbox_gateway.refunds"));
    }

    [PostgresFact]
    public async Task One_refund_key_at_three_processes_gives_once_and_all_hear_the_same()
    {
        var charge = await Charge(Request("1"));
        await using var processes = new Processes(this, 3);
        var refund = new RefundRequest("r", Order("1"), charge.ChargeId!, 100);
        var answers = await Task.WhenAll(processes.EachTimes(5, gateway => gateway.Refund(refund, default))).WaitAsync(Bound);

        Assert.All(answers, answer => Assert.Equal((RefundStatus.Refunded, answers[0].RefundId, 100), (answer.Status, answer.RefundId, answer.Refunded)));
        Assert.Equal(100, (await Find("1"))?.Refunded);
    }

    [PostgresFact]
    public async Task A_flaky_charge_goes_on_at_another_process_where_it_was()
    {
        await using var processes = new Processes(this, 3);
        var request = Request("1", SandboxTokens.Flaky);

        await Assert.ThrowsAsync<PaymentUnavailableException>(() => processes.All[0].Charge(request, default));
        await Assert.ThrowsAsync<PaymentUnknownException>(() => processes.All[1].Charge(request, default));
        Assert.Equal(ChargeStatus.Captured, (await processes.All[2].Charge(request, default)).Status);
    }

    [PostgresFact]
    public async Task Whoever_pages_through_the_charges_while_three_processes_write_misses_none()
    {
        const int Each = 400;
        await using var processes = new Processes(this, 3);
        var writing = Task.WhenAll(processes.All.Select((gateway, process) => Task.WhenAll(
            Enumerable.Range(0, Each).Select(i => Task.Run(() => gateway.Charge(Request($"{process}-{i}"), default))))));

        var (seen, last) = (new List<string>(), 0L);
        while (seen.Count < 3 * Each)
        {
            var wasOver = writing.IsCompleted;
            var page = await processes.All[0].ReadCharges(null, last, 50, default);
            seen.AddRange(page.Select(charge => charge.OrderId));
            last = page is [.., var newest] ? newest.Number : last;
            Assert.False(wasOver && page.Length == 0, $"all is written, and {3 * Each - seen.Count} charges were passed by");
        }

        await writing.WaitAsync(Bound);
        Assert.Equal(3 * Each, seen.Distinct().Count());
    }

    [PostgresFact]
    public async Task A_charge_waits_for_the_one_whose_number_comes_before_it()
    {
        await Charge(Request("first"));
        await using var other = await _database.OpenConnectionAsync();
        await using var transaction = await TakeTurn(other);
        await Execute(
            """
            INSERT INTO sandbox_gateway.charges (id, idempotency_key, content, order_id, amount, currency, status, answered_at)
            VALUES ('ch_other', 'other', gen_random_uuid(), 'ord_other', 1, 'EUR', 'captured', now())
            """,
            other);

        var charge = Charge(Request("last"));
        await GatewayWaits();
        Assert.Single(await AllCharges());
        await transaction.CommitAsync();
        await charge.WaitAsync(Bound);

        Assert.Equal([Order("first"), Order("other"), Order("last")], (await AllCharges()).Select(line => line.OrderId));
    }

    [PostgresFact]
    public async Task Charges_that_are_written_together_are_answered_as_if_one_came_after_the_other()
    {
        var earlier = await Charge(Request("earlier"));
        await using var other = await _database.OpenConnectionAsync();
        await using var transaction = await TakeTurn(other);
        var ahead = Charge(Request("ahead"));
        await GatewayWaits();

        // All of these wait behind that one, and are its successor.
        var first = Charge(Request("1"));
        var again = Charge(Request("1"));
        var otherContent = Charge(Request("1") with { Amount = new Money(1, "EUR") });
        var otherKey = Charge(Request("1") with { IdempotencyKey = "another" });
        var longAgo = Charge(Request("earlier"));
        var refund = Refund(earlier, "r", 100, order: "earlier");
        var declined = Charge(Request("2", SandboxTokens.Declined));
        await transaction.CommitAsync();
        await Task.WhenAll(ahead, first, again, otherContent, otherKey, longAgo, refund, declined).WaitAsync(Bound);

        Assert.Equal(ChargeStatus.Captured, (await first).Status);
        Assert.Equal(await first, await again);
        Assert.Equal(ChargeStatus.KeyReused, (await otherContent).Status);
        Assert.Equal(ChargeStatus.OrderAlreadyAnswered, (await otherKey).Status);
        Assert.Equal(earlier, await longAgo);
        Assert.Equal((RefundStatus.Refunded, 100), ((await refund).Status, (await refund).Refunded));
        Assert.Equal((ChargeStatus.Declined, SandboxTokens.CardDeclined), ((await declined).Status, (await declined).DeclineReason));
        Assert.Equal([Order("earlier"), Order("ahead"), Order("1"), Order("2")], (await AllCharges()).Select(line => line.OrderId));
    }

    [PostgresFact]
    public async Task Five_processes_that_start_at_once_on_an_empty_database_all_start()
    {
        await using var processes = new Processes(this, 5);
        await Task.WhenAll(processes.All.Select(gateway => Task.Run(() => gateway.StartAsync(default)))).WaitAsync(Bound);

        Assert.Equal(1L, await Scalar("SELECT count(*) FROM sandbox_gateway.schema_version"));
    }

    [PostgresFact]
    public async Task A_role_that_may_not_create_anything_can_use_what_is_there()
    {
        var role = $"clerk_{Guid.NewGuid():N}";
        await Execute($"CREATE ROLE {role} LOGIN");
        await using var clerk = Open(options =>
            options.ConnectionString = new NpgsqlConnectionStringBuilder(ConnectionString) { Username = role }.ToString());
        var refused = await Assert.ThrowsAsync<PaymentUnavailableException>(() => clerk.StartAsync(default));
        Assert.Contains("permission denied", refused.Message, StringComparison.Ordinal);

        var charge = await Charge(Request("1"));
        await SandboxGatewayServices.Migrate(ConnectionString, role, default);

        await clerk.StartAsync(default);
        Assert.Equal(charge, await clerk.Charge(Request("1"), default));
        Assert.Equal(ChargeStatus.Captured, (await clerk.Charge(Request("2"), default)).Status);
        var refund = await clerk.Refund(new RefundRequest("r", Order("1"), charge.ChargeId!, 1), default);
        Assert.Equal(RefundStatus.Refunded, refund.Status);
        await Assert.ThrowsAsync<PaymentUnavailableException>(() => clerk.Charge(Request("3", SandboxTokens.Flaky), default));
        Assert.Null(await clerk.Find(Order("3"), default));
    }

    [PostgresFact]
    public async Task A_connection_that_is_lost_before_the_commit_moved_no_money()
    {
        await Charge(Request("1"));
        await Execute(
            """
            CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END';
            CREATE TRIGGER die AFTER INSERT ON sandbox_gateway.charges FOR EACH ROW EXECUTE FUNCTION die()
            """);

        await Assert.ThrowsAsync<PaymentUnavailableException>(() => Charge(Request("2")));

        await Execute("DROP TRIGGER die ON sandbox_gateway.charges");
        Assert.Null(await Find("2"));
        Assert.Equal(ChargeStatus.Captured, (await Charge(Request("2"))).Status);
    }

    [PostgresFact]
    public async Task A_connection_that_is_lost_while_committing_leaves_the_outcome_unknown_until_the_key_is_repeated()
    {
        await Charge(Request("1"));
        // A deferred trigger runs inside the COMMIT.
        await Execute(
            """
            CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END';
            CREATE CONSTRAINT TRIGGER die AFTER INSERT ON sandbox_gateway.charges
                DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die()
            """);

        await Assert.ThrowsAsync<PaymentUnknownException>(() => Charge(Request("2")));

        await Execute("DROP TRIGGER die ON sandbox_gateway.charges");
        Assert.Equal(ChargeStatus.Captured, (await Charge(Request("2"))).Status);
        Assert.Equal(2, (await AllCharges()).Length);
    }

    [PostgresFact(Wants.Server)]
    public async Task While_the_server_is_down_nothing_is_sent_and_when_it_is_back_all_goes_on()
    {
        await using var server = await PostgresServer.Start(TimeProvider.System);
        var database = await server.CreateDatabase("shop");
        await using var gateway = Open(options => options.ConnectionString = database);
        var before = await gateway.Charge(Request("1"), default);

        await server.StopImmediately();
        await Assert.ThrowsAsync<PaymentUnavailableException>(() => gateway.Charge(Request("2"), default).WaitAsync(Bound));
        await Assert.ThrowsAsync<PaymentUnavailableException>(() => gateway.Find(Order("1"), default).WaitAsync(Bound));
        await using (var late = Open(options => options.ConnectionString = database))
            await Assert.ThrowsAsync<PaymentUnavailableException>(() => late.StartAsync(default).WaitAsync(Bound));

        await server.Restart();
        Assert.Equal(before, await gateway.Find(Order("1"), default).WaitAsync(Bound));
        Assert.Null(await gateway.Find(Order("2"), default));
        Assert.Equal(ChargeStatus.Captured, (await gateway.Charge(Request("2"), default).WaitAsync(Bound)).Status);
    }

    [PostgresFact]
    public async Task One_write_that_the_database_refuses_does_not_stop_the_next()
    {
        await Charge(Request("1"));
        await Execute("ALTER TABLE sandbox_gateway.charges ADD CONSTRAINT small CHECK (amount < 2000)");

        await Assert.ThrowsAsync<PaymentUnavailableException>(() => Charge(Request("2") with { Amount = new Money(2_000, "EUR") }));

        Assert.Equal(ChargeStatus.Captured, (await Charge(Request("3"))).Status);
    }

    protected override async Task CreateLedger()
    {
        _ours = await PostgresDatabase.Create(TimeProvider.System);
        _database = NpgsqlDataSource.Create(ConnectionString);
    }

    protected override void UseLedger(SandboxGatewayOptions options) => options.ConnectionString = ConnectionString;

    protected override async Task<bool> LedgerExists() =>
        await Scalar("SELECT to_regclass('sandbox_gateway.charges') IS NOT NULL") is true;

    protected override Task BecomeNewer() => Execute("UPDATE sandbox_gateway.schema_version SET version = 99");

    private async Task<object?> Scalar(string sql)
    {
        await using var command = _database.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    private async Task Execute(string sql, NpgsqlConnection? connection = null)
    {
        await using var command = connection is null ? _database.CreateCommand(sql) : new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>As another process does that writes: the gateway waits until this transaction ends.</summary>
    private async Task<NpgsqlTransaction> TakeTurn(NpgsqlConnection connection)
    {
        var transaction = await connection.BeginTransactionAsync();
        await Execute("SELECT pg_advisory_xact_lock(x'53616E64626F78'::bigint)", connection);
        return transaction;
    }

    /// <summary>A server tells nobody when its backend begins to wait, so it is asked until it does.</summary>
    private Task GatewayWaits() => Eventually.True(
        async () => await Scalar("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)") is true,
        () => "the gateway waits for its turn");

    /// <summary>Several gateways on the same database.</summary>
    private sealed class Processes(PostgresSandboxGatewayTests test, int count) : IAsyncDisposable
    {
        public SandboxGateway[] All { get; } = [.. Enumerable.Range(0, count).Select(_ => test.Open())];

        /// <summary>Round and round, so that the calls overlap at all of them.</summary>
        public IEnumerable<Task<T>> EachTimes<T>(int times, Func<SandboxGateway, Task<T>> call) =>
            Enumerable.Range(0, times).SelectMany(_ => All).Select(call);

        public async ValueTask DisposeAsync()
        {
            foreach (var gateway in All)
                await gateway.DisposeAsync();
        }
    }
}
