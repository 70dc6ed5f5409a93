using Holdfast.Api.Http.Requests;
using Holdfast.Contracts;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Holdfast.Api.Http.OpenApi;

/// <summary>What the parameters of paths and of lists take: it is the same wherever one of that name is.</summary>
internal static class Parameters
{
    public static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>())
        {
            if (parameter.In == ParameterLocation.Path)
                parameter.Description ??= "One segment of the path: escape what is in it, a slash as %2F.";
            if (parameter is not { In: ParameterLocation.Query, Schema: OpenApiSchema schema }) continue;
            switch (parameter.Name)
            {
                case "cursor":
                    parameter.Description = "Where to go on: the \"next\" of the page before, from the same list and by the same caller.";
                    break;
                case "limit":
                    parameter.Description = "Items in a page at the most.";
                    (schema.Minimum, schema.Maximum, schema.Default) = ("1", $"{Limits.PageSize}", Paging.DefaultLimit);
                    break;
                case "order":
                    parameter.Description = "Newest first, or oldest first (asc).";
                    (schema.Enum, schema.Default) = ([Paging.Ascending, Paging.Descending], Paging.Descending);
                    break;
            }
        }

        return Task.CompletedTask;
    }
}
