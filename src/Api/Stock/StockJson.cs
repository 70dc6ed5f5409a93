using System.Text.Json.Serialization;
using Holdfast.Api.Shop;

namespace Holdfast.Api.Stock;

[JsonSerializable(typeof(AdjustmentRequest))]
[JsonSerializable(typeof(AdjustmentResponse))]
[JsonSerializable(typeof(MovementBody))]
[JsonSerializable(typeof(MovementsResponse))]
[JsonSerializable(typeof(StockRequest))]
[JsonSerializable(typeof(StockAsOfResponse))]
[JsonSerializable(typeof(StockResponse))]
internal sealed partial class StockJson : JsonSerializerContext;
