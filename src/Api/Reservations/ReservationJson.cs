using System.Text.Json.Serialization;

namespace Holdfast.Api.Reservations;

[JsonSerializable(typeof(ReservationRequest))]
[JsonSerializable(typeof(ReservationResponse))]
internal sealed partial class ReservationJson : JsonSerializerContext;
