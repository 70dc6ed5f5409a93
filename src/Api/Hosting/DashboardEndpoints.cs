using Orleans.Dashboard;

namespace Holdfast.Api.Hosting;

public static class DashboardEndpoints
{
    /// <summary>The Orleans dashboard, unless <c>Holdfast:Dashboard</c> is off: then the silo has not registered it either.</summary>
    public static void MapDashboard(this WebApplication app)
    {
        if (app.Configuration.GetValue("Holdfast:Dashboard", defaultValue: true))
            app.MapOrleansDashboard("/dashboard").ExcludeFromDescription();
    }
}
