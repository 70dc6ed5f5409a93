using Holdfast.Api.Http.Callers;
using Holdfast.Contracts.Callers;
using Holdfast.Silo.Settings;
using Orleans.Dashboard;

namespace Holdfast.Api.Hosting;

public static class DashboardEndpoints
{
    /// <summary>The Orleans dashboard, unless <c>Holdfast:Dashboard</c> is off: then the silo has not registered it either.</summary>
    public static void MapDashboard(this WebApplication app, HoldfastSettings settings)
    {
        if (settings.Options.Dashboard) app.MapOrleansDashboard("/dashboard").ExcludeFromDescription().Needs(Scopes.Operate);
    }
}
