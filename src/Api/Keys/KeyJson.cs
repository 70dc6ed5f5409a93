using System.Text.Json.Serialization;

namespace Holdfast.Api.Keys;

[JsonSerializable(typeof(KeyRequest))]
[JsonSerializable(typeof(KeyResponse))]
[JsonSerializable(typeof(KeysResponse))]
internal sealed partial class KeyJson : JsonSerializerContext;
