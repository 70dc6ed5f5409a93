using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Holdfast.Rings.Crash;

/// <summary>The front door as a process of its own, until it is killed without a chance to finish anything.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    /// <summary>A start takes a second or two; on a machine that builds and tests at the same time, many.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _said = [];
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServerProcess(string directory)
    {
        _process = new() { StartInfo = Command(directory), EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Hear(line.Data);
        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
        _process.Exited += (_, _) => _listening.TrySetException(new InvalidOperationException("it ended"));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public Uri Address => _listening.Task.Result;

    private string Said => string.Join('\n', _said);

    /// <param name="directory">The store's files.</param>
    public static async Task<ServerProcess> Start(string directory)
    {
        var server = new ServerProcess(directory);
        try
        {
            await server._listening.Task.WaitAsync(Patience, TimeProvider.System);
            return server;
        }
        catch (Exception exception)
        {
            await server.DisposeAsync();
            throw new InvalidOperationException($"The server should have listened within {Patience}, but {exception.Message}. It said:\n{server.Said}");
        }
    }

    public async Task Kill()
    {
        Assert.False(_process.HasExited, $"The server should have lived until it was killed. It said:\n{Said}");
        await DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        // SIGKILL, where there are signals: nothing in the process gets to know.
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Patience, TimeProvider.System);
        _process.Dispose();
    }

    private void Hear(string? line)
    {
        if (line is null) return;
        _said.Enqueue(line);
        if (Listening().Match(line) is { Success: true } match) _listening.TrySetResult(new(match.Groups[1].Value));
    }

    private static ProcessStartInfo Command(string directory)
    {
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var program = Path.Combine(AppContext.BaseDirectory, "Holdfast.Api.dll");
        return new(dotnet, [program, "--urls", "http://127.0.0.1:0", "--Holdfast:DataDirectory", directory])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,

            // Settings are read where a process is started; here are none.
            WorkingDirectory = directory,
        };
    }

    [GeneratedRegex("^Holdfast is listening on ([^ ]+)")]
    private static partial Regex Listening();
}
