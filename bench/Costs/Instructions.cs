using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Holdfast.Bench.Measuring;

namespace Holdfast.Bench.Costs;

/// <summary>What one reservation costs the processor, in a whole process on SQLite.</summary>
/// <param name="Each">Instructions of the process, kernel left out.</param>
/// <param name="AppendsEach">Rows of the journal: the tool slows everything but the disk down, so fewer reservations share one.</param>
internal sealed record InstructionCount(string Way, double Each, double AppendsEach);

/// <summary>
/// Counts instructions with Valgrind's callgrind: the difference of two runs that differ in nothing but the number of reservations,
/// so that what a start costs, and compiling, is in neither. The processor's own counters are not there in most virtual machines.
/// </summary>
internal static partial class Instructions
{
    private const int Fewer = 5_000;
    private const int More = 15_000;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>What lets .NET run under Valgrind, and compiles everything once and in full, so that both runs do it alike.</summary>
    private static readonly (string Name, string Value)[] Settings =
    [
        ("DOTNET_gcServer", "0"),
        ("DOTNET_GCHeapHardLimit", "0x40000000"),
        ("DOTNET_EnableWriteXorExecute", "0"),
        ("DOTNET_TieredCompilation", "0"),
    ];

    /// <summary>Null when Valgrind is not installed.</summary>
    /// <exception cref="BenchException">It is, but the run failed.</exception>
    public static async Task<InstructionCount?> Count(string way, MeasuringRun run, CancellationToken cancellationToken)
    {
        run.Progress.Say($"instructions: {way}");
        if (await Run(way, Fewer, run, cancellationToken) is not { } fewer) return null;
        if (await Run(way, More, run, cancellationToken) is not { } more) return null;
        return new(way, (double)(more.Instructions - fewer.Instructions) / (More - Fewer), (double)(more.Appends - fewer.Appends) / (More - Fewer));
    }

    private static async Task<(long Instructions, long Appends)?> Run(string way, int operations, MeasuringRun run, CancellationToken cancellationToken)
    {
        string[] arguments =
        [
            "--tool=callgrind", $"--callgrind-out-file={run.Work.For("callgrind.out")}", Environment.ProcessPath!, .. OwnProgram(), HotPathCommand.Name,
            HotPathCommand.Way.Name, way, HotPathCommand.Operations.Name, operations.ToString(CultureInfo.InvariantCulture),
            HotPathCommand.Place.Name, run.Work.Path,
        ];
        var start = new ProcessStartInfo("valgrind", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in Settings) start.Environment[name] = value;
        if (TryStart(start) is not { } process) return null;
        using (process)
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
            await End(process, run.Clock, cancellationToken);
            return process.ExitCode == 0 && Collected().Match(await errors) is { Success: true } collected
                ? (long.Parse(collected.Groups[1].Value, CultureInfo.InvariantCulture), long.Parse(await output, CultureInfo.InvariantCulture))
                : throw new BenchException($"Under callgrind, '{way}' ended with exit code {process.ExitCode}: {await errors}");
        }
    }

    /// <summary>The assembly to name when this program was started through .NET's own one.</summary>
    private static string[] OwnProgram() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(Instructions).Assembly.Location] : [];

    private static Process? TryStart(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private static async Task End(Process process, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await process.WaitForExitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            throw new BenchException($"Under callgrind, a run did not end within {Limit.TotalMinutes} minutes.");
        }
    }

    [GeneratedRegex(@"Collected : (\d+)")]
    private static partial Regex Collected();
}
