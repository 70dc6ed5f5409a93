using System.Text.Json;
using Holdfast.Contracts.Inventory;
using Holdfast.Domain.Orders;
using Holdfast.Journal;

namespace Holdfast.Simulation;

/// <summary>In some worlds a product of the order cannot be worked on once the order is paid or cancelled: nobody reaches it for long, or it is broken until somebody looks.</summary>
internal sealed class Outages(World world, string orderId)
{
    private const string Broken = "The product is broken.";

    private readonly bool _comes = world.Dice.Chance(0.02);
    private readonly bool _isBroken = world.Dice.Chance(0.5);
    private DateTimeOffset _until;

    /// <summary>The product that is or was away; null for none so far.</summary>
    public string? Sku { get; private set; }

    /// <summary>It fails by itself, and does not only give no answer.</summary>
    public bool IsBroken => _isBroken && IsAway;

    /// <summary>A step has failed because the product is broken.</summary>
    public static bool IsCauseOf(Exception failure) => failure.Message.Contains(Broken, StringComparison.Ordinal);

    private bool IsAway => world.Loop.Now < _until;

    /// <summary>The product, as steps reach it.</summary>
    public IProductInventory Reach(string sku)
    {
        if (sku != Sku || !IsAway) return world.Cluster.Product(sku);
        throw _isBroken ? new InvalidOperationException(Broken) : new TimeoutException("Nobody reaches the product.");
    }

    public void Stored(Append append)
    {
        if (!_comes || append.Stream != $"order/{orderId}") return;
        foreach (var @event in JsonSerializer.Deserialize(append.Events.Span, OrderKind.Instance.Events)!)
        {
            if (Sku is null && @event is (OrderEvent.CompletingStarted or OrderEvent.CancellingStarted))
            {
                Sku = $"sku-{1 + world.Dice.Below(2)}";
                _until = world.Loop.Now + world.Dice.Between(TimeSpan.FromMinutes(8), TimeSpan.FromMinutes(40));
                world.History.Note($"{Sku} is {(_isBroken ? "broken" : "away")}");
            }

            // Whoever sees the order standing mends the product first.
            if (@event is OrderEvent.Parked && _isBroken) _until = default;
        }
    }
}
