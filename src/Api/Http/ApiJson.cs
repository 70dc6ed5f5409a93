using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Holdfast.Api.Counters;
using Holdfast.Api.Orders;
using Holdfast.Api.Products;
using Holdfast.Api.Profiles;
using Holdfast.Api.Reservations;
using Holdfast.Api.Sandbox;
using Holdfast.Api.Stock;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;

namespace Holdfast.Api.Http;

/// <summary>Every body there is, and how strictly JSON is read: what is not understood is refused, never dropped.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    NumberHandling = JsonNumberHandling.Strict,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    MaxDepth = RequestLimits.JsonDepth,
    Converters = [typeof(EnumText<OrderStatus>), typeof(EnumText<PaymentStatus>), typeof(EnumText<ReservationStatus>)])]
[JsonSerializable(typeof(AdjustmentRequest))]
[JsonSerializable(typeof(AdjustmentResponse))]
[JsonSerializable(typeof(AttentionResponse))]
[JsonSerializable(typeof(ChargesResponse))]
[JsonSerializable(typeof(CounterResponse))]
[JsonSerializable(typeof(DeadLettersResponse))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(IncrementRequest))]
[JsonSerializable(typeof(MovementsResponse))]
[JsonSerializable(typeof(OrderRequest))]
[JsonSerializable(typeof(OrderResponse))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(ProductRequest))]
[JsonSerializable(typeof(ProductResponse))]
[JsonSerializable(typeof(ProfileBody))]
[JsonSerializable(typeof(ReservationRequest))]
[JsonSerializable(typeof(ReservationResponse))]
[JsonSerializable(typeof(StockRequest))]
[JsonSerializable(typeof(StockResponse))]
public sealed partial class ApiJson : JsonSerializerContext;

public static class ApiJsonExtensions
{
    /// <summary>Text that people can read: a JSON body is never part of an HTML page, so quotes and umlauts need no escapes.</summary>
    internal static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    /// <summary>For bodies that are read or written outside of an endpoint's typed parameters and results.</summary>
    internal static readonly ApiJson Readable = new(new JsonSerializerOptions(ApiJson.Default.Problem.Options) { Encoder = Encoder });

    public static void AddApiJson(this WebApplicationBuilder builder) => builder.Services.ConfigureHttpJsonOptions(options =>
    {
        var json = options.SerializerOptions;
        var strict = ApiJson.Default.Problem.Options;
        json.Encoder = Encoder;
        json.PropertyNamingPolicy = strict.PropertyNamingPolicy;
        json.PropertyNameCaseInsensitive = false;
        json.UnmappedMemberHandling = strict.UnmappedMemberHandling;
        json.AllowDuplicateProperties = false;
        json.NumberHandling = strict.NumberHandling;
        json.RespectNullableAnnotations = true;
        json.RespectRequiredConstructorParameters = true;
        json.MaxDepth = strict.MaxDepth;
        foreach (var converter in strict.Converters) json.Converters.Add(converter);
        json.TypeInfoResolverChain.Insert(0, ApiJson.Default);
    });
}

/// <summary>An enum as its name in camelCase; numbers are not taken for it.</summary>
internal sealed class EnumText<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;
