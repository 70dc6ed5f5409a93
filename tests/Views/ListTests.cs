using Holdfast.Views.Lists;

namespace Holdfast.Tests.Views;

public sealed class ListTests : IAsyncLifetime
{
    private ViewRig _rig = null!;

    public async Task InitializeAsync() => _rig = await ViewRig.Open();

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whoever_pages_while_orders_arrive_sees_each_that_was_there_once(bool oldestFirst)
    {
        var there = new List<string>();
        for (var i = 0; i < 30; i++) there.Add(await _rig.Place("ada"));
        await _rig.Follow();

        var (seen, after) = (new List<string>(), (ListPlace?)null);
        do
        {
            var page = await _rig.Orders.Read(new(CustomerId: "ada"), after, 4, oldestFirst, ReadPoint.Any, default);
            seen.AddRange(page.Items.Select(ViewRig.IdOf));
            after = page.Next is { } next ? ListPlace.Parse(next.ToString(), false) : null;
            if (seen.Count < 60) await _rig.Place("ada");
            await _rig.Follow();
        }
        while (after is not null);

        Assert.Equal(seen.Distinct(), seen);
        Assert.Empty(there.Except(seen));
    }

    [Fact]
    public async Task A_reader_waits_for_what_it_has_seen_and_is_told_when_that_does_not_come()
    {
        await _rig.Place("ada");
        await _rig.Follow();
        var order = await _rig.Place("bob");
        var point = ReadPoint.Any with { Versions = [new($"order/{order}", 1)] };

        await Assert.ThrowsAsync<ViewBehindException>(() => Read(point));
        await Assert.ThrowsAsync<ViewBehindException>(() => Read(ReadPoint.Any with { Newest = true }));
        Assert.Single((await Read(ReadPoint.Any)).Items);
        var waiting = Read(point);
        await _rig.Follow();

        Assert.Equal(2, (await waiting).Items.Count);
        Assert.Equal(2, (await Read(ReadPoint.Any with { Newest = true })).Items.Count);
    }

    [Fact]
    public async Task A_position_of_this_epoch_is_waited_for_and_one_of_another_means_nothing()
    {
        await _rig.Place("ada");
        await _rig.Follow();
        var asOf = (await Read(ReadPoint.Any)).AsOf;

        Assert.Single((await Read(ReadPoint.Any with { Position = asOf })).Items);
        Assert.Single((await Read(ReadPoint.Any with { Position = new("another", 1_000) })).Items);
        await Assert.ThrowsAsync<ViewBehindException>(() => Read(ReadPoint.Any with { Position = asOf with { Number = asOf.Number + 1 } }));
    }

    [Fact]
    public void A_place_is_read_as_it_was_written_and_nothing_else_is()
    {
        Assert.Equal("12\nTEA\n7", new ListPlace(12, "TEA", 7L).ToString());
        Assert.Equal<object>(["TEA", 7L], ListPlace.Parse("12\nTEA\n7", false, true)!.Id);
        Assert.Null(ListPlace.Parse("12\nTEA", false, true));
        Assert.Null(ListPlace.Parse("x\nTEA\n7", false, true));
        Assert.Null(ListPlace.Parse("-1\nTEA\n7", false, true));
        Assert.Null(ListPlace.Parse("12\nTEA\nseven", false, true));
        Assert.Null(ListPlace.Parse("", false));
    }

    [Fact]
    public async Task Who_need_not_wait_does_not_wait_for_those_who_do()
    {
        await _rig.Place("ada");
        await _rig.Follow();
        var asOf = (await Read(ReadPoint.Any)).AsOf;
        var behind = ReadPoint.Any with { Position = asOf with { Number = asOf.Number + 1 } };
        var waiting = Enumerable.Range(0, 50).Select(_ => Read(behind)).ToArray();

        Assert.Single((await Read(ReadPoint.Any)).Items);

        Assert.DoesNotContain(waiting, static each => each.IsCompleted);
        await _rig.Place("bob");
        await _rig.Follow();
        Assert.All(await Task.WhenAll(waiting), static page => Assert.Equal(2, page.Items.Count));
    }

    private Task<ListPage<Holdfast.Contracts.Orders.Order>> Read(ReadPoint point) =>
        _rig.Orders.Read(new(), null, 10, false, point, default);
}
