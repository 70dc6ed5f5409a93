using System.Text.Json.Serialization;

namespace Holdfast.Api.Sandbox;

[JsonSerializable(typeof(ChargesResponse))]
internal sealed partial class SandboxJson : JsonSerializerContext;
