using Holdfast.Domain.Orders.Payments;
using Holdfast.Outside.Sandbox.Ledger;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Holdfast.Outside.Sandbox;

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

    /// <summary>Creates the ledger's schema in a PostgreSQL database when it is missing; several processes may do so at once.</summary>
    /// <param name="runtimeRole">Is given what a running gateway needs, and no more; null for nobody.</param>
    /// <exception cref="Npgsql.NpgsqlException">The database does not answer, or refuses.</exception>
    /// <exception cref="InvalidOperationException">A newer version made the schema.</exception>
    public static async Task Migrate(string connectionString, string? runtimeRole, CancellationToken cancellationToken)
    {
        await using var database = PostgresSandboxStore.Connect(connectionString);
        await PostgresSandboxSchema.Ensure(database, cancellationToken);
        if (runtimeRole is not null)
            await PostgresSandboxSchema.Grant(database, runtimeRole, cancellationToken);
    }

    private static bool IsAnswerTime(TimeSpan time) => time >= TimeSpan.Zero && time <= SandboxGatewayOptions.LongestAnswer;
}
