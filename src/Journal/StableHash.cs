namespace Holdfast.Journal;

/// <summary>A hash that is the same in every process and release, unlike <see cref="string.GetHashCode()"/>: lanes depend on it.</summary>
public static class StableHash
{
    /// <summary>FNV-1a, 32 bits, over UTF-16 code units.</summary>
    public static uint Of(ReadOnlySpan<char> text)
    {
        var hash = 2166136261u;
        foreach (var c in text) hash = unchecked((hash ^ c) * 16777619u);
        return hash;
    }
}
