using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Holdfast.Bench.Measuring;
using Holdfast.Rig;

namespace Holdfast.Bench.Costs;

/// <summary>What one reservation costs the processor, in a whole process on SQLite.</summary>
/// <param name="Each">Instructions of the process, the kernel's left out.</param>
/// <param name="AppendsEach">Rows of the journal: the tool slows everything but the disk down, so fewer reservations share one.</param>
internal sealed record InstructionCount(double Each, double AppendsEach);

/// <summary>
/// Counts instructions with Valgrind's callgrind, which is switched on for the reservations alone, after a warm-up. The processor's own
/// counters are not there in most virtual machines.
/// </summary>
internal static partial class Instructions
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>
    /// What lets .NET run under Valgrind (a heap whose addresses are not reserved by the terabyte, code that is not mapped twice), and
    /// has the hot code compiled in full when it has run thirty times.
    /// </summary>
    private static readonly (string Name, string Value)[] Settings =
    [
        ("DOTNET_gcServer", "0"),
        ("DOTNET_GCHeapHardLimit", "0x40000000"),
        ("DOTNET_EnableWriteXorExecute", "0"),
        ("DOTNET_TieredPGO", "0"),
        ("DOTNET_TC_CallCountingDelayMs", "0"),
    ];

    /// <exception cref="BenchException">Valgrind is not installed, or the run failed.</exception>
    public static async Task<InstructionCount> Count(string way, int operations, MeasuringRun run, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, run.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var process = Start(Command(way, operations, run.Work));
        try
        {
            return await Count(process, operations, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new BenchException($"Under callgrind, '{way}' did not end within {Limit.TotalMinutes} minutes.");
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private static async Task<InstructionCount> Count(Process process, int operations, CancellationToken cancellationToken)
    {
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await ReadLine(process, cancellationToken);
        await Switch(process, "on", cancellationToken);
        await process.StandardInput.WriteLineAsync();
        var appends = long.Parse(await ReadLine(process, cancellationToken), CultureInfo.InvariantCulture);
        await Switch(process, "off", cancellationToken);
        await process.StandardInput.WriteLineAsync();
        await process.WaitForExitAsync(cancellationToken);
        var collected = Collected().Match(await errors);
        if (!collected.Success) throw new BenchException($"Callgrind did not say what it collected: {await errors}");
        return new(double.Parse(collected.Groups[1].Value, CultureInfo.InvariantCulture) / operations, (double)appends / operations);
    }

    private static async Task<string> ReadLine(Process process, CancellationToken cancellationToken) =>
        await process.StandardOutput.ReadLineAsync(cancellationToken)
        ?? throw new BenchException("The program ended under callgrind before it had done its work.");

    private static async Task Switch(Process process, string state, CancellationToken cancellationToken)
    {
        var id = process.Id.ToString(CultureInfo.InvariantCulture);
        using var control = Start(Redirected(new("callgrind_control", ["-i", state, id])));
        var said = await control.StandardOutput.ReadToEndAsync(cancellationToken);
        await control.WaitForExitAsync(cancellationToken);
        if (!said.Contains("OK", StringComparison.Ordinal)) throw new BenchException($"callgrind_control could not switch the counting {state}: {said}");
    }

    private static ProcessStartInfo Command(string way, int operations, WorkDirectory work)
    {
        var start = Redirected(new(
            "valgrind",
            [
                "--tool=callgrind", "--instr-atstart=no", $"--callgrind-out-file={work.For("callgrind.out")}", Programs.DotNet, typeof(Instructions).Assembly.Location,
                HotPathCommand.Name, HotPathCommand.Way.Name, way, HotPathCommand.Operations.Name, operations.ToString(CultureInfo.InvariantCulture),
                HotPathCommand.Place.Name, work.Path,
            ]));
        foreach (var (name, value) in Settings) start.Environment[name] = value;
        return start;
    }

    private static ProcessStartInfo Redirected(ProcessStartInfo start)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        return start;
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new BenchException($"'{start.FileName}' cannot be started: is Valgrind installed? ({e.Message})", e);
        }
    }

    [GeneratedRegex(@"Collected : (\d+)")]
    private static partial Regex Collected();
}
