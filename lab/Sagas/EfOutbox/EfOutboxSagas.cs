using Holdfast.Outside.Sandbox;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Holdfast.Lab.Sagas.EfOutbox;

/// <summary>
/// The transactional outbox as a team writes it by hand on EF Core (microservices.io, "Transactional outbox" and "Polling publisher";
/// EF Core's "Efficient updating" and "DbContext pooling"): each step is one transaction that takes its message from the outbox,
/// changes order and stock, and leaves the next message. On a crash a transaction that did not commit leaves its message in the outbox,
/// where the next process' relay finds it.
/// </summary>
internal sealed class EfOutboxSagas(string connectionString, TimeProvider clock) : ISagaSystem
{
    /// <summary>Messages in hand at a time, each with a transaction and so a connection; of 8, 16 and 32 the best for many callers.</summary>
    private const int Parallelism = 32;

    /// <summary>The relay's, and the callers' who place.</summary>
    private const int Connections = 64;

    private readonly OrderEnds _ends = new(clock);
    private IHost? _host;

    public async Task Start(CancellationToken cancellationToken)
    {
        var builder = SagaHosting.NewHost();
        var pooled = new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = Connections, MaxAutoPrepare = 64, Timeout = 60 }.ConnectionString;
        builder.Services.AddPooledDbContextFactory<ShopContext>(options => options.UseNpgsql(pooled));
        builder.Services.AddSingleton(_ends);
        builder.Services.AddSingleton<OutboxSteps>();
        builder.Services.AddSingleton(provider => ActivatorUtilities.CreateInstance<OutboxRelay>(provider, Parallelism));
        builder.Services.AddHostedService(static provider => provider.GetRequiredService<OutboxRelay>());
        builder.Services.AddSandboxGateway(gateway => gateway.ConnectionString = connectionString);
        _host = builder.Build();
        await using (var shop = await NewContext(cancellationToken)) await shop.Database.ExecuteSqlRawAsync(ShopContext.Tables, cancellationToken);
        await _host.StartAsync(cancellationToken);
    }

    public async Task Stock(int products, long onHand, CancellationToken cancellationToken)
    {
        await using var shop = await NewContext(cancellationToken);
        for (var number = 0; number < products; number++)
            shop.Products.Add(new() { Sku = SagaOrder.Sku(number), OnHand = onHand, Price = SagaOrder.UnitPrice });
        await shop.SaveChangesAsync(cancellationToken);
        await shop.Database.ExecuteSqlRawAsync("ANALYZE products", cancellationToken);
    }

    public Task<OrderEnd> PlaceAndWait(SagaOrder order) => _ends.WaitFor(order.Id, () => Place(order));

    public Task<SagaFacts> ReadFacts(CancellationToken cancellationToken) => FactsBySql.Read(
        connectionString,
        "SELECT id, status = 'Completed', status = 'Cancelled', cardinality(skus)::bigint FROM orders",
        "SELECT coalesce(sum(on_hand), 0)::bigint, coalesce(sum(reserved), 0)::bigint, count(*) FILTER (WHERE on_hand < reserved) FROM products",
        cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_host is not null) await SagaHosting.Stop(_host);
    }

    private async Task Place(SagaOrder order)
    {
        await using var shop = await NewContext(CancellationToken.None);
        shop.Orders.Add(new() { Id = order.Id, Skus = order.Skus, PaymentToken = order.PaymentToken, Status = OrderStep.Reserve.ToString() });
        var message = shop.Send(OrderStep.Reserve, order.Id);
        await shop.SaveChangesAsync();
        _host!.Services.GetRequiredService<OutboxRelay>().Hint(message);
    }

    private Task<ShopContext> NewContext(CancellationToken cancellationToken) =>
        _host!.Services.GetRequiredService<IDbContextFactory<ShopContext>>().CreateDbContextAsync(cancellationToken);
}
