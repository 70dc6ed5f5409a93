using System.Text.Json.Serialization;

namespace Holdfast.Api.Orders;

[JsonSerializable(typeof(OrderHistoryResponse))]
internal sealed partial class OrderHistoryJson : JsonSerializerContext;
