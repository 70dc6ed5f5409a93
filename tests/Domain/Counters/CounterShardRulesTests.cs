using System.Text;
using CsCheck;
using Holdfast.Contracts;
using Holdfast.Contracts.Counters;
using Holdfast.Domain.Counters;
using Holdfast.Tests.Domain.Owner;

namespace Holdfast.Tests.Domain.Counters;

public sealed class CounterShardRulesTests
{
    private readonly PlayedStream<CounterState, CounterEvent> _counter = new(CounterKind.Instance, "views");
    private readonly PlayedStream<CounterState, CounterEvent> _shard = new(CounterShardKind.Instance, "3/views");

    [Fact]
    public void A_counter_with_shards_says_so_to_each_increment_and_keeps_no_value()
    {
        Assert.Equal(new(ShardCounterStatus.Sharded, 16), Shard(1, 16));

        Assert.Equal(new(IncrementStatus.Sharded) { Shards = 16 }, _counter.Increment(new(new(Id(2), 7), 5)));
        Assert.True(_counter.Refused);
        Assert.Equal((0L, 16), _counter.Read(static state => (state.Value, state.Shards)));
    }

    [Fact]
    public void The_number_of_shards_is_for_ever()
    {
        Shard(1, 16);

        Assert.Equal(new(ShardCounterStatus.Sharded, 16, Replayed: true), Shard(1, 16));
        Assert.Equal(new(ShardCounterStatus.Unchanged, 16), Shard(2, 16));
        Assert.Equal(new(ShardCounterStatus.Fixed, 16), Shard(3, 17));
        Assert.Equal(new(ShardCounterStatus.KeyReused), Shard(1, 17, fingerprint: 8));
        Assert.Equal(16, _counter.State.Shards);
    }

    [Fact]
    public void A_counter_that_was_incremented_gets_no_shards_even_when_it_is_back_at_zero()
    {
        _counter.Increment(new(new(Id(1), 7), 5));
        _counter.Increment(new(new(Id(2), 7), -5));

        Assert.Equal(new(ShardCounterStatus.Started), Shard(3, 16));
        Assert.True(_counter.Refused);
        Assert.Equal(new(IncrementStatus.Incremented, 1), _counter.Increment(new(new(Id(4), 7), 1)));
        Assert.True(_counter.Restore().IsStarted);
    }

    [Fact]
    public void A_shard_only_grows()
    {
        _shard.IncrementShard(new(new(Id(1), 7), 5));

        Assert.Equal(new(IncrementStatus.OnlyGrows, 5), _shard.IncrementShard(new(new(Id(2), 7), -1)));
        Assert.Equal(new(IncrementStatus.Incremented, 5, Replayed: true), _shard.IncrementShard(new(new(Id(1), 7), 5)));
        Assert.Equal(new(IncrementStatus.KeyReused), _shard.IncrementShard(new(new(Id(1), 8), 6)));
    }

    [Fact]
    public void All_shards_together_stay_within_the_range_of_a_counter()
    {
        Assert.InRange((Int128)Limits.CounterShard * Limits.CounterShards, 0, Limits.WholeNumber);
        _shard.IncrementShard(new(new(Id(1), 7), Limits.CounterShard - 1));

        Assert.Equal(new(IncrementStatus.Overflow, Limits.CounterShard - 1), _shard.IncrementShard(new(new(Id(2), 7), 2)));
        Assert.Equal(IncrementStatus.Overflow, _shard.IncrementShard(new(new(Id(3), 7), long.MaxValue)).Status);
        Assert.Equal(new(IncrementStatus.Incremented, Limits.CounterShard), _shard.IncrementShard(new(new(Id(4), 7), 1)));
    }

    /// <summary>Each operation at the shard that its id says: retries, reordered, count once, and no read in between goes back.</summary>
    [Fact]
    public void The_sum_of_shards_counts_each_operation_once_and_never_goes_back()
    {
        Gen.Select(Gen.Int[2, 8], Gen.Select(Gen.Int[0, 20], Gen.Int[1, 9]).List[0, 60]).Sample(
            static (count, operations) =>
            {
                var shards = Enumerable.Range(0, count)
                    .Select(static shard => CounterShards.KeyOf("c", shard))
                    .Select(static key => new PlayedStream<CounterState, CounterEvent>(CounterShardKind.Instance, key))
                    .ToArray();
                var counted = new Dictionary<int, long>();
                var before = 0L;
                foreach (var (number, delta) in operations)
                {
                    var id = PublicId.Derive($"{number}");
                    shards[CounterShards.Of(id, count)].IncrementShard(new(new(id, (ulong)delta), delta));
                    counted.TryAdd(number, delta);
                    var sum = shards.Sum(static shard => shard.State.Value);
                    Assert.InRange(sum, before, long.MaxValue);
                    before = sum;
                }

                Assert.Equal(counted.Values.Sum(), before);
                foreach (var shard in shards) Assert.Equal(shard.State.Value, shard.Replay().Value);
            },
            iter: 1_000,
            threads: 1);
    }

    /// <summary>Stored, in effect: a repeat has to find its receipt, whichever release answers it.</summary>
    [Theory]
    [InlineData("00000000-0000-0000-0000-000000000000", 16, 0)]
    [InlineData("01890a5d-ac96-774b-bcce-b302099a8057", 16, 7)]
    [InlineData("01890a5d-ac96-774b-bcce-b302099a8057", 3, 0)]
    [InlineData("ffffffff-ffff-ffff-ffff-ffffffffffff", 64, 63)]
    public void An_operation_has_the_shard_that_it_always_had(string operation, int shards, int expected) =>
        Assert.Equal(expected, CounterShards.Of(Guid.Parse(operation), shards));

    [Fact]
    public void Operations_are_spread_over_all_shards()
    {
        var each = Enumerable.Range(0, 16_000).CountBy(static i => CounterShards.Of(PublicId.Derive($"{i}"), 16)).ToDictionary();

        Assert.Equal(16, each.Count);
        Assert.All(each.Values, static count => Assert.InRange(count, 800, 1_200));
    }

    [Fact]
    public void A_snapshot_with_shards_has_one_member_more()
    {
        const string json = """{"value":0,"receipts":{"spilledUntil":0,"kept":[]},"shards":16}""";
        var restored = CounterKind.Instance.Snapshots.Restore("c", Encoding.UTF8.GetBytes(json));

        Assert.Equal((16, false), (restored.Shards, restored.IsStarted));
        Assert.EndsWith(
            "\"shards\":16}", Encoding.UTF8.GetString(CounterKind.Instance.Snapshots.Capture(restored)()), StringComparison.Ordinal);
    }

    private ShardCounterOutcome Shard(int id, int shards, ulong fingerprint = 7) => _counter.Shard(new(new(Id(id), fingerprint), shards));

    private static Guid Id(int number) => new(number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}
