namespace Holdfast.Bench.Stalls;

/// <summary>What stands still under a cluster's database.</summary>
public enum StallKind
{
    /// <summary>The disk: nothing becomes durable, by a library that is loaded into PostgreSQL.</summary>
    Disk,

    /// <summary>The server's processes that are in the middle of an append, by a signal.</summary>
    Backends,

    /// <summary>The standby that each commit has to reach, too.</summary>
    Standby,
}
