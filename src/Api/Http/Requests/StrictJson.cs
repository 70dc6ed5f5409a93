using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Holdfast.Api.Http.Problems;

namespace Holdfast.Api.Http.Requests;

/// <summary>How strictly JSON is read: what is not understood is refused, never dropped. And how it is written.</summary>
public static class StrictJson
{
    /// <summary>Text that people can read: a JSON body is never part of an HTML page, so quotes and umlauts need no escapes.</summary>
    internal static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    /// <summary>For bodies that are read or written outside of an endpoint's typed parameters and results.</summary>
    internal static readonly HttpJson Bodies = new(MakeStrict(new JsonSerializerOptions()));

    public static void AddStrictJson(this WebApplicationBuilder builder) => builder.Services.ConfigureHttpJsonOptions(
        static options => MakeStrict(options.SerializerOptions).TypeInfoResolverChain.Insert(0, Bodies));

    /// <summary>A value of an enum, as it is written.</summary>
    internal static string Text(Enum value) => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    /// <summary>The one place that says so: what a resource brings names its types, and takes these options.</summary>
    private static JsonSerializerOptions MakeStrict(JsonSerializerOptions json)
    {
        json.Encoder = Encoder;
        json.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        json.PropertyNameCaseInsensitive = false;
        json.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        json.AllowDuplicateProperties = false;
        json.NumberHandling = JsonNumberHandling.Strict;
        json.RespectNullableAnnotations = true;
        json.RespectRequiredConstructorParameters = true;
        json.MaxDepth = RequestLimits.JsonDepth;

        json.Converters.Add(new WholeNumbers());
        json.Converters.Add(new Timestamps());
        json.Converters.Add(new ExactEnums());
        return json;
    }
}

/// <summary>What is read and written for no resource in particular; a problem can have members of its own of these types.</summary>
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(DateTimeOffset))]
[JsonSerializable(typeof(string))]
internal sealed partial class HttpJson : JsonSerializerContext;
