using System.Globalization;
using System.Text;

namespace Holdfast.Tests.Api.Hostile;

/// <summary>
/// What is no HTTP, or two things at once: a server that guesses what was meant can be made to guess something else than a proxy.
/// </summary>
internal static class MalformedHttp
{
    /// <summary>A request in the body of another one.</summary>
    private const string Hidden = "GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

    /// <param name="valid">The target of a read that would be answered, and who may read it.</param>
    public static byte[] Make(Random random, (string Target, string Authorization) valid, int port)
    {
        var host = string.Create(CultureInfo.InvariantCulture, $"Host: 127.0.0.1:{port}\r\n");
        var known = $"{host}Authorization: {valid.Authorization}\r\n";
        var (get, head) = ($"GET {valid.Target} HTTP/1.1\r\n", $"GET {valid.Target} HTTP/1.1\r\n{known}");
        var post = $"POST /v1/orders HTTP/1.1\r\n{known}Idempotency-Key: x\r\nContent-Type: application/json\r\n";
        var body = Hidden.Length.ToString(CultureInfo.InvariantCulture);
        return Encoding.Latin1.GetBytes(random.Pick(
        [
            // Lines that are none.
            $"GET\r\n{known}\r\n", $"GET {valid.Target}\r\n{known}\r\n", $"{valid.Target} HTTP/1.1\r\n{known}\r\n",
            $"GET  {valid.Target} HTTP/1.1\r\n{known}\r\n",
            $"GET {valid.Target} HTTP/1.1 x\r\n{known}\r\n", $"GET {valid.Target} HTTP/9.9\r\n{known}\r\n",
            $"GET {valid.Target} HTTP/1.1\0\r\n{known}\r\n",
            $"GET {valid.Target} http/1.1\r\n{known}\r\n", $"G\0T {valid.Target} HTTP/1.1\r\n{known}\r\n",
            $"G\u00E4T {valid.Target} HTTP/1.1\r\n{known}\r\n",
            $"(GET) {valid.Target} HTTP/1.1\r\n{known}\r\n", $"GET {valid.Target[1..]} HTTP/1.1\r\n{known}\r\n",
            $"GET {valid.Target}\0 HTTP/1.1\r\n{known}\r\n",
            $"GET \\{valid.Target[1..]} HTTP/1.1\r\n{known}\r\n", $"GET http:// HTTP/1.1\r\n{known}\r\n",
            $"GET ftp://x{valid.Target} HTTP/1.1\r\n{known}\r\n",
            $"GET http://evil.example{valid.Target} HTTP/1.1\r\n{known}\r\n", $"GET http://[::x{valid.Target} HTTP/1.1\r\n{known}\r\n",
            $"GET * HTTP/1.1\r\n{known}\r\n",
            $"CONNECT {valid.Target} HTTP/1.1\r\n{known}\r\n", $"CONNECT evil.example:443 HTTP/1.1\r\n{known}\r\n",
            $"OPTIONS * HTTP/1.1\r\n{known}\r\n",
            $"GET /{new string('p', 9_000)} HTTP/1.1\r\n{known}\r\n", $"{new string('G', 9_000)} {valid.Target} HTTP/1.1\r\n{known}\r\n",
            $"GET {valid.Target}?{new string('q', 9_000)} HTTP/1.1\r\n{known}\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            $"\r\n\r\n\r\nX\r\n{known}\r\n",
            "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00FC\u0003\u0003", random.Latin(400), "\0\0\0\0", "GET",

            // Headers that are none.
            $"{head} x: folded\r\n\r\n", $"{head}X-A: a\r\n b: c\r\n\r\n", $"{head}X-A : a\r\n\r\n", $"{head}: a\r\n\r\n",
            $"{head}X-A\r\n\r\n", $"{head}X A: a\r\n\r\n",
            $"{head}X-\u00E4: a\r\n\r\n", $"{head}X-A: a\0b\r\n\r\n", $"{head}X-A: a\rb\r\n\r\n",
            $"{head}X-A: a\r\n", $"{get}{known}{host}\r\n",
            $"{get}Authorization: {valid.Authorization}\r\n\r\n", $"{get}Host: a b\r\n\r\n", $"{get}\r\n",
            $"{head}X-Long: {new string('x', 17_000)}\r\n\r\n",

            // Lengths that contradict each other, or themselves.
            $"{post}Content-Length: {body}\r\nContent-Length: 0\r\n\r\n{Hidden}",
            $"{post}Content-Length: 0\r\nContent-Length: {body}\r\n\r\n{Hidden}",
            $"{post}Content-Length: 2, 3\r\n\r\n[]]", $"{post}Content-Length: 2\r\nContent-Length: 2\r\n\r\n[]",
            $"{post}Content-Length: -1\r\n\r\n[]",
            $"{post}Content-Length: +2\r\n\r\n[]", $"{post}Content-Length: 0x2\r\n\r\n[]", $"{post}Content-Length: 2 2\r\n\r\n[]",
            $"{post}Content-Length: \r\n\r\n[]",
            $"{post}Content-Length: 99999999999999999999\r\n\r\n[]", $"{post}Content-Length: 9223372036854775807\r\n\r\n[]",
            $"{post}Content-Length: 1e1\r\n\r\n[]",
            $"{post}Content-Length: {body}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{Hidden}",
            $"{post}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n{Hidden}",
            $"{post}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n{Hidden}",
            $"{post}Transfer-Encoding: identity, chunked, x\r\n\r\n0\r\n\r\n{Hidden}",
            $"{post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{Hidden}", $"{post}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n{Hidden}",
            $"{post}Transfer-Encoding:\u000Bchunked\r\n\r\n0\r\n\r\n{Hidden}",
            $"{post}Transfer-Encoding: chunked\u0000\r\n\r\n0\r\n\r\n{Hidden}", $"{post}Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n{Hidden}",

            // Chunks that are none.
            $"{post}Transfer-Encoding: chunked\r\n\r\nz\r\n[]\r\n0\r\n\r\n",
            $"{post}Transfer-Encoding: chunked\r\n\r\n-2\r\n[]\r\n0\r\n\r\n",
            $"{post}Transfer-Encoding: chunked\r\n\r\n2\r\n[]]]\r\n0\r\n\r\n",
            $"{post}Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n[]\r\n0\r\n\r\n",
            $"{post}Transfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\n[]\r\n0\r\n\r\n",
            $"{post}Transfer-Encoding: chunked\r\n\r\n2;{new string('x', 20_000)}\r\n[]\r\n0\r\n\r\n",
            $"{post}Transfer-Encoding: chunked\r\n\r\n2\n[]\n0\n\n", $"{post}Transfer-Encoding: chunked\r\n\r\n0x2\r\n[]\r\n0\r\n\r\n",

            // Bodies that end before they should.
            $"{post}Content-Length: 500\r\n\r\n{{\"customerId\":", $"{post}Content-Length: 500\r\n\r\n",
            $"{post}Transfer-Encoding: chunked\r\n\r\n5\r\n[", $"{post}Transfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n",
            $"{post}\r\n", $"{post}Content-Length: 2\r\nExpect: 200-maybe\r\n\r\n[]",
        ]));
    }
}
