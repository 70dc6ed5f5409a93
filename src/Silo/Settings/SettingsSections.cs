using Holdfast.Domain.Orders;
using Holdfast.Grains.Hosting;
using Holdfast.Journal.Writing;
using Holdfast.Outbox.Lanes;
using Holdfast.Outside.Sandbox;

namespace Holdfast.Silo.Settings;

/// <summary>Every setting of Holdfast's own. docs/settings.md lists them; a test holds it against these classes.</summary>
public static class SettingsSections
{
    /// <summary>The process itself, and the rooms below it.</summary>
    public static IReadOnlyList<SettingsSection> All { get; } =
    [
        new SettingsSection<HoldfastOptions>(HoldfastOptions.Section),
        new SettingsSection<JwtOptions>(HoldfastOptions.Section + ":Jwt"),
        new SettingsSection<CustomerJwtOptions>(HoldfastOptions.Section + ":CustomerJwt"),
        new SettingsSection<LimitOptions>(HoldfastOptions.Section + ":Limits"),
        new SettingsSection<WatchOptions>(HoldfastOptions.Section + ":Watch"),
        new SettingsSection<JournalOptions>(HoldfastOptions.Section + ":Journal"),
        new SettingsSection<OutboxOptions>(HoldfastOptions.Section + ":Outbox"),
        new SettingsSection<OrderOptions>(HoldfastOptions.Section + ":Orders"),
        new SettingsSection<ReceiptOptions>(HoldfastOptions.Section + ":Receipts"),
        new SettingsSection<SandboxGatewayOptions>(
            HoldfastOptions.Section + ":Sandbox", nameof(SandboxGatewayOptions.ConnectionString), nameof(SandboxGatewayOptions.Path)),
    ];

    /// <summary>Makes them the options of a silo.</summary>
    public static void AddHoldfastSettings(this IServiceCollection services)
    {
        foreach (var section in All) section.AddTo(services);
    }
}
