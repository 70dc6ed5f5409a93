using Holdfast.Contracts;
using Holdfast.Grains.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Holdfast.Tests.Api;

/// <summary>Somebody reads one name after the other, faster than the silo loads them.</summary>
[Collection(HttpRing.Name)]
public sealed class CrawlerTests(HttpHost http) : IAsyncLifetime
{
    private readonly CancellationTokenSource _ending = new();
    private Task<IDisposable?>[] _turns = [];

    public Task InitializeAsync()
    {
        // As many as have a turn and as wait, and a few who were refused.
        var reads = http.Services.GetRequiredService<ReadLoads>();
        _turns = [.. Enumerable.Range(0, 2 * ReadLoads.MaxWaiting).Select(_ => reads.TakeTurn(_ending.Token).AsTask())];
        Assert.Equal(ReadLoads.MaxWaiting, reads.Waiting);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _ending.CancelAsync();
        Task all = Task.WhenAll(_turns);
        await all.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var turn in _turns.Where(static turn => turn.IsCompletedSuccessfully)) (await turn)?.Dispose();
        _ending.Dispose();
    }

    [Theory]
    [InlineData("/v1/products/{0}")]
    [InlineData("/v1/products/{0}/stock")]
    [InlineData("/v1/products/{0}/movements")]
    [InlineData("/v1/products/{0}/reservations/{1}")]
    [InlineData("/v1/orders/{2}")]
    [InlineData("/v1/customers/{0}/profile")]
    [InlineData("/v1/counters/{0}")]
    public async Task Is_told_to_come_later_while_the_others_read_what_is_in_memory_and_buy(string path)
    {
        var sku = await http.Product(3);
        var (reservation, order) = (PublicId.Format(PublicId.Reservation, Guid.NewGuid()), PublicId.Format(PublicId.Order, Guid.NewGuid()));
        var refused = (await http.Get(string.Format(null, path, HttpHost.Name("ghost"), reservation, order))).IsProblem(503, "overloaded");
        Assert.Equal("1", refused.Headers["Retry-After"]);
        Assert.Equal("Nothing was read. Repeat the request after a moment.", refused.Text("detail"));
        Assert.Equal(3, (await http.Get($"/v1/products/{sku}/stock")).Is(200).Number("onHand"));

        // Whoever refused the reader says no to nobody else.
        var counter = HttpHost.Name("ghost");
        (await http.Get($"/v1/counters/{counter}")).IsProblem(503, "overloaded");
        Assert.Equal(1, (await http.Post($"/v1/counters/{counter}/increments", """{"delta":1}""")).Is(200).Number("value"));
        Assert.Equal("completed", (await http.Order("tok_ok", (sku, 1))).Is(200).Text("status"));
    }
}
