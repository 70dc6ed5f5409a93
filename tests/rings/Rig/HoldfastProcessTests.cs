using System.Text;
using Holdfast.Rig;
using Holdfast.Tests.Journal;

namespace Holdfast.Rings.Rig;

public sealed class HoldfastProcessTests : IDisposable
{
    private const int Killed = 128 + 9;

    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(300);

    private readonly TempDirectory _directory = new();
    private readonly Uri _url = new($"http://127.0.0.1:{LoopbackPorts.Next()}");

    public void Dispose() => _directory.Dispose();

    [ProcessFact]
    public async Task A_killed_process_starts_again_on_its_port_with_what_it_had_answered()
    {
        using var http = new HttpClient { BaseAddress = _url };
        await using (var process = await Ready())
        {
            using var body = new StringContent("""{"name":"Teapot","unitPrice":{"amount":1999,"currency":"EUR"}}""", Encoding.UTF8, "application/json");
            using var created = await http.PutAsync("/v1/products/TEAPOT", body);
            Assert.True(created.IsSuccessStatusCode);

            Assert.Equal(Killed, await process.Kill());
            await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync("/health/live"));
        }

        await using var again = await Ready();
        Assert.Contains("Teapot", await http.GetStringAsync("/v1/products/TEAPOT"));

        Assert.Equal(0, await again.Terminate());
        Assert.Contains(again.Output.Lines, line => line.Contains("Holdfast is listening on", StringComparison.Ordinal));
        Assert.Equal(2, File.ReadLines(Log).Count(line => line.Contains("Holdfast is listening on", StringComparison.Ordinal)));
    }

    [ProcessFact]
    public async Task A_paused_process_answers_nothing_until_it_is_resumed()
    {
        await using var process = await Ready();
        using var http = new HttpClient { BaseAddress = _url };
        process.Pause();

        var asked = http.GetAsync("/health/live");
        await Assert.ThrowsAsync<TimeoutException>(() => asked.WaitAsync(Silence));
        process.Resume();

        using var answer = await asked.WaitAsync(StartLimit);
        Assert.True(answer.IsSuccessStatusCode);
    }

    [ProcessFact]
    public async Task A_process_that_ends_at_its_start_says_why()
    {
        await using var process = HoldfastProcess.Start(new("door", HoldfastProcess.FrontDoor, new("http://192.0.2.1:80")), TimeProvider.System);

        var refused = await Assert.ThrowsAsync<RigException>(() => process.WaitUntilReady(StartLimit));

        Assert.Contains("door ended with exit code 1", refused.Message);
        Assert.Contains("Nobody is known to this server", refused.Message);
    }

    [ProcessFact]
    public async Task Disposing_kills()
    {
        var process = await Ready();

        await process.DisposeAsync();

        Assert.Equal(Killed, await process.Exited);
        Assert.True(LoopbackPorts.IsFree(_url.Port));
    }

    private string Log => Path.Combine(_directory.Path, "log");

    private async Task<HoldfastProcess> Ready()
    {
        var start = new HoldfastStart("door", HoldfastProcess.FrontDoor, _url)
        {
            Settings = new Dictionary<string, string> { ["Holdfast:DataDirectory"] = Path.Combine(_directory.Path, "data") },
            WorkingDirectory = _directory.Path,
            OutputFile = Log,
        };
        var process = HoldfastProcess.Start(start, TimeProvider.System);
        await process.WaitUntilReady(StartLimit);
        return process;
    }
}
