namespace Holdfast.Silo.Settings;

/// <summary>Finds keys in the section <c>Holdfast</c> that nobody reads: a setting that was meant and has no effect.</summary>
internal static class UnknownSettings
{
    private static readonly IReadOnlyList<string> Known =
        [.. SettingsSections.All.SelectMany(static section => section.Settings.Select(section.NameOf))];

    /// <exception cref="StartRefusedException">There is one; the message says which setting it may have been meant to be.</exception>
    public static void Refuse(IConfiguration configuration)
    {
        foreach (var key in Leaves(configuration.GetSection(HoldfastOptions.Section)))
        {
            if (Known.Contains(key, StringComparer.OrdinalIgnoreCase)) continue;
            throw new StartRefusedException(
                $"{key} is no setting of Holdfast. Did you mean {Nearest(key)}? All are listed in docs/settings.md.");
        }
    }

    private static IEnumerable<string> Leaves(IConfigurationSection section)
    {
        foreach (var child in section.GetChildren())
        {
            if (child.Value is not null) yield return child.Path;
            foreach (var leaf in Leaves(child)) yield return leaf;
        }
    }

    /// <summary>Of a section without the name of a setting, one that is in it.</summary>
    private static string Nearest(string key) => Known
        .OrderByDescending(known => known.StartsWith(key + ':', StringComparison.OrdinalIgnoreCase))
        .ThenBy(known => Distance(known.ToUpperInvariant(), key.ToUpperInvariant()))
        .First();

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
