using Holdfast.Outside.Sandbox;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Rebus.Backoff;
using Rebus.Bus;
using Rebus.Config;

namespace Holdfast.Lab.Sagas.Rebus;

/// <summary>
/// A Rebus saga with PostgreSQL below it, as its wiki's "Coordinating stuff that happens over time" and "PostgreSQL" pages have it:
/// transport and saga data are tables, each step is a command that is answered by a message. On a crash a message that was not
/// acknowledged is a row still, and is handled again; handlers are written to bear that.
/// </summary>
internal sealed class RebusSagas(string connectionString, TimeProvider clock) : ISagaSystem
{
    /// <summary>Messages in hand at a time; of 8, 16 and 32 the best for many callers. Each takes a connection of the transport's and, while it is handled, one more or two.</summary>
    private const int Parallelism = 16;

    /// <summary>The transport's and the sagas'; the shop has its own.</summary>
    private const int Connections = 48;

    /// <summary>How long an idle worker sleeps before it looks again, second by second of idleness: the transport is polled.</summary>
    private static readonly TimeSpan[] Backoff = [.. Enumerable.Repeat(TimeSpan.FromMilliseconds(2), 10), TimeSpan.FromMilliseconds(20)];

    private readonly OrderEnds _ends = new(clock);
    private IHost? _host;

    public async Task Start(CancellationToken cancellationToken)
    {
        var builder = SagaHosting.NewHost();
        builder.Services.AddSingleton(_ends);
        builder.Services.AddSingleton(_ => new SqlShop(connectionString, Parallelism));
        builder.Services.AddSandboxGateway(gateway => gateway.ConnectionString = connectionString);
        builder.Services.AddRebusHandler<OrderSaga>();
        builder.Services.AddRebusHandler<StepHandlers>();
        var pooled = new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = Connections, MaxAutoPrepare = 16 }.ConnectionString;
        builder.Services.AddRebus(rebus => rebus
            .Transport(transport => transport.UsePostgreSql(pooled, "messages", "orders"))
            .Sagas(sagas => sagas.StoreInPostgres(pooled, "saga_data", "saga_index"))
            .Options(options =>
            {
                options.SetNumberOfWorkers(1);
                options.SetMaxParallelism(Parallelism);
                options.SetBackoffTimes(Backoff);
            }));
        _host = builder.Build();
        await _host.Services.GetRequiredService<SqlShop>().Start(cancellationToken);
        await _host.StartAsync(cancellationToken);
    }

    public Task Stock(int products, long onHand, CancellationToken cancellationToken) =>
        _host!.Services.GetRequiredService<SqlShop>().Stock(products, onHand, cancellationToken);

    public Task<OrderEnd> PlaceAndWait(SagaOrder order) => _ends.WaitFor(
        order.Id, () => _host!.Services.GetRequiredService<IBus>().SendLocal(new PlaceOrder(order.Id, order.Skus, order.PaymentToken)));

    public Task<SagaFacts> ReadFacts(CancellationToken cancellationToken) => SqlShop.ReadFacts(connectionString, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_host is not null) await SagaHosting.Stop(_host);
    }
}
