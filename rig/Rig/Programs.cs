using System.Runtime.InteropServices;

namespace Holdfast.Rig;

/// <summary>Where programs lie that are started as processes of their own.</summary>
public static class Programs
{
    /// <summary>Tools of the administrator are not on everybody's PATH.</summary>
    private static readonly string[] Besides = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

    /// <summary>The .NET that runs us, or the one on PATH if this is not how it is installed.</summary>
    public static string DotNet { get; } = FindDotNet();

    /// <summary>The full path of a program on PATH; null when there is none.</summary>
    public static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Concat(Besides)
        .Select(folder => Path.Combine(folder, name))
        .FirstOrDefault(File.Exists);

    private static string FindDotNet()
    {
        var own = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        return File.Exists(own) ? own : "dotnet";
    }
}
