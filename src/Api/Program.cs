using Holdfast.Api;
using Holdfast.Api.Hosting;

try
{
    if (HoldfastApi.AsksForHealth(args)) return await HoldfastApi.ReadHealth(args[1..]);
    var app = HoldfastApi.Build(args);
    app.UseGreeting(Console.Out);
    await HoldfastApi.Run(app);
    return 0;
}
catch (Exception refused) when (HoldfastApi.IsRefusedStart(refused))
{
    await Console.Error.WriteLineAsync(refused.Message);
    return 1;
}
