using System.Text;

namespace Holdfast.Tests.Api.Hostile;

/// <summary>
/// Makes hostile requests of a seed: the same ones each time, but for ids that the server has made. Each has one thing at least for which
/// it must be refused, unless it only reads; that thing comes last, so that nothing else of the request undoes it.
/// </summary>
internal sealed class HostileRequests(int seed, int port, Target[] targets, HostileCallers callers)
{
    private static readonly string[] Methods =
        ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "QUERY", "LINK", "GETX", "X", "M-SEARCH", "PURGE",
            "MKCOL"];

    public Draft Make(int index)
    {
        var random = RandomOf(index);
        var draft = new Draft(targets[index % targets.Length], port);
        callers.Admit(draft, random);
        if (draft.Target.NeedsKey) draft.Set("Idempotency-Key", $"hostile-{random.Hex(24)}");
        for (var i = random.Next(4); i > 0; i--) Worsen(draft, random);
        if (draft.Target.IsRead && random.OneIn(2)) SpoilRead(draft, random);
        if (!draft.Target.IsRead || random.OneIn(2)) random.Pick(Ways(draft.Target))(draft, random);
        return draft;
    }

    public byte[] MakeMalformed(int index) => MalformedHttp.Make(RandomOf(index), Valid(), port);

    /// <summary>A read that would be answered with 200: that it is not shows that it was refused for how it was sent.</summary>
    private (string Target, string Authorization) Valid()
    {
        var target = targets.First(static target => target is { Method: "GET", IsDescribed: true } && target.Names.Length > 0);
        var draft = new Draft(target, port);
        callers.Admit(draft, RandomOf(0));
        return (draft.Path, draft.Headers.Single(static header => header.Name == "Authorization").Value);
    }

    private Random RandomOf(int index) => new(HashCode(seed, index));

    /// <summary>The framework's own is another one in each process.</summary>
    private static int HashCode(int seed, int index) =>
        unchecked((int)((((uint)seed * 0x9E3779B1u) ^ ((uint)index * 0x85EBCA77u)) * 0xC2B2AE3Du >> 1));

    private void Worsen(Draft draft, Random random)
    {
        switch (random.Next(12))
        {
            case 0 when draft.Target.Body is not null || random.OneIn(4):
                draft.Body = HostileBodies.Harmless(draft, random);
                draft.Spoilt.Add("a strange body");
                break;
            case 1 when !draft.Target.IsRead:
                callers.AdmitAny(draft, random);
                break;
            case 2:
                HostilePaths.Respell(draft, random);
                break;
            case 3:
                draft.IsChunked = true;
                break;
            case 4:
                draft.Headers.Add(("If-Match", "*"));
                draft.Spoilt.Add("any condition");
                break;
            default:
                HostileHeaders.Add(draft, random);
                break;
        }
    }

    private static void SpoilRead(Draft draft, Random random)
    {
        if (random.OneIn(2)) HostilePaths.SpoilRead(draft, random);
        else HostileHeaders.SpoilRead(draft, random);
    }

    /// <summary>What a request to it can be refused for, some of them more often than others.</summary>
    private List<Action<Draft, Random>> Ways(Target target)
    {
        List<Action<Draft, Random>> ways = [callers.Spoil, callers.Spoil, SpoilMethod, HostilePaths.SpoilRoute, HostileHeaders.SpoilHost];
        if (target.Names.Length + target.Ids.Length > 0) ways.AddRange([HostilePaths.Spoil, HostilePaths.Spoil, HostilePaths.Spoil]);
        if (target.Body is not null) ways.AddRange(Enumerable.Repeat<Action<Draft, Random>>(HostileBodies.Spoil, 10));
        if (target.Body is not null) ways.AddRange([HostileHeaders.SpoilMediaType, HostileHeaders.SpoilMediaType]);
        if (!target.IsDescribed) return ways;
        ways.AddRange([HostilePaths.SpoilQuery, HostileHeaders.SpoilCondition, HostileHeaders.SpoilCondition]);
        if (target.Takes.Contains("Idempotency-Key")) ways.AddRange([HostileHeaders.SpoilKey, HostileHeaders.SpoilKey]);
        return ways;
    }

    private static void SpoilMethod(Draft draft, Random random)
    {
        // Large headers are rare: they end the connection.
        if (random.OneIn(8))
        {
            HostileHeaders.SpoilSize(draft, random);
            return;
        }

        draft.Method = random.Pick([.. Methods.Except(draft.Target.Methods)]);
        draft.Spoilt.Add("another method");
    }

    public static string Show(byte[] bytes) => Encoding.Latin1.GetString(bytes[..Math.Min(bytes.Length, 3_000)]);
}
