namespace Holdfast.Domain.Owner;

/// <summary>What an owner knows: changed by its events alone, and asked by its rules.</summary>
public interface IOwnerState<TEvent>
    where TEvent : class
{
    /// <summary>The answers that the owner gave before, or null when it keeps none.</summary>
    ReceiptBook? Receipts => null;

    /// <summary>The leases of which the owner has seen terms; null when it has seen none.</summary>
    SeenFence[]? Fences => null;

    /// <summary>What the last event changed in the rows beside the stream; null for nothing, as of an event that erases.</summary>
    BesideRows? Beside => null;

    /// <summary>How many entries a snapshot would hold; one is taken when the tail has grown half as long as that.</summary>
    int Size => 1;

    /// <summary>Changes the state in place. Never refuses, never looks at a clock: replay must give what the original gave.</summary>
    /// <param name="version">The event's own.</param>
    /// <param name="at">When the event was decided, UTC.</param>
    void Apply(TEvent @event, long version, DateTimeOffset at);

    /// <summary>What has come due by time alone and must be recorded before anything else is decided; null for nothing.</summary>
    TEvent? Elapse(DateTimeOffset now) => null;

    /// <summary>The answer that was given to an operation before, as far as it is in memory.</summary>
    bool TryGetReceipt(Guid operation, out Receipt receipt)
    {
        receipt = default;
        return Receipts is { } receipts && receipts.TryGet(operation, out receipt);
    }

    /// <exception cref="InvariantViolationException">The state breaks an invariant of its owner.</exception>
    void Check()
    {
    }
}
