using System.Buffers.Text;
using System.Text;

namespace Holdfast.Tests.Api.Hostile;

/// <summary>Paths and queries that lead nowhere, and such as only look strange.</summary>
internal static class HostilePaths
{
    /// <summary>As they go over the wire. None of them is a name, nor an id.</summary>
    private static readonly string[] NoNames =
    [
        "%00", "A%00", "%0A", "A%0D%0AB", "%7F", "%1B%5B31m", "%20", "%20A", "A%20", "A%09B", "%FF", "%FE%FF", "%C0%AF", "%C0%80",
        "%ED%A0%80", "%E0%80%80",
        "%C3", "%F5%80%80%80", "A%E2%80%AEB", "A%E2%80%8B", "%EF%BB%BFA", "e%CC%81", "%E2%84%AB", "%EF%BF%BE", "%C2%85", "%E3%85%A4",
        "%2e%2e", "%2E", "..", ".",
        ".%2e", new string('x', 129), new string('x', 2_000), string.Concat(Enumerable.Repeat("%F0%9F%98%80", 129)), "%2F%00", "%252F%00",
        "%00%2e%2e%2f",
    ];

    /// <summary>The server's own way of refusing: they are no paths.</summary>
    private static readonly string[] NoEscapes = ["%", "%z", "%zz", "%u0041", "%2", "%C3%28", "%%32%46"];

    /// <summary>Names that nothing has here.</summary>
    private static readonly string[] NobodysNames =
    [
        "none", "%3Cscript%3Ealert(1)%3C%2Fscript%3E", "%27;%20DROP%20TABLE%20journal;%20--", "A%2FB", "A%252FB", "a%2F..%2F..%2Fb",
        "%F0%9F%98%80", "%D9%85%D8%B1",
        "A;x=y", "A:B", "A%3FB", "A%23B", "$type", "*", "-1", "null", "true",
    ];

    private static readonly string[] NoIds =
    [
        "0", "-1", "null", "undefined", "*", "[object%20Object]", "ord_", "res_", "ord_0", "ord_00000000000000000000000000000000",
        "%27%20OR%201%3D1--",
        "res_00000000000000000000000000000000", "ORD_00000000000000000000000000000000", "00000000-0000-0000-0000-000000000000",
        "0000000000000000",
        "ffffffffffffffff", "127.0.0.1", "127.0.0.1:1", "127.0.0.1:99999@1", "127.0.0.1:1@99999999999", "ord_%30",
        "%3Cscript%3Ealert(1)%3C%2Fscript%3E", "..%2F..%2Fetc%2Fpasswd", "A%2FB", "%252e%252e", "hf_x", "9223372036854775808",
    ];

    private static readonly string[] QueryValues =
    [
        "", "0", "-1", "201", "999999999", "2147483648", "-2147483649", "9223372036854775808", "1e3", "1.0", "0x1", "+1", "%2B1", "%001",
        "%D9%A1", "%20",
        "%00", "%FF", "%C0%AF", "%ED%A0%80", "true", "TRUE", "null", "asc", "ASC", "desc%00", "stock", "x,y", "%27%20OR%201%3D1--",
        "%3Cscript%3Ealert(1)%3C%2Fscript%3E", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z", "2026-02-30T00:00:00Z",
        "2026-11-23T09:00:00%2B14:00",
        "10000-01-01T00:00:00Z", "2026-11-23", "%E2%80%AE", "e%CC%81", "%", "%zz", new string('9', 400), new string('x', 3_000), "[]", "{}",
        "a=b", "completed", "sold",
    ];

    private static readonly string[] UnknownParameters =
    [
        "x=1", "limt=1", "Limit=1", "=1", "%00=1", "a[]=1", "__proto__=1", "%3Cscript%3Ealert(1)%3C%2Fscript%3E=1", "_method=DELETE",
        "%FF=1", "x", "$filter=1", "access_token=x",
        "%E2%80%AE=1", "limit%00=1",
    ];

    /// <summary>A name that is none, or an id of nothing.</summary>
    public static void Spoil(Draft draft, Random random)
    {
        var target = draft.Target;
        string[] all = [.. target.Names, .. target.Ids];
        var parameter = random.Pick(all);
        var hostile = target.Names.Contains(parameter) ? random.Pick(NoNames) : NoId(target, parameter, random);
        if (target.Names.Contains(parameter) && MayBeUnknown(target) && random.OneIn(3)) hostile = random.Pick(NobodysNames);
        if (random.OneIn(12)) hostile = random.Pick(NoEscapes);

        // Escapes that are none come to the program as they are, and a percent sign may be in a name.
        if (NoEscapes.Contains(hostile) && target.Names.Contains(parameter)) hostile = "%FF" + hostile;
        draft.Path = target.Fill(Replace(target.Pattern, parameter, hostile));
        draft.Spoilt.Add($"{parameter} in the path");
    }

    public static void SpoilQuery(Draft draft, Random random)
    {
        draft.Query.Add(random.Pick(UnknownParameters));
        draft.Spoilt.Add("an unknown parameter");
    }

    /// <summary>Nothing is under such a path, whatever the method.</summary>
    public static void SpoilRoute(Draft draft, Random random)
    {
        // Not as it was spelt before: dots in that could undo what stands in front of it here.
        var path = draft.Target.Path;
        draft.Path = random.Pick(
        [
            "/v2" + path, "/v1/nothing", "/v1//nothing", "/%2e%2e/%2e%2e/nothing",
            "/v1%2F" + path[1..], "/v1/nothing/" + random.Letters(9),
            "/%00" + path, "/\u00E4" + path, "/nothing/%FF",
            "/" + new string('n', 3_000), "/nothing;" + path, "/" + new string('/', 300) + "nothing",
            "/" + string.Concat(Enumerable.Repeat("n/", 1_000)), "/.git/config", "/web.config", "/v1/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        ]);
        draft.Spoilt.Add("another path");
    }

    /// <summary>What a read is asked for: parameters it knows, out of bounds, twice, and cursors that nobody gave.</summary>
    public static void SpoilRead(Draft draft, Random random)
    {
        if (draft.Target.QueryParameters.Count == 0 || random.OneIn(10))
        {
            SpoilQuery(draft, random);
            return;
        }

        var name = random.Pick(draft.Target.QueryParameters);
        if (draft.Target.QueryParameters.Contains("cursor") && random.OneIn(3)) name = "cursor";
        draft.Query.Add(name + "=" + (name == "cursor" ? Cursor(draft.Target.Cursor, random) : random.Pick(QueryValues)));
        if (random.OneIn(10)) draft.Query.Add(name + "=1");
        draft.Spoilt.Add($"the parameter {name}");
    }

    /// <summary>Another spelling of the same path.</summary>
    public static void Respell(Draft draft, Random random)
    {
        draft.Path = random.Next(5) switch
        {
            0 => draft.Path + "/",
            1 => "/." + draft.Path,
            2 => "/x/.." + draft.Path,
            3 => "http://127.0.0.1:1" + draft.Path,
            _ => draft.Path.Replace("/v1/", "/%76%31/", StringComparison.Ordinal),
        };
        draft.Spoilt.Add("another spelling of the path");
    }

    /// <summary>A PUT would make it, and a counter is there for whoever asks for it.</summary>
    private static bool MayBeUnknown(Target target) => target.Method != "PUT" && !target.Names.Contains("{name}");

    private static string NoId(Target target, string parameter, Random random)
    {
        var end = target.Pattern.IndexOf(parameter, StringComparison.Ordinal) + parameter.Length;
        var known = target.Fill(target.Pattern[..end]).Split('/')[^1];
        if (known.Length < 8) return random.OneIn(2) ? random.Pick(NoIds) : random.Pick(NoNames);
        return random.Next(6) switch
        {
            0 => random.WithOneChanged(known, Math.Max(known.IndexOf('_', StringComparison.Ordinal), 0) + 1, "0123456789abcdef"),
            1 => known + random.Pick(["0", "%00", "%20", "%2F", "%0A", ";"]),
            2 => known[..random.Next(1, known.Length)],
            3 => "A" + known.ToUpperInvariant(),
            _ => random.OneIn(2) ? random.Pick(NoIds) : random.Pick(NoNames),
        };
    }

    private static string Cursor(string? real, Random random)
    {
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        if (real is null || random.OneIn(6))
            return random.OneIn(2) ? random.Latin(40).Replace('&', 'x').Replace('#', 'x') : random.Pick(QueryValues);
        if (random.OneIn(4)) return random.WithOneChanged(real, 0, Alphabet);
        if (random.OneIn(4)) return real[..random.Next(real.Length)];

        // The head of a real one, and a place that nobody gave.
        var bytes = Base64Url.DecodeFromChars(real);
        var place = random.Next(5) switch
        {
            0 => Encoding.UTF8.GetBytes(random.Pick(["-1", "9223372036854775807", "9223372036854775808", "1 ", "", " ", "0", "1e3",
                "\u0661", "\0", "99999999999999 x"])),
            1 => [.. bytes[9..], .. "\0"u8],
            2 => Encoding.UTF8.GetBytes(random.Pick(Chance.Texts)),
            3 => [0xFF, 0xFE, (byte)random.Next(256)],
            _ => bytes[9..(9 + random.Next(bytes.Length - 9))],
        };
        if (random.OneIn(3) && place.Length > 0) place[random.Next(place.Length)] = (byte)random.Next(256);
        return Base64Url.EncodeToString([.. bytes[..9], .. place]);
    }

    private static string Replace(string pattern, string parameter, string by)
    {
        var at = pattern.IndexOf(parameter, StringComparison.Ordinal);
        return string.Concat(pattern.AsSpan(0, at), by, pattern.AsSpan(at + parameter.Length));
    }
}
