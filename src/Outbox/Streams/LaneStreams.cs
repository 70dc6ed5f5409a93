using System.Globalization;

namespace Holdfast.Outbox.Streams;

/// <summary>
/// What Orleans calls the lanes: lane i is queue i and stream i, never a stream an order, because registering a cold stream pauses its
/// queue and each stream is remembered for half an hour.
/// </summary>
public static class LaneStreams
{
    /// <summary>The stream provider's name.</summary>
    public const string Provider = "outbox";

    public const string Namespace = "holdfast.lanes";

    private const string KeyPrefix = "lane-";

    public static string KeyOf(int lane) => $"{KeyPrefix}{lane}";

    public static int LaneOf(string key) => int.Parse(key.AsSpan(KeyPrefix.Length), CultureInfo.InvariantCulture);
}
