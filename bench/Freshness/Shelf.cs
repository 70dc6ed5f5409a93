using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Holdfast.Bench.Replay;

namespace Holdfast.Bench.Freshness;

/// <summary>How far a list has to be when it is read.</summary>
/// <param name="Newest">Past all that is committed (<c>Cache-Control: no-cache</c>).</param>
/// <param name="AtLeast">Past what somebody has seen (<c>Holdfast-At-Least</c>); null when that does not matter.</param>
internal readonly record struct ReadingPoint(bool Newest = false, string? AtLeast = null);

/// <summary>What a list said of a product.</summary>
/// <param name="Number">Its reference; 0 when it has none.</param>
/// <param name="AsOf">As of when the list was, as it said itself (<c>Holdfast-As-Of</c>).</param>
internal readonly record struct Sighting(long Number, string AsOf);

/// <summary>Products whose references are numbers that only grow, and the list in which they are looked for.</summary>
internal sealed class Shelf(Sender sender)
{
    public async Task Create(string sku, CancellationToken cancellationToken)
    {
        using var answer = await sender.Answered(
            () => new(HttpMethod.Put, "v1/products/" + sku)
            {
                Content = JsonContent.Create(
                    new(sku, new(100, "GBP")), WireJson.Default.ProductBody, new MediaTypeHeaderValue("application/json")),
            },
            cancellationToken);
        await Sender.Accept(answer, cancellationToken);
    }

    /// <returns>What the change has brought the product to (<c>Holdfast-Version</c>).</returns>
    public async Task<string> Write(string sku, long number, CancellationToken cancellationToken)
    {
        using var answer = await sender.Answered(Patch, cancellationToken);
        await Sender.Accept(answer, cancellationToken);
        return Header(answer, "Holdfast-Version");

        HttpRequestMessage Patch()
        {
            var request = new HttpRequestMessage(HttpMethod.Patch, "v1/products/" + sku)
            {
                Content = JsonContent.Create(
                    new(Text(number)), WireJson.Default.ReferenceBody, new MediaTypeHeaderValue("application/merge-patch+json")),
            };
            request.Headers.Add("Idempotency-Key", $"{sku}/{Text(number)}");
            return request;
        }
    }

    /// <exception cref="BenchException">The product is not in the list, or not once.</exception>
    public async Task<Sighting> Read(string sku, ReadingPoint point, CancellationToken cancellationToken)
    {
        using var answer = await sender.Answered(Get, cancellationToken);
        var page = await Sender.Read(answer, WireJson.Default.ProductPage, cancellationToken);
        if (page.Items is not [var product]) throw new BenchException($"{sku} is {page.Items.Count} times in the list of products.");
        var number = product.Reference is { } reference ? long.Parse(reference, NumberStyles.None, CultureInfo.InvariantCulture) : 0;
        return new(number, Header(answer, "Holdfast-As-Of"));

        HttpRequestMessage Get()
        {
            var request = new HttpRequestMessage(HttpMethod.Get, "v1/products?query=" + sku);
            if (point.Newest) request.Headers.CacheControl = new() { NoCache = true };
            if (point.AtLeast is { } seen) request.Headers.Add("Holdfast-At-Least", seen);
            return request;
        }
    }

    private static string Header(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values)
        ? values.Single()
        : throw new BenchException($"{answer.RequestMessage!.Method} {answer.RequestMessage.RequestUri} was answered without {name}.");

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
