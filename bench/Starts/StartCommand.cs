using System.CommandLine;
using System.Globalization;
using Holdfast.Bench.Measuring;
using Holdfast.Rig;
using Spectre.Console;

namespace Holdfast.Bench.Starts;

/// <summary>
/// <c>bench start</c>: what a server does in its first minute, while most of its code is still compiled; of several builds, in turn.
/// </summary>
internal static class StartCommand
{
    private const int MaxSeconds = 3_600;
    private const int MaxRounds = 100;
    private const int MaxClients = 10_000;

    private static readonly Option<string[]> Programs = new("--programs")
    {
        Description = "Builds of the front door, each a Holdfast.Api.dll, called by their folders. The one beside the bench when left out.",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = static _ => [HoldfastProcess.FrontDoor],
    };

    private static readonly Option<int> Seconds =
        WholeNumber.Option("--seconds", "How long each is looked at from its first answer on.", 60, MaxSeconds);

    private static readonly Option<int> Slice = WholeNumber.Option("--slice", "Seconds of one line of figures.", 5, MaxSeconds);
    private static readonly Option<int> Rounds = WholeNumber.Option("--rounds", "Starts of each; the figures are medians.", 1, MaxRounds);
    private static readonly Option<int> Clients = WholeNumber.Option("--clients", "Connections, each with one request in flight.", 256, MaxClients);

    public static Command Create(TimeProvider clock)
    {
        var command = new Command("start", "Measures the first minute of a server, right from its first answer; of several builds, in turn.")
        {
            Programs, Seconds, Slice, Rounds, Clients, BenchStores.Option, WorkDirectory.Option,
        };
        command.SetAction((options, cancellationToken) => Terminal.Run(
            () => Measure(options, clock, cancellationToken), "Stopped before everything was measured."));
        return command;
    }

    private static async Task Measure(ParseResult options, TimeProvider clock, CancellationToken cancellationToken)
    {
        var programs = options.GetRequiredValue(Programs).Select(Path.GetFullPath).ToArray();
        if (programs.FirstOrDefault(static program => !File.Exists(program)) is { } missing)
            throw new BenchException($"--programs: there is no '{missing}'.");
        using var work = new WorkDirectory(options.GetRequiredValue(WorkDirectory.Option));
        await using var stores = new BenchStores(options.GetValue(BenchStores.Option), work, clock);
        var run = new MeasuringRun(options, work, stores, new(), clock);
        var slice = TimeSpan.FromSeconds(options.GetValue(Slice));
        var starts = new FirstMinutes(
            run, new(work, clock), options.GetValue(Clients), TimeSpan.FromSeconds(options.GetValue(Seconds)), slice);
        var console = Terminal.Output();
        var machine = Machine.Read(work.Path, await stores.Version(cancellationToken), clock);
        MeasurementView.Show("bench start", machine, console);
        var found = programs.Select(static _ => new List<FirstMinute>()).ToArray();
        for (var round = 0; round < options.GetValue(Rounds); round++)
        {
            for (var i = 0; i < programs.Length; i++) found[i].Add(await starts.Measure(NameOf(programs[i]), programs[i], cancellationToken));
        }

        console.Write(ToTable([.. programs.Select(NameOf)], found, slice));
    }

    private static Table ToTable(string[] names, IReadOnlyList<FirstMinute>[] found, TimeSpan slice)
    {
        var table = new Table().Title("Reservations of one product, over HTTP").AddColumn("since the first answer");
        foreach (var name in names)
        {
            foreach (var column in (string[])["per second", "p99 ms", "server µs each", "refused"])
                table.AddColumn(new TableColumn($"{name}: {column}".EscapeMarkup()).RightAligned());
        }

        AddReady("ready after", static start => start.Ready);
        AddReady("… of processor time", static start => start.ReadyProcessor);
        for (var i = 0; i < found[0][0].Slices.Count; i++)
        {
            var (number, culture) = (i, CultureInfo.InvariantCulture);
            table.AddRow(
                [
                    string.Create(culture, $"{i * slice.TotalSeconds} – {(i + 1) * slice.TotalSeconds} s"),
                    .. found.SelectMany(starts => (string[])
                    [
                        Median(starts, start => start.Slices[number].Report.PerSecond),
                        Median(starts, start => start.Slices[number].Report.P99Ms),
                        Median(starts, start => start.Slices[number].ServerMicroseconds),
                        Medians.Of(starts.Select(start => (double)start.Slices[number].Report.Refused)).ToString("N0", culture),
                    ]),
                ]);
        }

        return table;

        void AddReady(string what, Func<FirstMinute, TimeSpan> time) => table.AddRow(
            [what, .. found.SelectMany(starts => (string[])[$"{Median(starts, start => time(start).TotalMilliseconds)} ms", "", "", ""])]);
    }

    private static string Median(IReadOnlyList<FirstMinute> starts, Func<FirstMinute, double> figure) => Figures.Text(Medians.Of(starts.Select(figure)));

    private static string NameOf(string program) => Path.GetFileName(Path.GetDirectoryName(program)!);
}
