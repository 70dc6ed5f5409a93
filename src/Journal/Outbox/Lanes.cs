namespace Holdfast.Journal.Outbox;

/// <summary>
/// The fixed set of lanes that carry messages: lane i is queue i and stream i, never a stream an order, because registering a
/// cold stream pauses its queue and each stream is remembered for half an hour. Rows name their lane: the numbers are stored.
/// </summary>
public static class Lanes
{
    /// <summary>Lanes of steps that only call grains.</summary>
    public const int Steps = 8;

    /// <summary>Lanes of steps that wait for the outside, so that a slow one delays only its like.</summary>
    public const int Payments = 4;

    public const int Count = Steps + Payments;

    /// <summary>The stream provider's name.</summary>
    public const string Provider = "outbox";

    /// <summary>The namespace of the lanes' streams.</summary>
    public const string Namespace = "holdfast.lanes";

    public static int ForStep(string key) => (int)(StableHash.Of(key) % Steps);

    public static int ForPayment(string key) => Steps + (int)(StableHash.Of(key) % Payments);

    public static string StreamKey(int lane) => $"lane-{lane}";

    public static int FromStreamKey(string key) => int.Parse(key.AsSpan("lane-".Length), System.Globalization.CultureInfo.InvariantCulture);
}
