using Holdfast.Contracts;

namespace Holdfast.Tests.Domain.Leases;

public sealed class LeaseTokenTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(static i => (byte)i)];

    /// <summary>It is given out once and compared for ever: another release must make the same.</summary>
    [Fact]
    public void A_term_has_the_same_token_for_ever() =>
        Assert.Equal("hfl_7_48fea0f3039267fba5bd6782466d6584", LeaseToken.Make(Key, "nightly", 7));

    [Theory]
    [InlineData("nightly", 1)]
    [InlineData("größe=/1", 12)]
    [InlineData("x", Limits.WholeNumber)]
    public void A_token_is_known_again_by_its_lease_and_by_no_other(string name, long number)
    {
        var token = LeaseToken.Make(Key, name, number);

        Assert.InRange(token.Length, 1, LeaseToken.MaxLength);
        Assert.True(LeaseToken.TryVerify(token, Key, name, out var verified));
        Assert.Equal(number, verified);
        Assert.False(LeaseToken.TryVerify(token, Key, name + "x", out _));
        Assert.False(LeaseToken.TryVerify(token, [.. Key.Reverse()], name, out _));
    }

    [Fact]
    public void One_character_that_differs_makes_it_no_token_wherever_it_is()
    {
        var token = LeaseToken.Make(Key, "nightly", 71);
        for (var i = 0; i < token.Length; i++)
        {
            foreach (var other in "0f7_xF")
            {
                var changed = token[..i] + other + token[(i + 1)..];
                Assert.Equal(changed == token, LeaseToken.TryVerify(changed, Key, "nightly", out _));
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("hfl_")]
    [InlineData("hfl_1_")]
    [InlineData("hfl_0_00000000000000000000000000000000")]
    [InlineData("hfl_01_00000000000000000000000000000000")]
    [InlineData("hfl_-1_00000000000000000000000000000000")]
    [InlineData("hfl_1_0000000000000000000000000000000G")]
    [InlineData("hfl_9007199254740992_00000000000000000000000000000000")]
    [InlineData("hf_1_00000000000000000000000000000000")]
    public void What_has_another_form_is_none(string text) => Assert.False(LeaseToken.HasForm(text));
}
