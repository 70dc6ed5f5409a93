using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Holdfast.Tests.Tidy;

/// <summary>The projects of the house, and who may know whom: read from the project files and from ARCHITECTURE.md, typed nowhere.</summary>
internal static partial class House
{
    private static readonly string[] Wings = ["src", "rig", "bench", "lab"];

    /// <summary>Paths of all project files but those of tests, by the names of the projects.</summary>
    public static IReadOnlyDictionary<string, string> Projects { get; } =
        Wings.SelectMany(static wing => Repository.Files(wing, ".csproj")).ToDictionary(Name, static path => path);

    /// <summary>The names of the projects under src.</summary>
    public static IReadOnlyList<string> Rooms { get; } =
        [.. Projects.Where(static project => project.Value.StartsWith("src/", StringComparison.Ordinal)).Select(static project => project.Key)];

    /// <summary>What each project may reference.</summary>
    public static IReadOnlyDictionary<string, string[]> Arrows { get; } = ReadArrows(Repository.Read("ARCHITECTURE.md"));

    /// <summary>What owners are about: each has a folder of its own in Contracts.</summary>
    public static IReadOnlyList<string> Concepts { get; } =
        [.. Repository.Files("src/Contracts", ".cs").Select(static path => path.Split('/')).Where(static path => path.Length > 3).Select(static path => path[2]).Distinct()];

    /// <summary>The lines "Name → Name, Name" of a text.</summary>
    public static Dictionary<string, string[]> ReadArrows(string text) =>
        Arrow().Matches(text).ToDictionary(static line => line.Groups[1].Value, static line => line.Groups[2].Value.Split(", "));

    public static IEnumerable<string> Included(string element, string xml) =>
        XDocument.Parse(xml).Descendants(element).Select(static e => e.Attribute("Include")?.Value ?? "");

    /// <summary>The name of the project in a project file.</summary>
    public static string Name(string path) => Path.GetFileNameWithoutExtension(path.Replace('\\', '/'));

    [GeneratedRegex(@"^ +(\w+) +→ (\w+(?:, \w+)*)$", RegexOptions.Multiline)]
    private static partial Regex Arrow();
}
