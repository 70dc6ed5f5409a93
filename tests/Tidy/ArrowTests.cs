using System.Text.RegularExpressions;

namespace Holdfast.Tests.Tidy;

/// <summary>Which project may know which: as ARCHITECTURE.md says.</summary>
public sealed partial class ArrowTests
{
    [Fact]
    public void Every_project_has_its_place_among_the_arrows()
    {
        var named = House.Arrows.SelectMany(static arrow => arrow.Value.Append(arrow.Key)).Distinct();

        Assert.Equal(House.Projects.Keys.Order(), named.Order());
    }

    [Fact]
    public void Projects_reference_only_what_their_arrows_allow()
    {
        Assert.Empty(House.Projects.SelectMany(static project => WrongArrows(project.Key, Repository.Read(project.Value))));
    }

    [Fact]
    public void An_arrow_that_nobody_uses_is_not_drawn()
    {
        var used = House.Projects.SelectMany(static project => References(Repository.Read(project.Value)).Select(target => $"{project.Key} -> {target}"));

        Assert.Empty(House.Arrows.SelectMany(static arrow => arrow.Value.Select(target => $"{arrow.Key} -> {target}")).Except(used));
    }

    [Fact]
    public void Contracts_needs_no_package_but_the_Orleans_Sdk()
    {
        Assert.Equal(["Microsoft.Orleans.Sdk"], House.Included("PackageReference", Repository.Read("src/Contracts/Contracts.csproj")));
    }

    [Fact]
    public void Code_names_only_projects_that_its_arrows_allow()
    {
        // References are transitive: the compiler would let Api use everything that Silo sees.
        var wrong = Repository.Files("src", ".cs").SelectMany(path => WrongNames(path, Repository.Read(path)));

        Assert.Empty(wrong);
    }

    [Fact]
    public void A_concept_does_not_use_the_internals_of_another()
    {
        Assert.NotEmpty(House.Concepts);
        var wrong = new[] { "src/Domain", "src/Grains" }.SelectMany(static room => Repository.Files(room, ".cs"))
            .SelectMany(static path => WrongConcepts(path, Repository.Read(path)));

        Assert.Empty(wrong);
    }

    [Fact]
    public void A_forbidden_project_reference_is_found()
    {
        const string Project = """<Project><ItemGroup><ProjectReference Include="..\Grains\Grains.csproj" /></ItemGroup></Project>""";

        Assert.Equal(["Api -> Grains"], WrongArrows("Api", Project));
        Assert.Empty(WrongArrows("Silo", Project));
    }

    [Fact]
    public void Arrows_are_read_from_their_lines()
    {
        Assert.Equal(["Silo", "Contracts"], House.ReadArrows("Who:\n\n    Api    → Silo, Contracts\n    Domain → Contracts\n\nA → B\n")["Api"]);
    }

    [Theory]
    [InlineData("using Holdfast.Grains.Inventory;", 1)]
    [InlineData("var x = new Holdfast.Journal.Append();", 1)]
    [InlineData("using Holdfast.Contracts.Inventory; // not Holdfast.Grains", 0)]
    [InlineData("using Holdfast.Silo.Settings;", 0)]
    public void A_forbidden_project_name_in_code_is_found(string source, int found)
    {
        Assert.Equal(found, WrongNames("src/Api/Orders/OrdersApi.cs", source).Count());
    }

    [Theory]
    [InlineData("using Holdfast.Grains.Inventory;", 1)]
    [InlineData("using static Holdfast.Domain.Inventory.StockRules;", 1)]
    [InlineData("namespace Holdfast.Grains.Orders; class A { Inventory.StockRules? Rules; }", 1)]
    [InlineData("using Holdfast.Contracts.Inventory; class A { Contracts.Inventory.Money Price; }", 0)]
    [InlineData("namespace Holdfast.Grains.Orders; using Holdfast.Grains.Journaled;", 0)]
    public void A_use_of_another_concepts_internals_is_found(string source, int found)
    {
        Assert.Equal(found, WrongConcepts("src/Grains/Orders/OrderSaga.cs", source).Count());
    }

    private static IEnumerable<string> WrongArrows(string project, string xml) =>
        References(xml).Except(House.Arrows.GetValueOrDefault(project, [])).Select(target => $"{project} -> {target}");

    private static IEnumerable<string> References(string xml) => House.Included("ProjectReference", xml).Select(House.Name);

    private static IEnumerable<string> WrongNames(string path, string source)
    {
        var project = path.Split('/')[1];
        var allowed = Seen(project).Append(project).ToHashSet();
        return ProjectName().Matches(Repository.Code(source))
            .Select(static match => match.Groups[1].Value)
            .Where(name => House.Projects.ContainsKey(name) && !allowed.Contains(name))
            .Select(name => $"{path}: Holdfast.{name}");
    }

    private static IEnumerable<string> WrongConcepts(string path, string source)
    {
        var folder = path.Split('/')[2];
        if (!House.Concepts.Contains(folder)) return [];
        var code = Repository.Code(source);
        // "Inventory.StockRules" inside namespace Holdfast.Grains.Orders means Holdfast.Grains.Inventory.StockRules.
        return House.Concepts.Where(concept => concept != folder)
            .Where(concept => Regex.IsMatch(code, $@"(Grains\.|Domain\.|(?<![\w.])){concept}(\.[A-Z]|;)"))
            .Select(concept => $"{path}: {concept}");
    }

    /// <summary>
    /// What its references expose, a project may name. Silo exposes nothing: it is a whole process. Nor does Views: lists are all that it
    /// is for.
    /// </summary>
    private static IEnumerable<string> Seen(string project) =>
        House.Arrows.GetValueOrDefault(project, [])
            .SelectMany(static target => target is "Silo" or "Views" ? [target] : Seen(target).Append(target));

    [GeneratedRegex(@"\bHoldfast\.([A-Z]\w*)")]
    private static partial Regex ProjectName();
}
