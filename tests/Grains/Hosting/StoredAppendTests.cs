using System.Text;
using Holdfast.Contracts;
using Holdfast.Grains.Hosting;
using Holdfast.Journal;
using Microsoft.Extensions.Time.Testing;

namespace Holdfast.Tests.Grains.Hosting;

public sealed class StoredAppendTests
{
    /// <summary>Versions 6 and 7.</summary>
    private static readonly StoredAppend Own = StoredAppend.Of(
        new("counter/x", 5, Guid.NewGuid(), default, 2, Encoding.UTF8.GetBytes("[1,2]"), [], []));

    [Fact]
    public void What_is_there_as_it_was_and_last_is_right() => Assert.Null(Own.Against([Row(6, 7, "[1,2]")]));

    [Fact]
    public void What_is_behind_it_is_another_ones() =>
        Assert.Equal(RaceSign.Overtaken, Own.Against([Row(6, 7, "[1,2]"), Row(8, 8, "[3]")]));

    [Theory]
    [InlineData(6, 7, "[1,3]")]
    [InlineData(6, 6, "[1,2]")]
    [InlineData(6, 8, "[1,2]")]
    [InlineData(5, 7, "[1,2]")]
    [InlineData(7, 7, "[1,2]")]
    public void Something_else_in_its_place_was_written_over_it(long first, long last, string events)
    {
        Assert.Equal(RaceSign.Overwritten, Own.Against([Row(first, last, events)]));
        Assert.Equal(RaceSign.Overwritten, Own.Against([Row(first, last, events), Row(8, 8, "[3]")]));
    }

    [Fact]
    public void What_is_not_there_is_lost()
    {
        Assert.Equal(RaceSign.Lost, Own.Against([]));
        Assert.Equal(RaceSign.Lost, Own.Against([Row(8, 8, "[3]")]));
    }

    /// <summary>On SQLite an erasure leaves blanks, so that rows keep their size.</summary>
    [Theory]
    [InlineData("[]")]
    [InlineData("[]   ")]
    public void What_was_erased_meanwhile_was_not_written_over(string events) =>
        Assert.Equal(RaceSign.Overtaken, Own.Against([Row(6, 7, events), Row(8, 8, """[{"type":"erased"}]""")]));

    [Fact]
    public void Of_those_who_ask_one_in_each_period_has_to_look()
    {
        var clock = new FakeTimeProvider();
        var looks = new SecondLooks(clock);
        var turns = 0;
        for (var tick = 0; tick < 1_000; tick++)
        {
            if (looks.TakeTurn(clock.GetTimestamp())) turns++;
            clock.Advance(TimeSpan.FromMilliseconds(10));
        }

        Assert.Equal(10_000 / SecondLooks.Period.TotalMilliseconds, turns);
    }

    private static JournalRow Row(long first, long last, string events) => new(first, last, default, Encoding.UTF8.GetBytes(events));
}
