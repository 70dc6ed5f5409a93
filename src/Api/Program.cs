using Holdfast.Api;
using Holdfast.Api.Hosting;
using Holdfast.Silo;
using Holdfast.Silo.Health;

try
{
    if (HealthCommand.IsAskedFor(args)) return await HealthCommand.Run(args[1..], FrontDoorDefaults.Url, Console.Error);
    var app = HoldfastApi.Build(args);
    app.UseGreeting(Console.Out);
    await app.OpenStores();
    await app.RunAsync();
    return 0;
}
catch (Exception refused) when (StartRefusal.Is(refused))
{
    await Console.Error.WriteLineAsync(refused.Message);
    return 1;
}
