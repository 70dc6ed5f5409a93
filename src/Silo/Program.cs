using Holdfast.Silo;

var builder = WebApplication.CreateBuilder(args);
builder.AddHoldfastSilo();
var app = builder.Build();
app.MapHealthChecks("/health/ready");
await app.RunAsync();
