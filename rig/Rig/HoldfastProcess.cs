using System.Net;

namespace Holdfast.Rig;

/// <summary>How to start one of Holdfast's programs.</summary>
/// <param name="Name">What messages call it.</param>
/// <param name="Program">The program's dll: <see cref="HoldfastProcess.FrontDoor"/> or <see cref="HoldfastProcess.Silo"/>.</param>
/// <param name="Url">Where it listens, its health included.</param>
public sealed record HoldfastStart(string Name, string Program, Uri Url)
{
    /// <summary>Of a program that has several, which one: comes before all else.</summary>
    public string? Command { get; init; }

    /// <summary>Given as <c>--Key=Value</c>, after the address.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Variables of its environment besides those of this process.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Where it runs; the working directory of this process when left out.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Takes all of its output, appended; only the last lines are kept, in memory, when left out.</summary>
    public string? OutputFile { get; init; }
}

/// <summary>One of Holdfast's programs, running as a process of its own that can be killed and paused. It never outlives this one.</summary>
public sealed class HoldfastProcess : IAsyncDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>For one answer to the question whether it is ready.</summary>
    private static readonly TimeSpan PollLimit = TimeSpan.FromSeconds(5);

    /// <summary>From the signal to end until it has ended; after that it is killed.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);

    private readonly HoldfastStart _start;
    private readonly TimeProvider _clock;
    private readonly ChildProcess _process;

    private HoldfastProcess(HoldfastStart start, TimeProvider clock)
    {
        _start = start;
        _clock = clock;
        Output = new(start.OutputFile);
        _process = ChildProcess.Start(
            [.. Variables(start.Environment), .. Command(start.Program), .. start.Command is { } command ? (string[])[command] : [], $"--urls={Url.GetLeftPart(UriPartial.Authority)}", .. start.Settings.Select(static setting => $"--{setting.Key}={setting.Value}")],
            start.WorkingDirectory ?? System.Environment.CurrentDirectory,
            Output,
            clock);
    }

    /// <summary>Null when processes can be started and killed on this machine, else why they cannot.</summary>
    public static string? WhyUnavailable => ChildProcess.WhyUnavailable;

    /// <summary>The front door's program, which can host a silo, too; it lies beside this assembly.</summary>
    public static string FrontDoor { get; } = Path.Combine(AppContext.BaseDirectory, "Holdfast.Api.dll");

    /// <summary>The silo's program; it lies beside this assembly.</summary>
    public static string Silo { get; } = Path.Combine(AppContext.BaseDirectory, "Holdfast.Silo.dll");

    public int Id => _process.Id;

    public string Name => _start.Name;

    public Uri Url => _start.Url;

    /// <summary>What it wrote last.</summary>
    public OutputTail Output { get; }

    /// <summary>Ends with the exit code, when its output was read; 137 after a kill.</summary>
    public Task<int> Exited => _process.Exited;

    /// <exception cref="RigException">It cannot be started.</exception>
    public static HoldfastProcess Start(HoldfastStart start, TimeProvider clock) => new(start, clock);

    /// <summary>Waits until <c>/health/ready</c> answers 200.</summary>
    /// <exception cref="RigException">It ended, or was not ready in time: the message has its last lines.</exception>
    public async Task WaitUntilReady(TimeSpan limit, CancellationToken cancellationToken = default)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = Url };
        var started = _clock.GetTimestamp();
        var answer = "was not asked";
        while (_clock.GetElapsedTime(started) < limit)
        {
            if (Exited.IsCompleted) throw new RigException($"{Name} ended with exit code {await Exited} before it was ready:\n{Output}");
            (var ready, answer) = await AskWhetherReady(http, cancellationToken);
            if (ready) return;
            await Task.WhenAny(Exited, Task.Delay(PollInterval, _clock, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
        }

        throw new RigException($"{Name} was not ready within {limit.TotalSeconds} s; {Url}health/ready {answer}:\n{Output}");
    }

    /// <summary>SIGKILL: it does not learn of it. Waits for its end.</summary>
    public Task<int> Kill()
    {
        _process.Send(Signal.Kill);
        return Exited;
    }

    /// <summary>SIGTERM: it stops in order. Killed if it takes longer than 20 seconds. Waits for its end.</summary>
    public async Task<int> Terminate()
    {
        _process.Send(Signal.Terminate);
        return await Exited.WithLimit(StopLimit, _clock) ?? await Kill();
    }

    /// <summary>SIGSTOP: it stands still, its connections open, until <see cref="Resume"/>.</summary>
    public void Pause() => _process.Send(Signals.Stop);

    /// <summary>SIGCONT.</summary>
    public void Resume() => _process.Send(Signals.Continue);

    /// <summary>Kills it if it still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Output.Dispose();
    }

    /// <summary>Creates the schema in a database, or brings it up to date.</summary>
    /// <exception cref="RigException">It failed or took too long: the message has its last lines.</exception>
    public static Task Migrate(string connectionString, TimeSpan limit, TimeProvider clock, CancellationToken cancellationToken = default) =>
        ChildProcess.Run([.. Command(Silo), "migrate", $"--ConnectionStrings:Holdfast={connectionString}"], Path.GetTempPath(), limit, clock, cancellationToken);

    private static string[] Command(string program) => [Programs.DotNet, program];

    private static IEnumerable<string> Variables(IReadOnlyDictionary<string, string> variables) =>
        variables.Count == 0 ? [] : variables.Select(static variable => $"{variable.Key}={variable.Value}").Prepend("env");

    private async Task<(bool Ready, string Answer)> AskWhetherReady(HttpClient http, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(PollLimit, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var response = await http.GetAsync("/health/ready", either.Token);
            return (response.StatusCode == HttpStatusCode.OK, $"answered {(int)response.StatusCode}");
        }
        catch (HttpRequestException e)
        {
            return (false, $"could not be asked ({e.Message})");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (false, $"did not answer within {PollLimit.TotalSeconds} s");
        }
    }
}
