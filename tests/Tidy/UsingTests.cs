namespace Holdfast.Tests.Tidy;

/// <summary>What a file uses stands at its head in one order: namespaces, System's first; then static classes; then own names.</summary>
public sealed class UsingTests
{
    [Fact]
    public void Usings_are_in_order()
    {
        var wrong =
            from file in Repository.Sources()
            let usings = Head(file).Where(static line => line.StartsWith("using ", StringComparison.Ordinal)).ToArray()
            where !usings.SequenceEqual(usings.OrderBy(Group).ThenBy(static line => line, new ByName()))
            select file;

        Assert.Empty(wrong);
    }

    private static IEnumerable<string> Head(string file) => Repository.Read(file).Split('\n')
        .Select(static line => line.TrimEnd())
        .TakeWhile(static line => !line.StartsWith("namespace ", StringComparison.Ordinal));

    private static int Group(string line) => line switch
    {
        _ when line.StartsWith("using static ", StringComparison.Ordinal) => 2,
        _ when line.Contains(" = ", StringComparison.Ordinal) => 3,
        _ when line is "using System;" || line.StartsWith("using System.", StringComparison.Ordinal) => 0,
        _ => 1,
    };

    /// <summary>Part by part, so that a namespace stands before what is in it.</summary>
    private sealed class ByName : IComparer<string>
    {
        public int Compare(string? x, string? y)
        {
            var (one, other) = (x!.TrimEnd(';').Split('.'), y!.TrimEnd(';').Split('.'));
            for (var i = 0; i < Math.Min(one.Length, other.Length); i++)
            {
                if (string.Compare(one[i], other[i], StringComparison.OrdinalIgnoreCase) is not 0 and var order) return order;
            }

            return one.Length - other.Length;
        }
    }
}
