using Holdfast.Silo;
using Orleans.Dashboard;

namespace Holdfast.Api.Hosting;

public static class DashboardEndpoints
{
    /// <summary>The Orleans dashboard, if the silo serves one: <c>Holdfast:Dashboard</c>.</summary>
    public static void MapDashboard(this WebApplication app)
    {
        var options = app.Configuration.GetSection(HoldfastOptions.Section).Get<HoldfastOptions>() ?? new();
        if (options.Dashboard) app.MapOrleansDashboard("/dashboard").ExcludeFromDescription();
    }
}
