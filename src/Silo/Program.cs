using Holdfast.Silo;
using Holdfast.Silo.Callers;
using Holdfast.Silo.Health;
using Holdfast.Silo.Import;
using Holdfast.Silo.Listing;
using Holdfast.Silo.Settings;

try
{
    if (args is ["migrate", .. var rest]) return await MigrateCommand.Run(rest);
    if (args is ["rebuild", .. var view]) return await RebuildCommand.Run(view);
    if (args is ["renew", .. var store]) return await RenewCommand.Run(store);
    if (args is ["import", .. var what]) return await ImportCommand.Run(what);
    if (KeyCommand.IsAskedFor(args)) return await KeyCommand.Run(args[1..], TimeProvider.System, Console.Out);
    if (HealthCommand.IsAskedFor(args)) return await HealthCommand.Run(args[1..], Defaults.SiloUrl, Console.Error);
    var builder = WebApplication.CreateBuilder(args);
    builder.AddDefaults(Defaults.SiloUrl, ("Logging:LogLevel:Microsoft.Hosting.Lifetime", "Information"));
    builder.AddHoldfastSilo(HoldfastSettings.Read(builder.Configuration));
    builder.AddHealth();
    var app = builder.Build();
    app.MapHealth(HealthEndpoints.IsElsewhere);
    await app.OpenStores();
    await app.RunAsync();
    return 0;
}
catch (Exception refused) when (StartRefusal.Is(refused))
{
    await Console.Error.WriteLineAsync(refused.Message);
    return 1;
}
