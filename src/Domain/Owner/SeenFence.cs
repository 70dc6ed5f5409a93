using Holdfast.Contracts;

namespace Holdfast.Domain.Owner;

/// <summary>The newest term of a lease under which something was asked of an owner. Stored under the names that it has here.</summary>
public sealed record SeenFence(string Name, long Number);

/// <summary>What an owner has seen of fences: at most <see cref="Limits.FenceNames"/>, null for none; never changed in place.</summary>
public static class SeenFences
{
    /// <returns>0 when the owner has seen none of that lease.</returns>
    public static long NewestOf(this SeenFence[]? seen, string name)
    {
        foreach (var fence in seen ?? [])
        {
            if (fence.Name == name) return fence.Number;
        }

        return 0;
    }

    public static SeenFence[] With(this SeenFence[]? seen, string name, long number) =>
        [.. (seen ?? []).Where(fence => fence.Name != name), new(name, number)];
}
