using System.Text.Json.Serialization;

namespace Holdfast.Grains.GroupCommit;

[JsonSerializable(typeof(Receipt))]
internal sealed partial class GroupCommitJson : JsonSerializerContext;
