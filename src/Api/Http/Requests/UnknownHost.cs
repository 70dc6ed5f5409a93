using Holdfast.Api.Http.Problems;
using Microsoft.AspNetCore.HostFiltering;

namespace Holdfast.Api.Http.Requests;

/// <summary>
/// A request under a name that is not this server's is refused before everything else, by the framework and without a word;
/// this says what was wrong.
/// </summary>
internal sealed class UnknownHost : IStartupFilter
{
    public static void Add(WebApplicationBuilder builder)
    {
        builder.Services.Configure<HostFilteringOptions>(static options => options.IncludeFailureMessage = false);

        // In front of the framework's own, which would end the request first.
        builder.Services.Insert(0, ServiceDescriptor.Singleton<IStartupFilter, UnknownHost>());
    }

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(static async (context, next) =>
        {
            await next(context);

            // All others that are refused have a body by now.
            if (context.Response is { StatusCode: StatusCodes.Status400BadRequest, HasStarted: false, ContentLength: null })
                await ProblemKind.UnknownHost.With("Use the server's own name, or add this one to the setting AllowedHosts.").ExecuteAsync(context);
        });
        next(app);
    };
}
