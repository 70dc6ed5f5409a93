using System.CommandLine;
using Holdfast.Bench;
using Holdfast.Bench.Chaos;
using Holdfast.Bench.Cluster;
using Holdfast.Bench.Compare;
using Holdfast.Bench.Costs;
using Holdfast.Bench.Growth;
using Holdfast.Bench.History;
using Holdfast.Bench.Http;
using Holdfast.Bench.Idle;
using Holdfast.Bench.Orders;
using Holdfast.Bench.Overload;
using Holdfast.Bench.Races;
using Holdfast.Bench.Readers;
using Holdfast.Bench.Replay;
using Holdfast.Bench.Reservations;
using Holdfast.Bench.Sagas;
using Holdfast.Bench.Simulate;
using Holdfast.Bench.Stalls;
using Holdfast.Bench.Starts;

// What a cluster needs to stop all of its processes in order, and a silo to remove its files, after Ctrl-C.
var ending = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(90) };

var bench = new RootCommand("Drives Holdfast, and checks what it did.")
{
    ReplayCommand.Create(TimeProvider.System),
    CheckHistoryCommand.Create(),
    RacesCommand.Create(TimeProvider.System),
    CompareCommand.Create(TimeProvider.System),
    ReservationsCommand.Create(TimeProvider.System),
    GrowthCommand.Create(TimeProvider.System),
    IdleCommand.Create(TimeProvider.System),
    ReadersCommand.Create(TimeProvider.System),
    OrdersCommand.Create(TimeProvider.System),
    OverloadCommand.Create(TimeProvider.System),
    StartCommand.Create(TimeProvider.System),
    HttpHostCommand.Create(TimeProvider.System),
    HotPathCommand.Create(TimeProvider.System),
    ClusterCommand.Create(TimeProvider.System),
    ChaosCommand.Create(TimeProvider.System),
    StallsCommand.Create(TimeProvider.System),
    SimulateCommand.Create(TimeProvider.System),
    SagasCommand.Create(TimeProvider.System),
    SagaHostCommand.Create(TimeProvider.System),
};

var commandLine = bench.Parse(args);
if (commandLine.Errors.Count == 0)
    return await commandLine.InvokeAsync(ending);

Console.Error.WriteLine(string.Join(' ', commandLine.Errors.Select(error => error.Message).Append("(--help shows the options.)")));
return ExitCode.NotRun;
