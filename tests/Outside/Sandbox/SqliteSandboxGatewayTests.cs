using Holdfast.Domain.Orders.Payments;
using Holdfast.Outside.Sandbox;
using Microsoft.Data.Sqlite;
using Xunit.Abstractions;

namespace Holdfast.Tests.Outside.Sandbox;

public sealed class SqliteSandboxGatewayTests(ITestOutputHelper output) : SandboxGatewayContract(output)
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sandbox-gateway-").FullName;

    private string Ledger => Path.Combine(_folder, "deeper", "sandbox-gateway.db");

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task What_was_answered_is_in_the_files_even_if_the_process_dies_now()
    {
        var answer = await Charge(Request("1"));
        var copy = Path.Combine(_folder, "after-the-crash.db");
        foreach (var suffix in new[] { "", "-wal" })
            File.Copy(Ledger + suffix, copy + suffix);

        await using var survivor = Open(options => options.Path = copy);
        Assert.Equal(answer, await survivor.Find(Order("1"), default));
    }

    [Fact]
    public async Task A_ledger_that_cannot_be_opened_puts_charges_off_until_it_can()
    {
        var blocked = Path.Combine(_folder, "blocked");
        await File.WriteAllTextAsync(blocked, "in the way");
        await using var gateway = Open(options => options.Path = Path.Combine(blocked, "sandbox-gateway.db"));
        await Assert.ThrowsAsync<PaymentUnavailableException>(() => gateway.Charge(Request("1"), default));
        await Assert.ThrowsAsync<PaymentUnavailableException>(() => gateway.Find(Order("1"), default));
        await Assert.ThrowsAsync<PaymentUnavailableException>(() => gateway.StartAsync(default));

        File.Delete(blocked);

        Assert.Equal(ChargeStatus.Captured, (await gateway.Charge(Request("1"), default)).Status);
    }

    protected override Task CreateLedger() => Task.CompletedTask;

    protected override void UseLedger(SandboxGatewayOptions options) => options.Path = Ledger;

    protected override Task<bool> LedgerExists() => Task.FromResult(File.Exists(Ledger));

    protected override async Task BecomeNewer()
    {
        await using var connection = new SqliteConnection($"Data Source={Ledger};Pooling=False");
        connection.Open();
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version = 99";
        command.ExecuteNonQuery();
    }
}
