using Holdfast.Silo.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace Holdfast.Tests.Silo.Health;

public sealed class SharedReportsTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly Checks _checks = new();
    private readonly SharedReports _reports;

    public SharedReportsTests() => _reports = new(_checks, _clock);

    [Fact]
    public async Task All_who_ask_within_a_second_have_one_report_made()
    {
        for (var i = 0; i < 100; i++) await _reports.CheckHealthAsync();
        _clock.Advance(TimeSpan.FromSeconds(1) - TimeSpan.FromTicks(1));
        await _reports.CheckHealthAsync();
        Assert.Equal(1, _checks.Made);
        _clock.Advance(TimeSpan.FromTicks(1));
        await _reports.CheckHealthAsync();
        Assert.Equal(2, _checks.Made);
    }

    [Fact]
    public async Task Whoever_asks_while_a_report_is_made_waits_for_that_one_and_goes_away_alone()
    {
        _checks.Wait = new();
        using var gone = new CancellationTokenSource();
        var (first, second) = (_reports.CheckHealthAsync(gone.Token), _reports.CheckHealthAsync());
        _clock.Advance(TimeSpan.FromHours(1));
        var third = _reports.CheckHealthAsync();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.False(second.IsCompleted);
        _checks.Wait.SetResult();
        Assert.Same(await second, await third);
        Assert.Equal(1, _checks.Made);
    }

    [Fact]
    public async Task A_report_that_failed_is_nobodys_answer_but_theirs_who_waited()
    {
        _checks.Wait = new();
        var first = _reports.CheckHealthAsync();
        _checks.Wait.SetException(new InvalidOperationException());
        await Assert.ThrowsAsync<InvalidOperationException>(() => first);
        _checks.Wait = null;
        Assert.Equal(HealthStatus.Healthy, (await _reports.CheckHealthAsync()).Status);
    }

    [Fact]
    public async Task Who_asks_for_some_checks_gets_a_report_of_those()
    {
        await _reports.CheckHealthAsync();
        await _reports.CheckHealthAsync(static _ => false);
        Assert.Equal((2, 1), (_checks.Made, _checks.OfSome));
    }

    private sealed class Checks : HealthCheckService
    {
        public int Made { get; private set; }

        public int OfSome { get; private set; }

        public TaskCompletionSource? Wait { get; set; }

        public override async Task<HealthReport> CheckHealthAsync(
            Func<HealthCheckRegistration, bool>? predicate, CancellationToken cancellationToken = default)
        {
            Made++;
            if (predicate is not null) OfSome++;
            if (Wait is { } wait) await wait.Task;
            return new(new Dictionary<string, HealthReportEntry>(), TimeSpan.Zero);
        }
    }
}
