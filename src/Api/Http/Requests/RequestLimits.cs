using System.Text;

namespace Holdfast.Api.Http.Requests;

/// <summary>Bounds on a request as it comes over the wire; bounds on what it asks for are in <see cref="Contracts.Limits"/>.</summary>
public static class RequestLimits
{
    /// <summary>Bytes in a body: an order of 2,000 lines fits.</summary>
    public const int BodyBytes = 256 * 1024;

    /// <summary>Levels of nesting in a JSON body.</summary>
    public const int JsonDepth = 16;

    /// <summary>Bytes in the request line: a name of 128 characters, each of three escaped bytes, fits several times.</summary>
    public const int RequestLineBytes = 8 * 1024;

    /// <summary>Bytes in all headers.</summary>
    public const int HeaderBytes = 16 * 1024;

    public const int Headers = 64;

    /// <summary>Open connections.</summary>
    public const int Connections = 10_000;

    public static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(15);

    public static void AddRequestLimits(this WebApplicationBuilder builder) => builder.WebHost.ConfigureKestrel(kestrel =>
    {
        kestrel.AddServerHeader = false;

        // Every byte is some character of it, so that it is this program that refuses one, with a problem that says which.
        kestrel.RequestHeaderEncodingSelector = static _ => Encoding.Latin1;
        UnreadableRequests.Explain(kestrel);
        kestrel.Limits.MaxRequestBodySize = BodyBytes;
        kestrel.Limits.MaxRequestLineSize = RequestLineBytes;
        kestrel.Limits.MaxRequestHeadersTotalSize = HeaderBytes;
        kestrel.Limits.MaxRequestHeaderCount = Headers;
        kestrel.Limits.MaxConcurrentConnections = Connections;
        kestrel.Limits.RequestHeadersTimeout = HeadersTimeout;
    });
}
