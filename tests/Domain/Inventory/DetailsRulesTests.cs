using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Domain.Inventory;
using Holdfast.Tests.Domain.Owner;

namespace Holdfast.Tests.Domain.Inventory;

/// <summary>What a shop says of a product.</summary>
public sealed class DetailsRulesTests
{
    private static readonly Money Price = new(250, "EUR");
    private static readonly Guid Hold = new("11111111-1111-1111-1111-111111111111");

    private readonly PlayedStream<StockState, StockEvent> _product = new(StockKind.Instance, "sku-1");
    private byte _nextOperation;

    [Fact]
    public void What_is_said_is_kept_by_the_journal_and_by_a_snapshot()
    {
        Put("A-7", [new("b", "2"), new("a", "1")], archived: true);
        var kept = _product.Read(DetailsRules.Read)!;

        Assert.Equal(("A-7", true), (kept.Reference, kept.Archived));
        Assert.Equal([new("a", "1"), new("b", "2")], kept.Metadata);
        foreach (var state in new[] { _product.Replay(), _product.Restore() })
        {
            var again = DetailsRules.Read(state)!;
            Assert.Equal(kept with { Metadata = [] }, again with { Metadata = [] });
            Assert.Equal(kept.Metadata, again.Metadata);
        }

        Put(null, [], archived: false);
        var bare = _product.Read(DetailsRules.Read)!;
        Assert.Equal((null, false, 0), (bare.Reference, bare.Archived, bare.Metadata.Length));
    }

    [Fact]
    public void It_says_when_it_was_created_and_when_last_changed()
    {
        var created = _product.Now;
        Assert.Equal((created, created), Times(Put(null, []).Details!));

        _product.Now = created.AddHours(1);
        Assert.Equal((created, _product.Now), Times(Patch(name: "Coffee").Details!));
        _product.Adjust(new AdjustStock(Next(), 3, "received", null));
        _product.Now = created.AddHours(2);

        // Stock is no detail.
        Assert.Equal((created, created.AddHours(1)), Times(_product.Read(DetailsRules.Read)!));
        Assert.Equal((created, created.AddHours(1)), Times(DetailsRules.Read(_product.Replay())!));
        Assert.Equal((created, created.AddHours(1)), Times(DetailsRules.Read(_product.Restore())!));
    }

    [Fact]
    public void A_patch_changes_what_it_names_and_leaves_the_rest()
    {
        Put("A-7", [new("a", "1"), new("b", "2")]);

        Assert.Equal(new Money(300, "EUR"), Patch(amount: 300).Details!.UnitPrice);
        Assert.Equal(new Money(300, "USD"), Patch(currency: "USD").Details!.UnitPrice);
        var patched = Patch(name: "Coffee", metadata: [new("b", null), new("c", "3")]).Details!;
        Assert.Equal(("Coffee", "A-7"), (patched.Name, patched.Reference));
        Assert.Equal([new("a", "1"), new("c", "3")], patched.Metadata);
        Assert.Null(Patch(setsReference: true).Details!.Reference);
        Assert.Equal([new("d", "4")], Patch(clears: true, metadata: [new("d", "4")]).Details!.Metadata);
        Assert.True(Patch(archived: true).Details!.Archived);
        Assert.True(Patch(amount: 1).Details!.Archived);
        Assert.False(Patch(archived: false).Details!.Archived);
        Assert.Equal(StateText.Of(_product.State), StateText.Of(_product.Replay()));
    }

    [Fact]
    public void There_has_to_be_something_to_patch_of_the_version_that_was_seen()
    {
        Assert.Equal(new(PatchProductStatus.NotFound), Patch(name: "Coffee"));
        Put(null, []);
        Assert.Equal(PatchProductStatus.VersionMismatch, Patch(name: "Coffee", ifVersion: 2).Status);
        Assert.True(_product.Refused);
        Assert.Equal((PatchProductStatus.Patched, 2L), (Patch(name: "Coffee", ifVersion: 1).Status, _product.State.DetailsVersion));
    }

    [Fact]
    public void Patches_do_not_add_up_to_more_metadata_than_there_may_be()
    {
        Put(null, [.. Enumerable.Range(0, Limits.MetadataEntries).Select(static i => new MetadataEntry($"n{i}", "x"))]);

        Assert.Equal(PatchProductStatus.TooManyEntries, Patch(metadata: [new("more", "x")]).Status);
        Assert.Equal(PatchProductStatus.Patched, Patch(metadata: [new("more", "x"), new("n0", null)]).Status);
    }

    [Fact]
    public void What_says_nothing_new_leaves_no_trace_unless_a_key_binds_it()
    {
        Put(null, []);
        var unkeyed = new Operation(Next().Id, Fingerprint: 0);
        Assert.Equal((PatchProductStatus.Patched, 1L), (Patch(unkeyed, name: "Tea").Status, _product.State.DetailsVersion));
        Assert.Empty(_product.Events);

        var keyed = Next();
        Patch(keyed, name: "Tea");
        Patch(name: "Coffee");
        var again = Patch(keyed, name: "Tea");
        Assert.Equal((PatchProductStatus.Patched, true, "Coffee"), (again.Status, again.Replayed, again.Details!.Name));
        Assert.Equal(PatchProductStatus.KeyReused, Patch(keyed with { Fingerprint = 99 }, name: "Cocoa").Status);
    }

    [Fact]
    public void What_is_archived_cannot_be_reserved_and_what_is_held_of_it_can_be_sold()
    {
        Put(null, []);
        _product.Adjust(new AdjustStock(Next(), 9, "received", null));
        Assert.Equal(ReserveStatus.Reserved, Reserve(Hold).Status);
        Patch(archived: true);

        Assert.Equal(new(ReserveStatus.Archived), Reserve(Next().Id));
        Assert.True(_product.Refused);
        Assert.Equal((ReserveStatus.Reserved, true), (Reserve(Hold).Status, Reserve(Hold).Replayed));
        Assert.Equal(ReservationOutcomeStatus.Done, _product.Decide(StockRules.Commit, new ReservationCommand(Hold)).Status);
        Patch(archived: false);
        Assert.Equal(ReserveStatus.Reserved, Reserve(Next().Id).Status);
    }

    private static (DateTimeOffset?, DateTimeOffset?) Times(ProductDetails details) => (details.CreatedAt, details.UpdatedAt);

    private ReserveOutcome Reserve(Guid id) =>
        _product.Reserve(new ReserveStock(new(id, 7), 4, TimeSpan.FromMinutes(15), DateTimeOffset.MaxValue));

    private PutProductOutcome Put(string? reference, MetadataEntry[] metadata, bool archived = false) =>
        _product.Put(new PutProduct(Next(), "Tea", Price, null, IfAbsent: false)
        {
            Reference = reference,
            Metadata = metadata,
            Archived = archived,
        });

    private PatchProductOutcome Patch(
        Operation? operation = null,
        string? name = null,
        long? amount = null,
        string? currency = null,
        bool? archived = null,
        bool setsReference = false,
        bool clears = false,
        MetadataEntry[]? metadata = null,
        long? ifVersion = null) => _product.Patch(
        new(operation ?? Next(), ifVersion, name, amount, currency, archived, setsReference, null, clears, metadata ?? []));

    private Operation Next() => new(new Guid(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ++_nextOperation), 7);
}
