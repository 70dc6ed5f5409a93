using System.CommandLine;
using Holdfast.Bench;
using Holdfast.Bench.Cluster;
using Holdfast.Bench.Growth;
using Holdfast.Bench.History;
using Holdfast.Bench.Orders;
using Holdfast.Bench.Replay;
using Holdfast.Bench.Reservations;

var bench = new RootCommand("Drives Holdfast, and checks what it did.")
{
    ReplayCommand.Create(TimeProvider.System),
    CheckHistoryCommand.Create(),
    ReservationsCommand.Create(TimeProvider.System),
    GrowthCommand.Create(TimeProvider.System),
    OrdersCommand.Create(TimeProvider.System),
    ClusterCommand.Create(TimeProvider.System),
};

// What a cluster needs to stop all of its processes in order; after that a command that was told to stop is left alone.
var stopLimit = TimeSpan.FromSeconds(90);

var commandLine = bench.Parse(args);
if (commandLine.Errors.Count == 0)
    return await commandLine.InvokeAsync(new() { ProcessTerminationTimeout = stopLimit });

Console.Error.WriteLine(string.Join(' ', commandLine.Errors.Select(error => error.Message).Append("(--help shows the options.)")));
return ExitCode.NotRun;
