using Holdfast.Bench.Replay;

namespace Holdfast.Bench.Chaos;

/// <summary>How large a cluster, how often something of it dies, and what is sold meanwhile.</summary>
/// <param name="Every">From one kill to the next; longer when the first victim takes longer to come back.</param>
/// <param name="AtLeast">Kills, however soon the invoices are through.</param>
/// <param name="Seed">Of who dies when and how.</param>
/// <param name="Disturb">Commits are made late, too.</param>
/// <param name="Replay">What is sold meanwhile, and how hard.</param>
public sealed record ChaosSettings(int Silos, int FrontDoors, TimeSpan Every, int AtLeast, int Seed, bool Disturb, ReplaySettings Replay);
