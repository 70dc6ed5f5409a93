using Holdfast.Tests.Api;

namespace Holdfast.Rings.Crash;

/// <param name="Wait">For the end of an order, as long as the server cares to.</param>
internal sealed record Asked(string Path, string Body, string Key, bool Wait = false);

/// <summary>One who asks for one thing after another, and for each of them under its key until there is an answer.</summary>
internal sealed class Customer(HttpClient http, string name, Random random)
{
    public const string Counter = "visits";

    public static readonly string[] Skus = ["tea", "milk", "cups", "spoons"];

    private static readonly string[] PaymentTokens = ["tok_ok", "tok_ok", "tok_ok", "tok_ok", "tok_flaky", "tok_flaky", "tok_slow", "tok_declined"];

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private int _asked;

    public List<(Asked Asked, (string Sku, long Quantity)[] Lines, Answer Answer)> Orders { get; } = [];

    public List<(Asked Asked, string Sku, long Delta, Answer Answer)> Adjustments { get; } = [];

    public List<(Asked Asked, long Delta, Answer Answer)> Increments { get; } = [];

    /// <summary>How often there was no answer, or one that says "again".</summary>
    public int Repeats { get; private set; }

    public Task DoSomething() => random.Next(4) switch
    {
        0 => Increment(random.Next(1, 10)),
        1 => Adjust(Skus[random.Next(Skus.Length)], random.Next(1, 5)),
        _ => Order(),
    };

    public async Task Adjust(string sku, long delta)
    {
        var asked = Ask($"/v1/products/{sku}/adjustments", $$"""{"delta":{{delta}},"reason":"received"}""");
        Adjustments.Add((asked, sku, delta, (await Send(asked)).Is(201)));
    }

    public async Task<Answer> Send(Asked asked)
    {
        var until = TimeProvider.System.GetUtcNow() + ServerProcess.Patience;
        while (true)
        {
            string trouble;
            try
            {
                var answer = await SendOnce(asked);
                if (!answer.Body.Contains("\"retryable\":true", StringComparison.Ordinal)) return answer;
                trouble = answer.Body;
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException)
            {
                // The server was killed. The next one has all the time again: there is an end to the kills.
                (trouble, until) = (exception.Message, TimeProvider.System.GetUtcNow() + ServerProcess.Patience);
            }

            Assert.True(TimeProvider.System.GetUtcNow() < until, $"{asked} should have been answered within {ServerProcess.Patience}, but: {trouble}");
            Repeats++;
            await Task.Delay(Pause, TimeProvider.System);
        }
    }

    private async Task Increment(long delta)
    {
        var asked = Ask($"/v1/counters/{Counter}/increments", $$"""{"delta":{{delta}}}""");
        Increments.Add((asked, delta, (await Send(asked)).Is(200)));
    }

    private async Task Order()
    {
        var skus = Skus.ToArray();
        random.Shuffle(skus);
        var lines = skus.Take(random.Next(1, 4)).Select(sku => (sku, random.NextInt64(1, 4))).ToArray();
        var token = PaymentTokens[random.Next(PaymentTokens.Length)];
        var asked = Ask("/v1/orders", HttpHost.OrderBody(token, lines)) with { Wait = random.Next(2) == 0 };
        var answer = await Send(asked);
        Assert.True(answer.Status is 200 or 202, $"{asked} was answered {answer}");
        Orders.Add((asked, lines, answer));
    }

    private Asked Ask(string path, string body) => new(path, body, $"{name}-{++_asked}");

    private async Task<Answer> SendOnce(Asked asked)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, asked.Path);
        request.Content = new StringContent(asked.Body, System.Text.Encoding.UTF8, "application/json");
        request.Headers.Add("Idempotency-Key", asked.Key);
        if (asked.Wait) request.Headers.Add("Prefer", "wait=10");
        using var response = await http.SendAsync(request);
        return await Answer.Read(response);
    }
}
