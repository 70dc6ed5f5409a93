using System.Text.Json;

namespace Holdfast.Checker.Models;

/// <summary>
/// A text as the search sees it. A text that is not the beginning of what a get has seen can only become it by another put; where none
/// is left that could, nothing leads on.
/// </summary>
internal sealed class KvRules : IRules<KvState>
{
    private const long Empty = 0;

    // What finds a text again, about, in 64-bit words; and the characters that fit one.
    private const long WordsPerText = 32;
    private const int CharsPerWord = 4;

    private readonly KvOperation[] _operations;
    private readonly int[] _classes;
    private readonly int[] _putNumbers;

    // For each answered get: the answered puts of which it may have seen the text, and null when an unknown one may be among them.
    private readonly int[]?[] _putsBefore;
    private readonly HoldTree _puts;
    private readonly List<string> _texts = [""];
    private readonly Dictionary<string, long> _textNumbers = new() { [""] = Empty };
    private readonly Dictionary<(long Text, string More), long> _appended = [];
    private long _chars;

    public KvRules(KvOperation[] operations)
    {
        _operations = operations;
        var numbers = new ClassNumbers<KvOperation>();
        // A change whose answer was lost does, when it has its effect, what an answered one does.
        _classes = Array.ConvertAll(
            operations, operation => numbers.Of(operation with { Answered = operation.Answered || operation.Verb != KvVerb.Get }));
        var puts = 0;
        _putNumbers = Array.ConvertAll(operations, operation => operation is { Verb: KvVerb.Put, Answered: true } ? puts++ : -1);
        _puts = new HoldTree(puts);
        _putsBefore = Array.ConvertAll(operations, PutsBefore);
    }

    public KvState Initial => default;

    public long HeldWords => (_texts.Count * WordsPerText) + (_appended.Count * WordsPerText) + (_chars / CharsPerWord) + _puts.HeldWords;

    public bool TryApply(in KvState state, int operation, out KvState next)
    {
        ref readonly var asked = ref _operations[operation];
        next = state;
        switch (asked.Verb)
        {
            case KvVerb.Put:
                var put = _putNumbers[operation];
                next = new(NumberOf(asked.Text), put < 0 ? state.Puts : _puts.With(state.Puts, put, HoldStatus.Committed));
                return true;
            case KvVerb.Append:
                next = state with { Text = Appended(state.Text, asked.Text) };
                return true;
            default:
                return !asked.Answered || state.Text == NumberOf(asked.Text);
        }
    }

    public int ClassOf(int operation) => _classes[operation];

    public bool ChangesNothing(int operation) => _operations[operation] is { Verb: KvVerb.Get } or { Verb: KvVerb.Append, Text: "" };

    public bool IsPinned(int operation) => _operations[operation].Verb == KvVerb.Get;

    /// <summary>What is still to be appended, in characters; more than the whole text when another one stands in its place.</summary>
    public long Distance(in KvState state, int operation)
    {
        var wanted = _operations[operation].Text;
        return Begins(wanted, state) ? wanted.Length - _texts[(int)state.Text].Length : wanted.Length + 1;
    }

    public bool IsLost(in KvState state, int operation)
    {
        if (_putsBefore[operation] is not { } puts || Begins(_operations[operation].Text, state))
            return false;
        foreach (var put in puts)
        {
            if (_puts.Read(state.Puts, put) == HoldStatus.None)
                return false;
        }

        return true;
    }

    public bool IsFree(int operation, out Effect effect)
    {
        effect = default;
        return false;
    }

    public Effect LevelsOf(in KvState state) => default;

    public bool TryGetNeeds(in KvState state, int operation, out Needs needs)
    {
        needs = default;
        return false;
    }

    public string Describe(in KvState state) => $"value {JsonSerializer.Serialize(_texts[(int)state.Text])}";

    private int[]? PutsBefore(KvOperation get)
    {
        if (get is not { Verb: KvVerb.Get, Answered: true })
            return null;
        var puts = new List<int>();
        for (var i = 0; i < _operations.Length; i++)
        {
            if (_operations[i].Verb != KvVerb.Put || !get.Text.StartsWith(_operations[i].Text, StringComparison.Ordinal))
                continue;
            if (_putNumbers[i] < 0)
                return null;
            puts.Add(_putNumbers[i]);
        }

        return [.. puts];
    }

    private bool Begins(string wanted, in KvState state) => wanted.StartsWith(_texts[(int)state.Text], StringComparison.Ordinal);

    private long Appended(long text, string more)
    {
        if (!_appended.TryGetValue((text, more), out var appended))
            _appended.Add((text, more), appended = NumberOf(_texts[(int)text] + more));
        return appended;
    }

    private long NumberOf(string text)
    {
        if (!_textNumbers.TryGetValue(text, out var number))
        {
            _textNumbers.Add(text, number = _texts.Count);
            _texts.Add(text);
            _chars += text.Length;
        }

        return number;
    }
}
