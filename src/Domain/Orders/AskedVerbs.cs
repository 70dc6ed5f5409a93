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

    /// <summary>Whether this was accepted before. After an erasure only that it was is left, and nothing to tell what it said.</summary>
    public static bool Has(List<AskedBy> asked, AskedBy by) => asked.Exists(known => known == by
        || (known is { Fingerprint: 0, Note: null } && (known.Verb, known.Operation) == (by.Verb, by.Operation)));

    private static bool IsDescription(AskedBy by) => by.Verb == AskedBy.Describe;
}
