namespace Holdfast.Outbox.Lanes;

/// <summary>How this silo's lanes are, for a health check. Reading it costs nothing and asks nobody.</summary>
/// <param name="Assigned">The lanes that are this silo's among the active ones. None is well when there are more silos than lanes.</param>
/// <param name="Owned">Those whose messages it takes: their receivers have been initialised.</param>
/// <param name="UnreadableSince">Since when the table of some owned lane cannot be read; null when all can.</param>
/// <param name="Joined">The silo knows which silos are active, and has not begun to leave.</param>
public sealed record LanesHealth(IReadOnlyList<int> Assigned, IReadOnlyList<int> Owned, DateTimeOffset? UnreadableSince, bool Joined)
{
    /// <summary>Messages of this silo's lanes are being delivered.</summary>
    public bool IsReady => Joined && UnreadableSince is null && Assigned.All(Owned.Contains);
}
