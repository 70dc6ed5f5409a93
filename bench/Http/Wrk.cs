using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Holdfast.Bench.Measuring;

namespace Holdfast.Bench.Http;

/// <summary>What is sent: one request after the other on each connection.</summary>
/// <param name="Template">A whole request, with <c>{sku}</c>, <c>{key}</c> and <c>{length}</c> (of its body) in it.</param>
/// <param name="Skus">Asked for in this order, again and again; of those that are asked for more often there are more.</param>
internal sealed record HttpLoad(string Template, IReadOnlyList<string> Skus)
{
    /// <summary>What a good answer contains; null where its status says enough, which costs the generator far less.</summary>
    public string? Expected { get; init; }
}

/// <summary>
/// wrk, the load generator, as a process of its own with one thread: it makes several times the load of an HTTP client in .NET out of the
/// same processor time, and on a machine that also runs the server that is what the server does not get.
/// </summary>
internal sealed class Wrk
{
    private const string Program = "wrk";
    private const string ScriptResource = "Holdfast.Bench.Http.load.lua";

    /// <summary>After the time is up, for the report.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private readonly WorkDirectory _work;
    private readonly TimeProvider _clock;
    private readonly string _script;

    // No two runs may have a key in common, or the second would get the first one's answers.
    private int _runs;

    /// <exception cref="BenchException">wrk is not installed.</exception>
    public Wrk(WorkDirectory work, TimeProvider clock)
    {
        if (!IsInstalled) throw Missing(null);
        _work = work;
        _clock = clock;
        _script = work.For("load.lua");
        using var resource = typeof(Wrk).Assembly.GetManifestResourceStream(ScriptResource)!;
        using var file = File.Create(_script);
        resource.CopyTo(file);
    }

    public static bool IsInstalled => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Any(static folder => File.Exists(Path.Combine(folder, Program)));

    /// <summary>Sends it for a while. What was on its way when the time was up is not counted; the server may have done it.</summary>
    /// <exception cref="BenchException">wrk failed, or its report is not understood.</exception>
    public async Task<WrkReport> Run(Uri server, HttpLoad load, int connections, TimeSpan time, CancellationToken cancellationToken)
    {
        var (template, list) = (_work.For("request.txt"), _work.For("skus.txt"));
        await File.WriteAllTextAsync(template, load.Template, cancellationToken);
        await File.WriteAllLinesAsync(list, load.Skus, cancellationToken);
        var seconds = Math.Max(1, (int)Math.Round(time.TotalSeconds));
        string[] arguments =
        [
            "-t1", Text($"-c{connections}"), Text($"-d{seconds}s"), "--latency", Text($"--timeout={(int)Grace.TotalSeconds}s"),
            "-s", _script, server.AbsoluteUri, "--", template, list, Text($"{Guid.NewGuid():N}-{++_runs}-"),
            .. load.Expected is { } expected ? (string[])[expected] : [],
        ];
        return WrkReport.Parse(await Run(arguments, TimeSpan.FromSeconds(seconds) + (2 * Grace), cancellationToken));
    }

    private async Task<string> Run(string[] arguments, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var process = Start(arguments);
        using var late = new CancellationTokenSource(limit, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(either.Token);
            var errors = process.StandardError.ReadToEndAsync(either.Token);
            await process.WaitForExitAsync(either.Token);
            if (process.ExitCode != 0) throw new BenchException($"wrk ended with exit code {process.ExitCode}:\n{await output}{await errors}");
            return await output + await errors;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new BenchException($"wrk did not end within {limit.TotalSeconds} s.", e);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    private static Process Start(string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(Program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                StandardOutputEncoding = Encoding.UTF8,
            })!;
        }
        catch (Win32Exception e)
        {
            throw Missing(e);
        }
    }

    private static BenchException Missing(Exception? cause) =>
        new("The load over HTTP is made by wrk, which is not installed: apt install wrk", cause);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
