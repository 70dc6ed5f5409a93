using System.Text.Json.Serialization;

namespace Holdfast.Api.Orders;

[JsonSerializable(typeof(CancelRequest))]
[JsonSerializable(typeof(OrderRequest))]
[JsonSerializable(typeof(OrderResponse))]
[JsonSerializable(typeof(VerbRequest))]
internal sealed partial class OrderJson : JsonSerializerContext;
