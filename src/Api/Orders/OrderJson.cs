using System.Text.Json.Serialization;

namespace Holdfast.Api.Orders;

[JsonSerializable(typeof(OrderRequest))]
[JsonSerializable(typeof(OrderResponse))]
internal sealed partial class OrderJson : JsonSerializerContext;
