using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Holdfast.Tests.Tidy;

/// <summary>Which project may know which: Api → Contracts ← Grains ← Silo, Grains and Silo → Outbox → Journal, Api → Silo to co-host.</summary>
public sealed partial class ArrowTests
{
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["Contracts"] = [],
        ["Journal"] = [],
        ["Outbox"] = ["Journal"],
        ["Grains"] = ["Contracts", "Journal", "Outbox"],
        ["Silo"] = ["Grains", "Journal", "Outbox"],
        ["Api"] = ["Contracts", "Silo"],
    };

    private static readonly string[] Concepts = ["Inventory", "Profiles", "Counters", "Orders"];

    [Fact]
    public void Every_project_under_src_has_its_arrows_written_down()
    {
        var projects = Repository.Files("src", ".csproj").Select(path => Path.GetFileNameWithoutExtension(path)).Order();

        Assert.Equal(Arrows.Keys.Order(), projects);
    }

    [Fact]
    public void Projects_under_src_reference_only_what_their_arrows_allow()
    {
        var wrong = Repository.Files("src", ".csproj").SelectMany(path => WrongArrows(Name(path), Repository.Read(path)));

        Assert.Empty(wrong);
    }

    [Fact]
    public void Contracts_needs_no_package_but_the_Orleans_Sdk()
    {
        Assert.Equal(["Microsoft.Orleans.Sdk"], Included("PackageReference", Repository.Read("src/Contracts/Contracts.csproj")));
    }

    [Fact]
    public void Code_names_only_projects_that_its_arrows_allow()
    {
        // References are transitive: the compiler would let Api use everything that Silo sees.
        var wrong = Repository.Files("src", ".cs").SelectMany(path => WrongNames(path, Repository.Read(path)));

        Assert.Empty(wrong);
    }

    [Fact]
    public void A_concept_inside_Grains_does_not_use_the_internals_of_another()
    {
        var wrong = Repository.Files("src/Grains", ".cs").SelectMany(path => WrongConcepts(path, Repository.Read(path)));

        Assert.Empty(wrong);
    }

    [Fact]
    public void A_forbidden_project_reference_is_found()
    {
        const string Project = """<Project><ItemGroup><ProjectReference Include="..\Grains\Grains.csproj" /></ItemGroup></Project>""";

        Assert.Equal(["Api -> Grains"], WrongArrows("Api", Project));
        Assert.Empty(WrongArrows("Silo", Project));
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
    [InlineData("using static Holdfast.Grains.Inventory.StockRules;", 1)]
    [InlineData("namespace Holdfast.Grains.Orders; class A { Inventory.StockRules? Rules; }", 1)]
    [InlineData("using Holdfast.Contracts.Inventory; class A { Contracts.Inventory.Money Price; }", 0)]
    [InlineData("namespace Holdfast.Grains.Orders; using Holdfast.Grains.Journaled;", 0)]
    public void A_use_of_another_concepts_internals_is_found(string source, int found)
    {
        Assert.Equal(found, WrongConcepts("src/Grains/Orders/OrderSaga.cs", source).Count());
    }

    private static IEnumerable<string> WrongArrows(string project, string xml) =>
        Included("ProjectReference", xml).Select(Name).Except(Arrows.GetValueOrDefault(project, [])).Select(target => $"{project} -> {target}");

    private static IEnumerable<string> WrongNames(string path, string source)
    {
        var project = path.Split('/')[1];
        // What a project's own references expose, they expose: Silo sees Contracts through Grains, and may.
        var forbidden = Arrows.Keys.Except(Reachable(project)).ToHashSet();
        if (project == "Api")
            forbidden.UnionWith(["Grains", "Journal", "Outbox"]);
        return ProjectName().Matches(Repository.Code(source)).Select(m => m.Groups[1].Value).Where(forbidden.Contains).Select(name => $"{path}: Holdfast.{name}");
    }

    private static IEnumerable<string> WrongConcepts(string path, string source)
    {
        var folder = path.Split('/')[2];
        if (!Concepts.Contains(folder))
            return [];
        var code = Repository.Code(source);
        // "Inventory.StockRules" inside namespace Holdfast.Grains.Orders means Holdfast.Grains.Inventory.StockRules.
        return Concepts.Where(concept => concept != folder)
            .Where(concept => Regex.IsMatch(code, $@"(Grains\.|(?<![\w.])){concept}(\.[A-Z]|;)"))
            .Select(concept => $"{path}: {concept}");
    }

    private static IEnumerable<string> Reachable(string project) =>
        Arrows.GetValueOrDefault(project, []).SelectMany(Reachable).Append(project);

    private static IEnumerable<string> Included(string element, string xml) =>
        XDocument.Parse(xml).Descendants(element).Select(e => e.Attribute("Include")?.Value ?? "");

    private static string Name(string projectPath) => Path.GetFileNameWithoutExtension(projectPath.Replace('\\', '/'));

    [GeneratedRegex(@"\bHoldfast\.([A-Z]\w*)")]
    private static partial Regex ProjectName();
}
