namespace Holdfast.Silo.Settings;

/// <summary>What a process does.</summary>
public enum HoldfastRole
{
    /// <summary>Front door and silo in one process.</summary>
    All,

    /// <summary>The front door alone, as a client of a cluster.</summary>
    Api,

    /// <summary>A silo alone.</summary>
    Silo,
}
