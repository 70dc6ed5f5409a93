using System.Net;
using Holdfast.Journal;
using Holdfast.Outbox.Lanes;
using Holdfast.Outbox.Streams;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Holdfast.Tests.Outbox.Lanes;

public sealed class LaneTests
{
    private const int Number = 3;

    private static readonly SiloAddress Other = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 1), 1);

    private readonly FakeTimeProvider _clock = new(new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly TableStore _table = new();
    private readonly OutboxOptions _options = new();
    private readonly Lane _lane;
    private readonly LaneReceiver _receiver;

    public LaneTests()
    {
        _lane = new(Number, _options, _clock, NullLogger.Instance);
        _receiver = new(_lane, static _ => Task.CompletedTask, _table, _options, new(_clock), _clock, NullLogger.Instance);
    }

    [Fact]
    public async Task A_lane_that_is_taken_over_delivers_its_table_and_what_is_offered_once_each()
    {
        var stored = Stored();
        Assert.False(_lane.Offer(Message()));
        _lane.TakeOver([], null);
        var offered = Message();
        Assert.True(_lane.Offer(offered));
        Assert.True(_lane.Offer(offered));
        var taken = await Take();
        Assert.Equal([(offered, false), (stored, true)], taken.Select(delivery => (delivery.Message, delivery.FromTable)));
        await NothingToTake();
    }

    [Fact]
    public async Task A_delivery_starts_once_and_not_after_its_lane_was_handed_back()
    {
        _lane.TakeOver([], null);
        var (started, late) = (Message(), Message());
        _lane.Offer(started);
        _lane.Offer(late);
        Assert.False(_lane.TryStart(started));
        await Take();
        Assert.True(_lane.TryStart(started));
        Assert.False(_lane.TryStart(started));
        _lane.HandBack();
        Assert.False(_lane.TryStart(late));
        Assert.False(_lane.IsOwned);
    }

    [Fact]
    public async Task The_next_owner_is_told_what_runs_and_hears_when_it_ends()
    {
        _lane.TakeOver([], null);
        var (running, waiting) = (Message(), Message());
        _lane.Offer(running);
        _lane.Offer(waiting);
        await Take();
        _lane.TryStart(running);
        Assert.Equal([running.Id], _lane.Yield(Other));
        Assert.False(_lane.Offer(Message()));
        Assert.Equal(Other, _lane.Finished(running));
        Assert.Null(_lane.Finished(waiting));
    }

    [Fact]
    public async Task What_runs_at_the_previous_owner_is_left_to_it_until_it_ends()
    {
        var running = Stored();
        _lane.TakeOver([running.Id], Other);
        await NothingToTake();
        _lane.EndedElsewhere(running.Id, _clock.GetUtcNow());
        Assert.Equal(running, Assert.Single(await Take()).Message);
    }

    [Fact]
    public async Task What_ran_at_a_previous_owner_that_died_is_run_here_at_once()
    {
        var running = Stored();
        _lane.TakeOver([running.Id], Other);
        await NothingToTake();
        _lane.ForgetDead(_ => false);
        Assert.Equal(running, Assert.Single(await Take()).Message);
    }

    [Fact]
    public async Task What_runs_at_a_previous_owner_that_falls_silent_is_run_here_after_a_while()
    {
        var running = Stored();
        _lane.TakeOver([running.Id], Other);
        await NothingToTake();
        _clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(running, Assert.Single(await Take()).Message);
    }

    [Fact]
    public async Task A_lane_that_was_asked_for_in_error_is_taken_up_again()
    {
        _lane.TakeOver([], null);
        _lane.Yield(Other);
        var stored = Stored();
        await NothingToTake();
        Assert.False(_lane.IsOwned);
        _clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(stored, Assert.Single(await Take()).Message);
        Assert.True(_lane.IsOwned);
    }

    [Fact]
    public async Task A_lane_that_was_asked_for_in_error_is_taken_up_again_by_an_agent_that_waits_for_a_distant_sweep()
    {
        _options.SweepPeriod = TimeSpan.FromDays(1);
        _lane.TakeOver([], null);
        await NothingToTake();
        var taking = Take();
        _lane.Yield(Other);
        var stored = Stored();

        // Second by second, as the agent sets its timer on a thread of its own.
        for (var second = 0; second < 600 && !taking.IsCompleted; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(taking, Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, CancellationToken.None));
        }

        Assert.True(taking.IsCompleted, "The lane should have been taken up again long before the sweep.");
        Assert.Equal(stored, Assert.Single(await taking).Message);
    }

    [Fact]
    public async Task A_delivery_that_no_consumer_accepts_is_delivered_again_long_before_a_handlers_lease_ends()
    {
        _lane.TakeOver([], null);
        var stored = Stored();
        await Take();
        await NothingToTake();
        _clock.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(stored, Assert.Single(await Take()).Message);
    }

    [Fact]
    public async Task A_closed_lane_is_idle_when_its_last_handler_has_ended_and_is_never_owned_again()
    {
        _lane.TakeOver([], null);
        var (running, ready) = (Message(), Message());
        _lane.Offer(running);
        await Take();
        _lane.TryStart(running);
        _lane.Offer(ready);
        var idle = _lane.Close();
        Assert.False(idle.IsCompleted);
        _lane.Finished(running);
        await idle.WaitAsync(TimeSpan.FromSeconds(30));
        _lane.TakeOver([], null);
        Assert.False(_lane.Offer(ready));
    }

    [Fact]
    public async Task A_table_that_cannot_be_read_is_told_since_when_and_is_well_again_when_it_can()
    {
        _lane.TakeOver([], null);
        var since = _clock.GetUtcNow();
        _table.Failing = true;
        await NothingToTake();
        _clock.Advance(_options.SweepPeriod);
        await NothingToTake();
        Assert.Equal(since, _lane.UnreadableSince);
        _table.Failing = false;
        _clock.Advance(_options.SweepPeriod);
        await NothingToTake();
        Assert.Null(_lane.UnreadableSince);
    }

    [Fact]
    public async Task It_is_known_since_when_the_oldest_waits_also_of_one_that_found_no_room_in_memory()
    {
        (_options.MaxQueued, _options.MaxConcurrentHandlers) = (2, 2);
        _lane.TakeOver([], null);
        await NothingToTake();
        Assert.Equal(new(0, null, 0), _lane.Backlog);
        var since = _clock.GetUtcNow();
        OutboxMessage[] messages = [.. Enumerable.Range(0, 5).Select(_ => Stored())];
        foreach (var message in messages[..2]) _lane.Offer(message);
        Assert.Equal(messages[..2], (await Take()).Select(delivery => delivery.Message));
        Assert.Equal(new(0, null, 2), _lane.Backlog);
        _clock.Advance(TimeSpan.FromSeconds(1));
        var later = Stored();
        foreach (var message in messages[2..].Append(later)) _lane.Offer(message);
        _clock.Advance(TimeSpan.FromSeconds(1));

        // Two wait in memory since a second ago, and the fifth, since two seconds ago, in the table.
        Assert.Equal(new(2, since, 2), _lane.Backlog);
        Finish(messages[..2]);
        Assert.Equal(messages[2..4], (await Take()).Select(delivery => delivery.Message));
        Finish(messages[2..4]);

        // Room for half of them: no sweep is waited for.
        Assert.Equal([(messages[4], true), (later, true)], (await Take()).Select(delivery => (delivery.Message, delivery.FromTable)));
        Assert.Equal(new(0, null, 6), _lane.Backlog);
    }

    [Fact]
    public async Task A_run_that_ends_after_its_lease_leaves_the_backlog_readable()
    {
        _options.MaxConcurrentHandlers = 2;
        _lane.TakeOver([], null);
        var (late, running) = (Stored(), Message());
        await Take();
        _lane.TryStart(late);
        _clock.Advance(_options.HandlerLease);
        _lane.Offer(running);
        await Take();
        _lane.TryStart(running);

        // The late one is read again, and waits for room.
        _options.MaxConcurrentHandlers = 1;
        _clock.Advance(_options.SweepPeriod);
        await NothingToTake();
        Assert.Equal(1, _lane.Backlog.Waiting);
        _lane.Finished(late);

        Assert.Equal(new(1, null, 2), _lane.Backlog);
    }

    private void Finish(IEnumerable<OutboxMessage> messages)
    {
        foreach (var message in messages)
        {
            _lane.TryStart(message);
            _table.Rows.Remove(message);
            _lane.Finished(message);
        }
    }

    private async Task<IReadOnlyList<LaneDelivery>> Take()
    {
        var batches = await _receiver.GetQueueMessagesAsync(100, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
        return Assert.IsType<LaneBatch>(Assert.Single(batches)).Deliveries;
    }

    /// <summary>Lets the lane look once; the fake clock keeps it from looking again.</summary>
    private async Task NothingToTake()
    {
        using var stop = new CancellationTokenSource();
        var take = _receiver.GetQueueMessagesAsync(100, stop.Token);
        Assert.False(take.IsCompleted, "The lane has something to deliver.");
        await stop.CancelAsync();
        Assert.Empty(await take.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    private OutboxMessage Stored()
    {
        var message = Message();
        _table.Rows.Add(message);
        return message;
    }

    private OutboxMessage Message() => new(Guid.CreateVersion7(_clock.GetUtcNow()), Number, _clock.GetUtcNow(), 0, "order/1", "test", new([]));

    /// <summary>A table of due rows that is read at once.</summary>
    private sealed class TableStore : IJournalStore
    {
        public List<OutboxMessage> Rows { get; } = [];

        public bool Failing { get; set; }

        public int Writers => 1;

        public Task<IReadOnlyList<OutboxMessage>> ReadDue(
            int lane, DateTimeOffset now, OutboxPosition after, int limit, CancellationToken cancellationToken) =>
            Failing ? throw new JournalStoreException("down") : Task.FromResult<IReadOnlyList<OutboxMessage>>([.. Rows]);

        public Task ProveWritable(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<int> ReadSchemaVersion(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<long> ReadVersion(string stream, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<DateTimeOffset?> NextDue(int lane, DateTimeOffset now, CancellationToken cancellationToken) =>
            Task.FromResult<DateTimeOffset?>(null);

        public Task Initialize(CancellationToken cancellationToken) => Task.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        public ValueTask<CommitResult> Commit(IReadOnlyList<Append> appends, IReadOnlyList<OutboxChange> changes, CommitWatch? watch = null) => throw new NotSupportedException();

        public Task<IReadOnlyList<JournalRow>> ReadBackward(string stream, long before, int limit, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<IReadOnlyList<JournalRow>> ReadForward(string stream, long after, int limit, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<SearchPage> Search(string stream, string text, long after, int limit, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<ReadOnlyMemory<byte>?> ReadSecret(string stream, string name, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<ReadOnlyMemory<byte>> WriteSecret(
            string stream, string name, ReadOnlyMemory<byte> value, bool replaces, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<IReadOnlyList<Attention>> ReadAttention(string after, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<StoredReceipt?> FindReceipt(string stream, Guid operation, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<DeadLetter>> ReadDeadLetters(int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<string>> FindUnended(QuietWindow window, string after, int limit, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<DateTimeOffset> ReadSweptUntil(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task WriteSweptUntil(DateTimeOffset until, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<string>> WithMessages(IReadOnlyList<string> streams, string otherThan, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<int> ForgetReceipts(DateTimeOffset before, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
