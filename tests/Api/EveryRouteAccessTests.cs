using System.Text.RegularExpressions;
using Holdfast.Api.Http.Callers;
using Holdfast.Contracts.Callers;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Tests.Api;

/// <summary>Who is let in where: on every route of the server, the framework's and those that are added later included.</summary>
[Collection(HttpRing.Name)]
public sealed partial class EveryRouteAccessTests(HttpHost http) : EveryRoute(http)
{
    /// <summary>Those that are filled in.</summary>
    private static readonly string[] Named = ["{sku}", "{name}", "{id}"];

    private RouteEndpoint[] Routes => [.. Http.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()];

    [Fact]
    public void Every_route_says_who_may_call_it_and_only_health_is_open()
    {
        Assert.InRange(Routes.Length, 35, 200);
        Assert.Empty(Routes.Where(static route => AccessOf(route) is null).Select(static route => route.DisplayName));
        Assert.Equal(
            ["/health/live", "/health/ready"],
            Routes.Where(static route => AccessOf(route)!.IsOpen).Select(static route => route.RoutePattern.RawText).Distinct().Order());
        Assert.Equal(
            ["/", "/docs/problems", "/docs/problems/{code}", "/openapi/{documentName:regex(^v1$)}.json"],
            Routes.Where(static route => AccessOf(route) is { Scope: null, IsOpen: false })
                .Select(static route => route.RoutePattern.RawText!).Distinct().Order(StringComparer.Ordinal));
        Assert.Empty(Routes.Select(static route => AccessOf(route)!.Scope).OfType<string>().Except(Scopes.All));
    }

    [Fact]
    public async Task Without_a_caller_nothing_answers_but_health()
    {
        foreach (var (method, path, access) in Calls())
        {
            var answer = await Http.As(null, method, path);
            if (access.IsOpen) answer.Is(200);
            else Assert.Equal((path, "Bearer"), (path, answer.IsProblem(401, "unauthenticated").Headers["WWW-Authenticate"]));
        }

        foreach (var nothing in new[] { "/nothing", "/v1/nothing", "/v1/keys/", "/favicon.ico" })
            (await Http.As(null, HttpMethod.Get, nothing)).IsProblem(401, "unauthenticated");
        (await Http.As(null, HttpMethod.Delete, "/v1/counters/x")).IsProblem(401, "unauthenticated");
        (await Http.As(null, HttpMethod.Post, "/v1/orders", "not json")).IsProblem(401, "unauthenticated");
    }

    [Fact]
    public async Task Without_its_scope_a_route_answers_that_and_which()
    {
        foreach (var scope in Calls().Select(static call => call.Access.Scope).OfType<string>().Distinct())
        {
            var others = await Http.MakeKey(HttpHost.Name("others"), Scopes.All.Where(other => other != scope));
            foreach (var (method, path, _) in Calls().Where(call => call.Access.Scope == scope))
            {
                var refused = await Http.As(others, method, path);
                Assert.Equal((path, 403), (path, refused.Status));
                refused.IsProblem(403, "forbidden");
                Assert.Contains($"'{scope}'", refused.Text("detail"), StringComparison.Ordinal);
                Assert.Equal($"Bearer error=\"insufficient_scope\", scope=\"{scope}\"", refused.Headers["WWW-Authenticate"]);
            }
        }
    }

    [Fact]
    public async Task With_its_scope_and_no_other_a_route_answers()
    {
        // Some of the dashboard's go on for ever.
        var ours = Calls().Where(static call => call.Path.StartsWith("/v1/", StringComparison.Ordinal));
        foreach (var calls in ours.GroupBy(static call => call.Access.Scope!))
        {
            var only = await Http.MakeKey(HttpHost.Name("only"), [calls.Key]);
            foreach (var (method, path, _) in calls)
                Assert.True((await Http.As(only, method, path)).Status is not (401 or 403), $"{method} {path} with {calls.Key}");
        }

        var any = await Http.MakeKey(HttpHost.Name("any"), [Scopes.EventsRead]);
        foreach (var path in new[] { "/", "/docs/problems", "/openapi/v1.json" }) (await Http.As(any, HttpMethod.Get, path)).Is(200);
        (await Http.As(any, HttpMethod.Get, "/v1/nothing")).IsProblem(404, "not_found");
    }

    private IEnumerable<(HttpMethod Method, string Path, Access Access)> Calls() =>
        from route in Routes
        let methods = route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]
        from method in methods.Where(static method => method != "HEAD")
        select (new HttpMethod(method), Fill(PathOf(route)), AccessOf(route)!);

    private static Access? AccessOf(RouteEndpoint route) => route.Metadata.GetMetadata<Access>();

    private static string PathOf(RouteEndpoint route) => Any().Replace(Number().Replace("/" + route.RoutePattern.RawText!.TrimStart('/')
        .Replace("{documentName:regex(^v1$)}", "v1", StringComparison.Ordinal)
        .Replace("{code}", "forbidden", StringComparison.Ordinal)
        .Replace("{version}", "1", StringComparison.Ordinal), "1"), static name => Named.Contains(name.Value) ? name.Value : "x");

    [GeneratedRegex(@"\{\w+:int\}")]
    private static partial Regex Number();

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Any();
}
