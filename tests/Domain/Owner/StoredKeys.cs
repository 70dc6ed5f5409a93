using Holdfast.Domain.Callers;

namespace Holdfast.Tests.Domain.Owner;

/// <summary>The events of a store's keys, and how they are stored for ever; see <see cref="StoredShapeTests"/>.</summary>
internal static class StoredKeys
{
    private const string One = "00000001-0000-0000-0000-000000000000";

    private const string Most = "18446744073709551615";

    private const string KeyOfShop = """
        "id":"0123456789abcdef","name":"shop","scopes":["orders:read"],"hash":"00ff"
        """;

    private static readonly Guid Id = new(One);

    public static readonly (KeyringEvent Event, string Json)[] Events =
    [
        (new KeyringEvent.Made(Id, ulong.MaxValue, "0123456789abcdef", "shop", ["orders:read"], "00ff", 1772366400000),
            $$"""{"type":"key.made","operation":"{{One}}","fingerprint":{{Most}},{{KeyOfShop}},"expiresAt":1772366400000}"""),
        (new KeyringEvent.Made(Id, 1, "0123456789abcdef", "shop", ["orders:read"], "00ff"),
            $$"""{"type":"key.made","operation":"{{One}}","fingerprint":1,{{KeyOfShop}}}"""),
        (new KeyringEvent.Revoked(Id, ulong.MaxValue, "0123456789abcdef"),
            $$"""{"type":"key.revoked","operation":"{{One}}","fingerprint":{{Most}},"id":"0123456789abcdef"}"""),
        (new KeyringEvent.ReceiptsMoved(10_000), """{"type":"receipts.moved","count":10000}"""),
    ];
}
