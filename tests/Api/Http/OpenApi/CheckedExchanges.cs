using System.Collections.Frozen;
using System.Text;
using Xunit.Sdk;

namespace Holdfast.Tests.Api.Http.OpenApi;

/// <summary>
/// Holds every exchange against the document that the same server serves, as it happens: whoever sends what the document does not know,
/// and is not refused, or gets what it does not know, fails on the spot. So the document cannot lie about anything that a test has tried.
/// </summary>
public sealed class CheckedExchanges(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const string DocumentPath = "/openapi/v1.json";

    /// <summary>Those of HTTP itself, and of pages of other sites: no operation says them of its own.</summary>
    private static readonly FrozenSet<string> Common = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "Connection", "Content-Length", "Content-Type", "Date", "Expires", "Pragma", "Server", "Transfer-Encoding", "Vary",
        "Access-Control-Allow-Origin", "Access-Control-Expose-Headers");

    private readonly SemaphoreSlim _loading = new(1, 1);
    private ServedDocument? _document;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var sent = request.Content is null ? "" : Encoding.UTF8.GetString(await request.Content.ReadAsByteArrayAsync(cancellationToken));
        var (method, path) = (request.Method, request.RequestUri!.AbsolutePath);
        if (method == HttpMethod.Options || !path.StartsWith("/v1/", StringComparison.Ordinal))
            return await base.SendAsync(request, cancellationToken);

        // Before the request, which may make the first key: then whoever sends it without one is shown no document any more.
        var document = _document ?? await Load(request, cancellationToken);
        var response = await base.SendAsync(request, cancellationToken);
        await response.Content.LoadIntoBufferAsync(cancellationToken);
        var errors = await Check(document, request, sent, response);
        if (errors.Length == 0) return response;
        throw new XunitException(
            $"{request.Method} {request.RequestUri!.PathAndQuery} was answered {(int)response.StatusCode}, and by the document "
            + $"{string.Join("; ", errors)}.\nSent: {sent}\nGot: {await response.Content.ReadAsStringAsync(cancellationToken)}");
    }

    private static async Task<string[]> Check(
        ServedDocument document, HttpRequestMessage request, string sent, HttpResponseMessage response)
    {
        var (path, status) = (request.RequestUri!.AbsolutePath, (int)response.StatusCode);
        var body = await response.Content.ReadAsStringAsync();

        // Nodes of JSON make up their minds when they are read first, and not for two at once.
        lock (document) return [.. Check(document, request, sent, response, path, status, body)];
    }

    private static IEnumerable<string> Check(
        ServedDocument document,
        HttpRequestMessage request,
        string sent,
        HttpResponseMessage response,
        string path,
        int status,
        string body)
    {
        if (document.Find(request.Method, path) is not { } operation)
        {
            // What is not described is not there: nobody is told anything but that, unless the request could not even be read.
            var expected = document.HasPath(path) ? 405 : 404;
            return status == expected || status == 400 ? [] : [$"there is no such operation: {expected} was expected"];
        }

        var headers = response.Headers.Concat(response.Content.Headers).Select(static header => header.Key)
            .Where(static name => !Common.Contains(name))
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        var mediaType = response.Content.Headers.ContentType?.MediaType;
        var errors = operation.CheckAnswer(
            status, mediaType, body, headers, request.Method == HttpMethod.Head);
        if (!response.IsSuccessStatusCode) return [.. errors];

        var names = request.Headers.Select(static header => header.Key).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return [.. errors, .. operation.CheckRequest(request.Content?.Headers.ContentType?.MediaType, sent, names)];
    }

    private async Task<ServedDocument> Load(HttpRequestMessage first, CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken);
        try
        {
            if (_document is not null) return _document;
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(first.RequestUri!, DocumentPath));
            request.Headers.Authorization = first.Headers.Authorization;
            using var response = await base.SendAsync(request, cancellationToken);
            response.EnsureSuccessStatusCode();
            return _document = new(await response.Content.ReadAsStringAsync(cancellationToken));
        }
        finally
        {
            _loading.Release();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _loading.Dispose();
        base.Dispose(disposing);
    }
}
