using System.Text.Json.Serialization;

namespace Holdfast.Api.Profiles;

[JsonSerializable(typeof(ProfileBody))]
[JsonSerializable(typeof(ProfilePatchBody))]
[JsonSerializable(typeof(ProfileResponse))]
internal sealed partial class ProfileBodyJson : JsonSerializerContext;
