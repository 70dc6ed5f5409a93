using Holdfast.Grains.Orders.Payments.Ledger;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Holdfast.Grains.Orders.Payments;

public static class SandboxGatewayServices
{
    /// <summary>
    /// Makes the built-in sandbox the <see cref="IPaymentGateway"/>. Its ledger is opened by its first use, or by the host's start if
    /// that comes earlier.
    /// </summary>
    public static IServiceCollection AddSandboxGateway(this IServiceCollection services, Action<SandboxGatewayOptions> configure)
    {
        services.AddOptions<SandboxGatewayOptions>()
            .Configure(configure)
            .Validate(
                options => options.ConnectionString is not null || !string.IsNullOrWhiteSpace(options.Path),
                "The sandbox gateway's Path is empty.")
            .Validate(
                options => PostgresSandboxStore.CanConnect(options.ConnectionString),
                "The sandbox gateway's ConnectionString is not one of PostgreSQL, with a host.")
            .Validate(options => IsAnswerTime(options.SlowAnswer), "The sandbox gateway's SlowAnswer is not 0 to 1 hour.")
            .Validate(options => IsAnswerTime(options.TimeoutAnswer), "The sandbox gateway's TimeoutAnswer is not 0 to 1 hour.")
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<SandboxGateway>();
        services.AddSingleton<IPaymentGateway>(provider => provider.GetRequiredService<SandboxGateway>());
        services.AddHostedService(provider => provider.GetRequiredService<SandboxGateway>());
        return services;
    }

    private static bool IsAnswerTime(TimeSpan time) => time >= TimeSpan.Zero && time <= SandboxGatewayOptions.LongestAnswer;
}
