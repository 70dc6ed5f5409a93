using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using Holdfast.Api.Http.Callers;
using Holdfast.Tests.Api.Hostile;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit.Abstractions;

namespace Holdfast.Tests.Api;

/// <summary>
/// Requests that mean harm, thousands of them, to every route of the server, those that are added later included.
/// <c>HOLDFAST_HOSTILE_REQUESTS</c> says how many; <c>HOLDFAST_SEED</c> chooses others, or those of a failure again.
/// </summary>
public sealed partial class HostileRequestTests(HostileHost host, ITestOutputHelper output)
    : EveryRoute(host.Http), IClassFixture<HostileHost>
{
    private const string Requests = "HOLDFAST_HOSTILE_REQUESTS";
    private const string Seed = "HOLDFAST_SEED";
    private const int FewRequests = 6_000;
    private const int Workers = 4;

    /// <summary>Every so many requests one follows that is no request at all.</summary>
    private const int MalformedEvery = 25;

    /// <summary>A failure shows so many of them.</summary>
    private const int Shown = 20;

    private readonly ConcurrentQueue<string> _wrong = new();
    private readonly Tally _tally = new();

    private int Port => Http.Client.BaseAddress!.Port;

    [Fact]
    public async Task Whatever_is_sent_nothing_breaks_nothing_changes_and_nothing_is_given_away()
    {
        var (count, seed) = (Number(Requests, FewRequests), Number(Seed, 1));
        output.WriteLine($"{Seed}={seed} {Requests}={count}");
        await MakeMore();
        var targets = await Targets();
        var world = new KnownWorld(Http, [.. targets.Where(static target => target is { Method: "GET", IsDescribed: true })]);
        var before = await world.Read();
        var requests = new HostileRequests(seed, Port, targets, host.Callers);
        var verdict = new Verdict(Http.DataDirectory);
        var started = TimeProvider.System.GetTimestamp();

        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(() => Work(worker, count, requests, verdict))));

        output.WriteLine($"{count} requests in {TimeProvider.System.GetElapsedTime(started).TotalSeconds:0.0} s\n{_tally}");
        var after = await world.Read();
        Assert.True(_wrong.IsEmpty, $"{Seed}={seed} {Requests}={count}\n{string.Join("\n\n", _wrong)}");
        Assert.True(KnownWorld.Count(before, "journal") > 5, "The journal was not read.");
        Assert.Equal([], after.Except(before));
        Assert.Equal([], before.Except(after));
        Assert.Equal(before.Length, after.Length);
        Assert.InRange(_tally.Codes, 15, 200);
        Assert.InRange(_tally.Statuses, 15, 100);
        Assert.Equal([], targets.Where(target => !_tally.WasReached(target)).Select(static target => $"{target.Method} {target.Pattern}"));
        (await Http.Order("tok_ok", (Sku, 1))).Is(200);
    }

    /// <summary>Enough for lists of more than one page, and none of it ends by itself.</summary>
    private async Task MakeMore()
    {
        (await Http.Order("tok_declined", (Sku, 1))).Is(200);
        const string Hold = """{"quantity":1,"customerId":"c-2","ttlSeconds":604800}""";
        (await Http.Post($"/v1/products/{await Http.Product(5)}/reservations", Hold)).Is(201);
        (await Http.Post(Fill("/v1/products/{sku}/reservations"), Hold)).Is(201);
        (await Http.Post(Fill("/v1/products/{sku}/reservations/{id}/extend"), """{"ttlSeconds":604800}""")).Is(200);
        (await Http.Post(Fill("/v1/counters/{name}/increments"), """{"delta":7}""")).Is(200);
        (await Http.Patch(Fill("/v1/orders/{id}"), """{"reference":"known"}""")).Is(200);
    }

    private async Task Work(int worker, int count, HostileRequests requests, Verdict verdict)
    {
        Wire? wire = null;
        var (before, wasTooLarge) = ("", false);
        for (var i = worker; i < count && _wrong.Count < Shown; i += Workers)
        {
            if (i / Workers % MalformedEvery == 0) await SendMalformed(i, requests.MakeMalformed(i), verdict);
            var request = requests.Make(i);
            if (wire is null or { IsOver: true } || wasTooLarge)
            {
                wire?.Dispose();
                wire = await Wire.Open(Port);
            }

            try
            {
                await wire.Send(request.Bytes());
                var answer = await wire.Read(request.Method, request.Target.IsEndless);
                if (answer is not null) _tally.Add(request, answer);
                var wrong = answer is not null ? verdict.Of(request, answer) : request.IsTooLarge ? null : "no answer";
                var end = $"was answered {answer?.Status} {answer?.Body}";
                if (wrong is not null) _wrong.Enqueue($"Request {i}: {wrong}\n{request}\n{end}{before}");

                // What it has not read of a body the server does not read later either, but closes the connection.
                wasTooLarge = request.IsTooLarge;
                before = $"\nbehind {request}\n{end}";
            }
            catch (TimeoutException late)
            {
                _wrong.Enqueue($"Request {i}: {late.Message}\n{request}");
                wire.Dispose();
                wire = null;
            }
        }

        wire?.Dispose();
    }

    /// <summary>Each on a connection of its own: all that comes back on it is a refusal.</summary>
    private async Task SendMalformed(int index, byte[] bytes, Verdict verdict)
    {
        using var wire = await Wire.Open(Port);
        await wire.Send(bytes);
        wire.EndSending();
        try
        {
            var answer = await wire.Read("");
            _tally.AddMalformed(answer);
            for (; answer is not null; answer = await wire.Read(""))
            {
                if (verdict.OfRefusal(answer) is not { } wrong) continue;
                var sent = HostileRequests.Show(bytes);
                _wrong.Enqueue($"No request {index}: {wrong}\n{sent}\nwas answered {answer.Status} {answer.Body}");
            }
        }
        catch (TimeoutException late)
        {
            _wrong.Enqueue($"No request {index}: {late.Message}\n{HostileRequests.Show(bytes)}");
        }
    }

    private async Task<Target[]> Targets()
    {
        var routes = Http.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(static route => MethodsOf(route).Select(method => (Route: route, Method: method)))
            .GroupBy(static call => (call.Method, Pattern: "/" + call.Route.RoutePattern.RawText!.Trim('/')))
            .Select(static calls => (calls.Key.Method, calls.Key.Pattern, calls.First().Route))
            .ToArray();
        var targets = new List<Target>();
        foreach (var (method, pattern, route) in routes)
        {
            var access = route.Metadata.GetMetadata<Access>()!;
            var operation = Operations.SingleOrDefault(operation => operation.Path == pattern && operation.Method.Method == method);
            var target = new Target(method, pattern)
            {
                Fill = FillAll,
                Methods = [.. routes.Where(other => other.Pattern == pattern).Select(static other => other.Method)],
                Scope = access.Scope,
            };
            targets.Add(operation is null ? target : await Describe(target, operation));
        }

        Assert.InRange(targets.Count, 35, 300);
        Assert.Equal(Operations.Length, targets.Count(static target => target.IsDescribed));
        return [.. targets];
    }

    private async Task<Target> Describe(Target target, Operation operation)
    {
        var parameters = operation.Described.TryGetProperty("parameters", out var described) ? described.EnumerateArray().ToArray() : [];
        var query = parameters.Where(static parameter => parameter.GetProperty("in").GetString() == "query")
            .Select(static parameter => parameter.GetProperty("name").GetString()!).ToArray();
        var next = query.Contains("cursor") ? (await Http.Get(target.Path + "?limit=1")).Is(200).Text("next") : null;
        return target with
        {
            IsDescribed = true,
            Body = operation.HasBody ? Body(operation) : null,
            BodyIsRequired = operation.Described.TryGetProperty("requestBody", out var body)
                && body.TryGetProperty("required", out var due) && due.GetBoolean(),
            MediaType = operation.MediaType,
            Takes = [.. parameters.Select(static parameter => parameter.GetProperty("name").GetString()!)],
            QueryParameters = query,
            Cursor = next,
        };
    }

    /// <summary>Those of the pages and the dashboard, too.</summary>
    private string FillAll(string pattern) => Any().Replace(
        Fill(pattern)
            .Replace("{version}", "2", StringComparison.Ordinal)
            .Replace("{documentName:regex(^v1$)}", "v1", StringComparison.Ordinal)
            .Replace("{code}", "forbidden", StringComparison.Ordinal),
        static parameter => parameter.Value.EndsWith(":int}", StringComparison.Ordinal) ? "1" : "x");

    private static IReadOnlyList<string> MethodsOf(RouteEndpoint route) =>
        route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"];

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Any();

    private static int Number(string variable, int otherwise)
    {
        if (Environment.GetEnvironmentVariable(variable) is not { Length: > 0 } text) return otherwise;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new InvalidOperationException($"{variable} must be a whole number above 0; it is '{text}'.");
    }
}
