using System.Globalization;

namespace Holdfast.Rig;

/// <summary>Which process on this machine a connection belongs to, as Linux tells it: proc(5), <c>/proc/net/tcp</c> and <c>/proc/[pid]/fd</c>.</summary>
public static class SocketOwner
{
    private const int LocalAddressColumn = 1;
    private const int InodeColumn = 9;

    private static readonly string[] Tables = ["/proc/net/tcp", "/proc/net/tcp6"];

    /// <summary>Null when it can be told on this machine, else why it cannot.</summary>
    public static string? WhyUnavailable { get; } =
        File.Exists("/proc/net/tcp") ? null : "which process a connection belongs to can only be told where there is /proc/net/tcp";

    /// <summary>Whether a process has a connection from a local port.</summary>
    internal static bool Owns(int processId, int localPort)
    {
        var end = string.Create(CultureInfo.InvariantCulture, $":{localPort:X4}");
        var sockets = Tables
            .Where(File.Exists)
            .SelectMany(File.ReadLines)
            .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(columns => columns.Length > InodeColumn && columns[LocalAddressColumn].EndsWith(end, StringComparison.Ordinal))
            .Select(static columns => $"socket:[{columns[InodeColumn]}]")
            .ToHashSet();
        return Links(processId).Any(sockets.Contains);
    }

    private static IEnumerable<string> Links(int processId)
    {
        foreach (var descriptor in Descriptors(processId))
        {
            if (new FileInfo(descriptor).LinkTarget is { } target) yield return target;
        }
    }

    private static string[] Descriptors(int processId)
    {
        try
        {
            return Directory.GetFileSystemEntries(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/fd"));
        }
        catch (DirectoryNotFoundException)
        {
            // It has ended.
            return [];
        }
    }
}
