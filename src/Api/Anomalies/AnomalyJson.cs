using System.Text.Json.Serialization;

namespace Holdfast.Api.Anomalies;

[JsonSerializable(typeof(AnomaliesResponse))]
internal sealed partial class AnomalyJson : JsonSerializerContext;
