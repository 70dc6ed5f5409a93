using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Holdfast.Bench;
using Holdfast.Rig;

namespace Holdfast.Lab.Sagas;

/// <summary>This program once more, at one task; ends with this process at the latest.</summary>
internal sealed class SagaProcess : IDisposable
{
    private readonly Process _process;

    private SagaProcess(Process process) => _process = process;

    /// <exception cref="BenchException">It cannot be started.</exception>
    public static async Task<SagaProcess> Start(SagaTask task, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Programs.DotNet, [typeof(SagaProcess).Assembly.Location, SagaHostCommand.Name])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        try
        {
            var process = new SagaProcess(Process.Start(start)!);
            await process._process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(task, SagaJson.Default.SagaTask).AsMemory(), cancellationToken);
            await process._process.StandardInput.FlushAsync(cancellationToken);
            return process;
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            throw new BenchException($"A process for {task.System} cannot be started: {e.Message}", e);
        }
    }

    /// <summary>The next line of its output; null when it has ended.</summary>
    public ValueTask<string?> ReadLine(CancellationToken cancellationToken) => _process.StandardOutput.ReadLineAsync(cancellationToken);

    /// <summary>Its last line.</summary>
    /// <exception cref="BenchException">It ended without one.</exception>
    public async Task<string> ReadResult(CancellationToken cancellationToken)
    {
        string? last = null;
        while (await ReadLine(cancellationToken) is { } line) last = line;
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode == ExitCode.Passed && last is not null
            ? last
            : throw new BenchException($"A process of lab sagas ended with exit code {_process.ExitCode} and without a result; its reason is above.");
    }

    /// <summary>Ends this very process as if its machine had lost power: SIGKILL.</summary>
    public static void KillThis()
    {
        using var self = Process.GetCurrentProcess();
        self.Kill();
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
