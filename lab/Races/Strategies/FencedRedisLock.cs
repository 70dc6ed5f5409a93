using Holdfast.Bench.Measuring;
using Holdfast.Lab.Races.Counter;
using Holdfast.Lab.Races.LastItems;
using Holdfast.Lab.Races.Profile;
using Npgsql;
using StackExchange.Redis;

namespace Holdfast.Lab.Races.Strategies;

/// <summary>
/// The lock hands out a number that rises with each holder, and the row remembers the highest that has read it. Only its holder can
/// write: one who stalled finds the row taken over, changes nothing, and starts again.
/// </summary>
internal sealed class FencedRedisLock(NpgsqlDataSource postgres, IDatabase redis, TimeProvider clock, Stall stall)
    : ILastItems, IProfiles, ICounters
{
    /// <summary>Takes the lock and the next number in one step; nothing when it is held.</summary>
    private const string Acquire =
        "if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return redis.call('INCR', KEYS[2]) else return 0 end";

    private const string Release = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) else return 0 end";

    /// <summary>One number for all locks: it only has to rise.</summary>
    private const string Numbers = "fenced:numbers";

    private const int MaxTries = 1_000;

    public About About { get; } = new(
        "Redis lock, fenced",
        Loses: false,
        "As the lock without fencing, and each holder gets the next number (the token). It reads with UPDATE … SET fence = number WHERE fence < number "
        + "RETURNING the value, and writes WHERE fence = number. No row means that a later holder has been here: nothing is written, "
        + "and the operation starts again.",
        "The lock protects work that is long and dear (so that it should not be done twice), and the store can check a number.",
        "Stock and counters: the check in the store is what makes it right, and with the check (a version in all but name) the lock is "
        + "not needed. Where the store cannot check (an e-mail, a file share), there is no fence.",
        "Everything that the lock costs, and one more write for each operation: the fence is set by the read. A fence that is only "
        + "checked by the write lets a late write in between the next holder's read and write, and that one is lost.",
        "Redis syncs its file once a second. After a crash it may hand out old numbers: then nobody can write until they have caught "
        + "up, but nothing is lost.");

    public Task Create(CancellationToken cancellationToken) => postgres.Execute(
        """
        CREATE TABLE fenced_items (sku text PRIMARY KEY, units bigint NOT NULL, fence bigint NOT NULL DEFAULT 0);
        CREATE TABLE fenced_profiles (id text PRIMARY KEY, profile jsonb NOT NULL, fence bigint NOT NULL DEFAULT 0);
        CREATE TABLE fenced_counters (name text PRIMARY KEY, value bigint NOT NULL, fence bigint NOT NULL DEFAULT 0);
        """);

    public Task Stock(string sku, long units) => postgres.Execute("INSERT INTO fenced_items VALUES ($1, $2)", sku, units);

    public ValueTask<Answer> Buy(string sku, Client buyer) => UnderLock($"fenced:items:{sku}", buyer, async fence =>
    {
        var read = await postgres.Read<long?>(
            "UPDATE fenced_items SET fence = $2 WHERE sku = $1 AND fence < $2 RETURNING units", sku, fence);
        if (read is not { } units) return null;
        if (units == 0) return Reply.Refused;
        await stall.Pass();
        return Written(await postgres.Execute("UPDATE fenced_items SET units = $2 WHERE sku = $1 AND fence = $3", sku, units - 1, fence));
    });

    public Task<long> Left(string sku) => postgres.Read<long>("SELECT units FROM fenced_items WHERE sku = $1", sku);

    public Task Put(string user, string json) => postgres.Execute("INSERT INTO fenced_profiles VALUES ($1, $2::jsonb)", user, json);

    public ValueTask<Answer> Edit(string user, FieldEdit edit, Client editor) => UnderLock($"fenced:profiles:{user}", editor, async fence =>
    {
        var read = await postgres.Read<string>(
            "UPDATE fenced_profiles SET fence = $2 WHERE id = $1 AND fence < $2 RETURNING profile::text", user, fence);
        if (read is not { } profile) return null;
        await stall.Pass();
        return Written(await postgres.Execute(
            "UPDATE fenced_profiles SET profile = $2::jsonb WHERE id = $1 AND fence = $3", user, edit.ApplyTo(profile), fence));
    });

    public async Task<string> Read(string user) =>
        (await postgres.Read<string>("SELECT profile::text FROM fenced_profiles WHERE id = $1", user))!;

    public Task Start(string counter) => postgres.Execute("INSERT INTO fenced_counters VALUES ($1, 0)", counter);

    public ValueTask<Answer> Increment(string counter, Client client) => UnderLock($"fenced:counters:{counter}", client, async fence =>
    {
        var read = await postgres.Read<long?>(
            "UPDATE fenced_counters SET fence = $2 WHERE name = $1 AND fence < $2 RETURNING value", counter, fence);
        if (read is not { } value) return null;
        await stall.Pass();
        return Written(await postgres.Execute("UPDATE fenced_counters SET value = $2 WHERE name = $1 AND fence = $3", counter, value + 1, fence));
    });

    public Task<long> Value(string counter) => postgres.Read<long>("SELECT value FROM fenced_counters WHERE name = $1", counter);

    private static Reply? Written(int rows) => rows == 1 ? Reply.Done : null;

    /// <param name="work">Takes the holder's number; null when a later holder has taken over.</param>
    private async ValueTask<Answer> UnderLock(string key, Client client, Func<long, Task<Reply?>> work)
    {
        var token = client.NextId().ToString("N");
        for (var tries = 1; tries <= MaxTries; tries++)
        {
            var number = (long)await redis.ScriptEvaluateAsync(Acquire, [key, Numbers], [token, (long)Stall.RedisLockLife.TotalMilliseconds]);
            if (number > 0)
            {
                var reply = await work(number);
                await redis.ScriptEvaluateAsync(Release, [key], [token]);
                if (reply is { } final) return new(final, tries - 1);
            }

            await Backoff.Wait(tries, client, clock);
        }

        return new(Reply.GaveUp, MaxTries);
    }
}
