using System.Text.Json.Serialization;

namespace Holdfast.Api.Reservations;

[JsonSerializable(typeof(CommitRequest))]
[JsonSerializable(typeof(ExtendRequest))]
[JsonSerializable(typeof(ReservationRequest))]
[JsonSerializable(typeof(ReservationResponse))]
[JsonSerializable(typeof(ReservationsResponse))]
internal sealed partial class ReservationJson : JsonSerializerContext;
