using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Holdfast.Bench.Replay;

/// <summary><c>bench replay</c>: real invoices through the HTTP API of a running server, then everything is checked.</summary>
public static class ReplayCommand
{
    private const int MaxConcurrency = 4096;
    private const int MaxSeconds = 3600;

    /// <summary>Characters in a run's name, so that the keys made from it stay within the server's bound.</summary>
    private const int MaxRunLength = 64;

    private static readonly Option<string> InvoicesPath = new("--invoices")
    {
        Description = "The CSV file of invoices.",
        Required = true,
    };

    private static readonly Option<Uri[]> Servers = new("--url")
    {
        Description = "The server; for the front doors of a cluster, several.",
        CustomParser = ParseUrls,
        DefaultValueFactory = _ => [new Uri("http://localhost:5080")],
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<InitialStock> Stock = new("--stock")
    {
        Description = "What each SKU has on hand before the first order: plenty (all it will be asked for), half of that, or a fraction such as 0.8.",
        CustomParser = ParseStock,
        DefaultValueFactory = _ => InitialStock.Plenty,
    };

    private static readonly Option<int> Concurrency = WholeNumber.Option("--concurrency", "Invoices in flight at a time.", 64, MaxConcurrency);
    private static readonly Option<int?> Limit = new("--limit") { Description = "Only the earliest so many invoices.", CustomParser = ParseLimit };
    private static readonly Option<int> Wait = WholeNumber.Option("--wait", "Seconds that the server may hold an order's answer back until it has ended.", 10, MaxSeconds);

    private static readonly Option<int> Patience =
        WholeNumber.Option("--patience", "Seconds to go on retrying while the server answers nothing.", 120, MaxSeconds);

    private static readonly Option<string?> Run = new("--run")
    {
        Description = "Names the run. The same name continues a run that was cut short; made from --stock and --limit if not given.",
        Validators = { CheckRun },
    };

    private static readonly Option<bool> Movements = new("--movements") { Description = "Read the ledger of every SKU, not only of a sample." };
    private static readonly Option<string?> Report = new("--report") { Description = "Write the report to this file, as JSON." };
    private static readonly Option<int> Seed = WholeNumber.Option("--seed", "Seed of the jitter between retries.", 1, int.MaxValue);

    public static Command Create(TimeProvider time)
    {
        var command = new Command("replay", "Places real invoices as orders and checks that stock, money and orders agree.")
        {
            InvoicesPath, Servers, Stock, Concurrency, Limit, Wait, Patience, Run, Movements, Report, Seed,
        };
        command.SetAction((options, cancellationToken) => Execute(options, time, cancellationToken));
        return command;
    }

    private static Task<int> Execute(ParseResult options, TimeProvider time, CancellationToken cancellationToken) => Terminal.Run(
        async () =>
        {
            var report = await Replay(options, time, cancellationToken);
            return report.Ok ? ExitCode.Passed : ExitCode.CheckFailed;
        },
        "Stopped. Run the same command again to continue.");

    private static async Task<ReplayReport> Replay(ParseResult options, TimeProvider time, CancellationToken cancellationToken)
    {
        var settings = Settings(options);
        var doors = new FrontDoors(options.GetRequiredValue(Servers));
        var invoices = Invoices.ReadFile(options.GetRequiredValue(InvoicesPath), options.GetValue(Limit));
        var console = Terminal.Output();

        using var http = HoldfastClient.Connect(settings.Concurrency, settings.Wait);
        var client = new HoldfastClient(http, doors, time, settings.Patience, options.GetValue(Seed));
        await client.Ping(cancellationToken);

        var progress = new ReplayProgress(time);
        var run = new ReplayRun(client, settings, invoices, time, progress);
        var facts = await new ProgressView(progress, console, time).Watch(run.Execute(cancellationToken));

        var report = ReplayReport.Of(settings, doors.ToString(), time.GetUtcNow(), facts, run.Elapsed, client);
        ReportView.Show(report, console);
        if (options.GetValue(Report) is { } path)
            await Terminal.WriteFile(path, report.ToJson(), "--report", cancellationToken);
        return report;
    }

    private static ReplaySettings Settings(ParseResult options)
    {
        var stock = options.GetRequiredValue(Stock);
        var limit = options.GetValue(Limit)?.ToString(CultureInfo.InvariantCulture) ?? "all";
        return new ReplaySettings(
            // Another stock level or limit wants other initial stock: under the same keys the server would have to refuse it.
            options.GetValue(Run) ?? $"replay-{stock.Text}-{limit}",
            stock,
            options.GetValue(Concurrency),
            TimeSpan.FromSeconds(options.GetValue(Wait)),
            TimeSpan.FromSeconds(options.GetValue(Patience)),
            options.GetValue(Movements));
    }

    private static int? ParseLimit(ArgumentResult result) => WholeNumber.Parse(result, int.MaxValue);

    private static InitialStock ParseStock(ArgumentResult result)
    {
        if (InitialStock.TryParse(Text(result), out var stock))
            return stock;
        result.AddError($"--stock '{Text(result)}' must be plenty, half, or a fraction such as 0.8.");
        return InitialStock.Plenty;
    }

    private static Uri[] ParseUrls(ArgumentResult result)
    {
        var urls = new List<Uri>();
        foreach (var token in result.Tokens)
        {
            // The slash keeps a path prefix: without it "http://host/shop" and "v1/orders" would make "http://host/v1/orders".
            if (Uri.TryCreate(token.Value.TrimEnd('/') + "/", UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
                urls.Add(url);
            else
                result.AddError($"--url '{token.Value}' must be an address such as http://localhost:5080.");
        }

        return [.. urls];
    }

    private static void CheckRun(OptionResult result)
    {
        var name = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
        if (name.Length is 0 or > MaxRunLength || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            result.AddError($"--run '{name}' must be 1 to {MaxRunLength} letters, digits, '-', '_' or '.'.");
    }

    private static string Text(ArgumentResult result) => result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
}
