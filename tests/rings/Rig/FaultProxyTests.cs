using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Holdfast.Rig;
using Npgsql;

namespace Holdfast.Rings.Rig;

public sealed class FaultProxyTests : IAsyncLifetime
{
    /// <summary>Long enough for what could come over loopback to have come.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(200);

    private readonly EchoServer _server = new();
    private FaultProxy _proxy = null!;

    public Task InitializeAsync()
    {
        _proxy = FaultProxy.Start(_server.Port, TimeProvider.System);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task It_passes_both_ways_and_an_end()
    {
        var client = await Connected();

        await Say(client, "hello");
        Assert.Equal("hello", await _server.Next());
        Assert.Equal("hello", await Heard(client));
        client.Client.Shutdown(SocketShutdown.Send);

        Assert.Equal("ended", await _server.Next());
        Assert.Equal("", await Heard(client));
    }

    [Fact]
    public async Task It_delays_each_way()
    {
        var delay = TimeSpan.FromMilliseconds(60);
        using var client = await Connected();
        _proxy.Delay(delay);

        var said = Stopwatch.GetTimestamp();
        await Say(client, "hello");
        Assert.Equal("hello", await Heard(client));

        Assert.True(Stopwatch.GetElapsedTime(said) >= 2 * delay);
    }

    [Fact]
    public async Task A_freeze_holds_what_is_said_and_lets_it_through_later()
    {
        using var client = await Connected();
        _proxy.Freeze();

        await Say(client, "hello");
        await AssertSilent(client);
        Assert.True(_server.IsQuiet);
        _proxy.Pass();

        Assert.Equal("hello", await Heard(client));
    }

    [Fact]
    public async Task A_freeze_accepts_a_new_connection_that_the_server_learns_of_later()
    {
        _proxy.Freeze();
        using var client = await Connect();

        await Say(client, "hello");
        await AssertSilent(client);
        Assert.True(_server.IsQuiet);
        _proxy.Pass();

        Assert.Equal("connected", await _server.Next());
        Assert.Equal("hello", await Heard(client));
    }

    [Fact]
    public async Task A_freeze_hides_that_a_client_has_gone()
    {
        using var other = await Connected();
        var client = await Connected();
        _proxy.Freeze();

        client.Client.LingerState = new(enable: true, seconds: 0);
        client.Dispose();
        await AssertSilent(other);
        Assert.True(_server.IsQuiet);
        _proxy.Pass();

        Assert.Equal("ended", await _server.Next());
    }

    [Fact]
    public async Task Refusing_resets_what_exists_and_what_is_new()
    {
        using var client = await Connected();
        _proxy.Refuse();

        await AssertReset(client);
        Assert.Equal("ended", await _server.Next());
        await AssertResetWhenNew(_proxy);
        Assert.True(_server.IsQuiet);
        _proxy.Pass();

        using var again = await Connected();
        await Say(again, "hello");
        Assert.Equal("hello", await Heard(again));
    }

    [Fact]
    public async Task Refusing_ends_a_freeze_for_those_who_wait_in_it()
    {
        _proxy.Freeze();
        using var client = await Connect();

        _proxy.Refuse();

        await AssertReset(client);
        Assert.True(_server.IsQuiet);
    }

    [Fact]
    public async Task Resetting_all_happens_once()
    {
        using var client = await Connected();
        using var other = await Connected();

        Assert.Equal(2, _proxy.ResetAll());

        await AssertReset(client);
        await AssertReset(other);
        Assert.Equal("ended", await _server.Next());
        Assert.Equal("ended", await _server.Next());
        using var again = await Connected();
        await Say(again, "hello");
        Assert.Equal("hello", await Heard(again));
    }

    [Fact]
    public async Task A_server_that_does_not_listen_resets_the_client()
    {
        await using var proxy = FaultProxy.Start(LoopbackPorts.Next(), TimeProvider.System);

        await AssertResetWhenNew(proxy);
    }

    [Fact]
    public async Task A_swallowed_reply_is_of_a_request_that_has_happened()
    {
        using var client = await Connected();
        using var other = await Connected();
        var swallowed = _proxy.SwallowNextReply(PostgresWire.Says("commit"));

        await Say(client, "insert");
        Assert.Equal("insert", await Heard(client));
        Assert.False(swallowed.IsCompleted);
        await Say(client, "commit");
        await swallowed.WaitAsync(EchoServer.Patience);

        await AssertReset(client);
        Assert.Equal(["insert", "commit", "ended"], [await _server.Next(), await _server.Next(), await _server.Next()]);
        await Say(other, "commit");
        Assert.Equal("commit", await Heard(other));
    }

    [PostgresFact]
    public async Task A_commit_whose_reply_is_swallowed_is_in_the_database()
    {
        await using var database = await PostgresDatabase.Create(TimeProvider.System);
        var direct = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        await using var proxy = FaultProxy.Start(direct.Port, TimeProvider.System, direct.Host!);
        var proxied = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Host = "127.0.0.1", Port = proxy.Port };
        await Execute(proxied.ConnectionString, "create table facts (fact text)");
        var swallowed = proxy.SwallowNextReply(PostgresWire.Says("paid"), PostgresWire.EndsReply);

        await Assert.ThrowsAnyAsync<NpgsqlException>(() => Execute(proxied.ConnectionString, "insert into facts select 'paid' from generate_series(1, 3)"));
        await swallowed.WaitAsync(EchoServer.Patience);

        Assert.Equal(3L, await Execute(direct.ConnectionString, "select count(*) from facts"));
    }

    private static async Task<object?> Execute(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    private async Task<TcpClient> Connect()
    {
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", _proxy.Port);
        return client;
    }

    private async Task<TcpClient> Connected()
    {
        var client = await Connect();
        Assert.Equal("connected", await _server.Next());
        return client;
    }

    private static async Task Say(TcpClient client, string text) => await client.Client.SendAsync(Encoding.UTF8.GetBytes(text));

    private static async Task<string> Heard(TcpClient client)
    {
        var buffer = new byte[1024];
        return Encoding.UTF8.GetString(buffer, 0, await client.Client.ReceiveAsync(buffer).WaitAsync(EchoServer.Patience));
    }

    private static async Task AssertReset(TcpClient client) => await Assert.ThrowsAsync<SocketException>(() => Heard(client));

    /// <summary>The reset may be there before the connection is known to be made.</summary>
    private static async Task AssertResetWhenNew(FaultProxy proxy) => await Assert.ThrowsAsync<SocketException>(async () =>
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", proxy.Port);
        await Heard(client);
    });

    private static async Task AssertSilent(TcpClient client)
    {
        using var silence = new CancellationTokenSource(Silence);
        await Assert.ThrowsAsync<OperationCanceledException>(() => client.Client.ReceiveAsync(new byte[1], silence.Token).AsTask());
    }
}
