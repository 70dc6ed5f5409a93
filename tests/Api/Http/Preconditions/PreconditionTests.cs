using Holdfast.Api.Http.Preconditions;
using Holdfast.Api.Http.Problems;
using Microsoft.AspNetCore.Http;

namespace Holdfast.Tests.Api.Http.Preconditions;

public sealed class PreconditionTests
{
    [Theory]
    [InlineData("\"3\"", new long[] { 3 })]
    [InlineData("\"3\", \"5\"", new long[] { 3, 5 })]
    [InlineData("W/\"3\", \"5\"", new long[] { 5 })]
    [InlineData("\"03\", \"+3\", \"-3\", \"x\", \"\"", new long[0])]
    [InlineData("\"99999999999999999999\"", new long[0])]
    public void Only_strong_tags_that_are_versions_can_match(string header, long[] versions)
    {
        var condition = RequestConditions.Of(Context("If-Match", header)).Match;
        Assert.True(condition.Given);
        Assert.False(condition.Any);
        Assert.Equal(versions, condition.Versions);
    }

    [Theory]
    [InlineData("3")]
    [InlineData("*, \"3\"")]
    [InlineData("\"3")]
    public void A_malformed_list_is_refused(string header) =>
        Assert.Equal("malformed", Assert.Throws<RefusedRequestException>(
            () => RequestConditions.Of(Context("If-Match", header))).Problem.Code);

    [Fact]
    public async Task No_condition_writes_without_one()
    {
        Assert.Equal(default, await RequestConditions.None.Write(
            () => throw new InvalidOperationException("needs no version"), ValueTask.FromResult, _ => false));
    }

    [Fact]
    public async Task One_version_is_left_to_the_owner_to_compare()
    {
        Assert.Equal(new(3, MustExist: true), await Match(3).Write(
            () => throw new InvalidOperationException("needs no version"), ValueTask.FromResult, _ => false));
    }

    [Fact]
    public async Task Several_versions_are_compared_with_the_one_there_is_until_a_write_meets_it()
    {
        var there = 1L;
        var written = await Match(1, 2).Write(
            () => ValueTask.FromResult<long?>(there),
            // Somebody else writes version 2 between the look and the first write.
            condition => ValueTask.FromResult((Asked: condition.Version!.Value, Met: condition.Version == there++)),
            outcome => !outcome.Met || outcome.Asked == 1);
        Assert.Equal((2, true), written);
    }

    [Fact]
    public async Task What_no_version_there_can_meet_is_left_to_the_owner_who_may_know_the_request_as_a_repeat()
    {
        Assert.Equal(WriteCondition.Never, await Match(1, 2).Write(() => ValueTask.FromResult<long?>(9), ValueTask.FromResult, _ => true));
        var asked = await AnyVersion.Write(() => ValueTask.FromResult<long?>(null), ValueTask.FromResult, _ => true);
        Assert.Equal(WriteCondition.Never, asked);
    }

    [Fact]
    public async Task Any_version_will_do_whatever_it_becomes_meanwhile() => Assert.Equal(
        new(null, MustExist: true), await AnyVersion.Write(() => ValueTask.FromResult<long?>(1), ValueTask.FromResult, _ => true));

    [Fact]
    public async Task A_resource_that_never_rests_ends_the_rounds()
    {
        var writes = 0;
        await Match(1, 2).Write(() => ValueTask.FromResult<long?>(1), _ => ValueTask.FromResult(++writes), _ => true);
        Assert.Equal(RequestConditions.Rounds, writes);
    }

    [Theory]
    [InlineData("\"3\"", true)]
    [InlineData("W/\"3\"", true)]
    [InlineData("\"1\", \"3\"", true)]
    [InlineData("*", true)]
    [InlineData("\"30\"", false)]
    public void A_read_compares_weakly(string header, bool unchanged) =>
        Assert.Equal(unchanged, RequestConditions.IsUnchanged(Context("If-None-Match", header), 3));

    [Fact]
    public void A_read_of_another_version_than_the_one_it_insists_on_is_412() =>
        Assert.Equal(412, Assert.Throws<RefusedRequestException>(
            () => RequestConditions.IsUnchanged(Context("If-Match", "\"2\""), 3)).Problem.Status);

    [Theory]
    [InlineData("*", null, true)]
    [InlineData("*", 3L, false)]
    [InlineData("\"3\"", null, true)]
    [InlineData("\"3\"", 3L, false)]
    [InlineData("W/\"3\"", 3L, false)]
    [InlineData("\"3\"", 4L, true)]
    public async Task A_write_is_made_only_where_no_version_is_that_it_rules_out(string header, long? there, bool written)
    {
        var conditions = RequestConditions.Of(Context("If-None-Match", header));
        var condition = await conditions.Write(() => ValueTask.FromResult(there), ValueTask.FromResult, _ => false);
        Assert.Equal(written ? new(there, MustExist: there is not null) : WriteCondition.Never, condition);
    }

    private static RequestConditions AnyVersion => new(new(true, true, []), default);

    private static RequestConditions Match(params long[] versions) => new(new(true, false, versions), default);

    private static DefaultHttpContext Context(string header, string value)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers[header] = value;
        return context;
    }
}
