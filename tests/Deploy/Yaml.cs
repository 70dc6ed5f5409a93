using System.Globalization;
using Holdfast.Tests.Tidy;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Holdfast.Tests.Deploy;

/// <summary>A node of a YAML file; anchors and merges are resolved. What is missing is an empty node.</summary>
internal sealed class Yaml(object? node)
{
    public static Yaml Read(string path)
    {
        var parser = new MergingParser(new Parser(new StringReader(Repository.Read(path))));
        return new(new DeserializerBuilder().Build().Deserialize<object?>(parser));
    }

    public bool Exists => node is not null;

    public string Text => Convert.ToString(node, CultureInfo.InvariantCulture) ?? "";

    public IEnumerable<string> Keys => Map.Keys.Select(key => (string)key);

    /// <summary>Of a map.</summary>
    public IEnumerable<(string Key, Yaml Value)> Entries => Map.Select(entry => ((string)entry.Key, new Yaml(entry.Value)));

    /// <summary>Of a list; a single text is a list of one.</summary>
    public IReadOnlyList<Yaml> Items => node switch
    {
        null => [],
        List<object> list => [.. list.Select(item => new Yaml(item))],
        _ => [this],
    };

    public IReadOnlyList<string> Texts => [.. Items.Select(item => item.Text)];

    private Dictionary<object, object> Map => node as Dictionary<object, object> ?? [];

    public Yaml this[string key] => new(Map.GetValueOrDefault(key));

    /// <summary>Every text below, with the path to it.</summary>
    public IEnumerable<(string Path, string Text)> Leaves(string path = "") => node switch
    {
        Dictionary<object, object> => Entries.SelectMany(entry => entry.Value.Leaves($"{path}/{entry.Key}")),
        List<object> => Items.SelectMany(item => item.Leaves(path)),
        _ => [(path, Text)],
    };
}
