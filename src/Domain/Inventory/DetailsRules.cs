using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Domain.Owner;
using static Holdfast.Domain.Owner.Decide<Holdfast.Domain.Inventory.StockEvent>;

namespace Holdfast.Domain.Inventory;

/// <summary>The rules of what a shop says of a product: put whole, or patched.</summary>
public static class DetailsRules
{
    public static Decision<StockEvent, PutProductOutcome> Put(StockState state, PutProduct command, DateTimeOffset now)
    {
        if ((command.IfAbsent && state.Exists) || (command.IfVersion is { } version && !(state.Exists && version == state.DetailsVersion)))
        {
            return Answer<PutProductOutcome>(new(PutProductStatus.VersionMismatch, Read(state)));
        }

        var price = command.UnitPrice;
        if (PriceRules.IsScheduledInAnother(price.Currency, state, now))
            return Answer<PutProductOutcome>(new(PutProductStatus.CurrencyScheduled, Read(state)));
        var put = new StockEvent.DetailsPut(
            command.Operation.Id, command.Operation.Fingerprint, command.Name, price.Amount, price.Currency)
        {
            OnHand = state.OnHand,
            Reference = command.Reference,
            Metadata = StoredMetadata.Of(command.Metadata),
            Archived = command.Archived ? true : null,
        };
        return Change<PutProductOutcome>(
            new(state.Exists ? PutProductStatus.Replaced : PutProductStatus.Created, After(state, put, now)), put);
    }

    public static PutProductOutcome PutBefore(StockState state, PutProduct command, Receipt? first) =>
        first is { Kind: StockReceiptKind.DetailsChange } receipt
            ? new(receipt.Creates ? PutProductStatus.Created : PutProductStatus.Replaced, Read(state), Replayed: true)
            : new(PutProductStatus.KeyReused, Read(state));

    /// <summary>Decided by what is there now: two who patch different members both win.</summary>
    public static Decision<StockEvent, PatchProductOutcome> Patch(StockState state, PatchProduct command, DateTimeOffset now)
    {
        if (!state.Exists) return Answer<PatchProductOutcome>(new(PatchProductStatus.NotFound));
        if (command.IfVersion is { } version && version != state.DetailsVersion)
            return Answer<PatchProductOutcome>(new(PatchProductStatus.VersionMismatch, Read(state)));

        var kept = command.ClearsMetadata ? [] : StoredMetadata.Entries(state.Metadata);
        var put = new StockEvent.DetailsPut(
            command.Operation.Id,
            command.Operation.Fingerprint,
            command.Name ?? state.Name!,
            command.Amount ?? state.UnitPrice.Amount,
            command.Currency ?? state.UnitPrice.Currency)
        {
            OnHand = state.OnHand,
            Reference = command.SetsReference ? command.Reference : state.Reference,
            Metadata = StoredMetadata.Of(kept.Concat(command.Metadata)),
            Archived = (command.Archived ?? state.Archived) ? true : null,
        };
        if (put.Metadata?.Count > Limits.MetadataEntries) return Answer<PatchProductOutcome>(new(PatchProductStatus.TooManyEntries));
        if (PriceRules.IsScheduledInAnother(put.Currency, state, now))
            return Answer<PatchProductOutcome>(new(PatchProductStatus.CurrencyScheduled, Read(state)));

        // What says nothing new leaves no trace, unless a key binds it: its repeat is to be known.
        if (command.Operation.Fingerprint == 0 && SaysNothingNew(state, put))
            return Answer<PatchProductOutcome>(new(PatchProductStatus.Patched, Read(state)));
        return Change<PatchProductOutcome>(new(PatchProductStatus.Patched, After(state, put, now)), put);
    }

    public static PatchProductOutcome PatchedBefore(StockState state, PatchProduct command, Receipt? first) =>
        first is { Kind: StockReceiptKind.DetailsChange }
            ? new(PatchProductStatus.Patched, Read(state), Replayed: true)
            : new(PatchProductStatus.KeyReused);

    public static ProductDetails? Read(StockState state) => state.Exists
        ? new(state.Sku, state.Name!, state.UnitPrice, state.DetailsVersion)
        {
            Reference = state.Reference,
            Metadata = StoredMetadata.Entries(state.Metadata),
            Archived = state.Archived,
            CreatedAt = state.CreatedAt,
            UpdatedAt = state.UpdatedAt,
        }
        : null;

    private static ProductDetails After(StockState state, StockEvent.DetailsPut put, DateTimeOffset now) =>
        new(state.Sku, put.Name, new(put.Amount, put.Currency), state.Version + 1)
        {
            Reference = put.Reference,
            Metadata = StoredMetadata.Entries(put.Metadata),
            Archived = put.Archived == true,
            CreatedAt = state.Exists ? state.CreatedAt : now,
            UpdatedAt = now,
        };

    private static bool SaysNothingNew(StockState state, StockEvent.DetailsPut put) =>
        put.Name == state.Name
        && new Money(put.Amount, put.Currency) == state.UnitPrice
        && put.Reference == state.Reference
        && (put.Archived == true) == state.Archived
        && StoredMetadata.Same(put.Metadata, state.Metadata);
}
