using Holdfast.Domain.Profiles;
using Holdfast.Journal;

namespace Holdfast.Tests.Journal;

public sealed class StreamLabelTests
{
    [Theory]
    [InlineData("order/ord_1", "order/ord_1")]
    [InlineData("product/tea", "product/tea")]
    [InlineData("profile/carl", "profile/~69bfe1e6e448")]
    [InlineData("profile/c\u00e9", "profile/~c6f202244ac4")]
    public void A_stream_is_named_unless_its_key_is_a_persons(string stream, string named)
    {
        Assert.Equal(named, new StreamLabel(stream).ToString());
        Assert.Equal(named, $"{StreamLabel.FromString(stream)}");
    }

    [Fact]
    public void The_streams_of_persons_are_those_of_profiles() =>
        Assert.Equal(StreamLabel.Persons, $"{ProfileKind.Instance.Name}/");
}
