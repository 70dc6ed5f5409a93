using System.Text;
using Holdfast.Domain.Leases;

namespace Holdfast.Tests.Domain.Owner;

/// <summary>The events of a lease and its snapshots, and how they are stored for ever; see <see cref="StoredShapeTests"/>.</summary>
public sealed class StoredLeases
{
    private const string One = "00000001-0000-0000-0000-000000000000";

    private const string Most = "18446744073709551615";

    private static readonly Guid Id = new(One);

    internal static readonly (LeaseEvent Event, string Json)[] Events =
    [
        (new LeaseEvent.Acquired(Id, ulong.MaxValue, "host-7", 3, 1772366400000),
            $$"""{"type":"lease.acquired","operation":"{{One}}","fingerprint":{{Most}},"holder":"host-7","number":3,"""
            + """ "expiresAt":1772366400000}""".TrimStart()),
        (new LeaseEvent.Renewed(Id, ulong.MaxValue, 1772366400000),
            $$"""{"type":"lease.renewed","operation":"{{One}}","fingerprint":{{Most}},"expiresAt":1772366400000}"""),
        (new LeaseEvent.Released(Id, ulong.MaxValue), $$"""{"type":"lease.released","operation":"{{One}}","fingerprint":{{Most}}}"""),
        (new LeaseEvent.Expired(), """{"type":"lease.expired"}"""),
        (new LeaseEvent.ReceiptsMoved(10_000), """{"type":"receipts.moved","count":10000}"""),
    ];

    [Theory]
    [InlineData("""{"number":3,"holder":"host-7","expiresAt":1772366400000,"receipts":{"spilledUntil":0,"kept":[]}}""")]
    [InlineData("""{"number":3,"holder":"host-7","receipts":{"spilledUntil":0,"kept":[]}}""")]
    public void A_snapshot_of_a_lease_is_stored_as_its_shape_says(string json)
    {
        Assert.Equal("lease/1", LeaseKind.Instance.Snapshots.Shape);
        var restored = LeaseKind.Instance.Snapshots.Restore("nightly", Encoding.UTF8.GetBytes(json));
        Assert.Equal(json, Encoding.UTF8.GetString(LeaseKind.Instance.Snapshots.Capture(restored)()));
        Assert.Equal(json.Contains("expiresAt", StringComparison.Ordinal) ? "host-7" : null, restored.View.Holder);
    }
}
