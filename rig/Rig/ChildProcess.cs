using System.ComponentModel;
using System.Diagnostics;

namespace Holdfast.Rig;

/// <summary>
/// A program that does not outlive this one, however this one ends. It is started through a shell that becomes the program and
/// leaves a guard behind: the guard reads a pipe whose other end only this process holds, and when the pipe breaks, it kills. It
/// gets a session of its own, so that Ctrl+C in a terminal reaches us and not it: in which order programs stop is ours to say.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    /// <summary>After a program's end, for what it wrote last; a child of its own may hold the pipe open for longer.</summary>
    private static readonly TimeSpan OutputGrace = TimeSpan.FromSeconds(1);

    /// <summary>$1 is the guard's signal, $2 a directory that it removes or nothing, the rest is the program.</summary>
    private const string Guarded = """
        signal=$1 directory=$2
        shift 2
        exec 3<&0
        {
          read -r _ <&3 || {
            kill -"$signal" $$
            if [ -n "$directory" ]; then
              tries=0
              while kill -0 $$ && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
              kill -9 $$
              rm -rf -- "$directory"
            fi
          }
        } >/dev/null 2>&1 &
        exec "$@" </dev/null 3<&-
        """;

    private readonly Process _process;
    private readonly OutputTail _output;
    private readonly TimeProvider _clock;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ChildProcess(Process process, OutputTail output, TimeProvider clock)
    {
        _process = process;
        _output = output;
        _clock = clock;
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => _ended.TrySetResult();
        Id = process.Id;
        if (process.HasExited) _ended.TrySetResult();
        Exited = Watch(Task.WhenAll(Read(process.StandardOutput), Read(process.StandardError)));
    }

    /// <summary>Null when programs can be started and signalled here, else why not.</summary>
    public static string? WhyUnavailable { get; } = OperatingSystem.IsWindows() ? "starting and killing programs needs a Unix" : null;

    public int Id { get; }

    /// <summary>Ends with the exit code, after the last output was read; 128 and the signal's number when a signal ended it.</summary>
    public Task<int> Exited { get; }

    /// <param name="command">The program and its arguments.</param>
    /// <param name="workingDirectory">Where it runs.</param>
    /// <param name="output">Takes both of its outputs.</param>
    /// <param name="guard">What it gets when this process ends without having stopped it.</param>
    /// <param name="guardedDirectory">Removed then, too.</param>
    /// <exception cref="RigException">It cannot be started.</exception>
    public static ChildProcess Start(
        IEnumerable<string> command,
        string workingDirectory,
        OutputTail output,
        TimeProvider clock,
        Signal guard = Signal.Kill,
        string? guardedDirectory = null)
    {
        if (WhyUnavailable is { } reason) throw new RigException(reason);
        string[] shell = ["sh", "-c", Guarded, "guarded", $"{(int)guard}", guardedDirectory ?? "", .. command];
        if (Programs.Find("setsid") is { } setsid) shell = [setsid, .. shell];
        var start = new ProcessStartInfo(shell[0], shell.Skip(1))
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            return new(Process.Start(start)!, output, clock);
        }
        catch (Win32Exception e)
        {
            throw new RigException($"Cannot start '{string.Join(' ', shell)}' in '{workingDirectory}': {e.Message}", e);
        }
    }

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="RigException">It failed, or did not end in time.</exception>
    public static async Task Run(
        IReadOnlyList<string> command, string workingDirectory, TimeSpan limit, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var output = new OutputTail(null);
        await using var process = Start(command, workingDirectory, output, clock);
        var code = await process.Exited.WithLimit(limit, clock, cancellationToken)
            ?? throw new RigException($"'{string.Join(' ', command)}' did not end within {limit.TotalSeconds} s:\n{output}");
        if (code != 0) throw new RigException($"'{string.Join(' ', command)}' failed with exit code {code}:\n{output}");
    }

    /// <summary>False when it has ended already.</summary>
    public bool Send(Signal signal) => !_ended.Task.IsCompleted && Signals.Send(Id, signal);

    /// <summary>Kills it, if it still runs, and waits for its end.</summary>
    public async ValueTask DisposeAsync()
    {
        Send(Signal.Kill);
        await Exited;
        _process.Dispose();
    }

    private async Task<int> Watch(Task read)
    {
        await _ended.Task;
        Dismiss();
        await Task.WhenAny(read, Task.Delay(OutputGrace, _clock));
        return _process.ExitCode;
    }

    /// <summary>The guard reads a line and goes, or it would later kill whoever has got the number then.</summary>
    private void Dismiss()
    {
        try
        {
            _process.StandardInput.WriteLine();
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The guard was killed, too.
        }
    }

    private async Task Read(StreamReader reader)
    {
        try
        {
            while (await reader.ReadLineAsync() is { } line) _output.Add(line);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The pipe was closed under us: there is nothing more to read.
        }
    }
}
