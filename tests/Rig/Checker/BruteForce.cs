using System.Text.Json;
using System.Text.Json.Nodes;
using Holdfast.Checker;

namespace Holdfast.Tests.Rig.Checker;

/// <summary>
/// Tries every order of a tiny history, and every choice of which unknown outcomes happened, on models of its own that read the JSON
/// directly. Slow and plain: what the checker is compared with.
/// </summary>
internal static class BruteForce
{
    private const long VersionsBeyondTheHighest = 9;

    /// <param name="Ends">Before that moment it does not end by itself; null when nobody holds it.</param>
    /// <param name="Time">It is that late at least.</param>
    private sealed record Lease(long Number, long? Ends, long Time);

    private sealed record Document(string? Value, long Version);

    private sealed record Stock(long OnHand, long Reserved, IReadOnlyDictionary<string, (string Status, long Quantity)> Holds);

    public static bool IsLinearizable(IReadOnlyList<Operation> history, string model)
    {
        Operation[] left = [.. history.Where(operation => operation.Outcome != OperationOutcome.Failed)];
        var versions = left.Max(Highest) + VersionsBeyondTheHighest;
        return model switch
        {
            "counter" => Explains(0L, left, Counter),
            "kv" => Explains("", left, Text),
            "lease" => Explains(new Lease(0, null, long.MinValue), left, OneLease),
            "stock" => Explains(new Stock(0, 0, new Dictionary<string, (string, long)>()), left, OneStock),
            _ => Explains(new Document(null, 0), left, (document, operation) => NextDocuments(document, operation, versions)),
        };
    }

    private static bool Explains<T>(T state, Operation[] left, Func<T, Operation, IEnumerable<T>> next)
    {
        if (left.All(operation => operation.Outcome == OperationOutcome.Unknown))
            return true;
        var until = left.Min(operation => operation.Outcome == OperationOutcome.Unknown ? long.MaxValue : operation.Return!.Value);
        return left.Where(operation => operation.Call <= until).Any(operation =>
        {
            Operation[] rest = [.. left.Where(other => !ReferenceEquals(other, operation))];
            return next(state, operation).Any(after => Explains(after, rest, next));
        });
    }

    private static IEnumerable<long> Counter(long value, Operation operation)
    {
        var after = operation.Name == "increment" ? value + operation.Input.GetProperty("delta").GetInt64() : value;
        if (Told(operation, "value") is not { } told || told == after)
            yield return after;
    }

    private static IEnumerable<string> Text(string text, Operation operation) => operation.Name switch
    {
        "put" => [operation.Input.GetProperty("value").GetString()!],
        "append" => [text + operation.Input.GetProperty("value").GetString()],
        _ => operation.Output is not { } output || output.GetProperty("value").GetString() == text ? [text] : [],
    };

    /// <summary>As it finds the lease: as it was left, or, when it returns late enough for that, over.</summary>
    private static IEnumerable<Lease> OneLease(Lease lease, Operation operation)
    {
        var latest = operation.Return ?? long.MaxValue;
        if (latest < lease.Time) return [];
        IEnumerable<Lease> found = lease.Ends is { } end && latest >= end
            ? [lease, lease with { Ends = null, Time = Math.Max(end, lease.Time) }]
            : [lease];
        var told = operation.Output is { } output ? output.GetProperty("status").GetString() : null;
        return found.SelectMany(before => AfterLease(before, operation))
            .Where(after => told is null ? after.Status != "lost" : after.Status == told && Fits(operation, "number", after.Lease.Number))
            .Where(after => told is null || after.Lease.Ends is not { } least || (Told(operation, "ends") ?? least) >= least)
            .Select(after => after.Status == "done" && operation.Name != "release" && Told(operation, "ends") is { } ends
                ? after.Lease with { Ends = ends }
                : after.Lease);
    }

    private static IEnumerable<(string Status, Lease Lease)> AfterLease(Lease lease, Operation operation)
    {
        var asked = operation.Input.TryGetProperty("number", out var number) ? number.GetInt64() : 0;
        switch (operation.Name)
        {
            case "read":
                yield return (lease.Ends is null ? "free" : "held", lease);
                break;
            case "acquire":
                yield return lease.Ends is not null
                    ? ("held", lease)
                    : ("done", lease with { Number = lease.Number + 1, Ends = long.MinValue });
                break;
            default:
                var isOne = lease.Ends is not null && lease.Number == asked;
                yield return !isOne ? ("lost", lease) : ("done", operation.Name == "renew" ? lease : lease with { Ends = null });
                break;
        }
    }

    private static IEnumerable<Stock> OneStock(Stock stock, Operation operation)
    {
        var status = operation.Output is { } output && output.TryGetProperty("status", out var text) ? text.GetString() : null;
        var known = operation.Outcome == OperationOutcome.Answered;
        return Outcomes(stock, operation)
            .Where(outcome => !known || outcome.Status == status)
            .Select(outcome => outcome.After)
            .Where(after => Fits(operation, "onHand", after.OnHand)
                && Fits(operation, "reserved", after.Reserved)
                && Fits(operation, "available", after.OnHand - after.Reserved));
    }

    private static IEnumerable<(string? Status, Stock After)> Outcomes(Stock stock, Operation operation)
    {
        var id = operation.Input.TryGetProperty("id", out var text) ? text.GetString()! : "";
        var hold = stock.Holds.GetValueOrDefault(id, ("none", 0));
        switch (operation.Name)
        {
            case "read":
                yield return (null, stock);
                break;
            case "adjust":
                var onHand = stock.OnHand + operation.Input.GetProperty("delta").GetInt64();
                yield return onHand >= stock.Reserved ? ("adjusted", stock with { OnHand = onHand }) : ("refused", stock);
                break;
            case "reserve":
                var quantity = operation.Input.GetProperty("quantity").GetInt64();
                if (hold.Status == "none" && stock.OnHand - stock.Reserved >= quantity)
                    yield return ("reserved", With(stock, id, "open", quantity, 0, quantity));
                else if (hold.Status == "none")
                    yield return ("insufficient", stock);
                if (hold.Status is "open" or "committed" or "released")
                    yield return ("reserved", stock);
                if (hold.Status is "released" or "barred")
                    yield return ("released", stock);
                break;
            case "commit":
                if (hold.Status == "open")
                    yield return ("done", With(stock, id, "committed", hold.Quantity, -hold.Quantity, -hold.Quantity));
                if (hold.Status == "committed")
                    yield return ("done", stock);
                if (hold.Status is "none" or "barred")
                    yield return ("not_found", stock);
                if (hold.Status is "released" or "barred")
                    yield return ("already_released", stock);
                break;
            default:
                var barred = operation.Input.TryGetProperty("tombstone", out var tombstone) && tombstone.GetBoolean();
                if (hold.Status == "open")
                    yield return ("done", With(stock, id, "released", hold.Quantity, 0, -hold.Quantity));
                if (hold.Status is "released" or "barred")
                    yield return ("done", stock);
                if (hold.Status == "none")
                    yield return ("not_found", barred ? With(stock, id, "barred", 0, 0, 0) : stock);
                if (hold.Status == "none" && barred)
                    yield return ("done", With(stock, id, "barred", 0, 0, 0));
                if (hold.Status == "committed")
                    yield return ("already_committed", stock);
                break;
        }
    }

    private static Stock With(Stock stock, string id, string status, long quantity, long onHand, long reserved) => new(
        stock.OnHand + onHand,
        stock.Reserved + reserved,
        new Dictionary<string, (string, long)>(stock.Holds) { [id] = (status, quantity) });

    private static IEnumerable<Document> NextDocuments(Document document, Operation operation, long versions)
    {
        var status = operation.Output is { } output && output.TryGetProperty("status", out var text) ? text.GetString() : null;
        var told = Told(operation, "version");
        if (operation.Name == "read")
        {
            var saw = operation.Output?.GetProperty("value");
            var same = saw is null || (saw.Value.ValueKind == JsonValueKind.Null ? document.Value is null : Sorted(saw.Value) == document.Value);
            return same && (told ?? document.Version) == document.Version ? [document] : [];
        }

        if (status == "not_found")
            return document.Value is null && (told ?? document.Version) == document.Version ? [document] : [];
        var matches = (!operation.Input.TryGetProperty("ifVersion", out var ifVersion) || ifVersion.GetInt64() == document.Version)
            && (!operation.Input.TryGetProperty("ifValue", out var ifValue) || Sorted(ifValue) == (document.Value ?? "null"));
        if (status == "mismatch")
            return !matches && (told ?? document.Version) == document.Version ? [document] : [];
        if (!matches || (operation.Name == "erase" && document.Value is null))
            return [];
        var value = operation.Name switch
        {
            "erase" => null,
            "patch" => Patched(document.Value, operation.Input.GetProperty("patch")),
            _ => Sorted(operation.Input.GetProperty("value")),
        };
        var lowest = value == document.Value ? document.Version : document.Version + 1;
        if (told is { } version)
            return version >= lowest ? [new(value, version)] : [];
        return Enumerable.Range(0, (int)Math.Max(1, versions - lowest)).Select(more => new Document(value, lowest + more));
    }

    /// <summary>Of flat maps only, as the simulated clients use them.</summary>
    private static string Patched(string? document, JsonElement patch)
    {
        var fields = document is null ? [] : JsonNode.Parse(document)!.AsObject();
        foreach (var change in patch.EnumerateObject())
        {
            fields.Remove(change.Name);
            if (change.Value.ValueKind != JsonValueKind.Null)
                fields[change.Name] = JsonNode.Parse(change.Value.GetRawText());
        }

        return Sorted(JsonSerializer.SerializeToElement(fields));
    }

    private static string Sorted(JsonElement value) => value.ValueKind != JsonValueKind.Object
        ? value.GetRawText()
        : $"{{{string.Join(',', value.EnumerateObject().OrderBy(field => field.Name, StringComparer.Ordinal).Select(field => $"\"{field.Name}\":{field.Value.GetRawText()}"))}}}";

    private static bool Fits(Operation operation, string member, long actual) => (Told(operation, member) ?? actual) == actual;

    private static long? Told(Operation operation, string member) =>
        operation.Output is { } output && output.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.Number
            ? value.GetInt64()
            : null;

    private static long Highest(Operation operation) => Math.Max(
        Told(operation, "version") ?? 0,
        operation.Input.TryGetProperty("ifVersion", out var version) ? version.GetInt64() : 0);
}
