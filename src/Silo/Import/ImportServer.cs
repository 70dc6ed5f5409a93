using System.Net;
using System.Text.Json;

namespace Holdfast.Silo.Import;

/// <summary>What the server said: never that it is busy, since then it is asked again.</summary>
/// <param name="Body">Of JSON; undefined when it was none.</param>
internal readonly record struct ImportAnswer(HttpStatusCode Status, JsonElement Body)
{
    public bool IsSuccess => (int)Status is >= 200 and < 300;
}

/// <summary>
/// The front door of a running server. A request that the server was too busy for, or that was lost, is sent again, later and later, until
/// the server has answered nobody for the patience: each has a key of its own, so that it is done once.
/// </summary>
internal sealed class ImportServer(HttpClient client, TimeProvider clock, TimeSpan patience, Random random)
{
    /// <summary>Longer than the server itself tries to get an answer: it says sooner what is wrong.</summary>
    public static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(60);

    public static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(100);

    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    /// <summary>Times that the server may say "internal error" to one request: whether that comes again, only a repeat tells.</summary>
    private const int MostBroken = 3;

    private readonly Lock _gate = new();

    // When the server last said something other than that it is busy.
    private long _heard;

    /// <summary>Asks for a sign of life.</summary>
    /// <exception cref="ImportException">Nobody answers.</exception>
    public async Task Greet(CancellationToken cancellationToken)
    {
        try
        {
            using var greeting = new HttpRequestMessage(HttpMethod.Get, "health/live");
            using var answer = await client.SendAsync(greeting, cancellationToken);
            _heard = clock.GetTimestamp();
        }
        catch (Exception silent) when (IsLost(silent, cancellationToken))
        {
            throw new ImportException($"{client.BaseAddress} does not answer: {silent.Message}", silent);
        }
    }

    /// <param name="make">Makes the request, anew for each time that it is sent.</param>
    /// <exception cref="ImportStoppedException">The server stays away, does not know the caller, or is no Holdfast.</exception>
    public async Task<ImportAnswer> Send(Func<HttpRequestMessage> make, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var broken = 0;
        for (var attempt = 1; ; attempt++)
        {
            string failure;
            TimeSpan? wanted = null;
            try
            {
                using var request = make();
                using var response = await client.SendAsync(request, cancellationToken);
                var body = await Read(response, cancellationToken);
                if (!IsBusy(response.StatusCode) && !(response.StatusCode == HttpStatusCode.InternalServerError && ++broken < MostBroken))
                {
                    Interlocked.Exchange(ref _heard, clock.GetTimestamp());
                    return Known(response, body);
                }

                failure = $"it answers {(int)response.StatusCode}{(ImportProblem.Detail(body) is { } detail ? $": {detail}" : "")}";
                wanted = response.Headers.RetryAfter?.Delta;
            }
            catch (Exception lost) when (IsLost(lost, cancellationToken))
            {
                failure = lost is OperationCanceledException ? "it does not answer in time" : lost.Message;
            }

            await Wait(attempt, started, failure, wanted, cancellationToken);
        }
    }

    /// <summary>Waits before a repeat.</summary>
    /// <param name="attempt">Tries so far, from 1.</param>
    /// <param name="since">When it was tried first.</param>
    /// <param name="wanted">The server's own wish.</param>
    /// <exception cref="ImportStoppedException">Nothing has been heard for the patience.</exception>
    public async Task Wait(int attempt, long since, string failure, TimeSpan? wanted, CancellationToken cancellationToken)
    {
        if (clock.GetElapsedTime(Math.Max(since, Interlocked.Read(ref _heard))) > patience)
            throw new ImportStoppedException($"The server has been away for {patience.TotalSeconds:0} s: {failure}");
        double jitter;
        lock (_gate) jitter = 0.5 + random.NextDouble();
        var wait = FirstWait * Math.Pow(2, Math.Min(attempt - 1, 16));
        wait = (wait < LongestWait ? wait : LongestWait) * jitter;
        if (wanted is { } asked && asked > wait) wait = asked < patience ? asked : patience;
        await Task.Delay(wait, clock, cancellationToken);
    }

    public long Now => clock.GetTimestamp();

    private static bool IsBusy(HttpStatusCode status) => status
        is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway
        or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    /// <summary>Not answered, for whatever reason but that the caller gave up.</summary>
    private static bool IsLost(Exception exception, CancellationToken cancellationToken) =>
        exception is HttpRequestException or IOException
        || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private static ImportAnswer Known(HttpResponseMessage response, JsonElement body) => response.StatusCode switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => throw new ImportStoppedException(
            $"The server does not let you in: {ImportProblem.Detail(body) ?? "the key is wrong, or may not write products and stock"}"),
        _ when body.ValueKind != JsonValueKind.Object => throw new ImportStoppedException(
            $"What is at {response.RequestMessage!.RequestUri!.GetLeftPart(UriPartial.Authority)} does not answer as Holdfast does: "
            + $"{(int)response.StatusCode} {response.Content.Headers.ContentType?.MediaType}"),
        var status => new(status, body),
    };

    private static async Task<JsonElement> Read(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentType?.MediaType is not ("application/json" or "application/problem+json")) return default;
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            using var document = await JsonDocument.ParseAsync(stream, default, cancellationToken);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return default;
        }
    }
}
