using Holdfast.Contracts;
using Holdfast.Contracts.Callers;
using Holdfast.Journal;
using Holdfast.Silo.Settings;

namespace Holdfast.Silo.Callers;

/// <summary>
/// <c>key create|list|revoke</c>: works on the store itself, so that there can be a first key. On PostgreSQL also while silos run; the
/// embedded store belongs to one process at a time.
/// </summary>
internal static class KeyCommand
{
    private const string Usage = """
        key create NAME [--scopes all|SCOPE,SCOPE…] [--days N]   makes a key and prints it, this once
        key first NAME [the same]                                the same, unless a key was ever made
        key list                                                 what is known of the keys
        key revoke ID                                            ends a key
        The store is that of the settings: --Holdfast:DataDirectory=…, or ConnectionStrings__Holdfast in the environment.
        """;

    public static bool IsAskedFor(string[] args) => args is ["key", ..];

    /// <param name="args">What follows <c>key</c>.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="StartRefusedException">What was asked cannot be done; the message says why.</exception>
    /// <exception cref="JournalStoreException">The store cannot be used; the message says what to do about it.</exception>
    public static async Task<int> Run(string[] args, TimeProvider clock, TextWriter output)
    {
        var own = args is ["list", ..] ? 1 : args is ["create" or "first" or "revoke", [not '-', ..], ..] ? 2 : 0;
        if (own == 0) throw new StartRefusedException(Usage);
        var builder = Host.CreateApplicationBuilder(args[own..]);
        var asked = Asked.Of(builder.Configuration, clock);
        var settings = HoldfastSettings.Read(builder.Configuration);
        await using var store = KeyStore.Of(settings, clock);
        try
        {
            await store.Open(CancellationToken.None);
        }
        catch (JournalStoreException inUse) when (inUse.InnerException is IOException taken && OwnedFile.IsInUse(taken))
        {
            throw new StartRefusedException(
                $"{inUse.Message} A server that runs makes keys itself: POST /v1/keys, on this machine without a key while there is none.",
                inUse);
        }

        return args[0] switch
        {
            "first" when (await store.List(CancellationToken.None)).Count > 0 => await Say("There are keys already.", output),
            "create" or "first" => await Create(store, args[1], asked, clock, output),
            "revoke" => await Revoke(store, args[1], clock, output),
            _ => await List(store, clock, output),
        };
    }

    private static async Task<int> Create(KeyStore store, string name, Asked asked, TimeProvider clock, TextWriter output)
    {
        if (!KeyText.IsName(name))
            throw new StartRefusedException($"A key's name has 1 to {Limits.KeyNameLength} letters, digits, '.', '_' or '-'.");
        var outcome = await store.Make(new(NewOperation(clock), name, asked.Scopes, asked.ExpiresAt), CancellationToken.None);
        switch (outcome.Status)
        {
            case KeyStatus.Made:
                // Alone on its line, for whoever reads it by a program.
                await output.WriteLineAsync(outcome.Text);
                return 0;
            case KeyStatus.TwoLive:
                throw new StartRefusedException($"Two keys of the name '{name}' hold already: revoke one ('key list' shows their ids).");
            default:
                throw new StartRefusedException($"The key was not made: {outcome.Status}.");
        }
    }

    private static async Task<int> Revoke(KeyStore store, string id, TimeProvider clock, TextWriter output)
    {
        var outcome = await store.Revoke(new(NewOperation(clock), id), CancellationToken.None);
        if (outcome.Status != KeyStatus.Revoked)
            throw new StartRefusedException($"There is no key '{id}'; 'key list' shows those that there are.");
        await output.WriteLineAsync($"{id} is revoked.");
        return 0;
    }

    private static async Task<int> List(KeyStore store, TimeProvider clock, TextWriter output)
    {
        foreach (var key in await store.List(CancellationToken.None))
        {
            var state = key.IsLive(clock.GetUtcNow()) ? "holds" : "ended";
            await output.WriteLineAsync($"{key.Id}  {state}  {key.Name}  {string.Join(',', key.Scopes)}");
        }

        return 0;
    }

    private static async Task<int> Say(string what, TextWriter output)
    {
        await output.WriteLineAsync(what);
        return 0;
    }

    private static Operation NewOperation(TimeProvider clock) => new(Guid.CreateVersion7(clock.GetUtcNow()), Fingerprint: 0);

    /// <param name="Scopes">All of them when none are named.</param>
    private sealed record Asked(string[] Scopes, DateTimeOffset? ExpiresAt)
    {
        private const int MaxDays = 36_500;

        public static Asked Of(ConfigurationManager configuration, TimeProvider clock)
        {
            var scopes = configuration["scopes"] is { } named and not "all"
                ? named.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                : [.. Contracts.Callers.Scopes.All];
            if (scopes.Except(Contracts.Callers.Scopes.All).FirstOrDefault() is { } unknown)
            {
                throw new StartRefusedException(
                    $"'{unknown}' is no scope. There are: {string.Join(", ", Contracts.Callers.Scopes.All)}; 'all' stands for all.");
            }

            if (scopes.Length == 0) throw new StartRefusedException("A key needs a scope: --scopes all, or some of them with ',' between.");
            if (configuration["days"] is not { } days) return new([.. scopes.Distinct()], null);
            return int.TryParse(days, out var number) && number is >= 1 and <= MaxDays
                ? new([.. scopes.Distinct()], clock.GetUtcNow().AddDays(number))
                : throw new StartRefusedException($"--days is '{days}', and has to be a whole number from 1 to {MaxDays}.");
        }
    }
}
