using Holdfast.Bench;
using Holdfast.Bench.Measuring;
using Holdfast.Lab.Races.Strategies;
using Holdfast.Rig;
using Npgsql;
using StackExchange.Redis;

namespace Holdfast.Lab.Races;

/// <summary>
/// What the strategies work on: a PostgreSQL, a Redis and a silo, all started for the lab alone. The SQL strategies share one pool
/// of connections and the silo has its own, on the same server.
/// </summary>
internal sealed class RaceLab : IAsyncDisposable
{
    /// <summary>Clients beyond it wait for a connection: more connections made every way slower on two cores.</summary>
    public const int Connections = 32;

    /// <summary>Seconds that a client waits for a connection; the slowest ways have long lines.</summary>
    private const int ConnectionSeconds = 120;

    /// <summary>Statements of one connection that PostgreSQL keeps prepared.</summary>
    private const int PreparedStatements = 100;

    private readonly RedisServer _redis;
    private readonly ConnectionMultiplexer _multiplexer;
    private readonly BenchSilo _silo;

    private RaceLab(TimeProvider clock, NpgsqlDataSource postgres, RedisServer redis, ConnectionMultiplexer multiplexer, BenchSilo silo)
    {
        Clock = clock;
        Postgres = postgres;
        _redis = redis;
        _multiplexer = multiplexer;
        _silo = silo;
        Stall = new(clock);
    }

    public TimeProvider Clock { get; }

    public NpgsqlDataSource Postgres { get; }

    public IDatabase Redis => _multiplexer.GetDatabase();

    public IGrainFactory Grains => _silo.Grains;

    public Stall Stall { get; }

    /// <summary>Null when <see cref="Open"/> can work on this machine, else why it cannot.</summary>
    public static string? WhyUnavailable => PostgresServer.WhyUnavailable ?? RedisServer.WhyUnavailable;

    /// <param name="stores">On PostgreSQL.</param>
    /// <param name="directory">Where Redis keeps its files.</param>
    /// <exception cref="BenchException">PostgreSQL or Redis is not installed, or did not start.</exception>
    public static async Task<RaceLab> Open(BenchStores stores, string directory, TimeProvider clock, CancellationToken cancellationToken)
    {
        var postgres = Pool(await stores.NewDatabase("races", cancellationToken));
        var redis = await StartRedis(directory, clock, cancellationToken);
        var multiplexer = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        var plain = await stores.Plain(cancellationToken);
        var silo = await BenchSilo.Start(stores, "holdfast", cancellationToken, silo =>
        {
            plain(silo);
            silo.UseTransactions();
        });
        return new(clock, postgres, redis, multiplexer, silo);
    }

    public string RedisVersion => $"Redis {_multiplexer.GetServer(_redis.ConnectionString).Version}";

    /// <summary>All of them, the losing ones first, Holdfast last.</summary>
    public IReadOnlyList<IStrategy> Strategies() =>
    [
        new NaiveReadModifyWrite(Postgres, Stall),
        new CheckThenApply(Postgres, Stall),
        new RedisLock(Postgres, Redis, Clock, Stall),
        new FencedRedisLock(Postgres, Redis, Clock, Stall),
        new OptimisticVersion(Postgres, Clock, Stall),
        new LockedRow(Postgres, Stall),
        new SerializableTransaction(Postgres, Clock, Stall),
        new OneStatement(Postgres),
        new ProcessedEvents(Postgres, Stall),
        new OrderedConsumer(Postgres, Stall),
        new EventSourcing(Postgres, Clock, Stall),
        new ConflictFree(Postgres),
        new PlainGrain(Grains),
        new OrleansTransactions(Grains, Clock),
        new HoldfastGrains(Grains, Clock, Stall),
        new HoldfastShards(Grains, Clock),
        new HoldfastLease(Grains, Clock, Stall),
    ];

    public async ValueTask DisposeAsync()
    {
        await _silo.DisposeAsync();
        await _multiplexer.DisposeAsync();
        await _redis.DisposeAsync();
        await Postgres.DisposeAsync();
    }

    private static NpgsqlDataSource Pool(string connectionString) => NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString)
    {
        MaxPoolSize = Connections,
        Timeout = ConnectionSeconds,
        MaxAutoPrepare = PreparedStatements,
        AutoPrepareMinUsages = 2,
        NoResetOnClose = true,
    });

    private static async Task<RedisServer> StartRedis(string directory, TimeProvider clock, CancellationToken cancellationToken)
    {
        try
        {
            return await RedisServer.Start(clock, directory, cancellationToken);
        }
        catch (RigException e)
        {
            throw new BenchException(e.Message, e);
        }
    }
}
