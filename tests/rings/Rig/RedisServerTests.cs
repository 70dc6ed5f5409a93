using System.Net.Sockets;
using Holdfast.Rig;
using StackExchange.Redis;

namespace Holdfast.Rings.Rig;

public sealed class RedisServerTests
{
    [RedisFact]
    public async Task It_keeps_a_file_that_is_synced_every_second_and_leaves_nothing_behind()
    {
        var parent = Directory.CreateTempSubdirectory("holdfast-redis-test-").FullName;
        try
        {
            int port;
            await using (var server = await RedisServer.Start(TimeProvider.System, parent))
            {
                port = server.Port;
                await using var redis = await ConnectionMultiplexer.ConnectAsync($"{server.ConnectionString},allowAdmin=true");
                var settings = await redis.GetServer(server.ConnectionString).ConfigGetAsync("append*");
                Assert.Contains(new("appendonly", "yes"), settings);
                Assert.Contains(new("appendfsync", "everysec"), settings);
                Assert.True(await redis.GetDatabase().StringSetAsync("lock", "mine", TimeSpan.FromMinutes(1), When.NotExists));
                Assert.False(await redis.GetDatabase().StringSetAsync("lock", "yours", TimeSpan.FromMinutes(1), When.NotExists));
            }

            Assert.Empty(Directory.EnumerateFileSystemEntries(parent));
            using var client = new TcpClient();
            await Assert.ThrowsAsync<SocketException>(() => client.ConnectAsync("127.0.0.1", port));
        }
        finally
        {
            Directory.Delete(parent, recursive: true);
        }
    }

    /// <summary>Where Redis is missing, it is reported as skipped, with the reason.</summary>
    private sealed class RedisFactAttribute : FactAttribute
    {
        public RedisFactAttribute() => Skip = RedisServer.WhyUnavailable;
    }
}
