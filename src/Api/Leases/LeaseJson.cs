using System.Text.Json.Serialization;

namespace Holdfast.Api.Leases;

[JsonSerializable(typeof(AcquireRequest))]
[JsonSerializable(typeof(LeaseResponse))]
[JsonSerializable(typeof(RenewRequest))]
[JsonSerializable(typeof(ReleaseRequest))]
internal sealed partial class LeaseJson : JsonSerializerContext;
