using System.Text.Json.Serialization;

namespace Holdfast.Api.Profiles;

[JsonSerializable(typeof(ProfileBody))]
internal sealed partial class ProfileBodyJson : JsonSerializerContext;
