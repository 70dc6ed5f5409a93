using System.Globalization;
using System.Text.Json.Nodes;
using Holdfast.Api.Http.Callers;
using Holdfast.Api.Http.Fences;
using Holdfast.Api.Http.Idempotency;
using Holdfast.Api.Http.Problems;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Holdfast.Api.Http.OpenApi;

/// <summary>/openapi/v1.json: what the framework finds out by itself, and the headers and problems that it cannot see.</summary>
public static class OpenApiDocument
{
    private static readonly ProblemKind[] Keyed =
    [
        ProblemKind.IdempotencyKeyMissing, ProblemKind.IdempotencyKeyInvalid, ProblemKind.IdempotencyKeyReused,
        ProblemKind.IdempotencyInProgress,
    ];

    private static readonly ProblemKind[] OptionallyKeyed = [ProblemKind.IdempotencyKeyInvalid, ProblemKind.IdempotencyKeyReused];

    private static readonly ProblemKind[] Fenced = [FenceProblems.TokenInvalid, FenceProblems.Fenced, FenceProblems.NamesFull];

    private const string Bearer = "bearer";

    private static readonly ProblemKind[] Bodied = [ProblemKind.PayloadTooLarge, ProblemKind.UnsupportedMediaType];

    public static void AddOpenApiDocument(this WebApplicationBuilder builder) => builder.Services.AddOpenApi("v1", options =>
    {
        options.AddDocumentTransformer(Introduce);
        options.ShouldInclude = static operation => operation.HttpMethod != HttpMethods.Head;
        options.AddOperationTransformer(Describe);
        options.AddOperationTransformer(Parameters.Describe);
        options.AddSchemaTransformer(Schemas.Complete);
        options.AddDocumentTransformer(Schemas.OpenAnswers);
        options.AddDocumentTransformer(Examples.Show);
    });

    /// <summary>The one that there is: of any other name the framework would say in words of its own that it is none.</summary>
    public static void MapOpenApiDocument(this IEndpointRouteBuilder app) =>
        app.MapOpenApi("/openapi/{documentName:regex(^v1$)}.json").NeedsCaller();

    private static Task Introduce(
        Microsoft.OpenApi.OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Holdfast",
            Version = "v1",
            Description = """
                An order-and-inventory backend that cannot oversell.

                Every error is application/problem+json (RFC 9457) with a stable `code`, `retryable`, and a `detail` that says what to do.
                Every POST that changes something needs an `Idempotency-Key`; repeat it with the same key until you have an answer.
                A name (a SKU, a customer, a counter) is one segment of a path: escape what is in it, a slash as %2F.
                HEAD is answered wherever GET is.
                Quantities are whole units; money is whole minor units (cents) with an ISO 4217 currency; times are UTC, RFC 3339.
                Members and values may be added to answers at any time: ignore a member that you do not know, and take an unknown value
                for its broadest kind. What is no request to an operation is a problem, too: 404, 405 (with Allow), 408, 411, 414, 431.
                """,
            Contact = new() { Name = "Whoever runs this server" },
            License = new() { Name = "MIT", Identifier = "MIT" },
        };

        // Wherever the document was read from: behind a proxy the server does not know its own name.
        document.Servers = [new() { Url = "/", Description = "This server" }];
        var tags = context.ApplicationServices.GetRequiredService<EndpointDataSource>().Endpoints
            .SelectMany(static endpoint => endpoint.Metadata.GetOrderedMetadata<TagDescription>())
            .DistinctBy(static tag => tag.Name)
            .ToDictionary(static tag => tag.Name, static tag => tag.Description, StringComparer.Ordinal);
        foreach (var tag in document.Tags ?? new HashSet<OpenApiTag>()) tag.Description = tags.GetValueOrDefault(tag.Name!);
        return Task.CompletedTask;
    }

    private static async Task Describe(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var headers = metadata.OfType<HeaderParameter>().ToArray();
        var key = Array.Find(headers, static header => header.Name == IdempotencyKey.Header);
        foreach (var header in headers) AddHeader(operation, header);
        Secure(operation, context.Document!, metadata.OfType<Access>().LastOrDefault()?.Scope);

        var schema = await ProblemSchema(context, cancellationToken);
        IEnumerable<ProblemKind> kinds =
        [
            .. metadata.OfType<Refusals>().SelectMany(refusals => refusals.Kinds),
            ProblemKind.Malformed, ProblemKind.PreconditionUnsupported, FenceProblems.Unsupported, ProblemKind.BadRequest,
            ProblemKind.UnknownHost,
            CallerProblems.Unauthenticated, CallerProblems.Forbidden, CallLimits.TooMany,
            .. key is null ? [] : key.Required ? Keyed : OptionallyKeyed,
            .. headers.Contains(HeaderParameter.Fence) ? Fenced : [],
            .. operation.RequestBody is null ? [] : Bodied,
            ProblemKind.Overloaded, ProblemKind.Unavailable, ProblemKind.InternalError,
        ];
        operation.Responses ??= [];
        if (headers.Contains(HeaderParameter.IfNoneMatch))
            operation.Responses["304"] = new OpenApiResponse { Description = "Not Modified" };
        foreach (var status in kinds.GroupBy(kind => kind.Status).OrderBy(group => group.Key))
        {
            operation.Responses[status.Key.ToString(CultureInfo.InvariantCulture)] = new OpenApiResponse
            {
                Description = string.Join("; ", status.Distinct().Select(kind => $"`{kind.Code}`: {kind.Title}")),
                Content = new Dictionary<string, OpenApiMediaType> { [Problem.MediaType] = new() { Schema = WithCodes(schema, status) } },
            };
        }

        foreach (var either in metadata.OfType<EitherAnswer>()) await DescribeEither(operation, either, context, cancellationToken);
        foreach (var (status, response) in operation.Responses)
        {
            var number = int.Parse(status, CultureInfo.InvariantCulture);
            ((OpenApiResponse)response).Headers = ResponseHeader
                .Of(number, context.Description.HttpMethod!, metadata.OfType<ResponseHeader>(), key)
                .ToDictionary(static header => header.Name, header => header.In(context.Document!), StringComparer.Ordinal);
        }
    }

    /// <summary>The framework knows of one body a status.</summary>
    private static async Task DescribeEither(
        OpenApiOperation operation, EitherAnswer either, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var bodies = new List<IOpenApiSchema>();
        foreach (var type in either.Types)
        {
            var schema = await context.GetOrCreateSchemaAsync(type, null, cancellationToken);
            context.Document!.AddComponent(type.Name, schema);
            bodies.Add(new OpenApiSchemaReference(type.Name, context.Document));
        }

        var content = operation.Responses!["200"].Content!;
        content["application/json"] = new OpenApiMediaType { Schema = new OpenApiSchema { OneOf = bodies } };
    }

    /// <summary>A key or a token, and what it has to allow.</summary>
    private static void Secure(OpenApiOperation operation, Microsoft.OpenApi.OpenApiDocument document, string? scope)
    {
        document.AddComponent<IOpenApiSecurityScheme>(Bearer, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "A key (POST /v1/keys), or a token of an issuer that the server knows. Each operation names the scope it needs. "
                + "A server that only its own machine can reach lets in everybody there until the first key is made.",
        });
        operation.Security = [new() { [new OpenApiSecuritySchemeReference(Bearer, document)] = scope is null ? [] : [scope] }];
    }

    /// <summary>A problem whose code is one of those that there are of this status here.</summary>
    private static OpenApiSchema WithCodes(OpenApiSchemaReference problem, IEnumerable<ProblemKind> kinds) => new()
    {
        AllOf =
        [
            problem,
            new OpenApiSchema
            {
                Properties = new Dictionary<string, IOpenApiSchema>
                {
                    ["code"] = new OpenApiSchema
                    {
                        Type = JsonSchemaType.String,
                        Enum = [.. kinds.DistinctBy(static kind => kind.Code).Select(static kind => (JsonNode)JsonValue.Create(kind.Code))],
                    },
                },
            },
        ],
    };

    private static async Task<OpenApiSchemaReference> ProblemSchema(
        OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var schema = await context.GetOrCreateSchemaAsync(typeof(Problem), null, cancellationToken);
        // The generator takes computed properties for optional ones.
        schema.Required = new HashSet<string> { "type", "title", "status", "code", "detail", "retryable" };
        foreach (var text in new[] { "type", "title", "code" }) ((OpenApiSchema)schema.Properties![text]).Type = JsonSchemaType.String;
        foreach (var member in MembersOfProblems(context.ApplicationServices.GetRequiredService<EndpointDataSource>()))
        {
            var value = await context.GetOrCreateSchemaAsync(member.Type, null, cancellationToken);
            value.Description = member.Description;
            schema.Properties![member.Name] = value;
        }

        schema.AdditionalPropertiesAllowed = true;
        ((OpenApiSchema)schema.Properties!["errors"].Items!).AdditionalPropertiesAllowed = true;
        context.Document!.AddComponent(nameof(Problem), schema);
        return new OpenApiSchemaReference(nameof(Problem), context.Document);
    }

    private static IEnumerable<ProblemMember> MembersOfProblems(EndpointDataSource endpoints) => endpoints.Endpoints
        .SelectMany(static endpoint => endpoint.Metadata.GetOrderedMetadata<Refusals>())
        .SelectMany(static refusals => refusals.Kinds)
        .Concat(Fenced)
        .SelectMany(static kind => kind.Members)
        .DistinctBy(static member => member.Name);

    private static void AddHeader(OpenApiOperation operation, HeaderParameter header)
    {
        operation.Parameters ??= [];
        operation.Parameters.Add(new OpenApiParameter
        {
            Name = header.Name,
            In = ParameterLocation.Header,
            Required = header.Required,
            Description = header.Description,
            Example = header.Example,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        });
    }
}
