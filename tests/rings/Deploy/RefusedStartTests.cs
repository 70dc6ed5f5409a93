using System.Net;
using System.Net.Sockets;
using Holdfast.Journal.Postgres;
using Holdfast.Rig;
using Holdfast.Tests.Journal;
using Npgsql;
using JournalDatabase = Holdfast.Journal.Postgres.PostgresDatabase;
using PostgresDatabase = Holdfast.Rig.PostgresDatabase;

namespace Holdfast.Rings.Deploy;

/// <summary>A start that an operator can mend ends with one sentence that says how, and nothing around it.</summary>
public sealed class RefusedStartTests
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);

    [PostgresFact]
    public async Task A_silo_whose_role_lacks_its_rights_says_in_one_line_to_migrate()
    {
        var role = $"runtime_{Guid.NewGuid():n}";
        await using var database = await PostgresDatabase.Create(TimeProvider.System);
        await database.Execute($"CREATE ROLE {role} LOGIN PASSWORD 'secret'");
        try
        {
            var settings = new Dictionary<string, string>
            {
                ["ConnectionStrings:Holdfast"] =
                    new NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = role, Password = "secret" }.ConnectionString,
            };
            var withoutTables = await Refusal(HoldfastProcess.Silo, settings);
            await HoldfastProcess.Migrate(database.ConnectionString, StartLimit, TimeProvider.System);
            var withoutRights = await Refusal(HoldfastProcess.Silo, settings);
            await using (var owner = new JournalDatabase(database.ConnectionString)) await PostgresSchema.Grant(owner, role, CancellationToken.None);
            var withoutPayments = await Refusal(HoldfastProcess.Silo, settings);

            Assert.Contains("'migrate' command", withoutTables, StringComparison.Ordinal);
            Assert.Contains("--Holdfast:RuntimeRole", withoutTables, StringComparison.Ordinal);
            Assert.Contains("'migrate' command", withoutRights, StringComparison.Ordinal);
            Assert.Contains("--Holdfast:RuntimeRole", withoutRights, StringComparison.Ordinal);
            Assert.Contains("sandbox gateway", withoutPayments, StringComparison.Ordinal);
            Assert.Contains("--Holdfast:RuntimeRole", withoutPayments, StringComparison.Ordinal);
        }
        finally
        {
            await database.Execute($"DROP OWNED BY {role}; DROP ROLE {role}");
        }
    }

    [ProcessFact]
    public async Task A_process_whose_data_directory_is_in_use_says_so_in_one_line()
    {
        using var directory = new TempDirectory();
        var settings = new Dictionary<string, string> { ["Holdfast:DataDirectory"] = directory.Path };
        await using var first = HoldfastProcess.Start(Start(HoldfastProcess.FrontDoor, settings), TimeProvider.System);
        await first.WaitUntilReady(StartLimit);

        Assert.Contains(directory.Path, await Refusal(HoldfastProcess.FrontDoor, settings), StringComparison.Ordinal);
    }

    [ProcessFact]
    public async Task A_setting_that_is_wrong_or_is_none_is_said_in_one_line_by_both_programs()
    {
        foreach (var program in new[] { HoldfastProcess.FrontDoor, HoldfastProcess.Silo })
        {
            Assert.Equal(
                "Holdfast:Outbox:PageSize is 0, and has to be from 1 to 10000.",
                await Refusal(program, new Dictionary<string, string> { ["Holdfast:Outbox:PageSize"] = "0" }));
            Assert.Contains(
                "Did you mean Holdfast:DataDirectory?",
                await Refusal(program, new Dictionary<string, string> { ["Holdfast:DataDirektory"] = "data" }),
                StringComparison.Ordinal);
        }
    }

    [ProcessFact]
    public async Task A_port_that_is_in_use_is_said_in_one_line_by_both_programs()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        foreach (var program in new[] { HoldfastProcess.FrontDoor, HoldfastProcess.Silo })
        {
            foreach (var setting in new[] { "urls", "Holdfast:SiloPort", "Holdfast:GatewayPort" })
            {
                using var directory = new TempDirectory();
                var refusal = await Refusal(program, new Dictionary<string, string>
                {
                    ["Holdfast:DataDirectory"] = directory.Path,
                    [setting] = setting == "urls" ? $"http://127.0.0.1:{port}" : $"{port}",
                });
                Assert.Contains($"'{setting}' asks for port {port}", refusal, StringComparison.Ordinal);
            }
        }
    }

    /// <summary>The only line that the program writes before it ends with 1.</summary>
    private static async Task<string> Refusal(string program, IReadOnlyDictionary<string, string> settings)
    {
        await using var process = HoldfastProcess.Start(Start(program, settings), TimeProvider.System);
        Assert.Equal(1, await process.Exited.WaitAsync(StartLimit, TimeProvider.System));
        return Assert.Single(process.Output.Lines);
    }

    private static HoldfastStart Start(string program, IReadOnlyDictionary<string, string> settings) =>
        new("refused", program, new($"http://127.0.0.1:{LoopbackPorts.Next()}")) { Settings = settings };
}
