using Holdfast.Contracts.Callers;
using Holdfast.Journal;
using Holdfast.Tests.Journal;

namespace Holdfast.Tests.Api.Http.Callers;

/// <summary>Of keys, tokens and persons nothing comes into logs, traces, metrics or problems.</summary>
public sealed class OverheardTests : IDisposable
{
    private const string Person = "zsigmondy-quartz-7719";
    private const string Mail = "zsigmondy.quartz@example.org";

    private readonly TempDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("Trace", false)]
    [InlineData("Warning", true)]
    public async Task Of_a_key_a_token_or_a_person_nothing_is_said(string level, bool alsoNames)
    {
        var keysFile = Path.Combine(_files.Path, "keys.json");
        using var issuer = new TestIssuer("https://login.example/customers", "holdfast", keysFile);
        using var overheard = new Overheard();
        var http = new HttpHost
        {
            IsOpen = true,
            Logs = overheard,
            Store = static store => new OnceAwayStore(store),
            More =
            [
                "--Logging:LogLevel:Default", level, "--OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9",
                "--Holdfast:CustomerJwt:Issuer", issuer.Name, "--Holdfast:CustomerJwt:Audience", issuer.Audience,
                "--Holdfast:CustomerJwt:KeysFile", keysFile, "--Holdfast:DataDirectory", _files.Path,
            ],
        };
        string[] secrets;
        var problems = new List<string>();
        var first = await MakeOffline();
        await http.InitializeAsync();
        try
        {
            secrets = [.. await Tour(http, first, issuer, problems)];
        }
        finally
        {
            await http.DisposeAsync();
        }

        Assert.NotEmpty(overheard.Traces);
        Assert.NotEmpty(overheard.Measures);
        Assert.Matches("profile/~[0-9a-f]{12} is not loaded", string.Join('\n', overheard.Lines));
        Assert.Contains(overheard.Lines, static line => line.Contains("The activation of profile/~", StringComparison.Ordinal));
        if (level == "Trace") Assert.InRange(overheard.Lines.Count, 100, int.MaxValue);
        Assert.InRange(problems.Count, 5, 100);
        string[] never = [.. secrets, Mail, .. alsoNames ? [Person] : Array.Empty<string>()];
        Assert.DoesNotContain(overheard.Surroundings, said => Array.Exists(secrets, said.Contains));
        foreach (var said in overheard.All.Concat(problems))
        {
            if (never.FirstOrDefault(secret => said.Contains(secret, StringComparison.OrdinalIgnoreCase)) is { } told)
                Assert.Fail($"'{told}' is in: {said}");
        }
    }

    /// <summary>Makes, uses and revokes keys and tokens, right and wrong.</summary>
    /// <returns>What nobody may hear.</returns>
    private static async Task<List<string>> Tour(HttpHost http, string first, TestIssuer issuer, List<string> problems)
    {
        var body = $$"""{"name":"{{HttpHost.Name("shop")}}","scopes":["operate","keys"]}""";
        var made = (await http.As(first, HttpMethod.Post, "/v1/keys", body)).Is(201);
        var (key, invented) = (made.Text("key")!, KeyText.Draw(new byte[32]).Text);
        var (token, expired) = (issuer.Token(Person), issuer.Token(Person, null, static claims => claims["exp"] = 1));
        var stranger = issuer.Token(Person, null, static claims => claims["iss"] = "https://elsewhere.example");
        (await http.As(key, HttpMethod.Get, "/v1/counters/x")).Is(200);
        (await http.As(token, HttpMethod.Put, $"/v1/customers/{Person}/profile", $$"""{"email":"{{Mail}}"}""")).Is(201);
        (await http.As(token, HttpMethod.Get, $"/v1/customers/{Person}/profile")).Is(200);
        (await http.As(token, HttpMethod.Get, $"/v1/orders?customerId={Person}")).Is(200);
        foreach (var wrong in new[] { invented, expired, stranger, key + "0", token[..^9], "x" + token })
            problems.Add((await http.As(wrong, HttpMethod.Get, $"/v1/customers/{Person}/profile")).IsProblem(401, "unauthenticated").Body);
        problems.Add((await http.As(key, HttpMethod.Get, $"/v1/customers/{Person}/profile")).IsProblem(403, "forbidden").Body);
        problems.Add((await http.As(token, HttpMethod.Put, $"/v1/customers/{Person}/profile", $$"""{"email":["{{Mail}}"]}""")).Body);
        var lease = (await http.As(first, HttpMethod.Post, "/v1/leases/x/acquire", """{"holder":"a","ttlSeconds":60}""")).Text("token")!;
        (await http.As(key, HttpMethod.Post, "/v1/counters/x/increments", """{"delta":1}""", ("Holdfast-Fence", $"x={lease}"))).Is(200);
        problems.Add((await http.As(
            key, HttpMethod.Post, "/v1/counters/x/increments", """{"delta":1}""", ("Holdfast-Fence", $"y={lease}"))).Body);
        problems.Add((await http.As(first, HttpMethod.Post, "/v1/leases/y/release", $$"""{"token":"{{lease}}"}""")).Body);
        (await http.As(key, HttpMethod.Post, $"/v1/keys/{made.Text("id")}/revoke")).Is(200);
        problems.Add((await http.As(key, HttpMethod.Get, "/v1/counters/x")).IsProblem(401, "unauthenticated").Body);
        return
        [
            .. first.Split('_')[2..], .. key.Split('_')[2..], .. invented.Split('_')[2..],
            lease.Split('_')[2], .. token.Split('.')[1..], .. expired.Split('.')[1..], .. stranger.Split('.')[1..],
        ];
    }

    /// <summary>Cannot read the first profile that it is asked for, and refuses the first change of one.</summary>
    private sealed class OnceAwayStore(IJournalStore inner) : ForwardingStore(inner)
    {
        private int _reads;
        private int _commits;

        public override Task<IReadOnlyList<JournalRow>> ReadBackward(
            string stream, long before, int limit, CancellationToken cancellationToken) =>
            stream.StartsWith("profile/", StringComparison.Ordinal) && Interlocked.Increment(ref _reads) == 1
                ? throw new JournalStoreException("The store is away.")
                : base.ReadBackward(stream, before, limit, cancellationToken);

        public override ValueTask<CommitResult> Commit(
            IReadOnlyList<Append> appends, IReadOnlyList<OutboxChange> changes, CommitWatch? watch = null) =>
            appends.Any(static append => append.Stream.StartsWith("profile/", StringComparison.Ordinal))
                && Interlocked.Increment(ref _commits) == 1
                ? new(new CommitResult([.. appends.Select(static _ => AppendStatus.Refused)], Committed: false, "It is full."))
                : base.Commit(appends, changes, watch);
    }

    private async Task<string> MakeOffline()
    {
        using var output = new StringWriter();
        await Holdfast.Silo.HoldfastSilo.RunKeyCommand(["key", "create", "first", "--Holdfast:DataDirectory", _files.Path], output);
        return output.ToString().Trim();
    }
}
