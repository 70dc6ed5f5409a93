using System.Diagnostics;
using Holdfast.Rig;
using Npgsql;

namespace Holdfast.Rings.Rig;

public sealed class PostgresServerTests : IAsyncLifetime
{
    private PostgresServer _server = null!;
    private string _database = null!;

    public async Task InitializeAsync()
    {
        if (PostgresServer.WhyUnavailable is not null) return;
        _server = await PostgresServer.Start(TimeProvider.System);
        _database = await _server.CreateDatabase("shop");
    }

    public async Task DisposeAsync()
    {
        if (_server is null) return;
        NpgsqlConnection.ClearAllPools();
        await _server.DisposeAsync();
    }

    [PostgresFact(Wants.Server)]
    public async Task It_is_as_careful_and_as_large_as_one_in_production_and_sorts_by_bytes()
    {
        Assert.Equal("on", await Scalar("show fsync"));
        Assert.Equal("on", await Scalar("show synchronous_commit"));
        Assert.Equal("200", await Scalar("show max_connections"));
        Assert.Equal("UTF8", await Scalar("show server_encoding"));
        Assert.Equal(true, await Scalar("select 'Z' < 'a'"));
    }

    [PostgresFact(Wants.Server)]
    public async Task What_was_committed_survives_an_immediate_stop()
    {
        await Scalar("create table facts (fact text); insert into facts values ('paid')");

        await _server.StopImmediately();
        Assert.Null(_server.ProcessId);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => Scalar("select 1"));
        await _server.Restart();

        Assert.Equal("paid", await Scalar("select fact from facts"));
    }

    [PostgresFact(Wants.Server)]
    public async Task What_was_committed_survives_a_kill_with_clients_connected()
    {
        await Scalar("create table facts (fact text); insert into facts values ('paid')");
        await using var client = new NpgsqlConnection(_database);
        await client.OpenAsync();

        await _server.Kill();
        await _server.Restart();

        NpgsqlConnection.ClearAllPools();
        Assert.Equal("paid", await Scalar("select fact from facts"));
    }

    [PostgresFact(Wants.Server)]
    public async Task A_restart_keeps_the_port()
    {
        var (before, port) = (_server.ProcessId, _server.Port);

        await _server.Restart();

        Assert.NotEqual(before, _server.ProcessId);
        Assert.Equal(port, _server.Port);
        NpgsqlConnection.ClearAllPools();
        Assert.Equal(1, await Scalar("select 1"));
    }

    [PostgresFact(Wants.Server)]
    public async Task Dropping_all_connections_ends_those_of_every_client()
    {
        await using var client = new NpgsqlConnection(_database);
        await client.OpenAsync();

        Assert.Equal(1, await _server.DropAllConnections());

        await using var command = new NpgsqlCommand("select 1", client);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => command.ExecuteScalarAsync());
    }

    [PostgresFact(Wants.Server)]
    public async Task Nothing_of_it_is_left_behind()
    {
        var process = Process.GetProcessById(_server.ProcessId!.Value);
        var directory = (string)(await Scalar("select current_setting('data_directory')"))!;
        Assert.True(Directory.Exists(directory));

        await _server.DisposeAsync();

        Assert.True(process.HasExited);
        Assert.False(Directory.Exists(Path.GetDirectoryName(directory)));
    }

    private async Task<object?> Scalar(string sql)
    {
        await using var connection = new NpgsqlConnection(_database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
