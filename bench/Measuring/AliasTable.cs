namespace Holdfast.Bench.Measuring;

/// <summary>
/// Draws numbers with given odds, in the same time however many there are: Walker's alias method, built as Vose does. Each column
/// has the same width and is shared by at most two numbers.
/// </summary>
internal sealed class AliasTable
{
    private readonly double[] _own;
    private readonly int[] _alias;

    /// <param name="weights">Of the numbers from 0; not negative, not all zero.</param>
    public AliasTable(IReadOnlyList<double> weights)
    {
        var sum = weights.Sum();
        if (!double.IsFinite(sum) || sum <= 0 || weights.Any(static weight => weight < 0))
            throw new ArgumentException("Weights must not be negative, and not all of them zero.", nameof(weights));
        _own = [.. weights.Select(weight => weight * weights.Count / sum)];
        _alias = [.. Enumerable.Range(0, weights.Count)];
        var (small, large) = (new Stack<int>(), new Stack<int>());
        for (var i = 0; i < _own.Length; i++) (_own[i] < 1 ? small : large).Push(i);
        while (small.Count > 0 && large.Count > 0)
        {
            var (few, many) = (small.Pop(), large.Pop());
            _alias[few] = many;
            _own[many] -= 1 - _own[few];
            (_own[many] < 1 ? small : large).Push(many);
        }

        // What is left fills its column, but for the rounding of the sums before it.
        foreach (var rest in small.Concat(large)) _own[rest] = 1;
    }

    public int Count => _own.Length;

    public int Draw(Random random)
    {
        var column = random.Next(_own.Length);
        return random.NextDouble() < _own[column] ? column : _alias[column];
    }
}
