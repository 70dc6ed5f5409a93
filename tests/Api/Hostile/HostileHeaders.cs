namespace Holdfast.Tests.Api.Hostile;

/// <summary>Headers that a request is refused for, and such as must do nothing to it.</summary>
internal static class HostileHeaders
{
    /// <summary>None of them is a key: empty, too long, beyond printable ASCII, or quotes that do not match.</summary>
    private static readonly string[] NoKeys =
    [
        "", new string('k', 256), new string('k', 4_000), "\u00E4", "a\tb", "a\u007Fb", "\"", "\"\"", "\"a", "\"a\"b\"", "\"\\a\"",
        "\"a\\\"", "\u0080",
    ];

    private static readonly string[] NoTags =
    [
        "", "1", "\"1", "1\"", "'1'", "\"1\" \"2\"", "*, \"1\"", "\"1\", *", "W/1", "w/\"1\"", "\"a\u007Fb\"", "\"\"\"", "**", "<1>",
    ];

    /// <summary>Of no version that anything has here.</summary>
    private static readonly string[] OtherTags =
    [
        "\"999999\"", "\"-1\"", "\"01\"", "\"9223372036854775807\"", "\"9223372036854775808\"", "\"\"", "\"\u00E4\"", "W/\"1\"",
        "\"1.0\"",
        "\"999998\", \"999999\"", "\"x\",\"y\",W/\"z\"",
    ];

    private static readonly string[] MediaTypes =
    [
        "", "json", "*/*", "text/plain", "text/html", "application/xml", "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16", "application/json; charset=latin1", "application/json;charset=\"utf-8", "application/json-seq",
        "application/json\u00E4", "application/json, text/plain", "application/problem+json", "application/json/x", ";", "\u00FF",
    ];

    private static readonly string[] Times = ["Sun, 29 Nov 2020 00:00:00 GMT", "yesterday", "0", "99999999999999999999"];

    private static readonly string[] NoHosts =
    [
        "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "evil.example:80", "127.0.0.2", "[::2]", "0x7f000001",
        "2130706433", "x@localhost",
        "local host", "\u00E4", "localhost/", "localhost?x", "<script>alert(1)</script>", "..",
    ];

    private static readonly (string Name, string[] Values)[] Anywhere =
    [
        ("X-HTTP-Method-Override", ["POST", "DELETE", "PUT", "GET", "TRACE"]),
        ("X-HTTP-Method", ["DELETE", "PUT"]),
        ("X-Original-URL", ["/v1/keys", "/health/ready"]),
        ("X-Rewrite-URL", ["/v1/keys"]),
        ("X-Forwarded-For", ["127.0.0.1", "::1", "1.2.3.4, 127.0.0.1", "what", "999.1.1.1", "<script>alert(1)</script>"]),
        ("X-Forwarded-Host", ["localhost", "evil.example", "\u00E4"]),
        ("X-Forwarded-Proto", ["https", "javascript", "\u00E4"]),
        ("X-Forwarded-Prefix", ["/../.."]),
        ("X-Real-IP", ["127.0.0.1"]),
        ("Forwarded", ["for=127.0.0.1;host=localhost", "for=\"_x\"", ";;;"]),
        ("Via", ["1.1 x"]),
        ("traceparent", ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-0000000000000000-00", "x",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "", "00-0af7", "<script>alert(1)</script>", "\u00E4"]),
        ("tracestate", ["a=b", "=", "\u00E4", "a=<script>"]),
        ("baggage", ["a=b", "a=%00", ",,,", "\u00E4=\u00E4"]),
        ("Request-Id", ["|x.1.", "<script>alert(1)</script>"]),
        ("Prefer", ["wait=0", "wait=-1", "wait=99999999999999999999", "wait", "wait=1;x", "return=minimal", ",,,", "\u00E4", "wait=\"",
            "wait==1"]),
        ("Cache-Control", ["no-cache", "no-cache=\"", "max-age=99999999999999999999", "max-age=-1", "only-if-cached", "\u00E4", ",",
            "no-store, no-cache, x=y"]),
        ("Pragma", ["no-cache"]),
        ("Accept", ["text/html", "*/*;q=9", "", "\u00E4", "application/xml", "application/json;q=0"]),
        ("Accept-Encoding", ["gzip, br", "identity;q=0", "*;q=0", "\u00E4"]),
        ("Accept-Language", ["de", "zz-zz-zz-zz", "\u00E4"]),
        ("Content-Encoding", ["gzip", "x"]),
        ("Content-Language", ["\u00E4"]),
        ("Origin", ["https://shop.example", "https://evil.example", "null", "\u00E4", "<script>alert(1)</script>"]),
        ("Access-Control-Request-Method", ["DELETE", "\u00E4"]),
        ("Access-Control-Request-Headers", ["authorization", "\u00E4,,"]),
        ("Referer", ["https://evil.example/<script>alert(1)</script>"]),
        ("Cookie", ["a=b", "=;=;", "\u00E4", ".AspNetCore.Session=x"]),
        ("User-Agent", ["", "<script>alert(1)</script>", "\u00E4", "() { :;}; echo x"]),
        ("Range", ["bytes=0-0", "bytes=9-1", "bytes=-99999999999999999999", "x"]),
        ("Expect", ["100-continue"]),
        ("Upgrade", ["h2c", "websocket"]),
        ("Date", ["x"]),
        ("Max-Forwards", ["-1"]),
        ("Proxy-Authorization", ["Basic eDp5"]),
        ("Content-MD5", ["x"]),
        ("Holdfast-As-Of", ["x", "00000000000000000000000000000000.9"]),
        ("Holdfast-Version", ["product/x@9"]),
        ("Holdfast-Order-Status", ["completed"]),
        ("Idempotent-Replayed", ["true"]),
    ];

    /// <summary>Of the header with which a reader says what it has seen already: such as cannot be read.</summary>
    private static readonly string[] NoPoints =
    [
        "@", "/", "a@b", "a/b", "a/@1", "/b@1", "product/x@", "product/x@-1", "product/x@9007199254740993",
        "product/x@99999999999999999999",
        "product/%00@1", "product/%E2%80%8B@1", "x.y", "00000000000000000000000000000000.", "00000000000000000000000000000000.x", "\u00E4",
        "\"",
        "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz.1", "a@1,b@2", string.Join(',', Enumerable.Repeat("product/x@1", 17)), "product/ x@1",
    ];

    /// <summary>What can be read, and is not there: the list is waited for, in vain.</summary>
    private static readonly string[] AheadPoints =
    [
        "order/ord_00000000000000000000000000000000@9", "product/none@9007199254740991", "x/y@1", "product/%zz@1",
        "00000000000000000000000000000000.9007199254740991",
    ];

    public static void SpoilKey(Draft draft, Random random)
    {
        var isMissing = draft.Target.NeedsKey && random.OneIn(3);
        draft.Set("Idempotency-Key", isMissing ? null : random.Pick(NoKeys));
        if (!isMissing && random.OneIn(8)) SetTwice(draft, "Idempotency-Key", random.Letters(9), random.Letters(9));
        draft.Spoilt.Add("a key of a request");
    }

    public static void SpoilCondition(Draft draft, Random random)
    {
        draft.Spoilt.Add("a condition");
        if (draft.Target.Takes.Contains("If-Match"))
        {
            draft.Set("If-Match", random.Pick(random.OneIn(2) ? NoTags : OtherTags));
            return;
        }

        // A write that compares nothing takes no condition at all.
        var name = random.Pick(["If-Match", "If-None-Match", "If-Unmodified-Since", "If-Modified-Since"]);
        if (draft.Target.Takes.Contains(name)) name = "If-Match";
        draft.Set(name, name.EndsWith("Since", StringComparison.Ordinal) ? random.Pick(Times) : random.Pick(["*", "\"1\"",
            .. NoTags, .. OtherTags]));
        if (name == "If-Modified-Since") draft.Set("If-None-Match", null);
    }

    public static void SpoilMediaType(Draft draft, Random random)
    {
        draft.Set("Content-Type", random.OneIn(6) ? null : random.Pick(MediaTypes));
        if (random.OneIn(8)) SetTwice(draft, "Content-Type", draft.Target.MediaType, draft.Target.MediaType);
        draft.Spoilt.Add("a media type");
    }

    public static void SpoilHost(Draft draft, Random random)
    {
        draft.Set("Host", random.OneIn(8) ? null : random.Pick(NoHosts));
        if (random.OneIn(8)) SetTwice(draft, "Host", "localhost", "localhost");
        draft.Spoilt.Add("a host");
    }

    /// <summary>More, or longer ones, than are read.</summary>
    public static void SpoilSize(Draft draft, Random random)
    {
        if (random.OneIn(2)) draft.Set("X-Long", new string('x', 20_000));
        else for (var i = 0; i < 70; i++) draft.Headers.Add(("X-Many-" + random.Letters(3), "x"));
        (draft.IsTooLarge, draft.Body) = (true, draft.Target.IsRead ? null : draft.Body);
        draft.Spoilt.Add("too many headers");
    }

    /// <summary>Conditions of a read, of any kind.</summary>
    public static void SpoilRead(Draft draft, Random random)
    {
        var name = random.Pick(["If-Match", "If-None-Match", "If-Unmodified-Since", "If-Modified-Since", "Holdfast-At-Least",
            "Holdfast-At-Least", "Idempotency-Key"]);
        var values = name switch
        {
            "Idempotency-Key" => NoKeys,
            "Holdfast-At-Least" => NoPoints,
            _ => random.Pick([NoTags, OtherTags, Times]),
        };
        draft.Set(name, random.Pick(values));
        if (name == "Holdfast-At-Least" && random.OneIn(20))
        {
            draft.AsksAhead = true;
            draft.Set(name, random.Pick(AheadPoints));
        }

        if (random.OneIn(8)) draft.Headers.Add((name, random.Pick(values)));
        draft.Spoilt.Add(name);
    }

    /// <summary>What changes nothing about what is asked for.</summary>
    public static void Add(Draft draft, Random random)
    {
        var (name, values) = random.OneIn(8) ? ("X-" + random.Letters(4), [random.Latin(random.Next(1, 200))]) : random.Pick(Anywhere);

        // What says of a body that it is another one spoils it.
        draft.Headers.Add((name, random.Pick(values)));
        if (random.OneIn(10)) draft.Headers.Add((name, random.Pick(values)));
        draft.Spoilt.Add(name);
    }

    private static void SetTwice(Draft draft, string name, string one, string other)
    {
        draft.Set(name, one);
        draft.Headers.Add((name, other));
    }
}
