namespace Holdfast.Rig;

internal static class Programs
{
    /// <summary>Tools of the administrator are not on everybody's PATH.</summary>
    private static readonly string[] Besides = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

    /// <summary>The full path of a program on PATH; null when there is none.</summary>
    public static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Concat(Besides)
        .Select(folder => Path.Combine(folder, name))
        .FirstOrDefault(File.Exists);
}
