using Holdfast.Bench;
using Holdfast.Bench.Replay;

namespace Holdfast.Tests.Bench.Replay;

public sealed class InvoicesTests
{
    private const string Header = "invoice,invoiced_at,customer,country,skus\n";

    [Fact]
    public void An_invoice_has_its_number_time_customer_and_lines()
    {
        var invoice = Assert.Single(Read("536365,2010-12-01T08:26:00Z,17850,United Kingdom,85123A|71053\n"));

        Assert.Equal("536365", invoice.Number);
        Assert.Equal(new DateTimeOffset(2010, 12, 1, 8, 26, 0, TimeSpan.Zero), invoice.At);
        Assert.Equal("17850", invoice.Customer);
        Assert.Equal([new("85123A", 1), new InvoiceLine("71053", 1)], invoice.Lines);
        Assert.False(invoice.IsReturn);
    }

    [Fact]
    public void Repeated_skus_are_summed_where_they_first_stand_and_case_and_spaces_count()
    {
        var invoice = Assert.Single(Read("1,2010-12-01T08:26:00Z,,EIRE,BANK CHARGES|m|M|BANK CHARGES|m|m\n"));

        Assert.Equal([new("BANK CHARGES", 2), new("m", 3), new InvoiceLine("M", 1)], invoice.Lines);
    }

    [Fact]
    public void An_invoice_without_a_customer_is_a_guests()
    {
        Assert.Equal("guest", Assert.Single(Read("1,2010-12-01T08:26:00Z,,EIRE,A\n")).Customer);
    }

    [Theory]
    [InlineData("C536379", true)]
    [InlineData("A563185", false)]
    [InlineData("536379", false)]
    public void Only_an_invoice_that_starts_with_C_is_a_return(string number, bool isReturn)
    {
        Assert.Equal(isReturn, Assert.Single(Read($"{number},2010-12-01T08:26:00Z,1,EIRE,A\n")).IsReturn);
    }

    [Fact]
    public void A_quoted_field_may_hold_commas_and_quotes()
    {
        Assert.Equal("7", Assert.Single(Read("1,2010-12-01T08:26:00Z,7,\"Jersey, \"\"the island\"\"\",A\n")).Customer);
    }

    [Fact]
    public void Invoices_come_in_the_order_of_their_times_and_the_limit_takes_the_earliest()
    {
        const string Rows = "2,2010-12-01T08:26:00Z,7,EIRE,A\n3,2010-12-03T08:26:00Z,7,EIRE,A\n1,2010-12-01T08:26:00Z,7,EIRE,A\nC4,2010-12-02T08:26:00Z,7,EIRE,A\n";

        Assert.Equal(["1", "2", "C4", "3"], Read(Rows).Select(i => i.Number));
        Assert.Equal(["1", "2", "C4"], Invoices.Read(new StringReader(Header + Rows), limit: 3).Select(i => i.Number));
    }

    [Theory]
    [InlineData("1,2010-12-01T08:26:00Z,7,EIRE\n", "Line 2")]
    [InlineData("1,yesterday,7,EIRE,A\n", "yesterday")]
    [InlineData("1,2010-12-01T08:26:00Z,7,EIRE,\n", "no SKU")]
    [InlineData("1,2010-12-01T08:26:00Z,7,EIRE,A\n1,2010-12-01T08:27:00Z,7,EIRE,B\n", "Line 3")]
    public void A_bad_row_is_named_in_one_line(string rows, string named)
    {
        var refusal = Assert.Throws<BenchException>(() => Read(rows));

        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Fact]
    public void A_missing_file_and_another_file_are_refused()
    {
        Assert.Contains("--invoices", Assert.Throws<BenchException>(() => Invoices.ReadFile("no/such/file.csv", null)).Message, StringComparison.Ordinal);
        Assert.Throws<BenchException>(() => Invoices.Read(new StringReader("# A read-me\n")));
    }

    [Fact]
    public void Demand_counts_what_orders_ask_for_and_knows_what_only_comes_back()
    {
        var demand = Invoices.Demand(Read("1,2010-12-01T08:26:00Z,7,EIRE,A|A|B\n2,2010-12-01T08:26:00Z,7,EIRE,A\nC3,2010-12-01T08:26:00Z,7,EIRE,B|X\n"));

        Assert.Equal(new Dictionary<string, long> { ["A"] = 3, ["B"] = 1, ["X"] = 0 }, demand);
    }

    [Theory]
    [InlineData("plenty", 7, 7)]
    [InlineData("half", 7, 3)]
    [InlineData("half", 1, 0)]
    [InlineData("0.8", 10, 8)]
    [InlineData("0", 10, 0)]
    [InlineData("1.5", 3, 4)]
    public void Initial_stock_is_a_share_of_demand_rounded_down(string text, long demand, long units)
    {
        Assert.True(InitialStock.TryParse(text, out var stock));
        Assert.Equal(units, stock.Of(demand));
    }

    [Theory]
    [InlineData("")]
    [InlineData("lots")]
    [InlineData("-1")]
    [InlineData("1e9")]
    [InlineData("0,5")]
    public void Another_word_for_initial_stock_is_refused(string text)
    {
        Assert.False(InitialStock.TryParse(text, out _));
    }

    private static IReadOnlyList<Invoice> Read(string rows) => Invoices.Read(new StringReader(Header + rows));
}
