using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Holdfast.Grains.Hosting;
using Holdfast.Silo.Settings;
using Holdfast.Tests.Tidy;
using Microsoft.Extensions.Configuration;

namespace Holdfast.Tests.Silo.Settings;

/// <summary>docs/settings.md says what the classes of options say.</summary>
public sealed class SettingsPageTests
{
    private static readonly string[] Names = [.. SettingsSections.All.SelectMany(static section => section.Settings.Select(section.NameOf))];

    private static readonly string[] Page = Repository.Read("docs/settings.md").Split('\n');

    public static TheoryData<string, string, string?> Known()
    {
        var rows = new TheoryData<string, string, string?>();
        foreach (var section in SettingsSections.All)
        {
            var defaults = section.Read(new ConfigurationBuilder().Build());
            foreach (var setting in section.Settings) rows.Add(section.NameOf(setting), Default(setting, defaults), RangeOf(setting));
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Known))]
    public void Every_setting_stands_on_the_page_with_its_default_and_range(string name, string byDefault, string? range)
    {
        var cells = Assert.Single(Rows(), row => row[0] == $"`{name}`");

        Assert.Equal(byDefault, cells[1]);
        if (range is not null) Assert.Equal(range, cells[2]);
        Assert.NotEmpty(cells[3]);
    }

    [Fact]
    public void Nothing_else_stands_there() => Assert.Empty(Named(Rows().Select(static row => row[0].Trim('`'))).Except(Names));

    [Fact]
    public void The_settings_that_the_readme_names_are_settings() => Assert.Empty(Named(Repository.Read("README.md").Split('`')).Except(Names));

    private static IEnumerable<string> Named(IEnumerable<string> words) =>
        words.Where(static word => word.StartsWith("Holdfast:", StringComparison.Ordinal) && !word.Contains('=', StringComparison.Ordinal));

    private static IEnumerable<string[]> Rows() => Page.Where(static line => line.StartsWith("| `", StringComparison.Ordinal))
        .Select(static line => line.Trim('|', ' ').Split(" | ").Select(static cell => cell.Trim()).ToArray());

    private static string Default(PropertyInfo setting, object options) => setting.GetValue(options) switch
    {
        // A share of the machine's memory.
        _ when setting.DeclaringType == typeof(ReceiptOptions) => "a sixth of the memory",
        null => "none",
        bool value => value ? "`true`" : "`false`",
        var value => $"`{Convert.ToString(value, CultureInfo.InvariantCulture)}`",
    };

    /// <summary>Null for a text: the page says in words what it may be.</summary>
    private static string? RangeOf(PropertyInfo setting) => setting.GetCustomAttribute<RangeAttribute>() switch
    {
        { } range when setting.PropertyType == typeof(long) => $"from {range.Minimum}",
        { } range => string.Create(CultureInfo.InvariantCulture, $"{range.Minimum} to {range.Maximum}"),
        null when setting.PropertyType == typeof(bool) => "`true`, `false`",
        null => null,
    };
}
