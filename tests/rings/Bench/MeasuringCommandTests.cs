using System.CommandLine;
using Holdfast.Bench.AsOf;
using Holdfast.Bench.Lists;
using Holdfast.Bench.Orders;
using Holdfast.Bench.Reservations;

namespace Holdfast.Rings.Bench;

/// <summary>The commands that measure, in their smallest form: whoever changes a table that one of them fills learns it here.</summary>
public sealed class MeasuringCommandTests
{
    private const string Smallest = "--store sqlite --seconds 1 --rounds 1 --clients 2";

    [Theory]
    [InlineData("lists", "--few 500 --many 1000")]
    [InlineData("as-of", "--few 200 --many 2000 --late 30 --pairs 200")]
    [InlineData("orders", "--lines 1 --warm-up 1")]
    [InlineData("reservations", "--products 2 --warm-up 1")]
    public async Task It_runs_to_its_end(string name, string options)
    {
        var commands = new RootCommand
        {
            ListsCommand.Create(TimeProvider.System),
            AsOfCommand.Create(TimeProvider.System),
            OrdersCommand.Create(TimeProvider.System),
            ReservationsCommand.Create(TimeProvider.System),
        };

        Assert.Equal(0, await commands.Parse($"{name} {Smallest} {options}").InvokeAsync());
    }
}
