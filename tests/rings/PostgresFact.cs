using Holdfast.Rig;

namespace Holdfast.Rings;

/// <summary>What a test wants of PostgreSQL. Where it is missing, the test is reported as skipped, with the reason.</summary>
public enum Wants
{
    /// <summary>A <see cref="PostgresDatabase"/>, which may be on a server that somebody else runs.</summary>
    Database,

    /// <summary>A <see cref="PostgresServer"/> of its own, which it may stop and kill.</summary>
    Server,
}

/// <summary>A fact about what runs on PostgreSQL.</summary>
public sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute(Wants wants = Wants.Database) => Skip = wants.WhyNot();
}

/// <summary>A theory about what runs on PostgreSQL.</summary>
public sealed class PostgresTheoryAttribute : TheoryAttribute
{
    public PostgresTheoryAttribute(Wants wants = Wants.Database) => Skip = wants.WhyNot();
}

internal static class WantsExtensions
{
    public static string? WhyNot(this Wants wants) => wants == Wants.Server ? PostgresServer.WhyUnavailable : PostgresDatabase.WhyUnavailable;
}
