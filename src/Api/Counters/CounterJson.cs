using System.Text.Json.Serialization;

namespace Holdfast.Api.Counters;

[JsonSerializable(typeof(CounterRequest))]
[JsonSerializable(typeof(CounterResponse))]
[JsonSerializable(typeof(IncrementRequest))]
internal sealed partial class CounterJson : JsonSerializerContext;
