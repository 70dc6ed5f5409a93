using Holdfast.Contracts.Inventory;
using Holdfast.Domain.Owner;
using static Holdfast.Domain.Owner.Decide<Holdfast.Domain.Inventory.StockEvent>;

namespace Holdfast.Domain.Inventory;

/// <summary>The rules of prices that begin and end. What was the price at a moment that is over never changes.</summary>
public static class PriceRules
{
    /// <summary>What is asked for is all that there is from now on: what runs now and is not named ends now.</summary>
    public static Decision<StockEvent, PutPricesOutcome> Put(StockState state, PutPrices command, DateTimeOffset now)
    {
        if (!state.Exists) return Answer<PutPricesOutcome>(new(PutPricesStatus.UnknownProduct));
        if (command.IfVersion is { } version && version != state.PricesVersion) return Refuse(PutPricesStatus.VersionMismatch);

        var at = now.ToUnixTimeMilliseconds();
        var there = PriceSchedule.Rest(state.Prices, at);
        var running = PriceSchedule.At(there, at);
        var prices = new ScheduledPrice[command.Prices.Length];
        for (var i = 0; i < prices.Length; i++)
        {
            var asked = command.Prices[i];
            if (asked.UnitPrice.Currency != state.UnitPrice.Currency) return Refuse(PutPricesStatus.OtherCurrency, i);
            prices[i] = new(asked.From?.ToUnixTimeMilliseconds() ?? at, asked.UnitPrice.Amount, asked.To?.ToUnixTimeMilliseconds());

            // The running one goes on with the beginning that it had: it was the price since then.
            var goesOn = prices[i].Amount == running?.Amount && (asked.From is null || prices[i].From == running.From);
            if (goesOn) prices[i] = prices[i] with { From = running!.From };
            if ((prices[i].From < at && !goesOn) || prices[i].To <= at) return Refuse(PutPricesStatus.Past, i);
        }

        var same = prices.AsSpan().SequenceEqual(there);
        if (command.IfAbsent && there is not null && !same) return Refuse(PutPricesStatus.VersionMismatch);

        // What says nothing new leaves no trace, unless a key binds it: its repeat is to be known.
        if (same && command.Operation.Fingerprint == 0 && state.PricesVersion > 0)
            return Answer<PutPricesOutcome>(new(PutPricesStatus.Put, Read(state, now)));
        return Change<PutPricesOutcome>(
            new(PutPricesStatus.Put, PriceSchedule.View(state.Sku, state.UnitPrice, prices, now, state.Version + 1)),
            new StockEvent.PricesPut(command.Operation.Id, command.Operation.Fingerprint, state.UnitPrice.Currency, prices)
            {
                OnHand = state.OnHand,
            });

        Decision<StockEvent, PutPricesOutcome> Refuse(PutPricesStatus status, int place = 0) =>
            Answer<PutPricesOutcome>(new(status, Read(state, now), Place: place));
    }

    /// <summary>Without the prices: what holds now is for a read to say.</summary>
    public static PutPricesOutcome PutBefore(StockState state, PutPrices command, Receipt? first) =>
        first is { Kind: StockReceiptKind.PricesChange }
            ? new(PutPricesStatus.Put, Replayed: true)
            : new(PutPricesStatus.KeyReused);

    public static ProductPrices? Read(StockState state, DateTimeOffset now) => state.Exists
        ? PriceSchedule.View(state.Sku, state.UnitPrice, state.Prices, now, state.PricesVersion)
        : null;

    /// <summary>What one unit costs who reserves it now.</summary>
    public static Money UnitPrice(StockState state, DateTimeOffset now) =>
        state.Prices is { } prices && PriceSchedule.At(prices, now.ToUnixTimeMilliseconds()) is { } price
            ? state.UnitPrice with { Amount = price.Amount }
            : state.UnitPrice;

    /// <summary>The product would be in another currency than the prices that it has, or is to have.</summary>
    public static bool IsScheduledInAnother(string currency, StockState state, DateTimeOffset now) =>
        currency != state.UnitPrice.Currency && PriceSchedule.Rest(state.Prices, now.ToUnixTimeMilliseconds()) is not null;
}
