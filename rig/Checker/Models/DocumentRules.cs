namespace Holdfast.Checker.Models;

/// <summary>
/// A versioned document as the search sees it. A change whose version nobody was told makes the version unknown: the state then
/// stands for all versions from a floor up, without those that a refused comparison has ruled out.
/// </summary>
internal sealed class DocumentRules : IRules<DocumentState>
{
    private const long Exact = 0;
    private const long NoneExcluded = 1;
    private const long FirstExclusion = 2;

    // A value's text, a set of excluded versions: about this many words each, with what finds them again.
    private const long WordsPerEntry = 64;

    private readonly DocumentOperation[] _operations;
    private readonly int[] _classes;
    private readonly bool _versioned;
    private readonly List<string?> _values = [null];
    private readonly Dictionary<string, long> _valueNumbers = [];
    private readonly Dictionary<(long Value, string Patch), long> _merges = [];
    private readonly List<long[]> _exclusions = [];
    private readonly Dictionary<string, long> _exclusionNumbers = [];

    public DocumentRules(DocumentOperation[] operations)
    {
        _operations = operations;
        // Where nobody asks for a version or is told one, states that differ in nothing else are one.
        _versioned = operations.Any(operation => operation.IfVersion is not null || operation.Version is not null);
        var numbers = new ClassNumbers<DocumentOperation>();
        _classes = Array.ConvertAll(
            operations,
            operation => numbers.Of(operation.Answer == DocumentAnswer.Unknown ? operation with { Answer = DocumentAnswer.Done } : operation));
    }

    public DocumentState Initial => default;

    public long HeldWords => (_values.Count + _merges.Count + _exclusions.Count) * WordsPerEntry;

    public bool TryApply(in DocumentState state, int operation, out DocumentState next)
    {
        ref readonly var asked = ref _operations[operation];
        next = state;
        if (asked.Verb == DocumentVerb.Read)
            return asked.Answer == DocumentAnswer.Unknown || (state.Value == NumberOf(asked.Value) && TryPin(ref next, asked.Version));
        if (asked.Answer == DocumentAnswer.NotFound)
            return state.Value == 0 && TryPin(ref next, asked.Version);
        if (asked.Answer == DocumentAnswer.Mismatch)
        {
            return (asked.IfVersion is { } version ? TryExclude(ref next, version) : state.Value != NumberOf(asked.IfValue))
                && TryPin(ref next, asked.Version);
        }

        if (asked.Compares && state.Value != NumberOf(asked.IfValue))
            return false;
        if (asked.Verb == DocumentVerb.Erase && state.Value == 0)
            return false;
        return TryPin(ref next, asked.IfVersion) && TryChange(ref next, asked);
    }

    public int ClassOf(int operation) => _classes[operation];

    public bool ChangesNothing(int operation) =>
        _operations[operation] is { Verb: DocumentVerb.Read } or { Answer: DocumentAnswer.Mismatch or DocumentAnswer.NotFound };

    public bool IsPinned(int operation) => _operations[operation] is { Verb: DocumentVerb.Read } or { IsConditional: true };

    public long Distance(in DocumentState state, int operation)
    {
        ref readonly var asked = ref _operations[operation];
        if (asked.Verb == DocumentVerb.Read)
            return state.Value == NumberOf(asked.Value) ? 0 : 1;
        if (asked.Compares)
            return state.Value == NumberOf(asked.IfValue) == (asked.Answer != DocumentAnswer.Mismatch) ? 0 : 1;
        return asked.IfVersion is not { } version || state.Floor == version ? 0 : 1;
    }

    public bool IsLost(in DocumentState state, int operation)
    {
        ref readonly var asked = ref _operations[operation];
        return (asked.Version is { } after && after < state.Floor)
            || (asked.IfVersion is { } before && asked.Answer == DocumentAnswer.Done && before < state.Floor);
    }

    public bool IsFree(int operation, out Effect effect)
    {
        effect = default;
        return false;
    }

    public Effect LevelsOf(in DocumentState state) => default;

    public bool TryGetNeeds(in DocumentState state, int operation, out Needs needs)
    {
        needs = default;
        return false;
    }

    public string Describe(in DocumentState state)
    {
        var value = _values[(int)state.Value] is { } text ? $"value {text}" : "no value";
        return !_versioned ? value : state.Versions == Exact ? $"{value}, version {state.Floor}" : $"{value}, version {state.Floor} or higher";
    }

    private bool TryChange(ref DocumentState state, in DocumentOperation asked)
    {
        var value = asked.Verb switch
        {
            DocumentVerb.Put => NumberOf(asked.Value),
            DocumentVerb.Patch => Merged(state.Value, asked.Value!),
            _ => 0,
        };
        if (!_versioned)
        {
            state = new(value, 0, Exact);
            return true;
        }

        // A change that leaves the value as it was may or may not be given a version of its own.
        var floor = Lowest(state) + (value == state.Value ? 0 : 1);
        state = new(value, floor, NoneExcluded);
        return TryPin(ref state, asked.Version);
    }

    /// <summary>Takes note that the document has this version; false when it cannot have it.</summary>
    private bool TryPin(ref DocumentState state, long? version)
    {
        if (version is not { } known)
            return true;
        if (state.Versions == Exact)
            return state.Floor == known;
        if (known < state.Floor || Excluded(state).Contains(known))
            return false;
        state = state with { Floor = known, Versions = Exact };
        return true;
    }

    /// <summary>Takes note that the document does not have this version; false when it certainly has it.</summary>
    private bool TryExclude(ref DocumentState state, long version)
    {
        if (state.Versions == Exact)
            return state.Floor != version;
        if (version < state.Floor || Excluded(state).Contains(version))
            return true;
        long[] excluded = [.. Excluded(state).Append(version).Order()];
        var key = string.Join(',', excluded);
        if (!_exclusionNumbers.TryGetValue(key, out var number))
        {
            _exclusions.Add(excluded);
            _exclusionNumbers.Add(key, number = FirstExclusion + _exclusions.Count - 1);
        }

        state = state with { Versions = number };
        return true;
    }

    private long Lowest(in DocumentState state)
    {
        if (state.Versions == Exact)
            return state.Floor;
        var lowest = state.Floor;
        foreach (var excluded in Excluded(state))
            lowest += excluded == lowest ? 1 : 0;
        return lowest;
    }

    private long[] Excluded(in DocumentState state) => state.Versions < FirstExclusion ? [] : _exclusions[(int)(state.Versions - FirstExclusion)];

    private long NumberOf(string? value)
    {
        if (value is null)
            return 0;
        if (!_valueNumbers.TryGetValue(value, out var number))
        {
            _valueNumbers.Add(value, number = _values.Count);
            _values.Add(value);
        }

        return number;
    }

    private long Merged(long value, string patch)
    {
        if (!_merges.TryGetValue((value, patch), out var merged))
            _merges.Add((value, patch), merged = NumberOf(Json.Merge(_values[(int)value], patch)));
        return merged;
    }
}
