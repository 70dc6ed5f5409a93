using Holdfast.Contracts;
using Holdfast.Grains.Watching;
using Microsoft.Extensions.Time.Testing;

namespace Holdfast.Tests.Grains.Watching;

public sealed class AnomalyDeskTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly AnomalyDesk _desk;

    public AnomalyDeskTests() => _desk = new(_clock);

    [Fact]
    public async Task What_processes_say_is_read_newest_first_and_what_one_says_again_takes_its_place()
    {
        await _desk.Report("one", [Of("one", RaceSign.Conflict)]);
        _clock.Advance(TimeSpan.FromSeconds(5));
        await _desk.Report("two", [Of("two", RaceSign.Unknown)]);
        await _desk.Report("one", [Of("one", RaceSign.Conflict) with { Since = _clock.GetUtcNow().AddSeconds(-5), Count = 9 }]);

        Assert.Equal([("two", 1), ("one", 9L)], (await _desk.Read()).Select(static anomaly => (anomaly.Where, anomaly.Count)));
    }

    [Fact]
    public async Task What_a_process_does_not_say_any_more_is_over_and_gone_after_an_hour()
    {
        await _desk.Report("one", [Of("one", RaceSign.Hole)]);
        Assert.Null((await _desk.Read())[0].EndedAt);

        var heard = _clock.GetUtcNow();
        _clock.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal(heard, (await _desk.Read())[0].EndedAt);

        _clock.Advance(Anomaly.Kept);
        Assert.Empty(await _desk.Read());
    }

    [Fact]
    public async Task It_keeps_no_more_of_processes_and_lists_no_more_anomalies_than_it_may()
    {
        for (var process = 0; process <= AnomalyDesk.MaxProcesses; process++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(10));
            await _desk.Report($"{process}", [Of($"{process}", RaceSign.Hole)]);
        }

        var listed = await _desk.Read();
        Assert.Equal((Anomaly.MaxListed, $"{AnomalyDesk.MaxProcesses}"), (listed.Length, listed[0].Where));
        Assert.Equal(AnomalyDesk.MaxProcesses, _desk.Processes);
    }

    private Anomaly Of(string where, RaceSign sign) =>
        new(sign, where, _clock.GetUtcNow(), _clock.GetUtcNow(), null, Count: 1, PerMinute: 3, UsualPerMinute: 0);
}
