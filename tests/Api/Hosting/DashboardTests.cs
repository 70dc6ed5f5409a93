namespace Holdfast.Tests.Api.Hosting;

[Collection(HttpRing.Name)]
public sealed class DashboardTests(HttpHost http)
{
    /// <summary>The dashboard itself would break over it.</summary>
    [Theory]
    [InlineData("HistoricalStats/x")]
    [InlineData("SiloProperties/x")]
    [InlineData("SiloMetadata/127.0.0.1")]
    [InlineData("SiloStats/127.0.0.1:1")]
    [InlineData("SiloCounters/127.0.0.1:99999@1")]
    [InlineData("SiloCounters/127.0.0.1:1@99999999999")]
    public async Task What_is_no_address_of_a_silo_is_not_found(string path) =>
        (await http.Get("/dashboard/" + path)).IsProblem(404, "not_found");

    [Fact]
    public async Task A_silo_is_found_by_its_address()
    {
        var silo = (Orleans.Runtime.ILocalSiloDetails)http.Services.GetService(typeof(Orleans.Runtime.ILocalSiloDetails))!;
        (await http.Get("/dashboard/SiloProperties/" + silo.SiloAddress.ToParsableString())).Is(200);
    }
}
