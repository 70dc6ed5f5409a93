using System.Net;
using System.Text;
using System.Text.Json;
using Holdfast.Journal;
using Holdfast.Journal.Sqlite;
using Holdfast.Rig;
using Holdfast.Tests;
using Microsoft.Extensions.Logging.Abstractions;

namespace Holdfast.Rings.Faults;

/// <summary>A journal in a file system without room.</summary>
public sealed class FullDiskTests : IAsyncLifetime
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    /// <summary>A caller is told, and not held until the front door's patience is over.</summary>
    private static readonly TimeSpan Quickly = TimeSpan.FromSeconds(10);

    private SmallDisk _disk = null!;

    private string Data => Path.Combine(_disk.Path, "data");

    public async Task InitializeAsync()
    {
        if (SmallDisk.WhyUnavailable is null) _disk = await SmallDisk.Create(8, TimeProvider.System);
    }

    public Task DisposeAsync()
    {
        _disk?.Dispose();
        return Task.CompletedTask;
    }

    [SmallDiskFact]
    public async Task What_the_disk_has_no_room_for_is_not_stored_for_certain_and_not_there_when_there_is_room_again()
    {
        await using (var store = NewStore())
        {
            await store.Initialize(default);
            Assert.Equal([AppendStatus.Committed], (await store.Commit([Large("a/1", 0)], [])).Appends);
            await store.ProveWritable(default);

            _disk.Fill();
            for (var i = 0; i < 3; i++)
            {
                var result = await store.Commit([Large("a/1", 1), Large("b/1", 0)], []);
                Assert.Equal([AppendStatus.Unwritable, AppendStatus.Unwritable], result.Appends);
                Assert.True(result.Unwritable);
            }

            await Assert.ThrowsAsync<JournalStoreException>(() => store.ProveWritable(default));
            Assert.Equal(1, await store.ReadVersion("a/1", default));
        }

        // Also for who reads the log anew, without what the one before remembered of it.
        await using (var store = NewStore())
        {
            _disk.MakeRoom();
            await store.Initialize(default);
            await store.ProveWritable(default);
            Assert.Equal(1, await store.ReadVersion("a/1", default));
            Assert.Equal(0, await store.ReadVersion("b/1", default));
            Assert.Equal([AppendStatus.Committed], (await store.Commit([Large("a/1", 1)], [])).Appends);
        }
    }

    [SmallDiskFact]
    public async Task A_process_without_room_says_so_to_who_asks_and_is_ready_again_when_there_is_room()
    {
        var logs = Directory.CreateTempSubdirectory("holdfast-full-");
        try
        {
            await using var server = HoldfastProcess.Start(
                new("full", HoldfastProcess.FrontDoor, new($"http://127.0.0.1:{LoopbackPorts.Next()}"))
                {
                    Settings = new Dictionary<string, string> { ["Holdfast:DataDirectory"] = Data },
                    WorkingDirectory = logs.FullName,
                    OutputFile = Path.Combine(logs.FullName, "log"),
                },
                TimeProvider.System);
            await server.WaitUntilReady(StartLimit);
            using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = server.Url };
            Assert.Equal(HttpStatusCode.OK, (await Increment(http, "before")).Status);

            _disk.Fill();
            for (var i = 0; i < 40; i++)
            {
                var began = TimeProvider.System.GetTimestamp();
                var (status, detail) = await Increment(http, $"full-{i % 4}");
                Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
                Assert.Contains("Nothing was done", detail, StringComparison.Ordinal);
                Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, Quickly);
            }

            // A report holds for a second.
            await Eventually.True(
                async () => await Ask(http, "/health/ready") is (HttpStatusCode.ServiceUnavailable, var reason)
                    && reason.Contains("takes no changes", StringComparison.Ordinal),
                static () => "it should not be ready, and say why");
            Assert.InRange(server.Output.Lines.Count(line => line.Contains("is full", StringComparison.Ordinal)), 1, 8);

            // Nothing is asked of it but whether it is ready.
            _disk.MakeRoom();
            await Eventually.True(
                async () => (await Ask(http, "/health/ready")).Status == HttpStatusCode.OK, static () => "it should be ready again");
            Assert.Equal(HttpStatusCode.OK, (await Increment(http, "full-0")).Status);
            Assert.Contains("\"value\": 2", (await Ask(http, "/v1/counters/full")).Body.Replace("\"value\":2", "\"value\": 2", StringComparison.Ordinal), StringComparison.Ordinal);
        }
        finally
        {
            logs.Delete(recursive: true);
        }
    }

    private static async Task<(HttpStatusCode Status, string Detail)> Increment(HttpClient http, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/counters/full/increments");
        request.Content = new StringContent("""{"delta":1}""", Encoding.UTF8, "application/json");
        request.Headers.Add("Idempotency-Key", key);
        using var response = await http.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        using var json = JsonDocument.Parse(body);
        return (response.StatusCode, json.RootElement.TryGetProperty("detail", out var detail) ? detail.GetString()! : body);
    }

    private static async Task<(HttpStatusCode Status, string Body)> Ask(HttpClient http, string path)
    {
        using var response = await http.GetAsync(path);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static Append Large(string stream, long expected)
    {
        var now = TimeProvider.System.GetUtcNow();
        return new(stream, expected, RowId.New(now), now, 1, Encoding.UTF8.GetBytes($"[\"{new string('x', 100_000)}\"]"), [], []);
    }

    private SqliteJournalStore NewStore() => new(new SqliteJournalOptions(Data), TimeProvider.System, NullLogger<SqliteJournalStore>.Instance);
}

/// <summary>A fact about a file system that can be filled.</summary>
public sealed class SmallDiskFactAttribute : FactAttribute
{
    public SmallDiskFactAttribute() => Skip = SmallDisk.WhyUnavailable;
}
