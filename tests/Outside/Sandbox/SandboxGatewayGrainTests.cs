using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders.Payments;
using Holdfast.Outside.Sandbox;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace Holdfast.Tests.Outside.Sandbox;

public sealed class SandboxGatewayGrainTests : IAsyncLifetime
{
    private const string PathSetting = "SandboxGateway:Path";

    private readonly string _folder = Directory.CreateTempSubdirectory("sandbox-gateway-").FullName;
    private TestCluster _cluster = null!;

    private sealed class Silo : IHostConfigurator
    {
        public void Configure(Microsoft.Extensions.Hosting.IHostBuilder hostBuilder) => hostBuilder.ConfigureServices(
            (context, services) => services.AddSandboxGateway(options => options.Path = context.Configuration[PathSetting]!));
    }

    public async Task InitializeAsync()
    {
        var builder = new TestClusterBuilder(1);
        builder.Properties[PathSetting] = Path.Combine(_folder, "sandbox-gateway.db");
        builder.AddSiloBuilderConfigurator<Silo>();
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public async Task DisposeAsync()
    {
        await _cluster.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task The_ledger_is_readable_through_the_cluster()
    {
        var silo = Assert.IsType<InProcessSiloHandle>(_cluster.Primary);
        var gateway = silo.SiloHost.Services.GetRequiredService<IPaymentGateway>();
        var charge = await gateway.Charge(new ChargeRequest("key", "ord_1", new Money(500, "GBP"), SandboxTokens.Ok), default);
        await gateway.Refund(new RefundRequest("back", "ord_1", charge.ChargeId!, 200), default);

        var line = Assert.Single(await _cluster.Client.GetGrain<ISandboxGateway>(0).ReadCharges("ord_1", 0, 10));

        Assert.Equal((charge.ChargeId, new Money(500, "GBP"), "captured", 200), (line.Id, line.Amount, line.Status, line.Refunded));
    }

    [Fact]
    public async Task A_ledger_that_cannot_be_read_asks_the_caller_to_repeat()
    {
        var silo = Assert.IsType<InProcessSiloHandle>(_cluster.Primary);
        await silo.SiloHost.Services.GetRequiredService<SandboxGateway>().DisposeAsync();

        var refusal = await Assert.ThrowsAsync<RetryableException>(
            () => _cluster.Client.GetGrain<ISandboxGateway>(0).ReadCharges(null, 0, 10).AsTask());

        Assert.Equal(RetryReason.Unreadable, refusal.Reason);
    }
}
