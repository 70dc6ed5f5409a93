using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Holdfast.Bench.Replay;

namespace Holdfast.Bench.Chaos;

/// <summary>
/// Increments counters of its own, each as fast as a patient person clicks, and notes when one does not answer. Its patience with
/// one attempt is short, so that what it measures is how long a key is away, not how long a client waits for the dead.
/// </summary>
internal sealed class Prober(HttpClient http, FrontDoors doors, TimeProvider clock, int seed, long began)
{
    public const int Counters = 32;

    /// <summary>After the last increment was begun, for its answer.</summary>
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RepeatPause = TimeSpan.FromMilliseconds(50);

    private readonly Probe[] _probes = [.. Enumerable.Range(1, Counters).Select(static number => new Probe($"chaos-probe-{number}"))];
    private volatile bool _finished;

    public AnswerCounts Answers { get; } = new();

    public IEnumerable<Trouble> Troubles => _probes.SelectMany(static probe => probe.Troubles);

    /// <summary>A client for it.</summary>
    public static HttpClient Connect() => new(new SocketsHttpHandler { MaxConnectionsPerServer = Counters, ConnectTimeout = AttemptTimeout })
    {
        Timeout = AttemptTimeout,
    };

    /// <summary>Begin nothing new.</summary>
    public void Finish() => _finished = true;

    /// <summary>Until <see cref="Finish"/>, and until what was begun then is answered, or for a minute.</summary>
    public Task Run(CancellationToken cancellationToken) =>
        Task.WhenAll(_probes.Select((probe, number) => Run(probe, new(unchecked(seed + number)), cancellationToken)));

    /// <summary>Every counter is what was acknowledged, and each acknowledgement said so.</summary>
    public async Task<CheckResult> Check(HoldfastClient client, CancellationToken cancellationToken)
    {
        var offenders = new List<string>();
        foreach (var probe in _probes)
        {
            var value = await client.ReadCounter(probe.Name, cancellationToken);
            if (probe.Wrong is { } wrong) offenders.Add(wrong);
            else if (value != probe.Acknowledged) offenders.Add($"{probe.Name}: {value}, {probe.Acknowledged} acknowledged");
        }

        return new("every probed counter is what was acknowledged, at each increment and in the end", _probes.Length, offenders.Count, offenders);
    }

    public ProbeReport Report() => new(
        Counters,
        _probes.Sum(static probe => probe.Acknowledged),
        Latencies.Of(_probes.SelectMany(static probe => probe.Latencies)),
        Answers.Statuses,
        Answers.Lost);

    private async Task Run(Probe probe, Random random, CancellationToken cancellationToken)
    {
        while (!_finished && probe.Wrong is null)
        {
            await Increment(probe, cancellationToken);
            await Task.Delay(Pause * (0.5 + (random.NextDouble() / 2)), clock, cancellationToken);
        }
    }

    private async Task Increment(Probe probe, CancellationToken cancellationToken)
    {
        var (started, turn, repeats) = (Now(), doors.Next(), 0);
        TimeSpan? noticed = null;
        long? value;
        while ((value = await Try(probe, turn + repeats, cancellationToken)) is null)
        {
            noticed ??= Now();
            repeats++;
            if (_finished && Now() - started > LastPatience)
            {
                probe.Wrong = $"{probe.Name}: increment {probe.Acknowledged + 1} was not answered within {LastPatience.TotalSeconds} s";
                return;
            }

            await Task.Delay(RepeatPause, clock, cancellationToken);
        }

        var answered = Now();
        probe.Latencies.Add(answered - started);
        if (answered - started > Trouble.Prompt || noticed is not null)
            probe.Troubles.Add(new(probe.Name, started, Earlier(noticed, started + Trouble.Prompt), answered));
        if (value == probe.Acknowledged + 1) probe.Acknowledged++;
        else if (value is not null) probe.Wrong = $"{probe.Name}: increment {probe.Acknowledged + 1} was answered with {value}";
    }

    /// <summary>The value that was answered; null when there was no answer yet.</summary>
    private async Task<long?> Try(Probe probe, int turn, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, doors.Address(turn, $"v1/counters/{probe.Name}/increments"))
        {
            Content = JsonContent.Create(new(1), WireJson.Default.IncrementBody, new MediaTypeHeaderValue("application/json")),
        };
        request.Headers.Add("Idempotency-Key", string.Create(CultureInfo.InvariantCulture, $"{probe.Name}/{probe.Acknowledged + 1}"));
        try
        {
            using var answer = await http.SendAsync(request, cancellationToken);
            var body = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
            if (answer.IsSuccessStatusCode)
            {
                Answers.Count(request, answer.StatusCode, asksForRetry: false);
                return JsonSerializer.Deserialize(body, WireJson.Default.CounterAnswer)!.Value;
            }

            Answers.Count(request, answer.StatusCode, JsonSerializer.Deserialize(body, WireJson.Default.ProblemAnswer) is { Retryable: true });
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            Answers.CountLost();
        }

        return null;
    }

    private TimeSpan Now() => clock.GetElapsedTime(began);

    private static TimeSpan Earlier(TimeSpan? one, TimeSpan other) => one < other ? one.Value : other;

    private sealed class Probe(string name)
    {
        public string Name => name;

        public long Acknowledged { get; set; }

        /// <summary>The first answer that was not right; nothing is asked after it.</summary>
        public string? Wrong { get; set; }

        public List<TimeSpan> Latencies { get; } = [];

        public List<Trouble> Troubles { get; } = [];
    }
}
