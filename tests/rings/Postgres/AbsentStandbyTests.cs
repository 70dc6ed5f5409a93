using System.Collections.Concurrent;
using Holdfast.Journal;
using Holdfast.Journal.Postgres;
using Holdfast.Journal.Writing;
using Holdfast.Rig;
using Holdfast.Tests;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using PostgresDatabase = Holdfast.Journal.Postgres.PostgresDatabase;

namespace Holdfast.Rings.Postgres;

/// <summary>A writer on a PostgreSQL of its own whose commits have to reach a standby, too, and do not.</summary>
public sealed class AbsentStandbyTests : IAsyncLifetime, ICommittedMessages
{
    private const string Waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    private const string Sessions = "FROM pg_stat_activity WHERE application_name LIKE 'holdfast %' AND wait_event = 'SyncRep'";

    private readonly ConcurrentQueue<Guid> _mayBeThere = [];
    private PostgresServer _server = null!;
    private PostgresJournalStore _store = null!;
    private JournalWriter _writer = null!;

    public async Task InitializeAsync()
    {
        if (Wants.Server.WhyNot() is not null) return;
        _server = await PostgresServer.Start(TimeProvider.System);
        await _server.CreateDatabase("holdfast");
        Open(commandSeconds: 1);
        await _store.Initialize(default);
        Assert.Equal(AppendStatus.Committed, await Submit("a/1", 0));
    }

    public async Task DisposeAsync()
    {
        if (_server is null) return;
        await Close();
        await _server.DisposeAsync();
    }

    [PostgresFact(Wants.Server)]
    public async Task A_commit_that_only_the_primary_has_is_unknown_and_not_shown_to_anybody_until_the_standby_has_it()
    {
        await _server.WaitForStandby(true);

        Assert.Equal(AppendStatus.Unknown, await Submit("a/1", 1));

        // Given up, and not cancelled: that would have made it visible.
        Assert.Equal(1L, await _server.Execute(Waiting));
        Assert.Equal(1, await _store.ReadVersion("a/1", default));
        Assert.Single(_mayBeThere);

        await _server.WaitForStandby(false);
        await Eventually.True(async () => await _store.ReadVersion("a/1", default) == 2, () => "the commit should have come to its end");

        // Its messages are looked for once more, now that they are there.
        await Eventually.True(() => Task.FromResult(_mayBeThere.Count == 2), () => $"the messages should have been looked for twice, not {_mayBeThere.Count} times");
        Assert.Single(_mayBeThere.Distinct());
        Assert.Equal(AppendStatus.Committed, await Submit("a/1", 2));
    }

    [PostgresTheory(Wants.Server)]
    [InlineData("pg_cancel_backend")]
    [InlineData("pg_terminate_backend")]
    public async Task A_commit_whose_wait_for_the_standby_somebody_ends_is_unknown(string end)
    {
        await Close();
        Open(commandSeconds: 60);
        await _server.WaitForStandby(true);

        var submitted = Submit("a/1", 1);
        await Eventually.True(
            async () => await _server.Execute($"SELECT bool_or({end}(pid)) {Sessions}") is true, () => "the commit should have waited for the standby");

        Assert.Equal(AppendStatus.Unknown, await submitted);
        Assert.Equal(2, await _store.ReadVersion("a/1", default));
    }

    [PostgresFact(Wants.Server)]
    public async Task As_many_commits_as_may_are_left_to_themselves_and_then_nothing_is_done_until_one_has_ended()
    {
        await _server.WaitForStandby(true);

        for (var i = 1; i <= JournalWriter.MaxLeftBehind; i++) Assert.Equal(AppendStatus.Unknown, await Submit($"b/{i}", 0));
        await Eventually.True(() => Task.FromResult(_writer.Stands), () => "the writer should stand");

        Assert.True(_writer.Overloaded);
        Assert.Equal(AppendStatus.Refused, await Submit("c/1", 0));
        Assert.Equal((long)JournalWriter.MaxLeftBehind, await _server.Execute(Waiting));

        await _server.WaitForStandby(false);
        await Eventually.True(() => Task.FromResult(!_writer.Stands), () => "the writer should go on");
        Assert.Equal(AppendStatus.Committed, await Submit("c/1", 0));
        Assert.Equal(1, await _store.ReadVersion($"b/{JournalWriter.MaxLeftBehind}", default));
    }

    [PostgresFact(Wants.Server)]
    public async Task A_writer_stops_although_its_commits_do_not_come_back()
    {
        await _server.WaitForStandby(true);
        var submitted = Submit("a/1", 1);
        await Eventually.True(async () => (long)(await _server.Execute(Waiting))! == 1, () => "the commit should have waited");

        var stopped = _writer.DisposeAsync().AsTask();

        await stopped.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
        Assert.Equal(AppendStatus.Unknown, await submitted);
        await _server.WaitForStandby(false);
    }

    void ICommittedMessages.HandOver(IReadOnlyList<OutboxMessage> messages)
    {
    }

    void ICommittedMessages.MayHaveBeenStored(IReadOnlyList<OutboxMessage> messages)
    {
        foreach (var message in messages) _mayBeThere.Enqueue(message.Id);
    }

    void ICommittedMessages.MayHaveBeenPublished()
    {
    }

    private void Open(int commandSeconds)
    {
        var settings = new NpgsqlConnectionStringBuilder(_server.ConnectionString("holdfast")) { CommandTimeout = commandSeconds };
        _store = new(new PostgresDatabase(settings.ConnectionString), new(Writers: 1), TimeProvider.System, NullLogger<PostgresJournalStore>.Instance);
        _writer = new(_store, this, Options.Create(new JournalOptions()), TimeProvider.System, NullLogger<JournalWriter>.Instance);
    }

    private async Task Close()
    {
        await _writer.DisposeAsync();
        await _store.DisposeAsync();
    }

    private Task<AppendStatus> Submit(string stream, long expected)
    {
        var now = DateTimeOffset.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        var message = new OutboxMessage(RowId.New(now), 1, now, 0, stream, "test", "{}"u8.ToArray());
        return _writer.Submit(new Append(stream, expected, RowId.New(now), now, 1, "[1]"u8.ToArray(), [message], []));
    }
}
