using System.Text.RegularExpressions;

namespace Holdfast.Tests.Tidy;

/// <summary>The files of this repository, as they lie on disk.</summary>
internal static class Repository
{
    private static readonly string[] SkippedFolders = ["bin", "obj", ".git", "data", "artifacts", "TestResults", "node_modules"];

    public static string Root { get; } = FindRoot();

    /// <summary>Files below a folder, as paths from the root with forward slashes.</summary>
    public static IReadOnlyList<string> Files(string folder, params string[] extensions)
    {
        var start = Path.Combine(Root, folder);
        return Directory.Exists(start) ? [.. Walk(start).Where(file => extensions.Contains(Path.GetExtension(file))).Order()] : [];
    }

    /// <summary>All C# that is written here, tests included.</summary>
    public static IEnumerable<string> Sources() =>
        new[] { "src", "rig", "bench", "lab", "tests" }.SelectMany(static folder => Files(folder, ".cs"));

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>C# without its comments and the text of its strings; lines stay where they were.</summary>
    public static string Code(string source) => NotCode.Replace(source, skipped => new string('\n', skipped.Value.Count(c => c == '\n')));

    private static readonly Regex NotCode = new(
        """"
        //[^\n]* | /\*.*?\*/ | \$*"""+.*?"""+ | @\$?"(?:[^"]|"")*" | \$@"(?:[^"]|"")*" | "(?:\\.|[^"\\\n])*" | '(?:\\[^']+|[^'\\])'
        """",
        RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace);

    private static IEnumerable<string> Walk(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder))
            yield return Path.GetRelativePath(Root, file).Replace('\\', '/');
        foreach (var child in Directory.EnumerateDirectories(folder).Where(child => !SkippedFolders.Contains(Path.GetFileName(child))))
        {
            foreach (var file in Walk(child))
                yield return file;
        }
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Orleans.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"No Orleans.sln above {AppContext.BaseDirectory}.");
    }
}
