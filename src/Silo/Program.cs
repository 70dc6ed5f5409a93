using Holdfast.Silo;
using Holdfast.Silo.Health;

try
{
    if (args is ["migrate", .. var rest]) return await MigrateCommand.Run(rest);
    if (args is [HealthCommand.Name, .. var settings]) return await HealthCommand.Run(settings, SiloDefaults.Url, Console.Error);
    var builder = WebApplication.CreateBuilder(args);
    builder.AddSiloDefaults();
    builder.AddHoldfastSilo();
    builder.AddHealth();
    var app = builder.Build();
    app.MapHealth();
    await app.OpenStores();
    await app.RunAsync();
    return 0;
}
catch (Exception refused) when (StartRefusal.Is(refused))
{
    await Console.Error.WriteLineAsync(refused.Message);
    return 1;
}
