using System.Text.Json;
using Holdfast.Domain.Inventory;
using Holdfast.Domain.Owner;
using Holdfast.Domain.Profiles;
using Holdfast.Grains.Hosting;

namespace Holdfast.Tests.Domain.Owner;

/// <summary>Numbers of receipts are stored, and mean what they meant for ever; see <see cref="StoredShapeTests"/>.</summary>
public sealed class StoredReceiptTests
{
    [Fact]
    public void A_receipt_in_the_table_is_stored_as_ever()
    {
        const string Stored = """{"Fingerprint":18446744073709551615,"At":1772366400000,"Kind":3,"A":-4,"B":9223372036854775807}""";
        var receipt = new Receipt(ulong.MaxValue, 1772366400000, 3, -4, long.MaxValue);
        Assert.Equal(Stored, JsonSerializer.Serialize(receipt, ReceiptJson.Default.Receipt));
        Assert.Equal(receipt, JsonSerializer.Deserialize(Stored, ReceiptJson.Default.Receipt));
    }

    [Fact]
    public void The_kinds_of_a_products_receipts_have_the_numbers_they_always_had()
    {
        Assert.Equal(
            (1, 2, 3, 4, 10, 11),
            (StockReceiptKind.Committed, StockReceiptKind.Released, StockReceiptKind.Expired,
                StockReceiptKind.Tombstone, StockReceiptKind.StockChange, StockReceiptKind.DetailsChange));
        Assert.Equal((5, 12, 13), (StockReceiptKind.CommittedInPart, StockReceiptKind.Verb, StockReceiptKind.PricesChange));
        Assert.Equal(14, StockReceiptKind.Superseded);
        Assert.Distinct(typeof(StockReceiptKind).GetFields().Select(static kind => (byte)kind.GetRawConstantValue()!));
        Assert.Equal(
            new Receipt(7, 6, StockReceiptKind.CommittedInPart, (5L << 32) | 2, 9),
            StockReceipts.Sold(new(7, 0, StockReceiptKind.Open, 5, 9), 6, 2));
    }

    [Fact]
    public void The_kinds_of_a_profiles_receipts_have_the_numbers_they_always_had()
    {
        var at = DateTimeOffset.UnixEpoch;
        Assert.Equal(
            (0, 2, 1),
            (ProfileReceipts.Edited(1, at, 1, creates: false).Kind,
                ProfileReceipts.Edited(1, at, 1, creates: true).Kind,
                ProfileReceipts.Erased(1, at, 1).Kind));
    }
}
