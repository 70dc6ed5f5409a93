using System.Security.Cryptography;
using System.Text;
using Holdfast.Contracts.Callers;

namespace Holdfast.Tests.Domain.Callers;

public sealed class KeyTextTests
{
    private static readonly byte[] Mac = [.. Enumerable.Range(0, KeyText.MacKeyBytes).Select(static i => (byte)i)];

    [Fact]
    public void A_key_that_was_drawn_is_known_again_by_its_id_and_the_hash_of_its_secret()
    {
        var (id, hash, text) = KeyText.Draw(Mac);
        Assert.Equal((KeyText.Length, true), (text.Length, KeyText.IsId(id)));
        Assert.Matches("^hf_[0-9a-f]{16}_[0-9a-f]{64}_[0-9a-f]{32}$", text);

        var found = new byte[32];
        Assert.True(KeyText.TryVerify(text, Mac, found, out var again));
        Assert.Equal((id, hash), (again, Convert.ToHexStringLower(found)));
        Assert.Equal(hash, Convert.ToHexStringLower(SHA256.HashData(Convert.FromHexString(text.Split('_')[2]))));
        Assert.DoesNotContain(hash, text, StringComparison.Ordinal);
    }

    [Fact]
    public void No_two_keys_are_the_same() =>
        Assert.Equal(100, Enumerable.Range(0, 100).Select(static _ => KeyText.Draw(Mac).Text).Distinct().Count());

    [Fact]
    public void One_character_that_differs_makes_it_no_key_wherever_it_is()
    {
        var (_, _, text) = KeyText.Draw(Mac);
        for (var i = 0; i < text.Length; i++)
        {
            foreach (var other in new[] { text[i] == 'a' ? 'b' : 'a', char.ToUpperInvariant(text[i]), '\u00E9', '_', ' ' })
            {
                if (other == text[i]) continue;
                var wrong = new StringBuilder(text) { [i] = other }.ToString();
                Assert.False(KeyText.TryVerify(wrong, Mac, new byte[32], out var id), $"'{other}' at {i}");
                Assert.Null(id);
            }
        }
    }

    [Fact]
    public void A_key_of_another_store_is_none()
    {
        Assert.False(KeyText.TryVerify(KeyText.Draw(RandomNumberGenerator.GetBytes(32)).Text, Mac, new byte[32], out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("hf_")]
    [InlineData("hf___")]
    [InlineData("eyJhbGciOiJub25lIn0.e30.")]
    public void Any_other_text_is_none(string text) => Assert.False(KeyText.TryVerify(text, Mac, new byte[32], out _));

    [Fact]
    public void A_longer_or_shorter_text_is_none()
    {
        var (_, _, text) = KeyText.Draw(Mac);
        foreach (var wrong in new[] { text + "0", text[..^1], " " + text, text + "\0" })
            Assert.False(KeyText.TryVerify(wrong, Mac, new byte[32], out _));
    }

    [Fact]
    public void Verifying_allocates_the_id_and_nothing_else()
    {
        var (_, _, text) = KeyText.Draw(Mac);
        var hash = new byte[32];
        KeyText.TryVerify(text, Mac, hash, out _);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++) KeyText.TryVerify(text, Mac, hash, out _);
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 1_000, 0, 64);
    }

    [Fact]
    public void An_outcome_does_not_tell_the_text() =>
        Assert.DoesNotContain("hf_", new KeyOutcome(KeyStatus.Made, Text: "hf_secret").ToString(), StringComparison.Ordinal);
}
