using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Holdfast.Grains.Orders.Payments;

public static class SandboxGatewayServices
{
    /// <summary>Makes the built-in sandbox the <see cref="IPaymentGateway"/>. A host opens its ledger at start; else its first use does.</summary>
    public static IServiceCollection AddSandboxGateway(this IServiceCollection services, Action<SandboxGatewayOptions> configure)
    {
        services.AddOptions<SandboxGatewayOptions>()
            .Configure(configure)
            .Validate(options => !string.IsNullOrWhiteSpace(options.Path), "The sandbox gateway's Path is empty.")
            .Validate(options => IsAnswerTime(options.SlowAnswer), "The sandbox gateway's SlowAnswer is not between zero and one hour.")
            .Validate(options => IsAnswerTime(options.TimeoutAnswer), "The sandbox gateway's TimeoutAnswer is not between zero and one hour.")
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<SandboxGateway>();
        services.AddSingleton<IPaymentGateway>(provider => provider.GetRequiredService<SandboxGateway>());
        services.AddHostedService(provider => provider.GetRequiredService<SandboxGateway>());
        return services;
    }

    private static bool IsAnswerTime(TimeSpan time) => time >= TimeSpan.Zero && time <= SandboxGatewayOptions.LongestAnswer;
}
