using System.Globalization;

namespace Holdfast.Rig;

/// <summary>The PostgreSQL that is installed on this machine, and as whom it can be run.</summary>
internal static class PostgresPrograms
{
    /// <summary>Where Debian keeps every installed version; its programs are not on PATH.</summary>
    private const string DebianVersions = "/usr/lib/postgresql";

    /// <summary>PostgreSQL refuses to run as root; this user comes with its package.</summary>
    private const string User = "postgres";

    /// <summary>The newest installed version's directory of programs; null when there is none.</summary>
    public static string? Directory { get; } = FindDirectory();

    /// <summary>What goes before a command so that root runs it as the user of PostgreSQL; empty for everybody else.</summary>
    public static IReadOnlyList<string> AsOwner { get; } = FindOwner();

    /// <summary>Null when a server can be started here, else why not.</summary>
    public static string? WhyUnavailable { get; } = ChildProcess.WhyUnavailable
        ?? (Directory is null ? $"PostgreSQL is not installed: neither {DebianVersions}/*/bin/initdb nor initdb on PATH" : null)
        ?? (Environment.IsPrivilegedProcess && AsOwner.Count == 0
            ? $"PostgreSQL does not run as root, and there is no user '{User}' or no setpriv to run it as that user"
            : null);

    public static string Path(string program) => System.IO.Path.Combine(Directory!, program);

    private static string? FindDirectory()
    {
        var versions = System.IO.Directory.Exists(DebianVersions) ? System.IO.Directory.GetDirectories(DebianVersions) : [];
        var newest = versions
            .Select(static version => System.IO.Path.Combine(version, "bin"))
            .Where(static bin => File.Exists(System.IO.Path.Combine(bin, "initdb")) && File.Exists(System.IO.Path.Combine(bin, "postgres")))
            .MaxBy(static bin => Version(bin));
        if (newest is not null) return newest;
        if (Programs.Find("initdb") is not { } initdb) return null;
        // On PATH it may be a link into the directory where the others are.
        var real = File.ResolveLinkTarget(initdb, returnFinalTarget: true)?.FullName ?? initdb;
        return System.IO.Path.GetDirectoryName(real);
    }

    private static double Version(string bin) =>
        double.TryParse(new DirectoryInfo(bin).Parent!.Name, CultureInfo.InvariantCulture, out var version) ? version : 0;

    private static string[] FindOwner()
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess || !File.Exists("/etc/passwd")) return [];
        var user = File.ReadLines("/etc/passwd").Select(static line => line.Split(':')).FirstOrDefault(static fields => fields[0] == User);
        // Not runuser: it stays in between, and a signal to the number that we know would not reach the server.
        return user is [_, _, var id, var group, ..] && Programs.Find("setpriv") is { } setpriv
            ? [setpriv, $"--reuid={id}", $"--regid={group}", "--init-groups", "--"]
            : [];
    }
}
