using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.Channels;
using Holdfast.Contracts;

namespace Holdfast.Silo.Import;

/// <summary>
/// Sends the lines of a file: each product by itself, several at a time, and the stock of those that are in, many at a time. What is in is
/// the server's to know: a run that follows a broken one sends all of it again, under the same names.
/// </summary>
internal sealed class ImportRun(ImportFile file, ImportServer server, ImportProgress progress, bool replace, int connections)
{
    /// <summary>The stock of a product that was never moved: a count of that one is a count of nothing.</summary>
    private const long NeverMoved = 0;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly Channel<ImportRow> _counts = Channel.CreateBounded<ImportRow>(
        new BoundedChannelOptions(4 * Limits.BulkItems) { SingleReader = true });

    private sealed record Price(long Amount, string Currency);

    private sealed record Product(string Name, Price UnitPrice);

    private sealed record Count(string Sku, long OnHand, long IfVersion, string Reason, string? Reference);

    private sealed record Counts(IReadOnlyList<Count> Items);

    /// <exception cref="ImportStoppedException">It cannot go on.</exception>
    public async Task Run(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var products = EndingTheOther(SendProducts, either);
        var counts = EndingTheOther(SendCounts, either);

        // What one of them throws is why the other is cancelled, so it is that one's that is wanted.
        await Task.WhenAny(Task.WhenAll(products, counts));
        if (counts.IsFaulted) await counts;
        await products;
        await counts;
    }

    private static async Task EndingTheOther(Func<CancellationToken, Task> run, CancellationTokenSource either)
    {
        try
        {
            await run(either.Token);
        }
        catch
        {
            await either.CancelAsync();
            throw;
        }
    }

    private async Task SendProducts(CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = connections, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(file.Rows, options, async (row, cancelled) =>
        {
            if (!await Put(row, cancelled)) return;
            if (row.OnHand is null) progress.Add();
            else await _counts.Writer.WriteAsync(row, cancelled);
        });
        _counts.Writer.Complete();
    }

    /// <returns>False when it was refused.</returns>
    private async Task<bool> Put(ImportRow row, CancellationToken cancellationToken)
    {
        var answer = await server.Send(() => Request(row, over: false), cancellationToken);
        if (answer.Status == HttpStatusCode.PreconditionRequired)
        {
            // Something else is there, perhaps only in what a file does not name: that stays as it is.
            if (replace) answer = await server.Send(() => Request(row, over: true), cancellationToken);
            else if (await IsThere(row, cancellationToken)) return true;
        }

        if (answer.IsSuccess) return true;
        progress.Refuse(answer.Status == HttpStatusCode.PreconditionRequired
            ? [new(row.Line, ImportColumns.Sku, "is there already with another name or price; --replace writes over it")]
            : ImportProblem.Refusals(answer.Body, row.Line));
        return false;
    }

    private async Task<bool> IsThere(ImportRow row, CancellationToken cancellationToken)
    {
        var answer = await server.Send(() => new HttpRequestMessage(HttpMethod.Get, Path(row)), cancellationToken);
        return answer.IsSuccess
            && answer.Body.GetProperty("name").GetString() == row.Name
            && answer.Body.GetProperty("unitPrice").GetProperty("amount").GetInt64() == row.Amount
            && answer.Body.GetProperty("unitPrice").GetProperty("currency").GetString() == row.Currency;
    }

    private static string Path(ImportRow row) => "v1/products/" + Uri.EscapeDataString(row.Sku);

    private HttpRequestMessage Request(ImportRow row, bool over)
    {
        var request = new HttpRequestMessage(over ? HttpMethod.Patch : HttpMethod.Put, Path(row))
        {
            Content = JsonContent.Create(
                new Product(row.Name, new(row.Amount, row.Currency)),
                new(over ? "application/merge-patch+json" : "application/json"),
                Json),
        };
        request.Headers.Add("Idempotency-Key", FormattableString.Invariant($"import-{file.Hash}-{row.Line}"));
        return request;
    }

    private async Task SendCounts(CancellationToken cancellationToken)
    {
        var batch = new List<ImportRow>(Limits.BulkItems);
        await foreach (var row in _counts.Reader.ReadAllAsync(cancellationToken))
        {
            batch.Add(row);
            if (batch.Count < Limits.BulkItems) continue;
            await SendCounts(batch, cancellationToken);
            batch.Clear();
        }

        if (batch.Count > 0) await SendCounts(batch, cancellationToken);
    }

    /// <summary>Those that the server had no answer for are sent again, until it has one.</summary>
    private async Task SendCounts(IReadOnlyList<ImportRow> batch, CancellationToken cancellationToken)
    {
        var (attempt, since) = (0, server.Now);
        for (var left = batch; ;)
        {
            var again = await SendOnce(left, cancellationToken);
            if (again.Count == 0) return;
            (attempt, since) = again.Count < left.Count ? (1, server.Now) : (attempt + 1, since);
            left = again;
            await server.Wait(attempt, since, "it has no answer for some of the products", null, cancellationToken);
        }
    }

    /// <returns>Those that are to be sent again.</returns>
    private async Task<IReadOnlyList<ImportRow>> SendOnce(IReadOnlyList<ImportRow> rows, CancellationToken cancellationToken)
    {
        var answer = await server.Send(() => Request(rows), cancellationToken);
        if (!answer.IsSuccess) return RefuseSome(rows, answer.Body);
        var again = new List<ImportRow>();
        var place = 0;
        foreach (var result in answer.Body.GetProperty("items").EnumerateArray())
        {
            var row = rows[place++];
            if (!result.TryGetProperty("problem", out var problem)) progress.Add();
            else if (problem.GetProperty("retryable").GetBoolean()) again.Add(row);
            else Refuse(row, problem);
        }

        return again;
    }

    private void Refuse(ImportRow row, JsonElement problem)
    {
        var there = ImportProblem.Number(problem, "onHand");
        var moved = ImportProblem.Code(problem) == "version_mismatch";

        // It is so already. Who made it so does not matter.
        if (moved && there == row.OnHand) progress.Add();
        else progress.Refuse(moved
            ? [new(row.Line, ImportColumns.OnHand, FormattableString.Invariant(
                $"the product has stock already, {there} on hand; an import gives stock only to a product that has never had any"))]
            : ImportProblem.Refusals(problem, row.Line));
    }

    /// <summary>Nothing was done because some of it is out of bounds: the rest is to be sent again.</summary>
    private List<ImportRow> RefuseSome(IReadOnlyList<ImportRow> rows, JsonElement problem)
    {
        var wrong = ImportProblem.ItemErrors(problem).Where(error => error.Item < rows.Count).ToArray();
        progress.Refuse(wrong.Length > 0
            ? wrong.Select(error => new ImportRefusal(rows[error.Item].Line, error.Column, error.Detail))
            : rows.SelectMany(row => ImportProblem.Refusals(problem, row.Line)));
        var named = wrong.Select(static error => error.Item).ToHashSet();
        return wrong.Length == 0 ? [] : [.. rows.Where((_, place) => !named.Contains(place))];
    }

    /// <summary>
    /// One key for all: the server makes each item's own of it and of the SKU, which is once in the file. So it does not matter which of
    /// them come together.
    /// </summary>
    private HttpRequestMessage Request(IReadOnlyList<ImportRow> rows)
    {
        var counts = rows.Select(static row => new Count(row.Sku, row.OnHand!.Value, NeverMoved, row.Reason, row.Reference)).ToArray();
        var request = new HttpRequestMessage(HttpMethod.Post, "v1/adjustments")
        {
            Content = JsonContent.Create(new Counts(counts), options: Json),
        };
        request.Headers.Add("Idempotency-Key", $"import-{file.Hash}");
        return request;
    }
}
