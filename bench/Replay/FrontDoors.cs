namespace Holdfast.Bench.Replay;

/// <summary>The front doors of one server or cluster. Requests begin at each in turn, and a repeat goes to the one after.</summary>
/// <param name="urls">At least one; each ends with a slash, or its path would be lost.</param>
public sealed class FrontDoors(IReadOnlyList<Uri> urls)
{
    private int _turn = -1;

    public int Count => urls.Count;

    /// <summary>Where a new request begins.</summary>
    public int Next() => Interlocked.Increment(ref _turn);

    /// <param name="turn">Where the request began, and one more for each repeat.</param>
    /// <param name="path">Without a leading slash.</param>
    public Uri Address(int turn, string path) => new(urls[(int)((uint)turn % (uint)urls.Count)], path);

    public override string ToString() => string.Join(", ", urls);
}
