using System.Numerics;
using CsCheck;
using Holdfast.Contracts;
using Holdfast.Contracts.Counters;
using Holdfast.Domain.Counters;
using Holdfast.Tests.Domain.Owner;

namespace Holdfast.Tests.Domain.Counters;

public sealed class CounterRulesTests
{
    private readonly PlayedStream<CounterState, CounterEvent> _counter = new(CounterKind.Instance, "visits");

    [Fact]
    public void A_counter_that_was_never_incremented_reads_zero()
    {
        Assert.Equal(0, _counter.Read(static state => state.Value));
        Assert.Empty(_counter.Events);
    }

    [Fact]
    public void An_increment_says_the_value_after_it()
    {
        Increment(1, 40);

        Assert.Equal(new(IncrementStatus.Incremented, 42), Increment(2, 2));
        Assert.Equal([new CounterEvent.Incremented(Id(2), 7, 2, 42)], _counter.Events);
        Assert.Equal(42, _counter.Read(static state => state.Value));
    }

    [Fact]
    public void A_repeated_increment_gets_the_first_value_and_counts_once()
    {
        Increment(1, 5);
        Increment(2, 5);

        Assert.Equal(new(IncrementStatus.Incremented, 5, Replayed: true), Increment(1, 5));
        Assert.Empty(_counter.Events);
        Assert.Equal(10, _counter.State.Value);
    }

    [Fact]
    public void The_same_id_with_another_delta_is_key_reuse()
    {
        Increment(1, 5);

        Assert.Equal(new(IncrementStatus.KeyReused), Increment(1, 6, fingerprint: 8));
        Assert.False(_counter.Refused);
        Assert.Equal(5, _counter.State.Value);
    }

    [Theory]
    [InlineData(Limits.WholeNumber, 1, IncrementStatus.Overflow)]
    [InlineData(Limits.WholeNumber, long.MaxValue, IncrementStatus.Overflow)]
    [InlineData(-Limits.WholeNumber, -1, IncrementStatus.Overflow)]
    [InlineData(-Limits.WholeNumber, long.MinValue, IncrementStatus.Overflow)]
    [InlineData(Limits.WholeNumber, 0, IncrementStatus.Incremented)]
    [InlineData(Limits.WholeNumber, -2 * Limits.WholeNumber, IncrementStatus.Incremented)]
    [InlineData(Limits.WholeNumber, (-2 * Limits.WholeNumber) - 1, IncrementStatus.Overflow)]
    [InlineData(Limits.WholeNumber - 1, 1, IncrementStatus.Incremented)]
    [InlineData(-Limits.WholeNumber + 1, -1, IncrementStatus.Incremented)]
    public void An_increment_past_the_limit_is_refused_and_changes_nothing(long value, long delta, IncrementStatus status)
    {
        Increment(1, value);

        var outcome = Increment(2, delta);

        Assert.Equal(status, outcome.Status);
        Assert.Equal(status == IncrementStatus.Overflow, _counter.Refused);
        Assert.Equal(status == IncrementStatus.Overflow ? value : value + delta, outcome.Value);
    }

    [Fact]
    public void A_counter_from_before_there_was_a_limit_may_come_back()
    {
        const long Beyond = 9 * Limits.WholeNumber;
        _counter.Record(new CounterEvent.Incremented(Id(1), 7, Beyond, Beyond));

        Assert.Equal(IncrementStatus.Overflow, Increment(2, 1).Status);
        Assert.Equal(new(IncrementStatus.Incremented, Beyond - Limits.WholeNumber), Increment(3, -Limits.WholeNumber));
    }

    [Fact]
    public void A_counter_agrees_with_unbounded_arithmetic()
    {
        var deltas = Gen.Frequency(
            (8, Gen.Long[-100, 100]),
            (1, Gen.Long),
            (1, Gen.Long[-Limits.WholeNumber, Limits.WholeNumber]),
            (1, Gen.OneOf(long.MinValue, long.MaxValue, -1L, 1L)));
        var hours = Gen.Frequency((6, Gen.Int[0, 0]), (1, Gen.Int[1, 30]));
        Gen.Select(Gen.Int[0, 12], Gen.ULong[1, 2], deltas, hours).List[0, 60].Sample(
            static commands =>
            {
                var counter = new PlayedStream<CounterState, CounterEvent>(CounterKind.Instance, "c");
                var model = new NaiveCounter();
                foreach (var (id, fingerprint, delta, hours) in commands)
                {
                    counter.Now += TimeSpan.FromHours(hours);
                    var command = new IncrementCounter(new(Id(id), fingerprint), delta);
                    Assert.Equal(model.Increment(command, counter.Now), counter.Increment(command));
                    Assert.Equal(model.Value, counter.State.Value);
                    Assert.Equal(Text(counter.State), Text(counter.Restore()));
                }

                Assert.Equal(Text(counter.State), Text(counter.Replay()));
            },
            iter: 2_000,
            threads: 1);
    }

    [Fact]
    public void A_replay_forgets_and_moves_the_receipts_that_the_original_did()
    {
        for (var i = 0; i < 10; i++) Increment(i, 1);
        _counter.Record(new CounterEvent.ReceiptsMoved(4));
        Increment(10, 1);

        var replayed = _counter.Replay();
        replayed.Receipts.ForgetMoved();
        Assert.Equal(7, replayed.Receipts.Count);
        Assert.Equal(Text(_counter.State), Text(replayed));
        Assert.False(replayed.Receipts.TryGet(Id(3), out _));
    }

    private sealed class NaiveCounter
    {
        private readonly List<(Guid Id, ulong Fingerprint, BigInteger Value, DateTimeOffset At)> _receipts = [];

        public BigInteger Value { get; private set; }

        public IncrementOutcome Increment(IncrementCounter command, DateTimeOffset now)
        {
            foreach (var receipt in _receipts)
            {
                if (receipt.Id != command.Operation.Id) continue;
                return receipt.Fingerprint == command.Operation.Fingerprint
                    ? new(IncrementStatus.Incremented, (long)receipt.Value, Replayed: true)
                    : new(IncrementStatus.KeyReused);
            }

            var sum = Value + command.Delta;
            if (BigInteger.Abs(sum) > Limits.WholeNumber) return new(IncrementStatus.Overflow, (long)Value);
            Value = sum;
            _receipts.Add((command.Operation.Id, command.Operation.Fingerprint, sum, now));
            _receipts.RemoveAll(receipt => now - receipt.At > TimeSpan.FromHours(24));
            return new(IncrementStatus.Incremented, (long)sum);
        }
    }

    private IncrementOutcome Increment(int id, long delta, ulong fingerprint = 7) =>
        _counter.Increment(new IncrementCounter(new(Id(id), fingerprint), delta));

    private static string Text(CounterState state) => $"{state.Value} {StateText.Of(state.Receipts)}";

    private static Guid Id(int number) => new(number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}
