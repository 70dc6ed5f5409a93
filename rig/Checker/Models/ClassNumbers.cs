namespace Holdfast.Checker.Models;

/// <summary>Numbers for equal things, from 0, in the order of their first appearance.</summary>
internal sealed class ClassNumbers<T> where T : notnull
{
    private readonly Dictionary<T, int> _numbers = [];

    public int Of(T thing)
    {
        if (!_numbers.TryGetValue(thing, out var number))
            _numbers.Add(thing, number = _numbers.Count);
        return number;
    }
}
