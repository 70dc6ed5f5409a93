namespace Holdfast.Silo.Settings;

/// <summary>
/// Finds keys that nobody reads, in the section <c>Holdfast</c> and among the connection strings: a setting that was meant and has no
/// effect.
/// </summary>
internal static class UnknownSettings
{
    private const string ConnectionStrings = "ConnectionStrings";

    private static readonly IReadOnlyList<string> Known =
    [
        .. SettingsSections.All.SelectMany(static section => section.Settings.Select(section.NameOf)),
        $"{ConnectionStrings}:{HoldfastOptions.ConnectionString}",
    ];

    /// <exception cref="StartRefusedException">There is one; the message says which setting it may have been meant to be.</exception>
    public static void Refuse(IConfiguration configuration)
    {
        foreach (var key in Keys(configuration, HoldfastOptions.Section).Concat(Keys(configuration, ConnectionStrings)))
        {
            if (Known.Contains(key, StringComparer.OrdinalIgnoreCase)) continue;
            var hint = Nearest(key) is { } near ? $"Did you mean {near}? All" : "All";
            throw new StartRefusedException($"{key} is no setting of Holdfast. {hint} are listed in docs/settings.md.");
        }
    }

    private static IEnumerable<string> Keys(IConfiguration configuration, string name)
    {
        var section = configuration.GetSection(name);
        return section.Value is null ? Leaves(section) : Leaves(section).Prepend(name);
    }

    private static IEnumerable<string> Leaves(IConfigurationSection section)
    {
        foreach (var child in section.GetChildren())
        {
            if (child.Value is not null) yield return child.Path;
            foreach (var leaf in Leaves(child)) yield return leaf;
        }
    }

    /// <summary>Of a section without the name of a setting, one that is in it; null when nothing is near.</summary>
    private static string? Nearest(string key) => Known
        .Select(known => (
            Name: known,
            IsIn: known.StartsWith(key + ':', StringComparison.OrdinalIgnoreCase),
            Distance: Distance(known.ToUpperInvariant(), key.ToUpperInvariant())))
        .Where(known => known.IsIn || known.Distance <= key.Length / 3)
        .OrderByDescending(static known => known.IsIn)
        .ThenBy(static known => known.Distance)
        .Select(static known => known.Name)
        .FirstOrDefault();

    /// <summary>Letters to be put in, taken out or changed to make one text the other (Levenshtein).</summary>
    private static int Distance(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var before = row[0]++;
            for (var j = 1; j <= to.Length; j++)
            {
                var changed = before + (from[i - 1] == to[j - 1] ? 0 : 1);
                before = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
