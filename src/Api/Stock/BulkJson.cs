using System.Text.Json.Serialization;

namespace Holdfast.Api.Stock;

[JsonSerializable(typeof(BulkRequest))]
[JsonSerializable(typeof(BulkResponse))]
internal sealed partial class BulkJson : JsonSerializerContext;
