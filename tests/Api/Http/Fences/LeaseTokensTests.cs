using Holdfast.Api.Http.Fences;
using Holdfast.Contracts;
using Microsoft.Extensions.Time.Testing;

namespace Holdfast.Tests.Api.Http.Fences;

/// <summary>What a front door remembers of the store's key, and for how long.</summary>
public sealed class LeaseTokensTests
{
    private readonly FakeTimeProvider _clock = new();
    private byte[]? _stored;
    private int _asked;

    [Fact]
    public async Task The_key_is_asked_for_once_in_five_seconds()
    {
        var door = Door();
        var token = LeaseToken.Make(await door.ReadKey(), "a", 1);
        for (var i = 0; i < 5; i++) Assert.Equal(1, await door.Verify("a", token));
        Assert.Equal(1, _asked);

        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(1, await door.Verify("a", token));
        Assert.Equal(token, LeaseToken.Make(await door.ReadKey(), "a", 1));
        Assert.Equal(2, _asked);
    }

    [Fact]
    public async Task The_first_token_of_a_store_holds_at_once_at_a_door_that_knew_of_none()
    {
        var (one, other) = (Door(), Door());
        Assert.Null(await other.Verify("a", "hfl_1_00000000000000000000000000000000"));

        Assert.Equal(1, await other.Verify("a", LeaseToken.Make(await one.ReadKey(), "a", 1)));
    }

    [Fact]
    public async Task Nobody_asks_for_what_has_not_the_form_of_a_token()
    {
        Assert.Null(await Door().Verify("a", "x"));
        Assert.Equal(0, _asked);
    }

    [Fact]
    public async Task After_the_store_has_another_key_the_tokens_of_before_hold_for_five_seconds_at_the_most()
    {
        var door = Door();
        var before = LeaseToken.Make(await door.ReadKey(), "a", 7);
        _stored = [.. Enumerable.Repeat((byte)2, 32)];
        _clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Null(await door.Verify("a", before));
        Assert.NotEqual(before, LeaseToken.Make(await door.ReadKey(), "a", 7));
    }

    private LeaseTokens Door() => new(
        () =>
        {
            _asked++;
            return new(_stored);
        },
        () =>
        {
            _asked++;
            return new(_stored ??= [.. Enumerable.Repeat((byte)1, 32)]);
        },
        _clock);
}
