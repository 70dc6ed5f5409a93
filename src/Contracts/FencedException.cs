namespace Holdfast.Contracts;

/// <summary>
/// An owner refuses a change for its <see cref="Fence"/>, before any rule is asked: the same for owners of every kind, so it is no outcome
/// of one of their commands. An expected answer, as durable as any other, and never to be repeated as it is.
/// </summary>
[GenerateSerializer, Alias("holdfast.FencedException")]
public sealed class FencedException : Exception
{
    /// <param name="newest">The newest term of the lease that the owner has seen; 0 when it has no room for one more lease.</param>
    public FencedException(Fence fence, long newest)
        : base(newest > 0
            ? "The owner has seen a later term of the lease."
            : $"The owner has seen {Limits.FenceNames} leases, and remembers no more.") =>
        (Fence, Newest) = (fence, newest);

    [Id(0)]
    public Fence Fence { get; }

    [Id(1)]
    public long Newest { get; }

    /// <summary>The owner has no room for one more lease.</summary>
    public bool IsFull => Newest == 0;
}
