using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using Holdfast.Silo;
using Holdfast.Silo.Cluster;
using Holdfast.Silo.Settings;
using Holdfast.Tests.Tidy;
using Microsoft.Extensions.Configuration;

namespace Holdfast.Tests.Silo.Cluster;

/// <summary>
/// The order of times, all rooms together. A time that is new in the code has to be put into an inequality here, or said to stand
/// alone. Those of options are the defaults; what an operator makes of them is held to its order at the start.
/// </summary>
public sealed class BudgetsTests
{
    private const BindingFlags Anywhere = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>Whether they are longer or shorter than another matters to nobody: how often something is logged, or looked at.</summary>
    private static readonly string[] Alone =
    [
        "KeyUses.Period", "KeyringState.Remembered", "KnownShards.Lifetime", "LeaseTokens.Bound", "SecondLooks.Patience",
        "Limits.Correction", "Tokens.ClockSkew",
        "Tokens.RetryAfter",
        "ConnectionRetry.Pause", "FeedHealthCheck.Patience", "ImportProgress.Period", "JournalOptions.LoadSnapshotPeriod",
        "JournalWriter.LookPeriod", "LateChargeStep.Retry", "ViewMetrics.Patience",
        "MessageRunner.LogPause", "OrderAdmission.Period", "OrderSaga.ShortestWait", "OutboxStreamsExtensions.PullPeriod",
        "PostgresJournalStore.PartsPatience", "ProductInventory.LongestDeadline", "ReceiptSweeper.Period", "RefundStep.Retry",
        "RepeatedFailures.Period", "RequestLimits.HeadersTimeout", "SqliteJournalStore.ErasePatience", "SqliteViewWriter.ScrubPatience",
        "SecondLooks.Period", "StalledOrderSweeper.ReadingTakes", "StreamLoad.ProgressPeriod",
    ];

    private static readonly (string Shorter, string Longer, string Because)[] Order =
    [
        ("Limits.ShortestLease", "Limits.LongestLease", "there is something to choose from"),

        // The life of a silo in its cluster.
        ("Budgets.BeatPeriod", "Budgets.Suspicion", "one beat that is late is no reason to knock"),
        ("Budgets.BeatPeriod", "Budgets.ReadLease", "a lease outlives a beat that is lost, or reads would always ask the store"),
        ("Budgets.BeatPeriod", "Budgets.DeclareAgain", "silent silos are looked at with each beat"),
        ("Budgets.ReadLease", "Budgets.Silence", "a silo has no lease any more when others declare it dead and go on without it"),
        ("Budgets.EndSessions", "Budgets.ReadLease", "the next beat waits until the sessions of the dead are ended"),
        ("Budgets.BeatAnswer", "Budgets.Silence", "a beat on a broken connection is sent anew before the others miss it"),
        ("Budgets.Suspicion", "Budgets.Silence", "whose process has ended is found sooner than who is silent"),
        ("Budgets.Knock", "Budgets.Silence", "a knock that nobody answers does not keep a silent silo alive"),
        ("Budgets.DeclareAgain", "Budgets.Silence", "a death that was lost on its way is declared again before another silence is over"),
        ("OutboxLanes.LeaveTimeout", "Budgets.LastWrites", "a silo that stops in order has put its messages back before its sessions end"),
        ("Budgets.Probe", "Budgets.Silence", "a process that answers nobody is found by its peers while its beats go on"),
        ("Budgets.Silence", "Budgets.MembershipRefresh", "beats find a death before Orleans looks by itself"),
        ("Budgets.MembershipRefresh", "Budgets.Defunct", "everybody has read of a death before it is cleared away"),

        // A call, from the front door.
        ("Budgets.GatewayRefresh", "Budgets.CallRepeat", "a call that is repeated goes to a silo that is still there"),
        ("WaitPreference.Slice", "Budgets.CallRepeat", "an order that somebody waits for is not asked twice"),
        ("WaitPreference.Slice", "OrderSaga.MaxPatience", "an order lets somebody wait as long as the front door asks it to"),
        ("ReadLoads.Patience", "Budgets.CallRepeat", "a read that does not get its turn says so before it is repeated"),
        ("ReadLoads.LongestRest", "ReadLoads.Patience", "a rest is over before those who wait for it give up"),
        ("Budgets.CallRepeat", "GrainCalls.Patience", "a call that is lost is repeated, and more than once"),
        ("Budgets.Silence", "GrainCalls.Patience", "a caller outlasts the death of a silo"),
        ("JournalOptions.LoadPatience", "GrainCalls.Patience", "a caller outlasts an owner that is being loaded"),
        ("Budgets.DatabaseAnswer", "GrainCalls.Patience", "a caller is still there when a commit has been given up"),
        ("Backoff.First", "Backoff.Longest", "tries become rarer"),
        ("Backoff.Longest", "GrainCalls.Patience", "there is another try after the longest wait"),
        ("GrainCalls.RetryAfter", "GrainCalls.WritableAfter", "a store that is full takes longer to have room than a silo to answer"),
        ("FeedRunner.BusyPause", "FeedRunner.LongestPause", "a feed that is a lot of work is read less often"),
        ("FeedRunner.LongestPause", "FeedRunner.IdlePause", "a busy feed is looked at more often than one in which nothing happens"),
        ("FeedRunner.StopTimeout", "OutboxOptions.DrainTimeout", "following the feed keeps no silo from stopping"),
        ("FeedRunner.IdlePause", "ViewReads.Patience", "a commit of which nobody heard is found before its readers give up"),
        ("ViewFollowers.PauseBeside", "ViewReads.Patience", "a list goes on for its readers while another one is made anew"),
        ("ProductListEndpoints.StockPatience", "ViewReads.Patience", "numbers that do not come keep no page longer than the list itself"),
        ("SharedLooks.Period", "ViewReads.Patience", "who waits for a list looks more than once"),
        ("Budgets.HealthQuestion", "Budgets.HealthCommand", "a process that is not ready says why before its health check is given up"),
        ("GrainCalls.Patience", "ImportServer.RequestTimeout", "the server says that it has no answer before it is given up"),
        ("ImportServer.FirstWait", "ImportServer.LongestWait", "tries become rarer"),
        ("ImportServer.LongestWait", "ImportServer.RequestTimeout", "a server that is back is asked soon"),

        // The database.
        ("Budgets.DatabaseLock", "Budgets.DatabaseStatement", "a statement that waits for a lock says that it was the lock"),
        ("Budgets.DatabaseStatement", "Budgets.DatabaseAnswer", "the server gives up before we do, so that its word counts"),

        // Clocks.
        ("ClusterClock.Noise", "Budgets.NotableSkew", "what is only noise is not logged"),
        ("Budgets.NotableSkew", "ClusterClock.MaxSkew", "a clock is logged before it makes its process not ready"),
        ("ClusterClock.MaxSkew", "ProductHistory.Slack", "a product and an order may have clocks as far apart as is tolerated"),
        ("ClusterClock.MaxSkew", "OrderOptions.ReserveDeadline", "a deadline means the same to clocks as far apart as is tolerated"),

        // Watching for races.
        ("ClusterClock.Noise", "RaceSigns.ClockTolerance", "clocks that agree as well as they can are no step back"),
        ("RaceSigns.ClockTolerance", "ClusterClock.MaxSkew", "a clock that was set back is noticed before its process would not be ready"),
        ("WatchOptions.Span", "AnomalyDesk.Unheard", "a process that is there has said so again before it counts as gone"),
        ("AnomalyDesk.Unheard", "Anomaly.Kept", "what has ended with its process is still listed"),

        // Messages.
        ("OutboxOptions.FirstBackoff", "OutboxOptions.MaxBackoff", "the wait after a first failure is the shortest"),
        ("OutboxOptions.FirstBackoff", "OutboxOptions.MaxPutBack", "a message is put back for at least that long"),
        ("OutboxOptions.FirstBackoff", "OutboxOptions.MaxUnknownPutBack", "a message is put back for at least that long"),
        ("OutboxOptions.SecondReadAfter", "OutboxOptions.SweepPeriod", "late commits of a lane's last owner are found before the next sweep"),
        ("OutboxOptions.SweepPeriod", "InHand.AcceptLease", "a message that was lost on its way is found by the sweep after its lease"),
        ("InHand.AcceptLease", "InHand.ElsewhereLease", "a message that runs elsewhere is left alone for longer than a lost one"),
        ("InHand.ElsewhereLease", "OutboxOptions.HandlerLease", "a handler that says when it ends is waited for less than a stuck one"),
        ("OutboxLanes.YieldTimeout", "Lane.YieldPatience", "a lane is not taken up again while its new owner waits for an answer"),
        ("OutboxLanes.LeaveTimeout", "OutboxOptions.DrainTimeout", "handlers have longer to end than the others to hear of it"),
        ("OutboxOptions.MaxQueueDelay", "OrderOptions.ReserveDeadline", "an accepted order can reserve its goods before its deadline"),
        ("OutboxOptions.MaxPaymentDelay", "OrderOptions.HoldTtl", "goods are held while a payment waits for its turn"),
        ("OutboxOptions.MaxPutBack", "OrderOptions.ReserveDeadline", "a step that was put back comes again before its deadline"),
        ("OutboxOptions.MaxUnknownPutBack", "OutboxOptions.UnknownTypePatience", "a message of the next release is offered more than once"),
        ("OrderOptions.GatewayTimeout", "OutboxOptions.HandlerLease", "a step is not run a second time while its call is under way"),

        // Orders.
        ("OrderOptions.ReserveDeadline", "OrderOptions.HoldTtl", "goods are still held when the last line is reserved"),
        ("OrderOptions.GatewayTimeout", "OrderOptions.HoldMargin", "a charge is over before its goods are"),
        ("OrderOptions.HoldMargin", "OrderOptions.HoldTtl", "there is a time in which a charge may be sent"),
        ("OrderOptions.ChargeSendWindow", "OrderOptions.ChargeGiveUpAfter", "a permit is over before its charge is given up"),
        ("OrderOptions.ChargeTravelTime", "OrderOptions.ChargeGiveUpAfter", "a charge that may be on its way has not come to nothing"),
        ("ChargeStep.FirstRetry", "ChargeStep.LastRetry", "looks for an unknown charge become rarer"),
        ("ChargeStep.LastRetry", "OrderOptions.ChargeGiveUpAfter", "there is another look after the longest wait"),
        ("OrderOptions.ChargeGiveUpAfter", "OrderOptions.GatewayKeyLifetime", "the gateway knows a charge while it is asked about it"),
        ("OrderOptions.FirstLookForLateCharge", "OrderOptions.GatewayKeyLifetime", "a late charge is looked for while its key is known"),
        ("OrderWork.ReceiptsSurelyKept", "ReceiptSweeper.Keep", "what counts on a receipt does so while it is kept"),
        ("OrderOptions.SweepPeriod", "OrderOptions.SweepMargin", "the sweep looks more than once before an order counts as stalled"),
        ("OrderOptions.SweepMargin", "OrderOptions.StepGiveUpAfter", "the margin is a small part of what it is added to"),
        ("OrderOptions.StepGiveUpAfter", "OrderOptions.SweepLookBack", "a silo that starts looks at orders that stalled before it did"),
        ("StalledOrderSweeper.ShortestWindow", "StalledOrderSweeper.LongestWindow", "windows grow"),
        ("StalledOrderSweeper.SoonestAgain", "StalledOrderSweeper.LatestAgain", "older windows are looked at more rarely"),
        ("StalledOrderSweeper.LatestAgain", "StalledOrderSweeper.LongestMove", "what still moves is looked at again before it is let go"),
        ("ReservationEndpoints.ReserveDeadline", "Limits.DefaultReservationTtl", "a reservation outlives the wait for it"),
        ("Limits.DefaultReservationTtl", "Limits.ReservationTtl", "the default is allowed"),
        ("SandboxGatewayOptions.SlowAnswer", "OrderOptions.GatewayTimeout", "tok_slow is slow, and still captured"),
        ("OrderOptions.GatewayTimeout", "SandboxGatewayOptions.TimeoutAnswer", "tok_timeout does not answer in time"),
        ("SandboxGatewayOptions.TimeoutAnswer", "SandboxGatewayOptions.LongestAnswer", "the default is allowed"),

        // Who is let in.
        ("KnownKeys.Renewal", "KnownKeys.Bound", "a copy of the keys is renewed before anybody has to wait for it"),
        ("KnownKeys.Empty", "KnownKeys.Renewal", "that there is no key is believed for less long than that there are some"),
        ("Tokens.IssuerPatience", "GrainCalls.Patience", "an issuer that keeps silent is given up no later than a silo"),
        ("Door.Moment", "Budgets.HealthQuestion", "who asks whether the server is ready is looked at for less long than what it asks"),
        ("SharedReports.Age", "Budgets.HealthQuestion", "a report is old before a question of it would be given up"),
        ("KnownKeys.Bound", "GrainCalls.Patience", "whoever waits for the keys gets its answer from them, and not for want of patience"),

        // Memory.
        ("IdleOwners.Period", "IdleOwners.CollectPeriod", "pressure is looked at more often than relieved"),
        ("MemoryPressure.Period", "MemoryPressure.CollectPeriod", "pressure is looked at more often than garbage is collected"),
        ("ReceiptBudget.Period", "ReceiptBudget.Patience", "an owner that moves receipts is not asked again meanwhile"),
        ("StreamLoads.SweepPeriod", "StreamLoads.IdleTime", "a load that nobody asks for is swept in time"),
    ];

    private static readonly Dictionary<string, Func<object?>> Times = FindAll();

    public static TheoryData<string, string, string> Ordered()
    {
        var rows = new TheoryData<string, string, string>();
        foreach (var (shorter, longer, because) in Order) rows.Add(shorter, longer, because);
        return rows;
    }

    [Theory]
    [MemberData(nameof(Ordered))]
    public void The_first_is_shorter_than_the_second(string shorter, string longer, string because)
    {
        var (less, more) = (Value(shorter), Value(longer));

        Assert.True(less < more, $"{shorter} ({less}) should be shorter than {longer} ({more}): {because}.");
    }

    public static TheoryData<string, string> OfSettings()
    {
        var rows = new TheoryData<string, string>();
        foreach (var (shorter, longer, _) in Order.Where(static row => IsSetting(row.Shorter) && IsSetting(row.Longer)))
            rows.Add(shorter, longer);
        return rows;
    }

    [Theory]
    [MemberData(nameof(OfSettings))]
    public void A_start_with_two_settings_out_of_order_is_refused(string shorter, string longer)
    {
        // By the one or by the other: not every value is in its own range.
        var tick = TimeSpan.FromTicks(1);
        var refusals = new[] { Refusal(shorter, Value(longer) + tick), Refusal(longer, Value(shorter) - tick) }
            .Where(static refusal => refusal.Contains("must not be longer than", StringComparison.Ordinal));

        Assert.Contains(refusals, refusal => refusal.Contains(shorter.Split('.')[1], StringComparison.Ordinal));

        static string Refusal(string name, TimeSpan value)
        {
            var configuration = new ConfigurationBuilder()
                .AddInMemoryCollection(new Dictionary<string, string?> { [NameOf(name)] = $"{value}" })
                .Build();
            return Assert.Throws<StartRefusedException>(() => HoldfastSettings.Read(configuration)).Message;
        }
    }

    [Fact]
    public void Probes_that_are_missed_make_a_silo_suspect_before_its_silence_would() =>
        Assert.True(Budgets.Probe * Budgets.MissedProbes < Budgets.Silence);

    [Fact]
    public void Every_time_in_the_code_has_its_place_in_the_order_or_stands_alone()
    {
        var placed = Order.SelectMany(static row => new[] { row.Shorter, row.Longer }).Concat(Alone).ToHashSet();
        var aliases = typeof(Budgets).GetProperties().Select(static property => $"Budgets.{property.Name}").ToHashSet();

        Assert.DoesNotContain(Times.Keys, name => !placed.Contains(name) && !aliases.Contains(name));
        Assert.Empty(Alone.Except(Times.Keys));
    }

    [Fact]
    public void The_page_says_how_long_each_budget_is()
    {
        var page = Repository.Read("docs/design/time.md");

        var rows = Times.Where(static time => time.Key.StartsWith("Budgets.", StringComparison.Ordinal))
            .Select(static time => $"| `{time.Key["Budgets.".Length..]}` | {Text((TimeSpan)time.Value()!)} |");

        Assert.All(rows, row => Assert.Contains(row, page, StringComparison.Ordinal));
    }

    /// <summary>What an operator sets of orders and their messages; the pretend bank may be as slow as somebody likes.</summary>
    private static bool IsSetting(string name) =>
        name.StartsWith("OrderOptions.", StringComparison.Ordinal) || name.StartsWith("OutboxOptions.", StringComparison.Ordinal);

    private static string NameOf(string name) => name
        .Replace("OrderOptions.", "Holdfast:Orders:", StringComparison.Ordinal)
        .Replace("OutboxOptions.", "Holdfast:Outbox:", StringComparison.Ordinal);

    private static TimeSpan Value(string name) =>
        Times.TryGetValue(name, out var read) ? (TimeSpan)read()! : throw new ArgumentException($"There is no time {name} in the code.");

    /// <summary>Every time that is a constant, a budget or a setting, by its class and name.</summary>
    private static Dictionary<string, Func<object?>> FindAll()
    {
        var names = new Dictionary<string, Func<object?>>();
        foreach (var type in House.Rooms.SelectMany(static room => Assembly.Load($"Holdfast.{room}").GetTypes()).Where(IsWritten))
        {
            foreach (var field in type.GetFields(Anywhere).Where(static field => field.FieldType == typeof(TimeSpan) && IsWritten(field)))
                names.Add($"{type.Name.Split('`')[0]}.{field.Name}", () => field.GetValue(null));
        }

        foreach (var budget in typeof(Budgets).GetProperties()) names.Add($"{nameof(Budgets)}.{budget.Name}", () => budget.GetValue(null));
        foreach (var section in SettingsSections.All)
        {
            var options = section.Read(new ConfigurationBuilder().Build());
            foreach (var setting in section.Settings.Where(static setting => setting.PropertyType == typeof(TimeSpan)))
                names.Add($"{section.Type.Name}.{setting.Name}", () => setting.GetValue(options));
        }

        return names;
    }

    private static bool IsWritten(MemberInfo member) =>
        member.GetCustomAttribute<CompilerGeneratedAttribute>() is null && !member.Name.StartsWith('<');

    private static string Text(TimeSpan time) => time < TimeSpan.FromDays(1)
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds} s")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays} d");
}
