using Holdfast.Api.Http.Callers;
using Holdfast.Api.Http.Problems;
using Holdfast.Contracts.Callers;
using Holdfast.Silo.Settings;
using Orleans.Dashboard;

namespace Holdfast.Api.Hosting;

public static class DashboardEndpoints
{
    /// <summary>The Orleans dashboard, unless <c>Holdfast:Dashboard</c> is off: then the silo has not registered it either.</summary>
    public static void MapDashboard(this WebApplication app, HoldfastSettings settings)
    {
        if (!settings.Options.Dashboard) return;
        app.MapOrleansDashboard("/dashboard").ExcludeFromDescription().Needs(Scopes.Operate).AddEndpointFilter(RefuseNoSilo);
    }

    /// <summary>It makes a grain of what stands where a silo's address goes, and breaks over what is none.</summary>
    private static ValueTask<object?> RefuseNoSilo(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        SiloOf(context.HttpContext) is { } text && !IsAddress(text)
            ? new(ProblemKind.NotFound.With("No silo has that address; the dashboard lists those that there are."))
            : next(context);

    private static string? SiloOf(HttpContext context) =>
        context.GetRouteValue(IsOfHistory(context.GetEndpoint()) ? "path" : "address") as string;

    private static bool IsOfHistory(Endpoint? endpoint) =>
        endpoint is RouteEndpoint { RoutePattern.RawText: { } route } && route.Contains("/HistoricalStats/", StringComparison.Ordinal);

    private static bool IsAddress(string text)
    {
        try
        {
            SiloAddress.FromParsableString(text);
            return true;
        }
        catch (Exception wrong) when (wrong is FormatException or OverflowException or ArgumentException)
        {
            return false;
        }
    }
}
