using System.Diagnostics.Metrics;
using Holdfast.Bench.Sql;
using Npgsql;

namespace Holdfast.Bench.Measuring;

/// <summary>Asks a PostgreSQL server what it did. Nobody else may use it meanwhile.</summary>
/// <param name="connectionString">Of any of its databases, as a superuser.</param>
/// <param name="waitForRows">
/// A session reports the rows that it wrote when it has been idle for ten seconds, so to know them takes that long.
/// </param>
internal sealed class PostgresProbe(string connectionString, bool waitForRows, TimeProvider clock) : IAsyncDisposable
{
    private static readonly TimeSpan ReportDelay = TimeSpan.FromSeconds(11);

    // Its own statements are not counted: they are sent before the counting begins, and after it has ended.
    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(connectionString);

    /// <summary>Nothing of note has been written since the last wait.</summary>
    private bool _allReported;

    public async Task<Running> Start(CancellationToken cancellationToken)
    {
        long? rows = waitForRows ? await ReadRows(wait: !_allReported, cancellationToken) : null;
        return new(this, await ReadTotals(cancellationToken), rows);
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private async Task<(long Wal, long Transactions)> ReadTotals(CancellationToken cancellationToken)
    {
        await using var command = _source.CreateCommand(
            "SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint, pg_snapshot_xmax(pg_current_snapshot())::text::bigint");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    private async Task<long> ReadRows(bool wait, CancellationToken cancellationToken)
    {
        if (wait) await Task.Delay(ReportDelay, clock, cancellationToken);
        _allReported = true;
        await using var command = _source.CreateCommand("SELECT sum(tup_inserted + tup_updated + tup_deleted)::bigint FROM pg_stat_database");
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>A while that is being looked at.</summary>
    internal sealed class Running(PostgresProbe probe, (long Wal, long Transactions) before, long? rowsBefore) : IDisposable
    {
        private readonly RoundTrips _roundTrips = new();

        public void Dispose() => _roundTrips.Dispose();

        public async Task<DatabaseWork> End(CancellationToken cancellationToken)
        {
            _roundTrips.Dispose();
            var after = await probe.ReadTotals(cancellationToken);
            long? rows = rowsBefore is { } earlier ? await probe.ReadRows(wait: true, cancellationToken) - earlier : null;
            return new(_roundTrips.Count, after.Transactions - before.Transactions, rows, after.Wal - before.Wal);
        }
    }

    /// <summary>Counts what this process sends: Npgsql reports each command, and each batch, once.</summary>
    private sealed class RoundTrips : IDisposable
    {
        private const string NpgsqlMeter = "Npgsql";
        private const string NpgsqlOperations = "db.client.operation.duration";

        private readonly MeterListener _listener = new();
        private long _count;

        public RoundTrips()
        {
            _listener.InstrumentPublished = static (instrument, listener) =>
            {
                if ((instrument.Meter.Name, instrument.Name) is (NpgsqlMeter, NpgsqlOperations) or (SqlStock.MeterName, SqlStock.CommitsName))
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<double>((_, _, _, _) => Interlocked.Increment(ref _count));
            _listener.SetMeasurementEventCallback<long>((_, commits, _, _) => Interlocked.Add(ref _count, commits));
            _listener.Start();
        }

        public long Count => Interlocked.Read(ref _count);

        public void Dispose() => _listener.Dispose();
    }
}
