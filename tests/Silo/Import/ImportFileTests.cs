using System.Text;
using Holdfast.Silo.Import;

namespace Holdfast.Tests.Silo.Import;

public sealed class ImportFileTests
{
    private const string Header = "sku,name,price,currency,onHand,reason,reference";

    [Fact]
    public void Columns_come_in_any_order_and_only_what_is_needed_has_to_be_there()
    {
        var file = Parse("Currency,NAME,sku,price\nEUR,Teapot,TEAPOT,19.99\n");
        Assert.Equal(new ImportRow(2, "TEAPOT", "Teapot", 1999, "EUR", null, "import", null), Assert.Single(file.Rows));
        Assert.Empty(file.Refusals);
    }

    [Fact]
    public void A_line_with_everything_is_read()
    {
        var file = Parse($"{Header}\r\nTEAPOT, Teapot ,19.9,EUR,10,stocktaking,INV-7\r\n");
        Assert.Equal(new ImportRow(2, "TEAPOT", "Teapot", 1990, "EUR", 10, "stocktaking", "INV-7"), Assert.Single(file.Rows));
    }

    [Fact]
    public void Quotes_hold_commas_quotes_and_line_breaks_and_a_line_is_where_it_begins()
    {
        var file = Parse("\uFEFF" + "sku,name,price,currency\r\n\r\nA,\"Pot, \"\"big\"\"\r\nand round\",1,EUR\r\nB,Cup,2,EUR");
        Assert.Equal([(3L, "A", "Pot, \"big\"\r\nand round"), (5L, "B", "Cup")], file.Rows.Select(row => (row.Line, row.Sku, row.Name)));
    }

    [Fact]
    public void The_hash_is_that_of_the_bytes()
    {
        const string expected = "b56542a77059a88c40575b12fc183ea2aed08820cbdef40c78947b239e85dcec";
        Assert.Equal(expected, Parse("sku,name,price,currency\nA,B,1,EUR\n").Hash);
        Assert.NotEqual(expected, Parse("sku,name,price,currency\nA,B,1,EUR\n\n").Hash);
    }

    [Theory]
    [InlineData("19.99", "EUR", 1999)]
    [InlineData("19.9", "EUR", 1990)]
    [InlineData("19", "EUR", 1900)]
    [InlineData("0", "EUR", 0)]
    [InlineData("0.05", "EUR", 5)]
    [InlineData("007.50", "EUR", 750)]
    [InlineData("1980", "JPY", 1980)]
    [InlineData("1.234", "KWD", 1234)]
    [InlineData("10000000000", "EUR", 1_000_000_000_000)]
    public void A_price_is_in_the_minor_units_of_its_currency(string price, string currency, long amount)
    {
        Assert.Equal(amount, Assert.Single(Parse($"sku,name,price,currency\nA,B,{price},{currency}\n").Rows).Amount);
    }

    [Theory]
    [InlineData("19.999", "EUR", "price: not a number of at most 2 decimals")]
    [InlineData("19.990", "EUR", "price: not a number of at most 2 decimals")]
    [InlineData("\"19,99\"", "EUR", "price: not a number of at most 2 decimals")]
    [InlineData("-1", "EUR", "price: not a number of at most 2 decimals")]
    [InlineData("+1", "EUR", "price: not a number of at most 2 decimals")]
    [InlineData("1e3", "EUR", "price: not a number of at most 2 decimals")]
    [InlineData("€5", "EUR", "price: not a number of at most 2 decimals")]
    [InlineData("5.", "EUR", "price: not a number of at most 2 decimals")]
    [InlineData(".5", "EUR", "price: not a number of at most 2 decimals")]
    [InlineData("٣", "EUR", "price: not a number of at most 2 decimals")]
    [InlineData("1.5", "JPY", "price: not a whole number (JPY has no decimals)")]
    [InlineData("10000000000.01", "EUR", "price: is more than 1000000000000 minor units")]
    [InlineData("99999999999999999999999999", "EUR", "price: is more than 1000000000000 minor units")]
    [InlineData("", "EUR", "price: is missing")]
    [InlineData("1", "", "currency: is missing")]
    [InlineData("1", "eur", "currency: is no currency of ISO 4217 in three capital letters")]
    [InlineData("1", "XAU", "currency: is no currency of ISO 4217 in three capital letters")]
    public void A_price_that_is_none_is_refused_with_its_line_and_column(string price, string currency, string refusal)
    {
        var file = Parse($"sku,name,price,currency\nA,B,{price},{currency}\nC,D,1,EUR\n");
        Assert.Equal([$"line 2: {refusal}"], file.Refusals.Select(refused => refused.ToString()));
        Assert.Equal("C", Assert.Single(file.Rows).Sku);
    }

    [Theory]
    [InlineData("A,B,1,EUR,1.0,,", "onHand: not a whole number from 0 to 1000000000")]
    [InlineData("A,B,1,EUR,-1,,", "onHand: not a whole number from 0 to 1000000000")]
    [InlineData("A,B,1,EUR,1000000001,,", "onHand: not a whole number from 0 to 1000000000")]
    [InlineData("A,B,1,EUR,,found,", "reason: belongs to a movement of stock, and onHand is empty")]
    [InlineData("A,B,1,EUR,,,INV-7", "reference: belongs to a movement of stock, and onHand is empty")]
    [InlineData(",B,1,EUR,1,,", "sku: is missing")]
    [InlineData("A,,1,EUR,1,,", "name: is missing")]
    [InlineData("..,B,1,EUR,1,,", "sku: '..' is no name")]
    [InlineData("\"A\nB\",B,1,EUR,1,,", "sku: has a line break or another control character in it")]
    [InlineData("A,B,1,EUR", "has 4 fields, and the header has 7")]
    [InlineData("A,B\"C,1,EUR,1,,", "a quote stands inside a field: put the field in quotes, and write each quote in it twice")]
    [InlineData("A,\"B\"C,1,EUR,1,,", "something stands behind a quoted field: write each quote in a quoted field twice")]
    public void A_line_that_cannot_be_sent_is_refused_with_its_place(string line, string refusal)
    {
        var file = Parse($"{Header}\n{line}\n");
        Assert.Empty(file.Rows);
        Assert.Equal([$"line 2: {refusal}"], file.Refusals.Select(refused => refused.ToString()));
    }

    [Fact]
    public void All_that_is_wrong_with_a_line_is_said_at_once()
    {
        var file = Parse($"{Header}\n,,x,EUR,y,,\n");
        Assert.Equal(["sku", "name", "price", "onHand"], file.Refusals.Select(refused => refused.Column));
    }

    [Fact]
    public void A_SKU_that_comes_again_is_refused_with_the_line_of_the_first()
    {
        var file = Parse("sku,name,price,currency\nA,B,1,EUR\na,B,1,EUR\nA,B,2,EUR\n");
        Assert.Equal(["A", "a"], file.Rows.Select(row => row.Sku));
        Assert.Equal("line 4: sku: is in line 2 already", Assert.Single(file.Refusals).ToString());
    }

    [Theory]
    [InlineData("", "The file is empty: the first line has to name the columns.")]
    [InlineData("\uFEFF", "The file is empty: the first line has to name the columns.")]
    [InlineData("\n\n", "The file is empty: the first line has to name the columns.")]
    [InlineData("sku,name,price,currency\n", "There are no products below the header.")]
    [InlineData("sku,name,currency\nA,B,EUR\n", "The header has no column price.")]
    [InlineData("TEAPOT,Teapot,19.99,EUR\n", "The header has 'TEAPOT', which is no column.")]
    [InlineData("sku,name,price,currency,colour\nA,B,1,EUR,red\n", "The header has 'colour', which is no column.")]
    [InlineData("sku,name,price,currency,Name\nA,B,1,EUR,B\n", "The header has the column 'Name' twice.")]
    [InlineData("sku,name,price,currency,reason\nA,B,1,EUR,found\n", "The column 'reason' belongs to a movement of stock")]
    [InlineData("sku;name;price;currency\nA;B;1;EUR\n", "The columns are separated by semicolons.")]
    [InlineData("sku\tname\tprice\tcurrency\nA\tB\t1\tEUR\n", "The columns are separated by tabs.")]
    [InlineData("sku,name,price,currency\nA,B,1,EUR\nC,\"D,1,EUR\nE,F,1,EUR\n", "line 3: a quoted field is never closed")]
    public void A_file_that_is_none_of_products_is_not_begun(string text, string refusal)
    {
        Assert.StartsWith(refusal, Assert.Throws<ImportException>(() => Parse(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_in_another_encoding_is_not_begun_and_the_line_is_named()
    {
        var latin = Encoding.Latin1.GetBytes("sku,name,price,currency\nA,Tee,1,EUR\nB,Caf\u00E9,1,EUR\n");
        Assert.StartsWith("line 3: the byte 0xE9 is not UTF-8.", Refusal(latin), StringComparison.Ordinal);
        Assert.StartsWith("line 1: the byte 0xC3 is not UTF-8.", Refusal([(byte)'a', 0xC3]), StringComparison.Ordinal);
        var utf16 = Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("sku,name")).ToArray();
        Assert.StartsWith("The file is UTF-16.", Refusal(utf16), StringComparison.Ordinal);

        static string Refusal(byte[] bytes) => Assert.Throws<ImportException>(() => ImportFile.Parse(bytes)).Message;
    }

    private static ImportFile Parse(string text) => ImportFile.Parse(Encoding.UTF8.GetBytes(text));
}
