namespace Holdfast.Domain.Orders;

/// <summary>
/// What an order keeps of what was asked of it under a key. A repeat of an older one is decided afresh, by where the order is.
/// </summary>
public static class AskedVerbs
{
    /// <summary>The newest verbs that are kept.</summary>
    public const int Max = 100;

    /// <summary>The newest descriptions that are kept, beside the verbs: neither pushes out the other.</summary>
    public const int MaxDescribed = 100;

    /// <param name="asked">Oldest first.</param>
    public static void Remember(List<AskedBy> asked, AskedBy by)
    {
        var describes = IsDescription(by);
        if (asked.Count(other => IsDescription(other) == describes) == (describes ? MaxDescribed : Max))
            asked.RemoveAt(asked.FindIndex(other => IsDescription(other) == describes));
        asked.Add(by);
    }

    private static bool IsDescription(AskedBy by) => by.Verb == AskedBy.Describe;
}
