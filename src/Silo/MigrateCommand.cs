using Holdfast.Journal;
using Holdfast.Journal.Postgres;
using Holdfast.Outside.Sandbox;
using Holdfast.Silo.Settings;
using Holdfast.Views.Store;
using Npgsql;

namespace Holdfast.Silo;

/// <summary>
/// <c>migrate</c>: creates or upgrades the tables, so that the silos can run under a role that may only read and write them.
/// Every silo does the same at its start if its role may; two at once are no harm.
/// </summary>
internal static class MigrateCommand
{
    /// <param name="args"><c>--ConnectionStrings:Holdfast</c>, and <c>--Holdfast:RuntimeRole</c> for a role to be given what silos need.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="StartRefusedException">There is no connection string.</exception>
    /// <exception cref="JournalStoreException">The message says what to do about it.</exception>
    public static async Task<int> Run(string[] args)
    {
        var settings = HoldfastSettings.Read(Host.CreateApplicationBuilder(args).Configuration);
        await using var database = settings.Database
            ?? throw new StartRefusedException("'migrate' needs ConnectionStrings:Holdfast: the PostgreSQL database to create or upgrade.");
        await PostgresSchema.Upgrade(database, CancellationToken.None);
        var role = settings.Options.RuntimeRole is { Length: > 0 } named ? named : null;
        if (role is not null) await PostgresSchema.Grant(database, role, CancellationToken.None);
        await PostgresViewStore.Migrate(database, role, CancellationToken.None);
        await MigrateSandboxGateway(settings.ConnectionString!, role);
        await Console.Out.WriteLineAsync($"{database.Name}: the schema {database.Schema} has version {PostgresSchema.Current}.");
        return 0;
    }

    private static async Task MigrateSandboxGateway(string connectionString, string? role)
    {
        try
        {
            await SandboxGatewayServices.Migrate(connectionString, role, CancellationToken.None);
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
        {
            throw new JournalStoreException($"The sandbox gateway's schema cannot be made or opened to others: {e.Message}", e);
        }
    }
}
