using Holdfast.Journal;
using Microsoft.Extensions.Time.Testing;

namespace Holdfast.Tests.Journal;

public sealed class RepeatedFailuresTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly RepeatedFailures _failures;

    public RepeatedFailuresTests() => _failures = new(_clock);

    [Fact]
    public void A_failure_that_repeats_is_said_once_and_then_counted_by_the_minute()
    {
        var said = new List<int>();
        for (var second = 0; second < 180; second++)
        {
            if (_failures.IsDue("full", out var others)) said.Add(others);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal([0, 59, 59], said);
    }

    [Fact]
    public void Another_failure_is_heard_among_those_that_repeat()
    {
        Assert.True(_failures.IsDue("full", out _));
        Assert.False(_failures.IsDue("full", out _));
        Assert.True(_failures.IsDue("broken", out var others));
        Assert.Equal(0, others);
    }

    [Fact]
    public void Kinds_without_end_take_no_memory_without_end()
    {
        for (var kind = 0; kind < 10_000; kind++) Assert.True(_failures.IsDue($"{kind}", out _));
        Assert.False(_failures.IsDue("9999", out _));
    }
}
