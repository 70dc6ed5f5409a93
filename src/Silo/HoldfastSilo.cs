using Holdfast.Domain.Orders.Payments;
using Holdfast.Grains;
using Holdfast.Journal;
using Holdfast.Journal.Postgres;
using Holdfast.Journal.Sqlite;
using Holdfast.Outside.Sandbox;
using Holdfast.Silo.Callers;
using Holdfast.Silo.Cluster;
using Holdfast.Silo.Health;
using Holdfast.Silo.Listing;
using Holdfast.Silo.Settings;
using Holdfast.Silo.Watching;
using Orleans.Dashboard;

namespace Holdfast.Silo;

/// <summary>Makes a host a silo, a client of silos, or both.</summary>
public static class HoldfastSilo
{
    /// <summary>Adds what a front door needs behind it: a silo of its own, or the connection to a cluster.</summary>
    /// <exception cref="StartRefusedException">The settings want something else of it; the message says what.</exception>
    public static void AddHoldfastBehindFrontDoor(this IHostApplicationBuilder builder, HoldfastSettings settings)
    {
        var role = settings.RoleOf("the front door", HoldfastRole.All, HoldfastRole.All, HoldfastRole.Api);
        if (role == HoldfastRole.All) builder.AddSilo(settings);
        else builder.AddClient(settings);
    }

    /// <summary>Adds a silo with everything Holdfast needs to the host: clustering, storage, streams, payments, telemetry, health.</summary>
    /// <exception cref="StartRefusedException">The settings want something else of it; the message says what.</exception>
    public static void AddHoldfastSilo(this IHostApplicationBuilder builder, HoldfastSettings settings)
    {
        settings.RoleOf("the silo program", HoldfastRole.Silo, HoldfastRole.Silo);
        builder.AddSilo(settings);
    }

    /// <summary>
    /// Tries the ports, and opens the store and the sandbox gateway's ledger, if this process has them, before the host starts. The start
    /// would do that, too. But Orleans and the host write four stack traces when it fails, and the sentence that says what to do is lost
    /// among them.
    /// </summary>
    /// <exception cref="StartRefusedException">A port is in use; the message says which.</exception>
    /// <exception cref="JournalStoreException">The store cannot be opened; the message says what to do.</exception>
    /// <exception cref="PaymentUnavailableException">The ledger cannot be opened; the message says what to do.</exception>
    public static async Task OpenStores(this IHost host)
    {
        var options = host.Services.GetRequiredService<HoldfastSettings>().Options;
        ListeningAddresses.RequireFree(host.Services.GetRequiredService<IConfiguration>(), options);
        if (host.Services.GetService<IJournalStore>() is { } store) await store.Initialize(CancellationToken.None);
        if (host.Services.GetService<SandboxGateway>() is { } gateway) await gateway.StartAsync(CancellationToken.None);
    }

    /// <summary>Whether a key was ever made for the store behind this process; asks the store itself, before the host starts.</summary>
    /// <exception cref="JournalStoreException">The store cannot be read; the message says why.</exception>
    public static async Task<bool> HasKeys(this IHost host)
    {
        // A front door beside its silos has no store of its own, only the way to theirs, which it shares with others here.
        var store = host.Services.GetService<IJournalStore>() ?? new PostgresJournalStore(
            host.Services.GetRequiredService<PostgresDatabase>(),
            new PostgresJournalOptions(),
            host.Services.GetRequiredService<TimeProvider>(),
            host.Services.GetRequiredService<ILogger<PostgresJournalStore>>());
        return await KeyStore.HasAny(store, CancellationToken.None);
    }

    /// <summary>Whether a program is asked to make, list or revoke keys, and not to start.</summary>
    public static bool IsKeyCommand(string[] args) => KeyCommand.IsAskedFor(args);

    /// <inheritdoc cref="KeyCommand.Run" />
    public static Task<int> RunKeyCommand(string[] args, TextWriter output) => KeyCommand.Run(args[1..], TimeProvider.System, output);

    /// <summary>The part of a silo that does not depend on how it is hosted or clustered: grains, embedded store, sandbox gateway.</summary>
    /// <param name="builder">The silo.</param>
    /// <param name="dataDirectory">Where the embedded store keeps its files; created when missing.</param>
    public static ISiloBuilder AddHoldfast(this ISiloBuilder builder, string dataDirectory)
    {
        builder.AddSqliteJournal(dataDirectory);
        builder.AddHoldfastGrains();
        builder.AddListing(dataDirectory);
        builder.Services.AddHoldfastSettings();
        builder.Services.AddSandboxGateway(gateway => gateway.Path = Path.Combine(dataDirectory, "sandbox-gateway.db"));
        return builder;
    }

    /// <summary>
    /// The same on a PostgreSQL database that other silos share. The sandbox gateway, playing an outside company, has a schema of its own there.
    /// </summary>
    public static ISiloBuilder AddHoldfast(this ISiloBuilder builder, PostgresDatabase database)
    {
        builder.AddPostgresJournal(database);
        builder.AddBeat(database);
        builder.AddHoldfastGrains();
        builder.AddListing(database);
        builder.Services.AddHoldfastSettings();
        builder.Services.AddSandboxGateway(gateway => gateway.ConnectionString = database.ConnectionString);
        return builder;
    }

    private static void AddSilo(this IHostApplicationBuilder builder, HoldfastSettings settings)
    {
        builder.Services.AddSingleton(settings);
        builder.UseOrleans(silo =>
        {
            silo.AddClustering(settings);
            if (settings.Database is { } database) silo.AddHoldfast(database);
            else silo.AddHoldfast(settings.Options.DataDirectory);
            if (settings.Options.Dashboard) silo.AddDashboard();
        });
        builder.Services.AddRaceWatch();
        builder.AddHoldfastTelemetry();
        builder.Services.AddHealthChecks()
            .AddCheck<JournalHealthCheck>("journal")
            .AddCheck<LanesHealthCheck>("lanes")
            .AddCheck<FeedHealthCheck>("feed")
            .AddCheck<ClockHealthCheck>("clock");
    }

    private static void AddClient(this IHostApplicationBuilder builder, HoldfastSettings settings)
    {
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton(settings.Database!);
        builder.Services.AddLists(settings.Database!);
        builder.UseOrleansClient(client =>
        {
            client.AddClustering(settings);
            client.Services.AddKnownInterfaceTypes();
            if (settings.Options.Dashboard) client.AddDashboard();
        });
        builder.Services.AddRaceWatch();
        builder.AddHoldfastTelemetry();
        builder.Services.AddHealthChecks().AddCheck<ClusterHealthCheck>("cluster");
    }
}
