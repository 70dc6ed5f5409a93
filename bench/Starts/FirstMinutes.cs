using System.Diagnostics;
using System.Globalization;
using Holdfast.Bench.Http;
using Holdfast.Bench.Measuring;

namespace Holdfast.Bench.Starts;

/// <summary>How a server was started, how much it did in each slice of its first time, and what that took.</summary>
/// <param name="Ready">From the start of its process to its first good answer.</param>
/// <param name="ReadyProcessor">Processor time that this took it.</param>
internal sealed record FirstMinute(TimeSpan Ready, TimeSpan ReadyProcessor, IReadOnlyList<Slice> Slices);

/// <param name="Server">Processor time of the server; what it still compiles is in it.</param>
internal readonly record struct Slice(WrkReport Report, TimeSpan Server)
{
    public double ServerMicroseconds => Report.Requests == 0 ? 0 : Server.TotalMicroseconds / Report.Requests;
}

/// <summary>Starts a build of the front door, and asks it for reservations of one product from its first answer on.</summary>
internal sealed class FirstMinutes(MeasuringRun run, Wrk wrk, int connections, TimeSpan time, TimeSpan slice)
{
    private static readonly string[] Skus = ["HOT"];

    private int _started;

    /// <param name="name">What is being started, for messages.</param>
    /// <param name="program">The front door's dll.</param>
    /// <exception cref="BenchException">It does not start, or a connection broke.</exception>
    public async Task<FirstMinute> Measure(string name, string program, CancellationToken cancellationToken)
    {
        var settings = await Settings(++_started, cancellationToken);
        run.Progress.Say($"{name} starts");
        var started = Stopwatch.GetTimestamp();
        await using var server = await HttpServers.Start(
            new(name, program, HttpServers.FreeUrl()) { Settings = settings }, run.Clock, cancellationToken);
        var (ready, readyProcessor) = (Stopwatch.GetElapsedTime(started), ProcessorTime.Of(server.Id));
        using (var shop = await HttpShop.Open(server.Url, callers: 1, cancellationToken)) await shop.Create(Skus, cancellationToken);
        var load = new HttpLoad(HttpRequests.Reservation(server.Url), Skus);
        var slices = new List<Slice>();
        for (var done = TimeSpan.Zero; done < time; done += slice)
        {
            var before = ProcessorTime.Of(server.Id);
            var report = await wrk.Run(server.Url, load, connections, slice, cancellationToken);
            if (report.SocketErrors is { } errors) throw new BenchException($"{name}: {errors}. The figures would mean nothing.");
            slices.Add(new(report, ProcessorTime.Of(server.Id) - before));
            run.Progress.Say($"{name}, {(int)(done + slice).TotalSeconds} s: {Figures.Text(report.PerSecond)} a second");
        }

        return new(ready, readyProcessor, slices);
    }

    /// <summary>A store of its own for each start.</summary>
    private async Task<Dictionary<string, string>> Settings(int number, CancellationToken cancellationToken)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"start_{number}");
        var settings = new Dictionary<string, string> { ["Holdfast:DataDirectory"] = run.Work.For(name) };
        if (run.Stores.Kind == StoreKind.Postgres)
        {
            settings["ConnectionStrings:Holdfast"] = await run.Stores.NewDatabase(name, cancellationToken);
        }

        return settings;
    }
}
