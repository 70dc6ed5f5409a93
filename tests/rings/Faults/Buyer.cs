using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Holdfast.Tests.Api;

namespace Holdfast.Rings.Faults;

/// <summary>The things that the buyers of one test deal with, and nobody else.</summary>
internal sealed class Shop(string name)
{
    public string[] Skus { get; } = [.. Names(name + "-sku", 4)];

    public string[] Counters { get; } = [.. Names(name + "-counter", 6)];

    public string[] Users { get; } = [.. Names(name + "-user", 6)];

    private static IEnumerable<string> Names(string name, int count) =>
        Enumerable.Range(1, count).Select(number => string.Create(CultureInfo.InvariantCulture, $"{name}-{number}"));
}

/// <summary>
/// One who asks either front door for one thing after another, and for each of them under its key until there is an answer. Keeps
/// what was answered, to be added up afterwards. May be made to ask for several things at once.
/// </summary>
internal sealed class Buyer(IReadOnlyList<HttpClient> doors, Shop shop, string name, Random random)
{
    private const string Json = "application/json";

    private static readonly string[] PaymentTokens = ["tok_ok", "tok_ok", "tok_ok", "tok_ok", "tok_ok", "tok_declined", "tok_flaky"];

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private int _asked;
    private int _door = random.Next(doors.Count);

    public ConcurrentQueue<(string Key, (string Sku, long Quantity)[] Lines, Answer Answer)> Orders { get; } = [];

    public ConcurrentQueue<(string Key, string Sku, long Delta)> Adjustments { get; } = [];

    public ConcurrentQueue<(string Counter, long Delta)> Increments { get; } = [];

    public ConcurrentQueue<(string User, string Member, string Value)> Edits { get; } = [];

    /// <summary>How often there was no answer, or one that says "again".</summary>
    public int Repeats { get; private set; }

    /// <summary>Answers that had been given before, unheard.</summary>
    public int Replays { get; private set; }

    /// <summary>The request that was repeated most often, and why.</summary>
    public IReadOnlyList<string> Worst { get; private set; } = [];

    public Task DoSomething() => random.Next(5) switch
    {
        0 => Increment(Any(shop.Counters), random.Next(1, 10)),
        1 => Adjust(Any(shop.Skus), random.Next(1, 5)),
        2 => Edit(Any(shop.Users)),
        _ => Order(Any(PaymentTokens), random.Next(2) == 0 ? "wait=5" : null),
    };

    public async Task PutProduct(string sku) => (await Send(
        HttpMethod.Put,
        $"/v1/products/{sku}",
        $$$"""{"name":"{{{sku}}}","unitPrice":{"amount":{{{random.Next(1, 1_000)}}},"currency":"EUR"}}""")).Is(201);

    public async Task Adjust(string sku, long delta)
    {
        var key = Key();
        (await Send(HttpMethod.Post, $"/v1/products/{sku}/adjustments", $$"""{"delta":{{delta}},"reason":"received"}""", key)).Is(201);
        Adjustments.Enqueue((key, sku, delta));
    }

    public async Task<Answer> Increment(string counter, long delta)
    {
        var answer = (await Send(HttpMethod.Post, $"/v1/counters/{counter}/increments", $$"""{"delta":{{delta}}}""", Key())).Is(200);
        Increments.Enqueue((counter, delta));
        return answer;
    }

    public async Task<Answer> Order(string paymentToken, string? prefer)
    {
        var skus = shop.Skus.ToArray();
        random.Shuffle(skus);
        var lines = skus.Take(random.Next(1, 4)).Select(sku => (sku, random.NextInt64(1, 4))).ToArray();
        var key = Key();
        var answer = await Send(HttpMethod.Post, "/v1/orders", HttpHost.OrderBody(paymentToken, lines), key, prefer);
        Assert.True(answer.Status is 200 or 202, $"order {key} was answered {answer}");
        Orders.Enqueue((key, lines, answer));
        return answer;
    }

    private async Task Edit(string user)
    {
        var (member, value) = (Key(), string.Create(CultureInfo.InvariantCulture, $"v{random.Next()}"));
        if (await Send(HttpMethod.Put, $"/v1/customers/{user}/profile", "{}") is { Status: not (200 or 201 or 428) } refused)
            Assert.Fail($"{user} was answered {refused}");
        var answer = await Send(
            HttpMethod.Patch,
            $"/v1/customers/{user}/profile",
            $$$"""{"preferences":{"{{{member}}}":"{{{value}}}"}}""",
            mediaType: "application/merge-patch+json");
        Assert.True(answer.Status is 200, $"{user} was answered {answer}");
        Edits.Enqueue((user, member, value));
    }

    private async Task<Answer> Send(HttpMethod method, string path, string body, string? key = null, string? prefer = null, string mediaType = Json)
    {
        var started = TimeProvider.System.GetTimestamp();
        var troubles = new List<string>();
        while (true)
        {
            try
            {
                var answer = await SendOnce(method, path, body, key, prefer, mediaType);
                Assert.True(answer.Status != 500, $"{method} {path} {key} was answered {answer}");
                if (!answer.Body.Contains("\"retryable\":true", StringComparison.Ordinal))
                {
                    Note($"{method} {path} {key}", troubles, answer);
                    return answer;
                }

                troubles.Add($"{answer.Status} {answer.Body}");
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
            {
                troubles.Add(exception.Message);
            }

            Assert.True(
                TimeProvider.System.GetElapsedTime(started) < FaultCluster.Patience,
                $"{method} {path} {key} should have been answered within {FaultCluster.Patience}, but:\n{string.Join('\n', troubles)}");

            // The next try is made at the other door, at once the first time.
            _door = (_door + 1) % doors.Count;
            if (troubles.Count > 1) await Task.Delay(Pause, TimeProvider.System);
        }
    }

    private void Note(string request, List<string> troubles, Answer answer)
    {
        lock (_gate)
        {
            if (answer.Replayed) Replays++;
            Repeats += troubles.Count;
            if (troubles.Count > Worst.Count) Worst = [request, .. troubles];
        }
    }

    private async Task<Answer> SendOnce(HttpMethod method, string path, string body, string? key, string? prefer, string mediaType)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(mediaType));
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        if (prefer is not null) request.Headers.Add("Prefer", prefer);
        using var response = await doors[_door].SendAsync(request);
        return await Answer.Read(response);
    }

    private string Key() => string.Create(CultureInfo.InvariantCulture, $"{name}-{Interlocked.Increment(ref _asked)}");

    private string Any(string[] names) => names[random.Next(names.Length)];
}
