using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Holdfast.Bench.Replay;

/// <summary>
/// Sends a request until there is an answer to it: what got none, or one that says "again", is sent again, to the next front door if there
/// are several, until nothing at all was answered for the whole of <paramref name="patience"/>.
/// </summary>
/// <param name="seed">Of the jitter between retries.</param>
internal sealed class Sender(HttpClient http, FrontDoors doors, TimeProvider time, TimeSpan patience, int seed)
{
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(2);

    private readonly Lock _jitterLock = new();
    private readonly Random _jitter = new(seed);
    private long _lastAnswer = time.GetTimestamp();
    private long _retries;
    private long _replayed;

    /// <summary>What came back, repeats included.</summary>
    public AnswerCounts Answers { get; } = new();

    /// <summary>Requests sent again.</summary>
    public long Retries => Interlocked.Read(ref _retries);

    /// <summary>Answers that the server had given before (<c>Idempotent-Replayed: true</c>).</summary>
    public long Replayed => Interlocked.Read(ref _replayed);

    /// <summary>The first answer that is not "again".</summary>
    public async Task<HttpResponseMessage> Answered(Func<HttpRequestMessage> make, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var turn = doors.Next();
        for (var attempt = 0; ; attempt++)
        {
            string trouble;
            var pause = Backoff(attempt);
            try
            {
                using var request = make();
                request.RequestUri = doors.Address(turn + attempt, request.RequestUri!.OriginalString);
                var answer = await http.SendAsync(request, cancellationToken);
                var again = await AsksForRetry(answer, cancellationToken);
                Answers.Count(request, answer.StatusCode, again);
                if (!again)
                {
                    Interlocked.Exchange(ref _lastAnswer, time.GetTimestamp());
                    if (answer.Headers.TryGetValues("Idempotent-Replayed", out var replayed) && replayed.Contains("true"))
                        Interlocked.Increment(ref _replayed);
                    return answer;
                }

                trouble = string.Create(CultureInfo.InvariantCulture, $"it answers {(int)answer.StatusCode}");
                pause = Longer(pause, answer.Headers.RetryAfter?.Delta);
                answer.Dispose();
            }
            catch (Exception e) when (IsNoAnswer(e, cancellationToken))
            {
                Answers.CountLost();
                trouble = e.Message;
            }

            if (time.GetElapsedTime(Math.Max(began, Interlocked.Read(ref _lastAnswer))) > patience)
            {
                throw new BenchException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The server at {doors} has answered nothing for {patience.TotalSeconds:0} s ({trouble}): start it again, then run "
                    + $"the same command again; it continues."));
            }

            Interlocked.Increment(ref _retries);
            await Task.Delay(pause, time, cancellationToken);
        }
    }

    private static async Task<bool> AsksForRetry(HttpResponseMessage answer, CancellationToken cancellationToken) =>
        answer.StatusCode switch
        {
            HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests => true,
            HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => true,
            >= HttpStatusCode.BadRequest => (await Problem(answer, cancellationToken)).Retryable,
            _ => false,
        };

    public static bool IsNoAnswer(Exception e, CancellationToken cancellationToken) =>
        e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private TimeSpan Backoff(int attempt)
    {
        var longest = Math.Min(FirstBackoff.TotalMilliseconds * Math.Pow(2, attempt), LongestBackoff.TotalMilliseconds);
        lock (_jitterLock)
            return TimeSpan.FromMilliseconds(longest * (0.5 + (_jitter.NextDouble() / 2)));
    }

    /// <summary>The server's own wish counts, but none may make the run sleep through its patience.</summary>
    private static TimeSpan Longer(TimeSpan pause, TimeSpan? asked) =>
        asked is null || asked < pause ? pause : asked > LongestBackoff ? LongestBackoff : asked.Value;

    /// <summary>Before what was answered in part is asked for again.</summary>
    public async Task PauseBeforeRetry(int attempt, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _retries);
        await Task.Delay(Backoff(attempt), time, cancellationToken);
    }

    /// <exception cref="RefusedException">It is refused, or not of this form.</exception>
    public static async Task<T> Read<T>(HttpResponseMessage answer, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        await Accept(answer, cancellationToken);
        try
        {
            return JsonSerializer.Deserialize(await answer.Content.ReadAsByteArrayAsync(cancellationToken), type)
                ?? throw new RefusedException(answer.StatusCode, "empty_answer", "a JSON object was expected");
        }
        catch (JsonException e)
        {
            throw new RefusedException(answer.StatusCode, "unreadable_answer", e.Message);
        }
    }

    public static async Task Accept(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        if (answer.IsSuccessStatusCode)
            return;
        var problem = await Problem(answer, cancellationToken);
        throw new RefusedException(answer.StatusCode, problem.Code ?? "no_code", problem.Detail ?? problem.Title ?? "");
    }

    private static async Task<ProblemAnswer> Problem(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            var body = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
            return JsonSerializer.Deserialize(body, WireJson.Default.ProblemAnswer) ?? new ProblemAnswer();
        }
        catch (JsonException)
        {
            return new ProblemAnswer();
        }
    }
}
