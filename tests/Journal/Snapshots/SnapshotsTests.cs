using System.Text;
using Holdfast.Journal;
using Holdfast.Journal.Snapshots;
using Holdfast.Journal.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using Orleans.TestingHost;

namespace Holdfast.Tests.Journal.Snapshots;

public sealed class SnapshotsTests : IAsyncLifetime
{
    private readonly TempDirectory directory = new();
    private InProcessTestCluster cluster = null!;
    private ISnapshots snapshots = null!;

    public async Task InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(initialSilosCount: 1);
        builder.Options.ServiceId = "holdfast";
        builder.ConfigureSilo((_, silo) => silo.AddSqliteJournal(directory.Path));
        cluster = builder.Build();
        await cluster.DeployAsync();
        snapshots = cluster.GetSiloServiceProvider().GetRequiredService<ISnapshots>();
    }

    public async Task DisposeAsync()
    {
        await cluster.DisposeAsync();
        directory.Dispose();
    }

    [Fact]
    public async Task A_silo_opens_the_journal_before_its_grains_run()
    {
        var store = cluster.GetSiloServiceProvider().GetRequiredService<IJournalStore>();

        Assert.Empty(await store.ReadForward("product/1", 0, 10, default));
    }

    [Fact]
    public async Task A_stream_has_no_snapshot_until_one_is_written()
    {
        Assert.Null(await snapshots.Read("product/1"));
    }

    [Fact]
    public async Task A_snapshot_comes_back_as_it_was_written()
    {
        var written = await snapshots.Write("product/1", New(42, "the state \u4e16"));
        await snapshots.Write("product/2", New(1, "another stream"));

        var read = await snapshots.Read("product/1");

        Assert.NotNull(written.ETag);
        Assert.Equal((42, "stock-1", written.ETag), (read!.Version, read.Shape, read.ETag));
        Assert.Equal("the state \u4e16", Encoding.UTF8.GetString(read.State.Span));
    }

    [Fact]
    public async Task A_snapshot_is_replaced_under_its_etag()
    {
        var first = await snapshots.Write("product/1", New(1, "one"));
        var second = await snapshots.Write("product/1", New(2, "two") with { ETag = first.ETag });
        await snapshots.Write("product/1", New(3, "three") with { ETag = second.ETag });

        Assert.Equal(3, (await snapshots.Read("product/1"))!.Version);
    }

    [Fact]
    public async Task A_stale_etag_is_refused_and_the_newer_snapshot_stays()
    {
        var first = await snapshots.Write("product/1", New(1, "one"));
        await snapshots.Write("product/1", New(2, "two") with { ETag = first.ETag });

        await Assert.ThrowsAsync<InconsistentStateException>(() => snapshots.Write("product/1", New(3, "stale") with { ETag = first.ETag }));
        await Assert.ThrowsAsync<InconsistentStateException>(() => snapshots.Write("product/1", New(3, "first?")));

        Assert.Equal(2, (await snapshots.Read("product/1"))!.Version);
    }

    [Fact]
    public async Task Of_racing_first_writes_exactly_one_wins()
    {
        const int Racers = 50;

        // Past the gate that keeps one process to one write at a time: it is the statement that has to decide.
        var storage = cluster.GetSiloServiceProvider().GetRequiredKeyedService<IGrainStorage>(GrainStorageSnapshots.StorageName);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, Racers).Select(racer => Task.Run(async () =>
        {
            var state = new GrainState<StoredSnapshot> { State = new StoredSnapshot { Version = racer } };
            try
            {
                await storage.WriteStateAsync("snapshot", GrainId.Create("snapshot", "product/raced"), state);
                return racer;
            }
            catch (InconsistentStateException)
            {
                return -1;
            }
        })));

        var winner = Assert.Single(outcomes, outcome => outcome >= 0);
        Assert.Equal(winner, (await snapshots.Read("product/raced"))!.Version);
    }

    [Fact]
    public async Task Racing_replacements_of_one_snapshot_have_one_winner()
    {
        var first = await snapshots.Write("product/1", New(1, "one"));

        var outcomes = await Task.WhenAll(Enumerable.Range(2, 20).Select(version => Task.Run(() => TryWrite(version))));

        Assert.Single(outcomes, won => won);

        async Task<bool> TryWrite(int version)
        {
            try
            {
                await snapshots.Write("product/1", New(version, "raced") with { ETag = first.ETag });
                return true;
            }
            catch (InconsistentStateException)
            {
                return false;
            }
        }
    }

    [Fact]
    public async Task An_erased_snapshot_leaves_no_bytes_and_cannot_be_brought_back_by_a_stale_writer()
    {
        string? etag = null;
        for (var version = 1; version <= 20; version++)
        {
            var size = version % 2 == 0 ? 3_000 : 100;
            etag = (await snapshots.Write("user/7", New(version, string.Concat(Enumerable.Repeat("secret-", size))) with { ETag = etag })).ETag;
            await snapshots.Write($"user/other-{version}", New(1, "neighbour"));
        }

        Assert.NotEmpty(directory.FilesWith("secret-"));

        await snapshots.Erase("user/7");

        Assert.Empty(directory.FilesWith("secret-"));
        Assert.Null(await snapshots.Read("user/7"));
        Assert.NotNull(await snapshots.Read("user/other-20"));
        await Assert.ThrowsAsync<InconsistentStateException>(() => snapshots.Write("user/7", New(21, "secret-") with { ETag = etag }));
        await snapshots.Erase("user/7");
    }

    [Fact]
    public async Task A_snapshot_of_an_unknown_layout_has_no_shape_and_can_be_replaced()
    {
        await snapshots.Write("product/1", New(1, "one"));
        Sql("UPDATE snapshots SET payload = x'ff00'");

        var unknown = await snapshots.Read("product/1");

        Assert.Equal((0, ""), (unknown!.Version, unknown.Shape));
        await snapshots.Write("product/1", New(2, "two") with { ETag = unknown.ETag });
        Assert.Equal(2, (await snapshots.Read("product/1"))!.Version);
    }

    [Fact]
    public async Task A_snapshot_that_cannot_be_read_is_none()
    {
        await snapshots.Write("product/1", New(1, "one"));
        Sql("ALTER TABLE snapshots RENAME TO elsewhere");

        Assert.Null(await snapshots.Read("product/1"));
    }

    [Fact]
    public async Task Snapshots_outlive_the_silo()
    {
        await snapshots.Write("product/1", New(7, "seven"));

        await cluster.DisposeAsync();
        await InitializeAsync();

        Assert.Equal(7, (await snapshots.Read("product/1"))!.Version);
    }

    [Fact]
    public void A_damaged_file_is_made_anew()
    {
        using var elsewhere = new TempDirectory();
        var file = Path.Combine(elsewhere.Path, "snapshots.db");
        File.WriteAllText(file, new string('x', 10_000));

        new SqliteSnapshotFile(file).Initialize();

        Assert.StartsWith("SQLite format 3", File.ReadAllText(file), StringComparison.Ordinal);
    }

    private static Snapshot New(long version, string state) => new(version, version, "stock-1", Encoding.UTF8.GetBytes(state), ETag: null);

    private void Sql(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={directory.Path}/snapshots.db;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
