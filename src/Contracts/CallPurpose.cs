namespace Holdfast.Contracts;

/// <summary>What a call is for, said by who makes it. It travels with the call, in Orleans' request context.</summary>
public static class CallPurpose
{
    private const string Key = "holdfast.read";

    /// <summary>Whether the call under way only reads: an owner that is loaded for it has nothing to do but to answer.</summary>
    public static bool IsRead => RequestContext.Get(Key) is true;

    /// <summary>The calls that are made from here on, in this flow of control, only read.</summary>
    public static void MarkRead() => RequestContext.Set(Key, true);
}
