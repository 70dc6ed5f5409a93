using System.Globalization;
using System.Text;
using Holdfast.Contracts;
using Holdfast.Journal;
using Holdfast.Tests.Api;
using Holdfast.Tests.Journal;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Tests.Grains.Hosting;

/// <summary>Each sign that an owner can meet is made to happen once, over HTTP, and is counted where it is met.</summary>
public sealed class RaceSignTests : IAsyncLifetime
{
    private readonly string _counter = HttpHost.Name("raced");
    private readonly HttpHost _http;
    private RacedStore _store = null!;

    public RaceSignTests() => _http = new() { Store = inner => _store = new(inner) };

    private RaceSigns Signs => _http.Services.GetRequiredService<RaceSigns>();

    private string Stream => $"counter/{_counter}";

    public Task InitializeAsync() => _http.InitializeAsync();

    public Task DisposeAsync() => _http.DisposeAsync();

    [Fact]
    public async Task An_append_that_meets_another_writer_is_a_conflict()
    {
        // An owner that has stored nothing yet has nothing to look for.
        _store.Before = Intrude;

        Assert.Equal(2, await Increment());
        Assert.Equal((1, 0), (Signs[RaceSign.Conflict], Signs[RaceSign.Overtaken]));
        Assert.InRange(Signs.Appends, 2, long.MaxValue);
    }

    [Fact]
    public async Task An_append_without_an_answer_is_unknown()
    {
        _store.Lose = true;

        Assert.Equal(1, await Increment());
        Assert.Equal(1, Signs[RaceSign.Unknown]);
        Assert.Equal(1, Signs[RaceSign.Unanswered]);
    }

    [Fact]
    public async Task A_read_that_asks_the_journal_finds_that_its_owner_is_overtaken()
    {
        Assert.Equal(1, await Increment());
        await Intrude();

        var read = await _http.Get($"/v1/counters/{_counter}", ("Cache-Control", "no-cache"));
        Assert.Equal((2L, 1L), (read.Is(200).Number("value"), Signs[RaceSign.Overtaken]));
    }

    [Theory]
    [InlineData(RaceSign.Lost)]
    [InlineData(RaceSign.Overwritten)]
    [InlineData(RaceSign.Overtaken)]
    public async Task The_second_look_finds_what_the_journal_has_not_or_has_too_much(RaceSign sign)
    {
        var value = await Increment();
        _store.Show = rows => sign switch
        {
            RaceSign.Lost => [],
            RaceSign.Overwritten => [rows[0] with { Events = "[0]"u8.ToArray() }],
            _ => [rows[0], rows[0] with { FirstVersion = rows[0].LastVersion + 1, LastVersion = rows[0].LastVersion + 1 }],
        };

        // Whose turn it is to look is not for the owner to say. Nothing is stored on top of what it finds: the next activation decides it.
        await Eventually.True(
            async () =>
            {
                Assert.Equal(++value, await Increment());
                return Signs[sign] == 1;
            },
            () => $"{sign} should be counted");
        Assert.Equal(0, Signs[RaceSign.Conflict]);
    }

    [Fact]
    public async Task A_stream_that_is_ahead_of_the_clock_counts_a_clock_that_went_back()
    {
        await _store.Store(Stream, 0, 1, TimeProvider.System.GetUtcNow() + TimeSpan.FromMinutes(1));

        Assert.Equal(2, await Increment());
        Assert.Equal(1, Signs[RaceSign.ClockBack]);
    }

    [Fact]
    public async Task What_a_source_tells_behind_its_own_count_is_superseded_once()
    {
        var path = $"/v1/products/{await _http.Product(5)}/adjustments";
        (await _http.Post(path, """{"onHand":9,"reason":"inventory","source":"warehouse-1","sequence":2}""")).Is(201);
        Assert.Equal(0, Signs[RaceSign.Superseded]);

        const string Late = """{"delta":4,"reason":"received","source":"warehouse-1","sequence":1}""";
        for (var times = 0; times < 2; times++) (await _http.Post(path, Late)).Is(201);

        Assert.Equal(1, Signs[RaceSign.Superseded]);
    }

    [Fact]
    public async Task A_holder_whose_term_is_over_is_a_refused_fence()
    {
        var path = $"/v1/products/{await _http.Product(5)}/adjustments";
        var lease = HttpHost.Name("nightly");
        var (old, newest) = (await Term(lease), await Term(lease));
        (await Adjust(newest)).Is(201);
        Assert.Equal(0, Signs[RaceSign.RefusedFence]);

        (await Adjust(old)).IsProblem(409, "fenced");
        Assert.Equal(1, Signs[RaceSign.RefusedFence]);

        Task<Answer> Adjust(string token) =>
            _http.Post(path, """{"delta":1,"reason":"received"}""", HttpHost.Name("key"), ("Holdfast-Fence", $"{lease}={token}"));
    }

    [Fact]
    public async Task A_quiet_shop_shows_none()
    {
        var looks = _store.Looks;
        for (var value = 1; value <= 50 || _store.Looks < looks + 2; value++) Assert.Equal(value, await Increment());

        Assert.All(RaceSigns.All, sign => Assert.Equal((sign, 0), (sign, Signs[sign])));
    }

    private async Task<long> Increment() =>
        (await _http.Post($"/v1/counters/{_counter}/increments", """{"delta":1}""")).Is(200).Number("value");

    /// <summary>The token of a term that is over again.</summary>
    private async Task<string> Term(string lease)
    {
        var path = $"/v1/leases/{lease}";
        var token = (await _http.Post(path + "/acquire", """{"holder":"worker-1","ttlSeconds":60}""")).Is(200).Text("token")!;
        (await _http.Post(path + "/release", $$"""{"token":"{{token}}"}""")).Is(200);
        return token;
    }

    /// <summary>As a second activation would.</summary>
    private async Task Intrude()
    {
        _store.Before = null;
        var version = await _store.ReadVersion(Stream, CancellationToken.None);
        await _store.Store(Stream, version, version + 1, TimeProvider.System.GetUtcNow());
    }

    private sealed class RacedStore(IJournalStore inner) : ForwardingStore(inner)
    {
        private int _looks;

        /// <summary>How often a stream was read forward.</summary>
        public int Looks => Volatile.Read(ref _looks);

        /// <summary>Runs once, before the next append of a counter.</summary>
        public Func<Task>? Before { get; set; }

        /// <summary>The answer to the next append of a counter does not come.</summary>
        public bool Lose { get; set; }

        /// <summary>What the next look is shown, once.</summary>
        public Func<IReadOnlyList<JournalRow>, IReadOnlyList<JournalRow>>? Show { get; set; }

        public async Task Store(string stream, long version, long value, DateTimeOffset at)
        {
            var events = string.Create(
                CultureInfo.InvariantCulture,
                $$"""[{"type":"counter.incremented","operation":"{{Guid.NewGuid()}}","fingerprint":1,"delta":1,"value":{{value}}}]""");
            var stored = await Inner.Commit([new(stream, version, Guid.NewGuid(), at, 1, Encoding.UTF8.GetBytes(events), [], [])], []);
            Assert.Equal([AppendStatus.Committed], stored.Appends);
        }

        public override async ValueTask<CommitResult> Commit(
            IReadOnlyList<Append> appends, IReadOnlyList<OutboxChange> changes, CommitWatch? watch = null)
        {
            if (!appends.Any(static append => append.Stream.StartsWith("counter/", StringComparison.Ordinal)))
                return await base.Commit(appends, changes, watch);
            if (Before is { } before) await before();
            var result = await base.Commit(appends, changes, watch);
            if (!Lose) return result;
            Lose = false;
            return new([.. appends.Select(static _ => AppendStatus.Unknown)], Committed: false, "lost");
        }

        public override async Task<IReadOnlyList<JournalRow>> ReadForward(
            string stream, long after, int limit, CancellationToken cancellationToken)
        {
            var rows = await base.ReadForward(stream, after, limit, cancellationToken);
            Interlocked.Increment(ref _looks);
            if (!stream.StartsWith("counter/", StringComparison.Ordinal) || Show is not { } show || rows.Count == 0) return rows;
            Show = null;
            return show(rows);
        }
    }
}
