using System.Globalization;
using Holdfast.Tests.Tidy;

namespace Holdfast.Tests.Deploy;

/// <summary>The instructions of a Dockerfile, continued lines joined.</summary>
internal sealed class Dockerfile
{
    private Dockerfile(IReadOnlyList<(string Name, string Arguments)> instructions) => Instructions = instructions;

    public IReadOnlyList<(string Name, string Arguments)> Instructions { get; }

    public IEnumerable<int> Exposed =>
        All("EXPOSE").SelectMany(ports => ports.Split(' ')).Select(port => int.Parse(port, CultureInfo.InvariantCulture));

    /// <summary>The command's words.</summary>
    public string HealthCheck => string.Join(" ", Words(Assert.Single(All("HEALTHCHECK")).Split("CMD ")[1]));

    public static Dockerfile Read(string path)
    {
        var lines = Repository.Read(path).Replace("\\\n", " ", StringComparison.Ordinal).Split('\n')
            .Where(line => line.Length > 0 && !line.StartsWith('#'));
        return new([.. lines.Select(line => (line.Split(' ')[0], line[line.IndexOf(' ', StringComparison.Ordinal)..].Trim()))]);
    }

    public IEnumerable<string> All(string name) => Instructions.Where(instruction => instruction.Name == name).Select(instruction => instruction.Arguments);

    /// <summary>Of the form that starts no shell.</summary>
    public static IReadOnlyList<string> Words(string execForm) =>
        System.Text.Json.JsonSerializer.Deserialize<string[]>(execForm) ?? [];
}
