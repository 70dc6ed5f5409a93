using System.Text.Json;
using Holdfast.Contracts;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Inventory;
using Holdfast.Domain.Orders;
using Holdfast.Domain.Owner;
using Holdfast.Journal;
using Holdfast.Journal.Feed;
using Holdfast.Journal.Sqlite;
using Holdfast.Tests.Journal;
using Holdfast.Views;
using Holdfast.Views.Lists;
using Holdfast.Views.Store;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Holdfast.Tests.Views;

/// <summary>A journal and its views in a directory of their own. Appends are made as owners make them: each names the one before.</summary>
public sealed class ViewRig : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly Dictionary<string, (long Version, long Published)> _streams = [];
    private readonly SqliteJournalStore _journal;

    private ViewRig()
    {
        _journal = new(new(_directory.Path), TimeProvider.System, NullLogger<SqliteJournalStore>.Instance);
        Feed = new SqliteFeed(_journal);
        Store = new SqliteViewStore(Path.Combine(_directory.Path, "views.db"));
        Reads = new(Store, Feed, TimeProvider.System);
        (Orders, Movements, Products) = (new(Reads), new(Reads), new(Reads));
    }

    public IJournalStore Journal => _journal;

    public IFeed Feed { get; }

    public ViewStore Store { get; }

    public ViewReads Reads { get; }

    public OrderList Orders { get; }

    public MovementList Movements { get; }

    public ProductList Products { get; }

    public DateTimeOffset Now { get; set; } = new(2026, 11, 1, 9, 0, 0, TimeSpan.Zero);

    public static async Task<ViewRig> Open()
    {
        var rig = new ViewRig();
        await rig._journal.Initialize(default);
        await rig.Followers().Initialize(default);
        return rig;
    }

    /// <summary>New ones, which remember nothing.</summary>
    public ViewFollowers Followers() => new(Store, Feed, Journal, TimeProvider.System, NullLogger<ViewFollowers>.Instance);

    /// <summary>Follows the feed until there is nothing to read.</summary>
    public async Task Follow() => await Followers().Follow(static () => true, default);

    internal ViewFollower Follower(IView view, ViewMetrics? metrics = null, ILogger? logger = null) =>
        new(view, Store, Feed, Journal, metrics ?? new(TimeProvider.System), TimeProvider.System, logger ?? NullLogger.Instance);

    /// <summary>Places an order, of which nothing more is heard.</summary>
    /// <returns>Its id, <c>ord_…</c></returns>
    public async Task<string> Place(string customer, string? reference = null, params string[] skus)
    {
        var operation = Guid.CreateVersion7(Now);
        var id = PublicId.Format(PublicId.Order, operation);
        Now += TimeSpan.FromMilliseconds(1);
        var lines = (skus is [] ? ["TEA"] : skus).Select(static sku => new PlacedLine(sku, 1));
        await Append(OrderKind.Instance, id, new OrderEvent.Placed(operation, 1, customer, [.. lines]) { Reference = reference });
        return id;
    }

    /// <summary>Stores events as one append, published when one of them is.</summary>
    public async Task Append<TState, TEvent>(OwnerKind<TState, TEvent> kind, string key, params TEvent[] events)
        where TState : class, IOwnerState<TEvent>
        where TEvent : class
    {
        var stream = $"{kind.Name}/{key}";
        var (version, published) = _streams.GetValueOrDefault(stream);
        var publishes = Array.Exists(events, kind.Publishes);
        var append = new Append(
            stream,
            version,
            Guid.CreateVersion7(Now),
            Now,
            events.Length,
            JsonSerializer.SerializeToUtf8Bytes(events, kind.Events),
            [],
            [],
            Array.Exists(events, kind.Erases),
            Follows: publishes ? published : null);
        Assert.Equal([AppendStatus.Committed], (await Journal.Commit([append], [])).Appends);
        _streams[stream] = (append.LastVersion, publishes ? append.LastVersion : published);
    }

    public Task Adjust(string sku, long delta, string? reference = null) => Append(
        StockKind.Instance, sku, new StockEvent.Adjusted(Guid.CreateVersion7(Now), 1, delta, delta, "received", reference));

    public async Task<string[]> List(OrderFilter? filter = null, bool oldestFirst = false) =>
        [.. (await Orders.Read(filter ?? new(), null, 200, oldestFirst, ReadPoint.Any, default)).Items.Select(IdOf)];

    public static string IdOf(Order order) => PublicId.Format(PublicId.Order, order.Id);

    /// <summary>Changes the journal's file as nobody may.</summary>
    public void Sql(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_directory.Path}/holdfast.db;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>Whether a text is in any file.</summary>
    public bool IsAnywhere(string text) => Directory.GetFiles(_directory.Path)
        .Where(static file => !file.EndsWith(".lock", StringComparison.Ordinal))
        .Any(file => File.ReadAllBytes(file).AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(text)) >= 0);

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        await Journal.DisposeAsync();
        SqliteConnection.ClearAllPools();
        _directory.Dispose();
    }
}
