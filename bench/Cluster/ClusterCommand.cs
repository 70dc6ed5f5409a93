using System.CommandLine;
using Holdfast.Rig;

namespace Holdfast.Bench.Cluster;

/// <summary><c>cluster</c>: silos and front doors as processes of their own on one PostgreSQL, until they are told to stop.</summary>
internal static class ClusterCommand
{
    private const int MaxProcesses = 16;
    private const int MaxPort = 65_535 - MaxProcesses;

    private static readonly Option<int> Silos = WholeNumber.Option("--silos", "Silos.", 3, MaxProcesses);
    private static readonly Option<int> FrontDoors = WholeNumber.Option("--apis", "Front doors.", 2, MaxProcesses);
    private static readonly Option<int> Port = WholeNumber.Option("--port", "The first front door's port; the others follow.", 5080, MaxPort);

    private static readonly Option<string?> Place = new("--directory")
    {
        Description = "Where the logs are written, and stay; a temporary directory, removed at the end, when left out.",
    };

    private static readonly Option<string?> Postgres = new("--postgres")
    {
        Description = "The connection string of a database to use, which is left as it is then; a private PostgreSQL, removed at the end, when left out.",
    };

    public static Command Create(TimeProvider clock)
    {
        var command = new Command("cluster", "Runs a cluster on this machine: silos, front doors and PostgreSQL.") { Silos, FrontDoors, Port, Place, Postgres };
        command.SetAction((options, cancellationToken) => Execute(options, clock, cancellationToken));
        return command;
    }

    private static async Task<int> Execute(ParseResult options, TimeProvider clock, CancellationToken cancellationToken)
    {
        try
        {
            await Run(Settings(options), clock, cancellationToken);
            return ExitCode.Passed;
        }
        catch (RigException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"Cannot write there: name another place with --directory. ({e.Message})");
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Stopped before everything was ready.");
        }

        return ExitCode.NotRun;
    }

    private static async Task Run(ClusterPlan settings, TimeProvider clock, CancellationToken cancellationToken)
    {
        Console.WriteLine($"Starting {settings.Silos} silos and {settings.FrontDoors} front doors …");
        await using var cluster = await ClusterProcesses.Start(settings, clock, cancellationToken);
        Show(cluster);
        await Watch(cluster, clock, cancellationToken);
        Console.WriteLine("Stopping …");
        await cluster.Stop();
    }

    private static ClusterPlan Settings(ParseResult options) => new()
    {
        Silos = options.GetValue(Silos),
        FrontDoors = options.GetValue(FrontDoors),
        FirstFrontDoorPort = options.GetValue(Port),
        Postgres = options.GetValue(Postgres),
        Directory = options.GetValue(Place),
    };

    private static void Show(ClusterProcesses cluster)
    {
        Console.WriteLine();
        foreach (var member in cluster.FrontDoors.Concat(cluster.Silos)) Line(member.Name, member.Url.GetLeftPart(UriPartial.Authority), member.Process!.Id);
        Line("postgresql", cluster.ConnectionString, cluster.Postgres?.ProcessId);
        Line("logs", cluster.LogDirectory, null);
        Console.WriteLine();
        Console.WriteLine("Kill any of the processes, and the others go on. Stop all with Ctrl+C.");
    }

    private static void Line(string name, string what, int? process) =>
        Console.WriteLine($"  {name,-16}{(process is null ? "" : $"process {process}"),-18}{what}");

    /// <summary>Says who ends, until it is time to stop.</summary>
    private static async Task Watch(ClusterProcesses cluster, TimeProvider clock, CancellationToken cancellationToken)
    {
        var running = cluster.Members.ToDictionary(static member => (Task)member.Process!.Exited, static member => $"{member.Name} (log: {member.LogFile})");
        if (cluster.Postgres is { Exited: { } postgres }) running.Add(postgres, "postgresql");
        var stop = Task.Delay(Timeout.InfiniteTimeSpan, clock, cancellationToken);
        while (await Task.WhenAny(running.Keys.Append(stop)) is var ended && ended != stop)
        {
            Console.WriteLine($"{running[ended]} ended with exit code {await (Task<int>)ended}.");
            running.Remove(ended);
        }
    }
}
