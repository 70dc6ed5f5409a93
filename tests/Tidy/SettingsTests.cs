using System.Reflection;
using System.Text.RegularExpressions;
using Holdfast.Silo.Settings;

namespace Holdfast.Tests.Tidy;

/// <summary>Settings are read in one place, which knows them all and checks them.</summary>
public sealed partial class SettingsTests
{
    private const string Place = "src/Silo/Settings/";

    [Fact]
    public void Every_class_of_options_is_among_the_sections_that_are_checked_at_the_start()
    {
        // What is made by its constructor alone is handed over by code.
        var options = House.Rooms.SelectMany(static room => Assembly.Load($"Holdfast.{room}").GetTypes())
            .Where(static type => OptionsName().IsMatch(type.Name) && type.GetConstructor(Type.EmptyTypes) is not null
                && type.GetProperties().Any(static property => property.SetMethod is { IsPublic: true }));

        Assert.Equal(
            options.Select(static type => type.Name).Order(),
            SettingsSections.All.Select(static section => section.Type.Name).Order());
    }

    [Fact]
    public void Nobody_else_reads_the_section_Holdfast()
    {
        var elsewhere = Repository.Files("src", ".cs").Where(static path => !path.StartsWith(Place, StringComparison.Ordinal));

        Assert.DoesNotContain(elsewhere, static path => ReadsByName(Repository.Read(path)));
    }

    [Theory]
    [InlineData("builder.Configuration.GetValue(\"Holdfast:Dashboard\", true)", true)]
    [InlineData("configuration[\"Holdfast:DataDirectory\"] ?? \"data\"", true)]
    [InlineData("services.AddOptions<JournalOptions>().BindConfiguration(\"Elsewhere\")", true)]
    [InlineData("configuration.GetSection(name).Get<Options>()", true)]
    [InlineData("throw new StartRefusedException($\"Holdfast:Role is '{role}'\")", false)]
    [InlineData("/// <param name=\"args\"><c>--Holdfast:RuntimeRole</c></param>", false)]
    public void A_reader_is_found(string code, bool reads) => Assert.Equal(reads, ReadsByName(code));

    private static bool ReadsByName(string source) => Reader().IsMatch(source);

    [GeneratedRegex("(Options|Settings)$")]
    private static partial Regex OptionsName();

    [GeneratedRegex("""\[\s*"Holdfast:|(GetValue|GetSection|GetConnectionString)(<\w+>)?\(\s*"Holdfast|\.BindConfiguration\(|\)\.Get<\w+>\(""")]
    private static partial Regex Reader();
}
