using Holdfast.Checker.Models;
using Holdfast.Checker.Search;

namespace Holdfast.Checker;

/// <summary>One key's operations, ready to be searched.</summary>
internal abstract class KeyCheck
{
    public abstract int Count { get; }

    public abstract SearchResult Search(CheckLimits limits);

    /// <param name="blocker">Of the violation that <see cref="Search"/> found.</param>
    public abstract Contradiction Explain(int blocker, CheckLimits limits);
}

internal sealed class KeyCheck<TOperation, TState>(Model<TOperation, TState> model, Operation[] source, TOperation[] parsed) : KeyCheck
    where TOperation : struct, IEquatable<TOperation>
    where TState : unmanaged, IEquatable<TState>
{
    // A probe of a smaller history may cost this many configurations: most smaller histories are decided at once, or not soon.
    private const int ProbeConfigurations = 20_000;

    // A guess that is good is good at once: each gets this part of the quick search's configurations.
    private const int GuessShare = 1;

    // Operations by which an order may differ from a guess; the work grows exponentially with it.
    private static readonly int[] GuessWindows = [1, 2, 4, 8];

    /// <summary>Some of the operations, the answers of some of them forgotten.</summary>
    private sealed class View
    {
        public required int[] Members { get; init; }

        public required Timeline Time { get; init; }

        public required IRules<TState> Rules { get; init; }
    }

    private long _spent;

    public override int Count => source.Length;

    public override SearchResult Search(CheckLimits limits)
    {
        var view = Look(IsAnswered);
        var guessed = 0L;
        foreach (var window in limits.Guesses ? GuessWindows : [])
        {
            foreach (var order in Guesses(view.Time))
            {
                var guess = new DepthFirst<TState>(view.Time, view.Rules, order, window).Run(limits.QuickFor(Count) / GuessShare);
                guessed += guess.Configurations;
                if (guess.Verdict == Verdict.Linearizable)
                    return guess with { Configurations = guessed };
            }
        }

        var result = Search(view, limits.QuickFor(Count), limits);
        return new(
            result.Verdict,
            result.Verdict == Verdict.Violation ? view.Members[result.Blocker] : result.Blocker,
            guessed + result.Configurations);
    }

    public override Contradiction Explain(int blocker, CheckLimits limits)
    {
        var kept = Shrink(blocker, limits);
        var view = Look(i => kept.Contains(i));
        var result = Search(view, limits.QuickFor(Count), limits);
        // A check with all its limits may fail where a probe, starting smaller, did not; the blocker then stays what it was.
        var stuck = result.Verdict == Verdict.Violation ? view.Members[result.Blocker] : blocker;
        var search = new DepthFirst<TState>(view.Time, view.Rules);
        _ = search.Run(limits.QuickFor(Count), keepLongest: true);
        return new Contradiction(
            source[0].Key,
            [.. kept.Order().Select(i => source[i])],
            [.. view.Members.Where(i => !kept.Contains(i)).Select(i => source[i])],
            [.. search.Longest.Select(step => Step(view, step.Operation, step.After, kept))],
            source[stuck]);
    }

    private OrderedStep Step(View view, int place, TState after, HashSet<int> kept) =>
        new(source[view.Members[place]], view.Rules.Describe(after), Assumed: !kept.Contains(view.Members[place]));

    /// <summary>
    /// Finds few answers that contradict each other. A history in which an answer is forgotten, so that its operation may take place at
    /// any time after its call or never, allows all that the whole history allowed; if even it has no order, the answer was not needed.
    /// Leaving an operation out is as harmless only when it changed nothing, or was called after all that is left had returned.
    /// </summary>
    private HashSet<int> Shrink(int blocker, CheckLimits limits)
    {
        var last = Returned(blocker);
        int[] answered = [.. Enumerable.Range(0, Count).Where(i => IsAnswered(i) && source[i].Call <= last).OrderBy(Returned)];
        if (!StillFails(answered, limits))
            return [.. Enumerable.Range(0, Count).Where(IsAnswered)];
        var kept = Tail(answered, limits);
        for (var parts = 2; kept.Length > 1;)
        {
            if (WithoutOnePart(kept, parts, limits) is { } fewer)
            {
                kept = fewer;
                parts = Math.Max(2, parts - 1);
            }
            else if (parts < kept.Length)
            {
                parts = Math.Min(kept.Length, parts * 2);
            }
            else
            {
                break;
            }
        }

        return [.. kept];
    }

    /// <summary>The fewest last answers, in powers of two, that contradict by themselves.</summary>
    private int[] Tail(int[] answered, CheckLimits limits)
    {
        for (var count = 1; count < answered.Length; count *= 2)
        {
            if (StillFails(answered[^count..], limits))
                return answered[^count..];
        }

        return answered;
    }

    private int[]? WithoutOnePart(int[] kept, int parts, CheckLimits limits)
    {
        for (var part = 0; part < parts; part++)
        {
            var from = (int)((long)kept.Length * part / parts);
            var to = (int)((long)kept.Length * (part + 1) / parts);
            int[] fewer = [.. kept[..from], .. kept[to..]];
            if (StillFails(fewer, limits))
                return fewer;
        }

        return null;
    }

    private bool StillFails(int[] kept, CheckLimits limits)
    {
        if (kept.Length == 0 || _spent > limits.ShrinkConfigurations)
            return false;
        var set = new HashSet<int>(kept);
        var view = Look(set.Contains);
        var result = Search(view, ProbeConfigurations, limits with { SweepConfigurations = ProbeConfigurations });
        _spent += view.Members.Length + result.Configurations;
        return result.Verdict == Verdict.Violation;
    }

    private static SearchResult Search(View view, long quick, CheckLimits limits)
    {
        var first = new DepthFirst<TState>(view.Time, view.Rules).Run(quick);
        if (first.Verdict != Verdict.Undecided)
            return first;
        var second = new Sweep<TState>(view.Time, view.Rules).Run(limits.SweepConfigurations, limits.HeldConfigurations);
        return second with { Configurations = first.Configurations + second.Configurations };
    }

    /// <summary>Objects mostly take operations as they come, or answer them as they are done.</summary>
    private static IEnumerable<IEnumerable<int>> Guesses(Timeline time)
    {
        yield return time.ByReturn.Order();
        yield return time.ByReturn;
        yield return time.ByReturn.OrderBy(i => time.Calls[i] + ((time.Returns[i] - time.Calls[i]) / 2));
    }

    private bool IsAnswered(int operation) => source[operation].Outcome == OperationOutcome.Answered;

    private long Returned(int operation) => source[operation].Return!.Value;

    /// <param name="keepsAnswer">Of the answered operations, those that are taken as they are.</param>
    private View Look(Func<int, bool> keepsAnswer)
    {
        var last = long.MinValue;
        for (var i = 0; i < Count; i++)
        {
            if (keepsAnswer(i))
                last = Math.Max(last, Returned(i));
        }

        int[] members = [.. Enumerable.Range(0, Count).Where(i => keepsAnswer(i) || (source[i].Call <= last && MayChange(i)))];
        var operations = Array.ConvertAll(members, i => keepsAnswer(i) ? parsed[i] : model.Forget(parsed[i]));
        var calls = Array.ConvertAll(members, i => source[i].Call);
        var returns = Array.ConvertAll(members, i => keepsAnswer(i) ? Returned(i) : Timeline.Never);
        var rules = model.Bind(operations, calls, returns);
        return new View { Members = members, Rules = rules, Time = new Timeline(calls, returns, rules.ClassOf) };
    }

    private bool MayChange(int operation) => !model.ChangesNothing(parsed[operation]);
}
