using Holdfast.Bench.Measuring;
using Holdfast.Lab.Races.Counter;
using Holdfast.Lab.Races.LastItems;
using Holdfast.Lab.Races.Profile;
using Npgsql;
using StackExchange.Redis;

namespace Holdfast.Lab.Races.Strategies;

/// <summary>
/// The naive code under a lock that lives in Redis and expires. A holder that stalls for longer than the lock lasts wakes up, does
/// not know that it has lost it, and writes over whatever the next holders did.
/// </summary>
internal sealed class RedisLock(NpgsqlDataSource postgres, IDatabase redis, TimeProvider clock, Stall stall) : ILastItems, IProfiles, ICounters
{
    /// <summary>Deletes the lock only if it is still ours: it may have expired, and be somebody else's.</summary>
    private const string Release = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) else return 0 end";

    private const int MaxTries = 1_000;

    public About About { get; } = new(
        "Redis lock",
        Loses: true,
        $"Without a fencing token: SET key token NX PX {Stall.RedisLockLife.TotalMilliseconds:F0}, tried again with backoff until it is free; then read, compute, "
        + "write in PostgreSQL; then a checked release (delete only if the token is still ours).",
        "To save work, not to keep it right: two workers that both send the daily report are a nuisance, not a loss.",
        "Money, stock, anything that must not be lost. The lock and the data are two systems: a pause of the holder (garbage collection, "
        + "a moved machine, a slow disk) that is longer than the lock breaks it, and so does a Redis that fails over. A longer life of "
        + "the lock makes it rarer and recovery slower; renewing it makes it rarer still. Neither closes the gap.",
        "Two more round trips, and whoever waits polls. There is no line: the unlucky wait long.",
        "The stall that breaks it is made by us, once, and every strategy with a gap gets the same one. The release would tell a holder who "
        + "had lost the lock; we do not ask it, because by then it has written.");

    public Task Create(CancellationToken cancellationToken) => postgres.Execute(
        """
        CREATE TABLE guarded_items (sku text PRIMARY KEY, units bigint NOT NULL);
        CREATE TABLE guarded_profiles (id text PRIMARY KEY, profile jsonb NOT NULL);
        CREATE TABLE guarded_counters (name text PRIMARY KEY, value bigint NOT NULL);
        """);

    public Task Stock(string sku, long units) => postgres.Execute("INSERT INTO guarded_items VALUES ($1, $2)", sku, units);

    public ValueTask<Answer> Buy(string sku, Client buyer) => UnderLock($"guarded:items:{sku}", buyer, async () =>
    {
        var units = await Left(sku);
        if (units == 0) return Reply.Refused;
        await stall.Pass();
        await postgres.Execute("UPDATE guarded_items SET units = $2 WHERE sku = $1", sku, units - 1);
        return Reply.Done;
    });

    public Task<long> Left(string sku) => postgres.Read<long>("SELECT units FROM guarded_items WHERE sku = $1", sku);

    public Task Put(string user, string json) => postgres.Execute("INSERT INTO guarded_profiles VALUES ($1, $2::jsonb)", user, json);

    public ValueTask<Answer> Edit(string user, FieldEdit edit, Client editor) => UnderLock($"guarded:profiles:{user}", editor, async () =>
    {
        var profile = await Read(user);
        await stall.Pass();
        await postgres.Execute("UPDATE guarded_profiles SET profile = $2::jsonb WHERE id = $1", user, edit.ApplyTo(profile));
        return Reply.Done;
    });

    public async Task<string> Read(string user) =>
        (await postgres.Read<string>("SELECT profile::text FROM guarded_profiles WHERE id = $1", user))!;

    public Task Start(string counter) => postgres.Execute("INSERT INTO guarded_counters VALUES ($1, 0)", counter);

    public ValueTask<Answer> Increment(string counter, Client client) => UnderLock($"guarded:counters:{counter}", client, async () =>
    {
        var value = await Value(counter);
        await stall.Pass();
        await postgres.Execute("UPDATE guarded_counters SET value = $2 WHERE name = $1", counter, value + 1);
        return Reply.Done;
    });

    public Task<long> Value(string counter) => postgres.Read<long>("SELECT value FROM guarded_counters WHERE name = $1", counter);

    private async ValueTask<Answer> UnderLock(string key, Client client, Func<Task<Reply>> work)
    {
        var token = client.NextId().ToString("N");
        for (var tries = 1; tries <= MaxTries; tries++)
        {
            if (await redis.StringSetAsync(key, token, Stall.RedisLockLife, When.NotExists))
            {
                var reply = await work();
                await redis.ScriptEvaluateAsync(Release, [key], [token]);
                return new(reply, tries - 1);
            }

            await Backoff.Wait(tries, client, clock);
        }

        return new(Reply.GaveUp, MaxTries);
    }
}
