using Holdfast.Outside.Sandbox;
using JasperFx.CodeGeneration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Wolverine;
using Wolverine.Postgresql;
using Wolverine.RDBMS;

namespace Holdfast.Lab.Sagas.Wolverine;

/// <summary>
/// A Wolverine saga in its lightweight PostgreSQL storage, with its steps on durable local queues (its guide's "Sagas", "Lightweight
/// Saga Storage", "Local Transport" and "Durable Messaging"). Solo mode, which the guide has for one process: on a crash the next one
/// takes over the messages in its inbox tables at once.
/// </summary>
internal sealed class WolverineSagas(string connectionString, TimeProvider clock) : ISagaSystem
{
    /// <summary>Of each message type's queue.</summary>
    private const int Parallelism = 16;

    private const int Connections = 64;

    private readonly OrderEnds _ends = new(clock);
    private IHost? _host;

    public async Task Start(CancellationToken cancellationToken)
    {
        var shop = new SqlShop(connectionString, Parallelism * 2);
        await shop.Start(cancellationToken);
        var builder = SagaHosting.NewHost();
        builder.Services.AddSingleton(_ends);
        builder.Services.AddSingleton(_ => shop);
        builder.Services.AddSandboxGateway(gateway => gateway.ConnectionString = connectionString);
        var pooled = new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = Connections, MaxAutoPrepare = 64, Timeout = 60 }.ConnectionString;
        builder.UseWolverine(wolverine =>
        {
            wolverine.ApplicationAssembly = typeof(WolverineSagas).Assembly;
            wolverine.CodeGeneration.TypeLoadMode = TypeLoadMode.Dynamic;
            wolverine.Discovery.DisableConventionalDiscovery().IncludeType<OrderSaga>().IncludeType<StepHandler>();
            wolverine.PersistMessagesWithPostgresql(pooled, "wolverine");
            wolverine.AddSagaType<OrderSaga>("order_saga");
            wolverine.Policies.AutoApplyTransactions();
            wolverine.Policies.AllLocalQueues(static queue => queue.UseDurableInbox().MaximumParallelMessages(Parallelism));
            wolverine.Durability.Mode = DurabilityMode.Solo;
        });
        _host = builder.Build();
        await _host.StartAsync(cancellationToken);
    }

    public Task Stock(int products, long onHand, CancellationToken cancellationToken) =>
        _host!.Services.GetRequiredService<SqlShop>().Stock(products, onHand, cancellationToken);

    public Task<OrderEnd> PlaceAndWait(SagaOrder order) => _ends.WaitFor(
        order.Id, () => _host!.MessageBus().PublishAsync(new PlaceOrder(order.Id, order.Skus, order.PaymentToken)).AsTask());

    public Task<SagaFacts> ReadFacts(CancellationToken cancellationToken) => SqlShop.ReadFacts(connectionString, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_host is not null) await SagaHosting.Stop(_host);
    }
}
