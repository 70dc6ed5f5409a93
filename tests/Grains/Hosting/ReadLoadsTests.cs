using Holdfast.Grains.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Holdfast.Tests.Grains.Hosting;

public sealed class ReadLoadsTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly ReadLoads _loads;

    public ReadLoadsTests() => _loads = new(_clock, NullLogger<ReadLoads>.Instance, turns: 2);

    public void Dispose() => _loads.Dispose();

    [Fact]
    public async Task A_turn_rests_for_some_times_as_long_as_the_load_took()
    {
        var (first, second, third) = (Take(), Take(), Take());
        Assert.True(first.IsCompleted && second.IsCompleted && !third.IsCompleted);

        _clock.Advance(TimeSpan.FromMilliseconds(10));
        (await first)!.Dispose();
        _clock.Advance(TimeSpan.FromMilliseconds(39));
        Assert.False(third.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.NotNull(await third.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task After_a_load_that_took_long_a_turn_rests_no_longer_than_a_moment()
    {
        var (first, _, third) = (Take(), Take(), Take());
        _clock.Advance(TimeSpan.FromMinutes(1));
        (await first)!.Dispose();
        _clock.Advance(TimeSpan.FromMilliseconds(200));
        Assert.NotNull(await third.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task When_too_many_wait_the_next_one_is_refused_at_once_and_those_keep_their_places()
    {
        var (first, _) = (Take(), Take());
        using var ending = new CancellationTokenSource();
        var waiting = Enumerable.Range(0, ReadLoads.MaxWaiting).Select(_ => Take(ending.Token)).ToArray();
        Assert.Equal(ReadLoads.MaxWaiting, _loads.Waiting);
        Assert.Null(await Take());
        Assert.DoesNotContain(waiting, static turn => turn.IsCompleted);

        (await first)!.Dispose();
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.NotNull(await (await Task.WhenAny(waiting)));
        await ending.CancelAsync();
        Task all = Task.WhenAll(waiting);
        await all.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        Assert.Equal(0, _loads.Waiting);
    }

    private Task<IDisposable?> Take(CancellationToken cancellationToken = default) => _loads.TakeTurn(cancellationToken).AsTask();
}
