using System.Text.Json.Serialization;

namespace Holdfast.Api.Orders;

[JsonSerializable(typeof(OrderPatchBody))]
internal sealed partial class OrderPatchJson : JsonSerializerContext;
