using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;

namespace Holdfast.Tests.Tidy;

/// <summary>The engine knows no shop, and what decides knows no Orleans: each could be another application's.</summary>
public sealed partial class EngineTests
{
    private static readonly string[] Engine = ["src/Domain/Owner", "src/Journal", "src/Outbox", "src/Grains/Hosting"];

    /// <summary>Types of Orleans that its code generator names in every assembly it looks at.</summary>
    private static readonly string[] Generated = ["ApplicationPartAttribute", "TypeManifestProviderAttribute", "TypeManifestProviderBase", "TypeManifestOptions"];

    /// <summary>The names of all types that are about a product, an order, a profile or a counter.</summary>
    private static readonly HashSet<string> Shop =
    [
        .. from room in new[] { "src/Contracts", "src/Domain", "src/Grains" }
           from concept in House.Concepts
           from path in Repository.Files($"{room}/{concept}", ".cs")
           from declared in Declared().Matches(Repository.Read(path))
           select declared.Groups[1].Value,
    ];

    [Fact]
    public void The_engine_names_no_type_of_the_shop()
    {
        Assert.Contains("StockRules", Shop);
        Assert.All(Engine, static folder => Assert.NotEmpty(Repository.Files(folder, ".cs")));
        Assert.Empty(Engine.SelectMany(static folder => Repository.Files(folder, ".cs")).SelectMany(static path => Named(Repository.Read(path)).Select(name => $"{path}: {name}")));
    }

    [Fact]
    public void What_decides_names_no_type_of_Orleans()
    {
        using var file = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Holdfast.Domain.dll")));
        var metadata = file.GetMetadataReader();

        Assert.Empty(metadata.TypeReferences.Select(metadata.GetTypeReference)
            .Where(type => AssemblyOf(metadata, type).StartsWith("Orleans", StringComparison.Ordinal))
            .Select(type => metadata.GetString(type.Name))
            .Except(Generated));
    }

    [Theory]
    [InlineData("using Holdfast.Contracts.Orders;", "Contracts.Orders")]
    [InlineData("private readonly StockRules _rules;", "StockRules")]
    [InlineData("Counter<long> Appends = Meter.CreateCounter<long>();", null)]
    [InlineData("var sorted = rows.Order();", null)]
    [InlineData("var rules = new StockRules(1);", "StockRules")]
    [InlineData("return GivenUp(statuses);", null)]
    [InlineData("// As StockRules does.", null)]
    public void A_type_of_the_shop_is_found(string code, string? name)
    {
        Assert.Equal(name is null ? [] : [name], Named(code));
    }

    private static IEnumerable<string> Named(string source)
    {
        var code = Repository.Code(source);
        return Rooms().Matches(code).Where(static match => House.Concepts.Contains(match.Groups[1].Value))
            .Concat(Names().Matches(code).Where(static match => Shop.Contains(match.Value)))
            .Select(static match => match.Value)
            .Distinct();
    }

    private static string AssemblyOf(MetadataReader metadata, TypeReference type) => type.ResolutionScope.Kind == HandleKind.AssemblyReference
        ? metadata.GetString(metadata.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name)
        : "";

    /// <summary>A type that is not inside another.</summary>
    [GeneratedRegex(@"^(?:(?:public|internal|sealed|static|abstract|partial|readonly) )+(?:class|record struct|record|struct|interface|enum) (\w+)", RegexOptions.Multiline)]
    private static partial Regex Declared();

    [GeneratedRegex(@"\b(?:Contracts|Domain|Grains)\.(\w+)")]
    private static partial Regex Rooms();

    /// <summary>Neither members nor generic types: a list has an Order(), .NET a Counter of its own.</summary>
    [GeneratedRegex(@"(?<![\w.])[A-Z]\w*\b(?![<(])|(?<=\bnew )[A-Z]\w*")]
    private static partial Regex Names();
}
