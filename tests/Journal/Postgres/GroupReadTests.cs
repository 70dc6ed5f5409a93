using Holdfast.Journal.Postgres;

namespace Holdfast.Tests.Journal.Postgres;

public sealed class GroupReadTests
{
    private readonly List<int[]> _asked = [];
    private readonly SemaphoreSlim _mayAnswer = new(0);

    [Fact]
    public async Task What_arrives_while_all_turns_are_taken_is_asked_together()
    {
        var reads = NewReads(maxTurns: 2);
        var first = reads.Ask(1, default);
        await Asked(1);
        var second = reads.Ask(2, default);
        await Asked(2);

        var others = Enumerable.Range(3, 5).Select(number => reads.Ask(number, default)).ToArray();
        _mayAnswer.Release(3);

        Assert.Equal((int[])[-1, -2], await Task.WhenAll(first, second));
        Assert.Equal((int[])[-3, -4, -5, -6, -7], await Task.WhenAll(others));
        Assert.Equal([1, 1, 5], _asked.Select(static asked => asked.Length));
    }

    [Fact]
    public async Task A_question_is_asked_by_a_statement_that_is_sent_after_it()
    {
        var reads = NewReads(maxTurns: 1);
        var earlier = reads.Ask(1, default);
        await Asked(1);

        // The statement under way may have read what was there before this.
        var later = reads.Ask(1, default);
        _mayAnswer.Release(2);

        await Task.WhenAll(earlier, later);
        Assert.Equal(2, _asked.Count);
    }

    [Fact]
    public async Task No_statement_has_more_than_its_bound()
    {
        var reads = NewReads(maxTurns: 1);
        var answers = Enumerable.Range(1, 500).Select(number => reads.Ask(number, default)).ToArray();
        _mayAnswer.Release(500);

        Assert.Equal(Enumerable.Range(1, 500).Select(static number => -number), await Task.WhenAll(answers));
        Assert.All(_asked, static asked => Assert.InRange(asked.Length, 1, 64));
    }

    [Fact]
    public async Task A_failure_of_one_question_is_only_that_ones()
    {
        var reads = NewReads(maxTurns: 1);
        var blocker = reads.Ask(1, default);
        await Asked(1);
        var (good, bad, alsoGood) = (reads.Ask(2, default), reads.Ask(0, default), reads.Ask(3, default));
        _mayAnswer.Release(9);

        Assert.Equal((int[])[-1, -2, -3], await Task.WhenAll(blocker, good, alsoGood));
        await Assert.ThrowsAsync<ArgumentException>(() => bad);
    }

    [Fact]
    public async Task A_failure_of_the_store_is_everybodys_and_the_next_are_asked_again()
    {
        var reads = NewReads(maxTurns: 1);
        var blocker = reads.Ask(1, default);
        await Asked(1);
        var answers = new[] { reads.Ask(2, default), reads.Ask(int.MinValue, default), reads.Ask(3, default) };
        _mayAnswer.Release(3);

        Assert.Equal(-1, await blocker);
        foreach (var answer in answers) await Assert.ThrowsAsync<IOException>(() => answer);
        Assert.Equal(-7, await reads.Ask(7, default));
        Assert.Equal([1, 3, 1], _asked.Select(static asked => asked.Length));
    }

    [Fact]
    public async Task Who_gives_up_does_not_take_the_others_answers_along()
    {
        using var patience = new CancellationTokenSource();
        var reads = NewReads(maxTurns: 1);
        var blocker = reads.Ask(1, default);
        await Asked(1);
        var (impatient, patient) = (reads.Ask(2, patience.Token), reads.Ask(3, default));

        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        _mayAnswer.Release(2);

        Assert.Equal((int[])[-1, -3], await Task.WhenAll(blocker, patient));
    }

    /// <summary>
    /// Answers a number with its negative, a statement each time that it may. 0 is a question that cannot be asked, and with the least
    /// number the store does not answer.
    /// </summary>
    private GroupRead<int, int> NewReads(int maxTurns) => new(
        async numbers =>
        {
            lock (_asked) _asked.Add([.. numbers]);
            await _mayAnswer.WaitAsync();
            if (numbers.Contains(int.MinValue)) throw new IOException("The store does not answer.");
            return numbers.Contains(0) ? throw new ArgumentException("0 cannot be asked.") : [.. numbers.Select(static number => -number)];
        },
        static exception => exception is ArgumentException,
        maxTurns);

    private Task Asked(int statements) => Eventually.True(
        () =>
        {
            lock (_asked) return _asked.Count == statements;
        },
        () => $"{statements} statements should be under way");
}
