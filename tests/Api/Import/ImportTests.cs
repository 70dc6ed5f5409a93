using System.Text;
using Holdfast.Silo.Import;

namespace Holdfast.Tests.Api.Import;

[Collection(HttpRing.Name)]
public sealed class ImportTests(HttpHost host) : IDisposable
{
    private readonly string _path = Path.GetTempFileName();
    private readonly StringWriter _refused = new();
    private readonly StringWriter _told = new();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public async Task Products_and_their_first_stock_are_in_with_their_movements()
    {
        var (tea, cup) = (HttpHost.Name("TEA/ü"), HttpHost.Name("CUP"));
        Write("sku,name,price,currency,onHand,reason,reference\n"
            + $"{tea},\"Tea, green\",19.9,EUR,10,stocktaking,INV-7\n{cup},Cup,250,JPY,,,\n");

        Assert.Equal(ImportCommand.AllIn, await Import());

        Assert.Equal("All 2 lines are in.", _told.ToString().Trim());
        var product = (await host.Get($"/v1/products/{Uri.EscapeDataString(tea)}")).Is(200);
        Assert.Equal("Tea, green", product.Text("name"));
        Assert.Equal(1990, product.Json.GetProperty("unitPrice").GetProperty("amount").GetInt64());
        var movement = Assert.Single((await Movements(tea)).Json.GetProperty("items").EnumerateArray());
        Assert.Equal(10, movement.GetProperty("onHand").GetInt64());
        Assert.Equal("stocktaking", movement.GetProperty("reason").GetString());
        Assert.Equal("INV-7", movement.GetProperty("reference").GetString());
        Assert.Empty((await Movements(cup)).Json.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task The_same_file_again_changes_nothing_not_even_after_a_sale()
    {
        var sku = HttpHost.Name("SKU");
        Write($"sku,name,price,currency,onHand\n{sku},Tea,1,EUR,10\n");
        Assert.Equal(ImportCommand.AllIn, await Import());
        (await host.Post($"/v1/products/{sku}/adjustments", """{"delta":-3,"reason":"sold elsewhere"}""")).Is(201);

        Assert.Equal(ImportCommand.AllIn, await Import());

        Assert.Equal(7, await OnHand(sku));
    }

    [Fact]
    public async Task Another_file_gives_no_stock_to_a_product_that_has_had_some_and_says_so()
    {
        var (moved, same) = (HttpHost.Name("MOVED"), HttpHost.Name("SAME"));
        Write($"sku,name,price,currency,onHand\n{moved},Tea,1,EUR,10\n{same},Tea,1,EUR,10\n");
        Assert.Equal(ImportCommand.AllIn, await Import());
        (await host.Post($"/v1/products/{moved}/adjustments", """{"delta":-3,"reason":"sold elsewhere"}""")).Is(201);

        Write($"sku,name,price,currency,onHand\n{moved},Tea,1,EUR,10\n{same},Tea,1,EUR,10\n{HttpHost.Name("NEW")},Tea,1,EUR,1\n");
        Assert.Equal(ImportCommand.SomeRefused, await Import());

        Assert.Equal(
            "line 2: onHand: the product has stock already, 7 on hand; an import gives stock only to a product that has never had any",
            _refused.ToString().Trim());
        Assert.EndsWith("2 of 3 lines are in; refused: 1.", _told.ToString().Trim(), StringComparison.Ordinal);
        Assert.Equal(7, await OnHand(moved));
        Assert.Equal(10, await OnHand(same));
    }

    [Fact]
    public async Task A_product_with_another_name_is_written_over_only_when_that_is_asked_for()
    {
        var sku = await host.Product(onHand: 0, price: 100);
        Write($"sku,name,price,currency\n{sku},Tea,2,EUR\n");

        Assert.Equal(ImportCommand.SomeRefused, await Import());
        Assert.Equal(
            "line 2: sku: is there already with another name or price; --replace writes over it", _refused.ToString().Trim());
        Assert.Equal(sku, (await host.Get($"/v1/products/{sku}")).Text("name"));

        Assert.Equal(ImportCommand.AllIn, await Import("--replace"));
        Assert.Equal("Tea", (await host.Get($"/v1/products/{sku}")).Text("name"));
    }

    [Fact]
    public async Task What_the_server_refuses_is_told_of_its_line_and_column_and_the_rest_is_in()
    {
        var sku = HttpHost.Name("SKU");
        var longName = new string('n', 201);
        Write($"sku,name,price,currency,onHand,reason\n"
            + $"A\u200BB,Tea,1,EUR,1,\n{sku}-1,{longName},1,EUR,1,\n{sku}-2,\"Tea\nleaves\",1,EUR,1,\n"
            + $"{sku}-3,Tea,1,EUR,1,\"a\tb\"\n{sku}-4,Tea,x,EUR,1,\n{sku}-5,Tea,1,EUR,4,\n");

        Assert.Equal(ImportCommand.SomeRefused, await Import());

        string[] lines = [.. _refused.ToString().ReplaceLineEndings("\n").Trim().Split('\n').Order()];
        Assert.Equal(5, lines.Length);
        Assert.StartsWith("line 2: sku: must have 1 to 128 characters in Unicode", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("line 3: name: must have 1 to 200 characters", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("line 4: name: must have 1 to 200 characters", lines[2], StringComparison.Ordinal);
        Assert.StartsWith("line 6: reason: must have 1 to 200 characters", lines[3], StringComparison.Ordinal);
        Assert.Equal("line 7: price: not a number of at most 2 decimals", lines[4]);
        Assert.EndsWith("1 of 6 lines are in; refused: 5.", _told.ToString().Trim(), StringComparison.Ordinal);
        Assert.Equal(4, await OnHand($"{sku}-5"));
        (await host.Get($"/v1/products/{sku}-4")).Is(404);
    }

    [Fact]
    public async Task A_run_that_lost_its_answers_and_stopped_is_repeated_and_every_stock_is_as_the_file_says()
    {
        const int lines = 1_500;
        var sku = HttpHost.Name("SKU");
        var products = Enumerable.Range(1, lines).Select(n => FormattableString.Invariant($"{sku}-{n},Tea,1,EUR,{n}\n"));
        Write("sku,name,price,currency,onHand\n" + string.Concat(products));
        await using var door = await UnreliableDoor.Open(host.Client);

        // Every third answer is lost; and from the first one about stock on, whatever is sent has its effect, and nobody hears of it.
        var silent = false;
        door.Decide = (number, request) =>
        {
            if (request.Method == "POST") Volatile.Write(ref silent, true);
            return new(Status: Volatile.Read(ref silent) || number % 3 == 0 ? 0 : null);
        };
        Assert.Equal(ImportCommand.Stopped, await Import(door.Address, "--patience=1"));
        Assert.Contains("The server has been away for 1 s", _told.ToString(), StringComparison.Ordinal);
        Assert.Contains("The same command, with the same file, goes on", _told.ToString(), StringComparison.Ordinal);

        door.Decide = static (number, _) => new(Passed: number % 2 == 0, Status: number % 2 == 0 ? null : number % 4 == 1 ? 503 : 429);
        Assert.Equal(ImportCommand.AllIn, await Import(door.Address, "--connections", "16"));

        foreach (var n in (int[])[1, 2, 500, 999, 1_000, 1_001, lines])
        {
            var movements = (await Movements($"{sku}-{n}")).Json.GetProperty("items");
            Assert.Equal(n, Assert.Single(movements.EnumerateArray()).GetProperty("onHand").GetInt64());
        }

        var sum = 0L;
        for (var n = 1; n <= lines; n++) sum += await OnHand($"{sku}-{n}");
        Assert.Equal(lines * (lines + 1) / 2, sum);
    }

    [Fact]
    public async Task A_run_that_is_told_to_stop_says_how_to_go_on()
    {
        Write($"sku,name,price,currency\n{HttpHost.Name("SKU")},Tea,1,EUR\n");
        using var stop = new CancellationTokenSource();
        await using var door = await UnreliableDoor.Open(host.Client);
        door.Decide = (_, _) =>
        {
            stop.Cancel();
            return new(Passed: false, Status: 503);
        };

        Assert.Equal(ImportCommand.Stopped, await Run(["--url", $"{door.Address}", _path], null, stop.Token));
        Assert.Contains("0 of 1 lines are in", _told.ToString(), StringComparison.Ordinal);
        Assert.Contains("The same command", _told.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_key_is_sent_and_who_is_not_let_in_stops_at_once()
    {
        Write($"sku,name,price,currency\n{HttpHost.Name("SKU")},Tea,1,EUR\n");
        await using var door = await UnreliableDoor.Open(host.Client);
        door.Decide = static (_, _) => new(
            Passed: false, Status: 401, Body: """{"detail":"The key has expired."}""", MediaType: "application/problem+json");

        Assert.Equal(ImportCommand.Stopped, await Run(["--url", $"{door.Address}", _path], "hf_k_1", CancellationToken.None));
        Assert.Contains("The server does not let you in: The key has expired.", _told.ToString(), StringComparison.Ordinal);
        Assert.Equal(["Bearer hf_k_1"], door.Callers);
        Assert.DoesNotContain("hf_k_1", _told.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_may_write_products_and_stock_is_enough_and_one_that_may_not_stops_it()
    {
        var sku = HttpHost.Name("SKU");
        Write($"sku,name,price,currency,onHand\n{sku},Tea,1,EUR,3\n");
        var keyFile = _path + ".key";
        try
        {
            string[] args = [_path, "--url", $"{host.Client.BaseAddress}", "--key-file", keyFile];
            await File.WriteAllTextAsync(keyFile, await host.MakeKey(HttpHost.Name("import"), ["products:write"]) + "\n");
            Assert.Equal(ImportCommand.Stopped, await Run(args, host.Key, CancellationToken.None));
            Assert.Contains("not let you in: The caller needs the scope 'stock:write'", _told.ToString(), StringComparison.Ordinal);

            await File.WriteAllTextAsync(keyFile, await host.MakeKey(HttpHost.Name("import"), ["products:write", "stock:write"]) + "\n");
            Assert.Equal(ImportCommand.AllIn, await Run(args, null, CancellationToken.None));
            Assert.Equal(3, await OnHand(sku));
            Assert.Equal(ImportCommand.Stopped, await Run(args[..3], null, CancellationToken.None));
        }
        finally
        {
            File.Delete(keyFile);
        }
    }

    [Fact]
    public async Task What_is_no_Holdfast_stops_it_at_once()
    {
        Write($"sku,name,price,currency\n{HttpHost.Name("SKU")},Tea,1,EUR\n");
        await using var door = await UnreliableDoor.Open(host.Client);
        door.Decide = static (_, _) => new(Passed: false, Status: 404, Body: "<h1>Not here</h1>", MediaType: "text/html");

        Assert.Equal(ImportCommand.Stopped, await Import(door.Address));
        Assert.Contains("does not answer as Holdfast does: 404 text/html", _told.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_internal_error_that_stays_is_a_refusal_of_its_line()
    {
        var sku = HttpHost.Name("SKU");
        Write($"sku,name,price,currency\n{sku}-bad,Tea,1,EUR\n{sku}-good,Tea,1,EUR\n");
        await using var door = await UnreliableDoor.Open(host.Client);
        door.Decide = static (_, request) => request.Path.Value!.EndsWith("-bad", StringComparison.Ordinal)
            ? new(Passed: false, Status: 500, Body: """{"detail":"Report this with the traceId."}""", MediaType: "application/problem+json")
            : new();

        Assert.Equal(ImportCommand.SomeRefused, await Import(door.Address));
        Assert.Equal("line 2: Report this with the traceId.", _refused.ToString().Trim());
        (await host.Get($"/v1/products/{sku}-good")).Is(200);
    }

    [Fact]
    public async Task A_check_sends_nothing()
    {
        var sku = HttpHost.Name("SKU");
        Write($"sku,name,price,currency\n{sku},Tea,1,EUR\n{sku},Tea,1,EUR\n");

        Assert.Equal(ImportCommand.SomeRefused, await Import("--check"));
        Assert.Equal("line 3: sku: is in line 2 already", _refused.ToString().Trim());
        (await host.Get($"/v1/products/{sku}")).Is(404);
    }

    [Fact]
    public async Task What_cannot_begin_says_why_and_ends_with_2()
    {
        Write("sku,name,price,currency\nA,Tea,1,EUR\n");
        Assert.Equal(ImportCommand.NotBegun, await Import(new Uri("http://127.0.0.1:1")));
        Assert.Contains("http://127.0.0.1:1/ does not answer: ", _told.ToString(), StringComparison.Ordinal);
        Write("");
        Assert.Equal(ImportCommand.NotBegun, await Import());
        Assert.Equal(ImportCommand.NotBegun, await Run(["/no/such/file.csv"], null, CancellationToken.None));
        Assert.Contains("Cannot read /no/such/file.csv", _told.ToString(), StringComparison.Ordinal);
        Assert.Empty(_refused.ToString());
    }

    private void Write(string text) => File.WriteAllText(_path, text, Encoding.UTF8);

    private Task<int> Import(params string[] options) => Import(host.Client.BaseAddress!, options);

    private Task<int> Import(Uri url, params string[] options) =>
        Run([_path, "--url", $"{url}", .. options], host.Key, CancellationToken.None);

    private Task<int> Run(string[] args, string? key, CancellationToken stop) =>
        ImportCommand.Run(args, key, _refused, _told, TimeProvider.System, stop);

    private Task<Answer> Movements(string sku) => host.Get($"/v1/products/{Uri.EscapeDataString(sku)}/movements");

    private async Task<long> OnHand(string sku) => (await host.Get($"/v1/products/{sku}/stock")).Is(200).Number("onHand");
}
