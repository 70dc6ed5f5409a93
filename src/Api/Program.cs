using Holdfast.Api;
using Holdfast.Api.Hosting;
using Holdfast.Silo;
using Holdfast.Silo.Health;

try
{
    if (HoldfastSilo.IsKeyCommand(args)) return await HoldfastSilo.RunKeyCommand(args, Console.Out);
    if (HealthCommand.IsAskedFor(args)) return await HealthCommand.Run(args[1..], FrontDoorDefaults.Url, Console.Error);
    var app = HoldfastApi.Build(args);
    await app.OpenStores();
    app.UseGreeting(await app.RequireCallers(), Console.Out);
    await app.RunAsync();
    return 0;
}
catch (Exception refused) when (StartRefusal.Is(refused))
{
    await Console.Error.WriteLineAsync(refused.Message);
    return 1;
}
