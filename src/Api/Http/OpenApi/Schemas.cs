using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Holdfast.Api.Http.Requests;
using Holdfast.Contracts;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Holdfast.Api.Http.OpenApi;

/// <summary>What the generator cannot see of the JSON: how numbers and times are written, and that only requests are closed.</summary>
internal static class Schemas
{
    /// <summary>Numbers and times have converters of their own, of whose JSON the generator knows nothing.</summary>
    public static Task Complete(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = context.JsonTypeInfo.Type;
        var underlying = Nullable.GetUnderlyingType(type);
        var orNull = underlying is null ? default : JsonSchemaType.Null;
        if ((underlying ?? type) == typeof(long))
        {
            schema.Type = JsonSchemaType.Integer | orNull;
            schema.Minimum ??= $"{-Limits.WholeNumber}";
            schema.Maximum ??= $"{Limits.WholeNumber}";
        }
        else if ((underlying ?? type) is { IsEnum: true } names)
        {
            schema.Type = JsonSchemaType.String | orNull;
            var texts = Enum.GetValues(names).Cast<Enum>().Select(StrictJson.Text);
            schema.Enum = [.. texts.Select(static text => (JsonNode)JsonValue.Create(text))];
        }
        else if ((underlying ?? type) == typeof(DateTimeOffset))
        {
            schema.Type = JsonSchemaType.String | orNull;
        }

        if (context.JsonPropertyInfo is { AttributeProvider: PropertyInfo property }) CompleteMember(schema, property);
        foreach (var member in context.JsonTypeInfo.Properties.Where(IsAbsentForNull)) schema.Required?.Remove(member.Name);
        return Task.CompletedTask;
    }

    /// <summary>A member that is left out where there is nothing to say is never null.</summary>
    private static bool IsAbsentForNull(JsonPropertyInfo member) =>
        member.AttributeProvider is PropertyInfo property && IsAbsentForNull(property);

    private static bool IsAbsentForNull(PropertyInfo property) =>
        property.GetCustomAttribute<JsonIgnoreAttribute>() is { Condition: JsonIgnoreCondition.WhenWritingNull };

    private static void CompleteMember(OpenApiSchema schema, PropertyInfo property)
    {
        if (property.GetCustomAttribute<RangeAttribute>() is { } range)
            (schema.Minimum, schema.Maximum) = ($"{range.Minimum}", $"{range.Maximum}");
        if (IsAbsentForNull(property))
        {
            schema.Type &= ~JsonSchemaType.Null;

            // By this the generator says of a component that it can be null instead.
            schema.Metadata?.Remove("x-is-nullable-property");
        }

        // In a merge patch a null removes what has the name.
        var values = new NullabilityInfoContext().Create(property).GenericTypeArguments;
        if (schema.AdditionalProperties is OpenApiSchema value && values is [_, { ReadState: NullabilityState.Nullable }])
            value.Type |= JsonSchemaType.Null;
    }

    /// <summary>A member that nobody knows is refused in a request; in an answer there may be more of them one day.</summary>
    public static Task OpenAnswers(
        Microsoft.OpenApi.OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        var closed = new HashSet<string>();
        foreach (var body in Operations(document).Select(static operation => operation.RequestBody).OfType<OpenApiRequestBody>())
        {
            foreach (var content in body.Content ?? new Dictionary<string, OpenApiMediaType>()) Close(content.Value.Schema, closed);
        }

        foreach (var (name, schema) in document.Components?.Schemas ?? new Dictionary<string, IOpenApiSchema>())
        {
            if (!closed.Contains(name) && schema is OpenApiSchema answer) answer.AdditionalPropertiesAllowed = true;
        }

        return Task.CompletedTask;
    }

    private static IEnumerable<OpenApiOperation> Operations(Microsoft.OpenApi.OpenApiDocument document) =>
        document.Paths.Values.SelectMany(static path => path.Operations ?? []).Select(static operation => operation.Value);

    private static void Close(IOpenApiSchema? schema, HashSet<string> closed)
    {
        if (schema is null || (schema is OpenApiSchemaReference { Reference.Id: { } id } && !closed.Add(id))) return;
        foreach (var member in schema.Properties ?? new Dictionary<string, IOpenApiSchema>()) Close(member.Value, closed);
        foreach (var part in (schema.OneOf ?? []).Concat(schema.AnyOf ?? []).Concat(schema.AllOf ?? [])) Close(part, closed);
        Close(schema.Items, closed);
        Close(schema.AdditionalProperties, closed);
    }
}
