using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Holdfast.Tests.Api.Import;

/// <summary>A door before the server's: what goes through it can be lost on the way there or back.</summary>
internal sealed class UnreliableDoor : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _behind;
    private int _requests;

    private UnreliableDoor(WebApplication app, HttpClient behind) => (_app, _behind) = (app, behind);

    public Uri Address => new(_app.Urls.Single());

    /// <summary>What becomes of a request, by its number from 1: passed on or not, and answered or not.</summary>
    public Func<int, HttpRequest, Fate> Decide { get; set; } = static (_, _) => new Fate();

    /// <summary>Of those that came, the headers Authorization.</summary>
    public HashSet<string> Callers { get; } = [];

    /// <param name="Passed">The server gets it.</param>
    /// <param name="Status">Answered with this instead of what the server says; 0: the connection breaks.</param>
    internal sealed record Fate(bool Passed = true, int? Status = null, string Body = "", string MediaType = "text/plain");

    public static async Task<UnreliableDoor> Open(HttpClient behind)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var door = new UnreliableDoor(app, behind);
        app.Run(door.Answer);
        await app.StartAsync();
        return door;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task Answer(HttpContext context)
    {
        if (context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal)) return;
        lock (Callers) Callers.Add(context.Request.Headers.Authorization.ToString());
        var fate = Decide(Interlocked.Increment(ref _requests), context.Request);
        using var answer = fate.Passed ? await PassOn(context.Request) : null;
        if (fate.Status == 0)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = fate.Status ?? (int)answer!.StatusCode;
        context.Response.ContentType = fate.Status is null ? answer!.Content.Headers.ContentType?.ToString() : fate.MediaType;
        await context.Response.WriteAsync(fate.Status is null ? await answer!.Content.ReadAsStringAsync() : fate.Body);
    }

    private async Task<HttpResponseMessage> PassOn(HttpRequest request)
    {
        var target = request.HttpContext.Features.Get<IHttpRequestFeature>()!.RawTarget;
        using var passed = new HttpRequestMessage(new HttpMethod(request.Method), target);
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        passed.Content = new ByteArrayContent(body.ToArray());
        passed.Content.Headers.TryAddWithoutValidation("Content-Type", request.ContentType);
        foreach (var name in (string[])["Idempotency-Key", "If-Match"])
        {
            if (request.Headers.TryGetValue(name, out var value)) passed.Headers.TryAddWithoutValidation(name, value.ToString());
        }

        return await _behind.SendAsync(passed);
    }
}
