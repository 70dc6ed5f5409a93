using System.CommandLine;
using Holdfast.Bench;
using Holdfast.Bench.AsOf;
using Holdfast.Bench.Chaos;
using Holdfast.Bench.Cluster;
using Holdfast.Bench.Costs;
using Holdfast.Bench.Counters;
using Holdfast.Bench.Freshness;
using Holdfast.Bench.Growth;
using Holdfast.Bench.History;
using Holdfast.Bench.Http;
using Holdfast.Bench.Idle;
using Holdfast.Bench.Lists;
using Holdfast.Bench.Orders;
using Holdfast.Bench.Overload;
using Holdfast.Bench.Readers;
using Holdfast.Bench.Replay;
using Holdfast.Bench.Reservations;
using Holdfast.Bench.Simulate;
using Holdfast.Bench.Stalls;
using Holdfast.Bench.Starts;

var bench = new RootCommand("Drives Holdfast, and checks what it did.")
{
    ReplayCommand.Create(TimeProvider.System),
    CheckHistoryCommand.Create(),
    ReservationsCommand.Create(TimeProvider.System),
    GrowthCommand.Create(TimeProvider.System),
    IdleCommand.Create(TimeProvider.System),
    ListsCommand.Create(TimeProvider.System),
    AsOfCommand.Create(TimeProvider.System),
    LagCommand.Create(TimeProvider.System),
    ReadersCommand.Create(TimeProvider.System),
    OrdersCommand.Create(TimeProvider.System),
    OverloadCommand.Create(TimeProvider.System),
    StartCommand.Create(TimeProvider.System),
    HttpHostCommand.Create(TimeProvider.System),
    HotPathCommand.Create(TimeProvider.System),
    ClusterCommand.Create(TimeProvider.System),
    ChaosCommand.Create(TimeProvider.System),
    CountersCommand.Create(TimeProvider.System),
    FreshnessCommand.Create(TimeProvider.System),
    StallsCommand.Create(TimeProvider.System),
    SimulateCommand.Create(TimeProvider.System),
};

return await CommandLine.Run(bench, args);
