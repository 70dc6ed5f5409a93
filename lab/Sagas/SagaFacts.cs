namespace Holdfast.Lab.Sagas;

/// <summary>What a system's tables say about its orders and its stock.</summary>
internal sealed record SagaFacts(IReadOnlyList<OrderFact> Orders, StockFacts Stock);

/// <param name="Units">Of all its lines.</param>
internal readonly record struct OrderFact(string Id, OrderEnd End, long Units);

/// <summary>Sums over all products.</summary>
/// <param name="Oversold">Products with more units held than there are.</param>
internal readonly record struct StockFacts(long OnHand, long Reserved, long Oversold);
