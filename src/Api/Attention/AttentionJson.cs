using System.Text.Json.Serialization;

namespace Holdfast.Api.Attention;

[JsonSerializable(typeof(AttentionResponse))]
[JsonSerializable(typeof(DeadLettersResponse))]
internal sealed partial class AttentionJson : JsonSerializerContext;
