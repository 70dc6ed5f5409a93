using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Holdfast.Api.Http.Calls;
using Holdfast.Api.Http.Problems;
using Holdfast.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Holdfast.Tests.Api.Http.Calls;

public sealed class GrainCallsTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly RaceSigns _signs = new();
    private readonly GrainCalls _calls;
    private int _tries;

    public GrainCallsTests() =>
        _calls = new GrainCalls(_clock, new Backoff(new Random(1)), _signs, NullLogger<GrainCalls>.Instance, remote: true);

    [Theory]
    [InlineData(RetryReason.Conflict)]
    [InlineData(RetryReason.Unknown)]
    [InlineData(RetryReason.Refused)]
    [InlineData(RetryReason.Stopping)]
    public async Task A_call_without_an_answer_is_repeated_with_the_same_command(RetryReason reason)
    {
        var commands = new List<object>();
        var command = new object();
        var answer = await Run(_calls.Send("grain", command, (_, sent) =>
        {
            commands.Add(sent);
            return ++_tries < GrainCalls.Tries ? throw new RetryableException(reason, "x") : ValueTask.FromResult(42);
        }, default));

        Assert.Equal(42, answer);
        Assert.Equal(GrainCalls.Tries, commands.Count);
        Assert.All(commands, sent => Assert.Same(command, sent));
    }

    [Fact]
    public async Task A_call_that_a_silo_gave_up_is_repeated()
    {
        Assert.Equal(42, await Run(_calls.Send(
            "grain", 0, (_, _) => ++_tries < 2 ? ValueTask.FromException<int>(new OperationCanceledException()) : ValueTask.FromResult(42), default)));
    }

    [Fact]
    public async Task A_call_that_is_never_answered_is_unavailable_after_the_last_try()
    {
        var refused = await Assert.ThrowsAsync<RefusedRequestException>(() => Run(Fail(() => new TimeoutException())));
        Assert.Equal((503, "unavailable", true), (refused.Problem.Status, refused.Problem.Code, refused.Problem.Retryable));
        Assert.NotNull(refused.Problem.RetryAfter);
        Assert.Equal(GrainCalls.Tries, _tries);
        Assert.Equal((1, GrainCalls.Tries), (_signs.Calls, _signs[RaceSign.Unanswered]));
    }

    [Fact]
    public async Task An_overloaded_silo_is_not_asked_again()
    {
        var refused = await Assert.ThrowsAsync<RefusedRequestException>(
            () => Run(Fail(() => new RetryableException(RetryReason.Overloaded, "x"))));
        Assert.Equal((503, "overloaded", TimeSpan.FromSeconds(1)), (refused.Problem.Status, refused.Problem.Code, refused.Problem.RetryAfter));
        Assert.Equal((1, 0), (_tries, _signs[RaceSign.Unanswered]));
    }

    [Fact]
    public async Task A_store_that_takes_nothing_is_said_at_once_and_not_asked_again()
    {
        var refused = await Assert.ThrowsAsync<RefusedRequestException>(
            () => Run(Fail(() => new RetryableException(RetryReason.Unwritable, "x"))));
        Assert.Equal((503, "unavailable", 1), (refused.Problem.Status, refused.Problem.Code, _tries));
        Assert.Contains("Nothing was done", refused.Problem.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RetryReason.Refused, "Nothing was done")]
    [InlineData(RetryReason.Unwritable, "unknown")]
    public async Task Whether_nothing_was_done_depends_on_all_tries(RetryReason last, string said)
    {
        var refused = await Assert.ThrowsAsync<RefusedRequestException>(() => Run(Fail(
            () => new RetryableException(_tries == 1 && said == "unknown" ? RetryReason.Unknown : last, "x"))));
        Assert.Contains(said, refused.Problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_overload_behind_a_try_without_an_answer_does_not_say_that_nothing_was_done()
    {
        var refused = await Assert.ThrowsAsync<RefusedRequestException>(
            () => Run(Fail(() => _tries == 1 ? new TimeoutException() : new RetryableException(RetryReason.Overloaded, "x"))));
        Assert.Equal((503, "unavailable", 2), (refused.Problem.Status, refused.Problem.Code, _tries));
    }

    [Theory]
    [InlineData("GET", false)]
    [InlineData("HEAD", false)]
    [InlineData("POST", true)]
    [InlineData("PUT", true)]
    [InlineData("PATCH", true)]
    [InlineData("DELETE", true)]
    public async Task Only_who_asked_for_a_change_hears_of_its_effect_and_its_key(string method, bool hears)
    {
        Exception[] failures = [new TimeoutException(), new RetryableException(RetryReason.Overloaded, "x")];
        foreach (var (failure, code) in failures.Zip(["unavailable", "overloaded"]))
        {
            var refused = await Assert.ThrowsAsync<RefusedRequestException>(() => Run(Fail(() => failure)));

            var (status, retryAfter, body) = await Answer(refused.Problem, method);

            Assert.Equal((503, "1", code), (status, retryAfter, (string?)body["code"]));
            Assert.True((bool)body["retryable"]!);
            Assert.Equal(hears, Regex.IsMatch((string)body["detail"]!, "effect|key|Nothing was done"));
        }

        var (_, _, broken) = await Answer(ProblemAnswers.Broken, method);
        Assert.Equal(hears, ((string)broken["detail"]!).Contains("effect", StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_try_begins_when_patience_is_gone()
    {
        await Assert.ThrowsAsync<RefusedRequestException>(() => Run(Fail(() =>
        {
            _clock.Advance(GrainCalls.Patience);
            return new TimeoutException();
        })));
        Assert.Equal(1, _tries);
    }

    [Fact]
    public async Task A_bug_is_not_repeated()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => Run(Fail(() => new InvalidOperationException())));
        Assert.Equal(1, _tries);
    }

    [Fact]
    public async Task A_duplicate_of_a_running_request_that_gets_no_answer_is_told_so()
    {
        var operation = Guid.CreateVersion7(_clock.GetUtcNow());
        var never = new TaskCompletionSource<int>();
        var first = _calls.Send("grain", operation, 0, (_, _) => new ValueTask<int>(never.Task), default).AsTask();

        var duplicate = await Assert.ThrowsAsync<RefusedRequestException>(() => Run(_calls.Send(
            "grain", operation, 0, (_, _) => ValueTask.FromException<int>(new TimeoutException()), default)));
        Assert.Equal((409, "idempotency_in_progress", true), (duplicate.Problem.Status, duplicate.Problem.Code, duplicate.Problem.Retryable));

        never.SetResult(7);
        Assert.Equal(7, await first);
        var later = await Assert.ThrowsAsync<RefusedRequestException>(() => Run(_calls.Send(
            "grain", operation, 0, (_, _) => ValueTask.FromException<int>(new TimeoutException()), default)));
        Assert.Equal("unavailable", later.Problem.Code);
    }

    [Fact]
    public async Task A_call_that_waits_when_a_silo_is_lost_is_repeated_with_the_same_command()
    {
        var commands = new List<object>();
        var asked = _calls.Send("grain", new object(), (_, sent) =>
        {
            commands.Add(sent);
            return commands.Count == 1 ? new ValueTask<int>(new TaskCompletionSource<int>().Task) : ValueTask.FromResult(42);
        }, default);

        _calls.RepeatAll();

        Assert.Equal(42, await Run(asked));
        Assert.Equal(2, commands.Count);
        Assert.Same(commands[0], commands[1]);
    }

    [Fact]
    public async Task A_call_that_begins_after_a_silo_was_lost_waits_for_its_answer()
    {
        _calls.RepeatAll();
        var answer = new TaskCompletionSource<int>();
        var asked = _calls.Send("grain", 0, (_, _) =>
        {
            _tries++;
            return new ValueTask<int>(answer.Task);
        }, default);
        answer.SetResult(7);

        Assert.Equal(7, await Run(asked));
        Assert.Equal(1, _tries);
    }

    private static async Task<(int Status, string? RetryAfter, JsonNode Body)> Answer(Problem problem, string method)
    {
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { Request = { Method = method }, Response = { Body = body } };
        await problem.ExecuteAsync(context);
        return (context.Response.StatusCode, context.Response.Headers.RetryAfter, JsonNode.Parse(body.ToArray())!);
    }

    private ValueTask<int> Fail(Func<Exception> failure) => _calls.Send("grain", 0, (_, _) =>
    {
        _tries++;
        return ValueTask.FromException<int>(failure());
    }, default);

    /// <summary>Lets the clock run until the call has ended.</summary>
    private async Task<int> Run(ValueTask<int> call)
    {
        var task = call.AsTask();
        for (var i = 0; i < 1_000 && !task.IsCompleted; i++)
        {
            // What waits for no clock gets real time to move on in, or all patience would be gone before it has.
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        }

        return await task.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
    }
}
