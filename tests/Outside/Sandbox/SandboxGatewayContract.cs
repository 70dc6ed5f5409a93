using System.Diagnostics;
using System.Globalization;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders.Payments;
using Holdfast.Outside.Sandbox;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit.Abstractions;

namespace Holdfast.Tests.Outside.Sandbox;

/// <summary>What the sandbox gateway promises wherever it keeps its ledger.</summary>
public abstract class SandboxGatewayContract(ITestOutputHelper output) : IAsyncLifetime
{
    protected static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private readonly WatchedClock _clock = new();
    private SandboxGateway _gateway = null!;

    public virtual async Task InitializeAsync()
    {
        await CreateLedger();
        _gateway = Open();
    }

    public virtual async Task DisposeAsync() => await _gateway.DisposeAsync();

    [StoreFact]
    public async Task An_ok_token_is_captured_and_found()
    {
        var answer = await Charge(Request("1"));

        Assert.Equal(ChargeStatus.Captured, answer.Status);
        Assert.Equal(new Money(1_250, "EUR"), answer.Amount);
        Assert.NotNull(answer.ChargeId);
        Assert.Equal(answer, await Find("1"));
    }

    [StoreTheory]
    [InlineData(SandboxTokens.Declined, SandboxTokens.CardDeclined)]
    [InlineData("tok_made_up", SandboxTokens.UnknownToken)]
    public async Task A_decline_is_remembered_under_its_key_and_found(string token, string reason)
    {
        var answer = await Charge(Request("1", token));

        Assert.Equal((ChargeStatus.Declined, reason), (answer.Status, answer.DeclineReason));
        Assert.Equal(answer, await Charge(Request("1", token)));
        Assert.Equal(answer, await Find("1"));
        Assert.Equal("declined", Assert.Single(await AllCharges()).Status);
    }

    [StoreFact]
    public async Task A_slow_token_is_captured_when_its_time_has_come_and_a_repeat_is_answered_at_once()
    {
        var slow = Charge(Request("1", SandboxTokens.Slow));
        Assert.Equal(TimeSpan.FromSeconds(3), await _clock.NextWait());
        Assert.False(slow.IsCompleted);
        Assert.Null(await Find("1"));

        _clock.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(ChargeStatus.Captured, (await slow.WaitAsync(Bound)).Status);
        Assert.Equal(await slow, await Charge(Request("1", SandboxTokens.Slow)).WaitAsync(Bound));
    }

    [StoreFact]
    public async Task A_timeout_token_was_charged_although_nobody_was_told()
    {
        var lost = Charge(Request("1", SandboxTokens.Timeout));
        Assert.Equal(TimeSpan.FromSeconds(30), await _clock.NextWait());
        Assert.False(lost.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(30));

        await Assert.ThrowsAsync<PaymentUnknownException>(() => lost.WaitAsync(Bound));
        Assert.Equal(ChargeStatus.Captured, (await Find("1"))?.Status);
        Assert.Equal(await Find("1"), await Charge(Request("1", SandboxTokens.Timeout)));
        Assert.Single(await AllCharges());
    }

    [StoreFact]
    public async Task A_timeout_token_ends_with_the_callers_own_timeout()
    {
        using var patience = new CancellationTokenSource();
        var lost = _gateway.Charge(Request("1", SandboxTokens.Timeout), patience.Token);
        await _clock.NextWait();
        await patience.CancelAsync();

        await Assert.ThrowsAsync<PaymentUnknownException>(() => lost.WaitAsync(Bound));
        Assert.Equal(ChargeStatus.Captured, (await Find("1"))?.Status);
    }

    [StoreFact]
    public async Task A_flaky_token_is_put_off_then_loses_its_answer_then_is_captured_once()
    {
        var request = Request("1", SandboxTokens.Flaky);

        await Assert.ThrowsAsync<PaymentUnavailableException>(() => Charge(request));
        Assert.Null(await Find("1"));
        await Assert.ThrowsAsync<PaymentUnknownException>(() => Charge(request));
        Assert.Equal(ChargeStatus.Captured, (await Find("1"))?.Status);
        Assert.Equal(await Find("1"), await Charge(request));
        Assert.Single(await AllCharges());
    }

    [StoreFact]
    public async Task A_flaky_token_goes_on_where_it_was_after_a_restart()
    {
        var request = Request("1", SandboxTokens.Flaky);
        await Assert.ThrowsAsync<PaymentUnavailableException>(() => Charge(request));
        await Restart();
        await Assert.ThrowsAsync<PaymentUnknownException>(() => Charge(request));
        await Restart();

        Assert.Equal(ChargeStatus.Captured, (await Charge(request)).Status);
        Assert.Single(await AllCharges());
    }

    [StoreTheory]
    [InlineData(SandboxTokens.Ok)]
    [InlineData(SandboxTokens.Declined)]
    public async Task A_hundred_parallel_charges_of_one_key_are_one_row_and_one_answer(string token)
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => Charge(Request("1", token)))));

        Assert.Single(answers.Distinct());
        Assert.Equal(answers[0].ChargeId, Assert.Single(await AllCharges()).Id);
    }

    [StoreFact]
    public async Task A_hundred_parallel_flaky_charges_of_one_key_are_one_row()
    {
        var request = Request("1", SandboxTokens.Flaky);
        var endings = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => Ending(Charge(request)))));

        Assert.Equal(1, endings.Count(ending => ending == nameof(PaymentUnavailableException)));
        Assert.Equal(1, endings.Count(ending => ending == nameof(PaymentUnknownException)));
        Assert.Equal(98, endings.Count(ending => ending == nameof(ChargeStatus.Captured)));
        Assert.Single(await AllCharges());
    }

    [StoreFact]
    public async Task Two_gateways_on_one_ledger_charge_a_key_once()
    {
        await using var other = Open();
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(
            i => Task.Run(() => (i % 2 == 0 ? other : _gateway).Charge(Request((i / 4).ToString(CultureInfo.InvariantCulture)), default))));

        Assert.All(answers, answer => Assert.Equal(ChargeStatus.Captured, answer.Status));
        Assert.Equal(25, answers.Distinct().Count());
        Assert.Equal(25, (await AllCharges()).Length);
    }

    [StoreFact]
    public async Task Other_content_under_a_used_key_is_refused_and_changes_nothing()
    {
        var first = Request("1");
        var answer = await Charge(first);

        foreach (var other in new[]
        {
            first with { Amount = new Money(1_251, "EUR") },
            first with { Amount = new Money(1_250, "USD") },
            first with { OrderId = Order("2") },
            first with { PaymentToken = SandboxTokens.Declined },
        })
            Assert.Equal(new ChargeResult(ChargeStatus.KeyReused), await Charge(other));

        Assert.Equal(answer, await Charge(first));
        Assert.Equal(answer.ChargeId, Assert.Single(await AllCharges()).Id);
    }

    [StoreFact]
    public async Task An_order_is_not_charged_again_under_another_key()
    {
        await Charge(Request("1"));

        Assert.Equal(ChargeStatus.OrderAlreadyAnswered, (await Charge(Request("1") with { IdempotencyKey = "another" })).Status);
        Assert.Single(await AllCharges());
    }

    [StoreFact]
    public async Task A_restart_keeps_the_ledger_and_its_keys()
    {
        var captured = await Charge(Request("1"));
        var declined = await Charge(Request("2", SandboxTokens.Declined));
        var refund = await Refund(captured, "r", 250);
        await Restart();

        Assert.Equal(captured with { Refunded = 250 }, await Charge(Request("1")));
        Assert.Equal(declined, await Charge(Request("2", SandboxTokens.Declined)));
        Assert.Equal(refund, await Refund(captured, "r", 250));
        Assert.Equal(2, (await AllCharges()).Length);
    }

    [StoreFact]
    public async Task A_refund_happens_once_and_shows_in_the_charge()
    {
        var charge = await Charge(Request("1"));
        var first = await Refund(charge, "r", 1_000);
        var repeats = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => Refund(charge, "r", 1_000))));

        Assert.Equal((RefundStatus.Refunded, 1_000), (first.Status, first.Refunded));
        Assert.All(repeats, repeat => Assert.Equal(first, repeat));
        Assert.Equal(charge with { Refunded = 1_000 }, await Find("1"));
        Assert.Equal(1_000, Assert.Single(await AllCharges()).Refunded);
    }

    [StoreFact]
    public async Task Refunds_never_pass_what_was_captured()
    {
        var charge = await Charge(Request("1"));
        Assert.Equal(new RefundResult(RefundStatus.ExceedsCaptured), await Refund(charge, "all and one", 1_251));
        await Refund(charge, "most", 1_200);

        Assert.Equal(new RefundResult(RefundStatus.ExceedsCaptured, Refunded: 1_200), await Refund(charge, "too much", 51));
        Assert.Equal(1_250, (await Refund(charge, "the rest", 50)).Refunded);
        Assert.Equal(RefundStatus.ExceedsCaptured, (await Refund(charge, "everything", long.MaxValue)).Status);
        Assert.Equal(1_250, (await Find("1"))?.Refunded);
    }

    [StoreFact]
    public async Task Parallel_refunds_under_different_keys_together_stay_within_the_charge()
    {
        var charge = await Charge(Request("1"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => Refund(charge, $"r{i}", 100))));

        Assert.Equal(12, answers.Count(answer => answer.Status == RefundStatus.Refunded));
        Assert.Equal(1_200, (await Find("1"))?.Refunded);
    }

    [StoreFact]
    public async Task A_refund_of_something_that_was_not_captured_is_named()
    {
        var captured = await Charge(Request("1"));
        var declined = await Charge(Request("2", SandboxTokens.Declined));

        Assert.Equal(new RefundResult(RefundStatus.NotCaptured), await Refund(declined, "a", 1, order: "2"));
        Assert.Equal(new RefundResult(RefundStatus.UnknownCharge), await Refund(captured, "b", 1, order: "3"));
        Assert.Equal(new RefundResult(RefundStatus.UnknownCharge), await Refund(captured, "c", 1, order: "2"));
    }

    [StoreFact]
    public async Task Other_content_under_a_used_refund_key_is_refused()
    {
        var charge = await Charge(Request("1"));
        await Refund(charge, "r", 100);

        Assert.Equal(new RefundResult(RefundStatus.KeyReused), await Refund(charge, "r", 101));
        Assert.Equal(100, (await Find("1"))?.Refunded);
    }

    [StoreFact]
    public async Task A_caller_that_gives_up_at_once_is_told_that_it_may_have_happened_and_it_has()
    {
        var given = await Task.WhenAll(Enumerable.Range(0, 50).Select(GiveUpOn));
        output.WriteLine($"{given.Count(ending => ending == nameof(PaymentUnknownException))} of 50 callers did not hear the answer");
        await Restart();

        Assert.All(given, ending => Assert.Contains(ending, new[] { nameof(PaymentUnknownException), nameof(ChargeStatus.Captured) }));
        Assert.Equal(50, (await AllCharges()).Length);

        async Task<string> GiveUpOn(int order)
        {
            using var patience = new CancellationTokenSource();
            var charge = _gateway.Charge(Request(order.ToString(CultureInfo.InvariantCulture)), patience.Token);
            await patience.CancelAsync();
            return await Ending(charge);
        }
    }

    [StoreFact]
    public async Task A_slow_charge_goes_on_after_its_caller_gave_up()
    {
        using var patience = new CancellationTokenSource();
        var charge = _gateway.Charge(Request("1", SandboxTokens.Slow), patience.Token);
        await _clock.NextWait();
        await patience.CancelAsync();
        await Assert.ThrowsAsync<PaymentUnknownException>(() => charge.WaitAsync(Bound));
        Assert.Null(await Find("1"));

        _clock.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(ChargeStatus.Captured, (await Found("1")).Status);
    }

    [StoreFact]
    public async Task A_call_that_was_cancelled_before_it_was_sent_did_not_happen()
    {
        using var patience = new CancellationTokenSource();
        await patience.CancelAsync();

        await Assert.ThrowsAsync<PaymentUnavailableException>(() => _gateway.Charge(Request("1"), patience.Token));
        await Restart();
        Assert.Empty(await AllCharges());
    }

    [StoreFact]
    public async Task Closing_answers_what_was_accepted_and_puts_off_what_was_not()
    {
        var slow = Charge(Request("slow", SandboxTokens.Slow));
        await _clock.NextWait();
        var accepted = Enumerable.Range(0, 200).Select(i => Charge(Request(i.ToString(CultureInfo.InvariantCulture)))).ToArray();
        await _gateway.DisposeAsync();

        var answers = await Task.WhenAll(accepted).WaitAsync(Bound);
        Assert.All(answers, answer => Assert.Equal(ChargeStatus.Captured, answer.Status));
        await Assert.ThrowsAsync<PaymentUnavailableException>(() => slow.WaitAsync(Bound));
        await Assert.ThrowsAsync<PaymentUnavailableException>(() => Charge(Request("late")).WaitAsync(Bound));

        await Restart();
        Assert.Equal(200, (await AllCharges()).Length);
    }

    [StoreFact]
    public async Task A_ledger_of_a_newer_version_is_left_alone()
    {
        await Charge(Request("1"));
        await _gateway.DisposeAsync();
        await BecomeNewer();

        await using var older = Open();
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => older.StartAsync(default));
        Assert.Contains("newer version", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<PaymentUnavailableException>(() => older.Charge(Request("2"), default));
    }

    [StoreFact]
    public async Task The_ledger_is_read_by_order_and_in_pages_oldest_first()
    {
        for (var i = 0; i < 5; i++)
            await Charge(Request(i.ToString(CultureInfo.InvariantCulture)));

        var first = await Read(null, 0, 3);
        var rest = await Read(null, first[^1].Number, 3);

        Assert.Equal([Order("0"), Order("1"), Order("2")], first.Select(charge => charge.OrderId));
        Assert.Equal([Order("3"), Order("4")], rest.Select(charge => charge.OrderId));
        Assert.Equal(rest[0], Assert.Single(await Read(Order("3"), 0, 3)));
        Assert.Equal((new Money(1_250, "EUR"), "captured", _clock.GetUtcNow()), (rest[0].Amount, rest[0].Status, rest[0].At));
        Assert.Empty(await Read(Order("3"), rest[0].Number, 3));
        Assert.Empty(await Read(Order("nobody"), 0, 3));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Read(null, 0, SandboxGateway.PageSize + 1));
    }

    [StoreTheory]
    [InlineData("", "ord_1", 1, "EUR", "tok_ok")]
    [InlineData("k", "", 1, "EUR", "tok_ok")]
    [InlineData("k", "ord_1", -1, "EUR", "tok_ok")]
    [InlineData("k", "ord_1", 1, "EURO", "tok_ok")]
    [InlineData("k", "ord_1", 1, "EUR", "")]
    [InlineData("k", "ord_\0", 1, "EUR", "tok_ok")]
    public async Task A_request_out_of_bounds_is_a_bug_of_the_caller(
        string key, string order, long amount, string currency, string token) =>
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Charge(new ChargeRequest(key, order, new Money(amount, currency), token)));

    [StoreFact]
    public async Task Half_of_a_surrogate_pair_is_a_bug_of_the_caller() =>
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Charge(Request("1") with { PaymentToken = "tok_" + '\ud800' }));

    [StoreFact]
    public async Task Sixty_four_callers_find_each_of_their_answers_in_the_ledger()
    {
        const int Callers = 64;
        const int Each = 200;
        await Charge(Request("warm-up"));
        var started = Stopwatch.GetTimestamp();
        var callers = Enumerable.Range(0, Callers).Select(caller => Task.Run(() => ChargeMany(caller)));
        var answers = await Task.WhenAll(callers).WaitAsync(Bound);
        var elapsed = Stopwatch.GetElapsedTime(started);
        output.WriteLine($"{Callers * Each / elapsed.TotalSeconds:N0} charges/s, {Callers} at a time");

        var ids = answers.SelectMany(ofCaller => ofCaller).Select(answer => answer.ChargeId).ToHashSet();
        Assert.Equal(Callers * Each, ids.Count);
        Assert.Superset(ids, (await AllCharges()).Select(charge => charge.Id).ToHashSet<string?>());

        async Task<List<ChargeResult>> ChargeMany(int caller)
        {
            var mine = new List<ChargeResult>();
            for (var i = 0; i < Each; i++)
                mine.Add(await Charge(Request($"{caller}-{i}")));
            return mine;
        }
    }

    [StoreFact]
    public async Task A_host_gets_one_gateway_that_is_open_when_it_has_started()
    {
        using var host = new HostBuilder()
            .ConfigureServices(services => services.AddSandboxGateway(UseLedger))
            .Build();
        await host.StartAsync();

        Assert.True(await LedgerExists());
        Assert.Same(host.Services.GetRequiredService<SandboxGateway>(), host.Services.GetRequiredService<IPaymentGateway>());
        var answer = await host.Services.GetRequiredService<IPaymentGateway>().Charge(Request("1"), default);
        Assert.Equal(ChargeStatus.Captured, answer.Status);
        await host.StopAsync();
    }

    [StoreFact]
    public async Task Options_out_of_range_stop_the_host_from_starting()
    {
        foreach (var mistake in new Action<SandboxGatewayOptions>[]
        {
            options => options.Path = " ",
            options => options.ConnectionString = "",
            options => options.ConnectionString = "Host",
            options => options.ConnectionString = "Database=shop",
            options => options.SlowAnswer = TimeSpan.FromTicks(-1),
            options => options.TimeoutAnswer = TimeSpan.FromHours(2),
        })
        {
            using var host = new HostBuilder().ConfigureServices(services => services.AddSandboxGateway(mistake)).Build();
            await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        }
    }

    /// <summary>Makes room for a ledger; the gateway makes the ledger.</summary>
    protected abstract Task CreateLedger();

    protected abstract void UseLedger(SandboxGatewayOptions options);

    protected abstract Task<bool> LedgerExists();

    /// <summary>Marks the ledger as the work of a later version.</summary>
    protected abstract Task BecomeNewer();

    protected static string Order(string name) => "ord_" + name;

    protected static ChargeRequest Request(string order, string token = SandboxTokens.Ok) =>
        new("charge/" + order, Order(order), new Money(1_250, "EUR"), token);

    private static async Task<string> Ending(Task<ChargeResult> charge)
    {
        try
        {
            return (await charge.WaitAsync(Bound)).Status.ToString();
        }
        catch (Exception error) when (error is PaymentUnknownException or PaymentUnavailableException)
        {
            return error.GetType().Name;
        }
    }

    protected SandboxGateway Open() => Open(UseLedger);

    protected SandboxGateway Open(Action<SandboxGatewayOptions> configure)
    {
        var options = new SandboxGatewayOptions();
        configure(options);
        return new SandboxGateway(Options.Create(options), _clock, NullLogger<SandboxGateway>.Instance);
    }

    private async Task Restart()
    {
        await _gateway.DisposeAsync();
        _gateway = Open();
    }

    protected Task<ChargeResult> Charge(ChargeRequest request) => _gateway.Charge(request, default);

    protected Task<RefundResult> Refund(ChargeResult charge, string key, long amount, string order = "1") =>
        _gateway.Refund(new RefundRequest(key, Order(order), charge.ChargeId!, amount), default);

    protected Task<ChargeResult?> Find(string order) => _gateway.Find(Order(order), default);

    /// <summary>For a charge whose caller has left: nobody is told when it is recorded, so the ledger is asked until it is.</summary>
    private async Task<ChargeResult> Found(string order)
    {
        using var bound = new CancellationTokenSource(Bound);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (true)
        {
            if (await Find(order) is { } answer)
                return answer;
            await tick.WaitForNextTickAsync(bound.Token);
        }
    }

    private Task<SandboxCharge[]> Read(string? order, long after, int limit) => _gateway.ReadCharges(order, after, limit, default);

    protected async Task<SandboxCharge[]> AllCharges()
    {
        var all = new List<SandboxCharge>();
        while (await Read(null, all.Count == 0 ? 0 : all[^1].Number, SandboxGateway.PageSize) is { Length: > 0 } page)
            all.AddRange(page);
        return [.. all];
    }
}
