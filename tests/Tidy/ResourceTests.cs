using System.Text.RegularExpressions;
using Holdfast.Api;

namespace Holdfast.Tests.Tidy;

/// <summary>
/// A resource of the front door is its folder: nothing outside names it, so that it can be deleted, and what all of them use knows none.
/// </summary>
public sealed class ResourceTests
{
    /// <summary>What is no resource: how the program is hosted, what any request meets, and the words that several resources share.</summary>
    private static readonly string[] Rooms = ["Hosting", "Http", "Shop"];

    private static readonly string[] Resources =
    [
        .. typeof(IResource).Assembly.GetTypes()
            .Where(static type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IResource)))
            .Select(static type => type.Namespace!["Holdfast.Api.".Length..])
            .Distinct(),
    ];

    private static readonly string[] Files = [.. Repository.Files("src/Api", ".cs")];

    [Fact]
    public void Every_folder_of_the_front_door_is_a_resource_or_a_known_room()
    {
        Assert.Equal(Rooms.Concat(Resources).Order(), Folders(Files).Order());
    }

    [Fact]
    public void Nothing_outside_of_a_resources_folder_names_it()
    {
        Assert.Empty(Repository.Files("src", ".cs").SelectMany(static path => Named(path, Repository.Read(path))));
    }

    [Fact]
    public void What_any_request_meets_knows_the_contracts_of_no_resource()
    {
        // Who calls is what any request meets: no resource.
        var concepts = Folders(Repository.Files("src/Contracts", ".cs")).Except(["Callers"]);
        var contracts = new Regex($@"\bContracts\.({string.Join('|', concepts)})\b");

        Assert.Matches(contracts, "using Holdfast.Contracts.Orders;");
        Assert.Empty(Files.Where(static path => path.StartsWith("src/Api/Http/", StringComparison.Ordinal))
            .SelectMany(path => contracts.Matches(Repository.Code(Repository.Read(path))).Select(match => $"{path}: {match.Value}")));
    }

    [Theory]
    [InlineData("using Holdfast.Api.Orders;", "Orders")]
    [InlineData("var x = Orders.OrderPaths.Order(id);", "Orders")]
    [InlineData("typeof(Api.Orders.OrderBody)", "Orders")]
    [InlineData("app.MapOrders();", null)]
    [InlineData("page.Orders.Length", null)]
    [InlineData("using Holdfast.Contracts.Orders;", null)]
    [InlineData("// Holdfast.Api.Orders", null)]
    public void The_name_of_a_resource_is_found(string code, string? name)
    {
        Assert.Equal(name is null ? [] : [$"src/Api/Http/A.cs: {name}"], Named("src/Api/Http/A.cs", code));
        Assert.Empty(Named("src/Api/Orders/A.cs", code));
    }

    private static IEnumerable<string> Folders(IEnumerable<string> files) =>
        files.Select(static path => path.Split('/')).Where(static path => path.Length > 3).Select(static path => path[2]).Distinct();

    private static IEnumerable<string> Named(string path, string source)
    {
        var code = Repository.Code(source);
        var inside = path.StartsWith("src/Api/", StringComparison.Ordinal);
        return Resources
            .Where(resource => !path.StartsWith($"src/Api/{resource}/", StringComparison.Ordinal))
            .Where(resource => Regex.IsMatch(code, $@"\bApi\.{resource}\b" + (inside ? $@"|(?<![\w.]){resource}\.[A-Z]" : "")))
            .Select(resource => $"{path}: {resource}");
    }
}
