using Holdfast.Domain.Owner;
using System.Text.Json.Serialization;

namespace Holdfast.Grains.Hosting;

[JsonSerializable(typeof(Receipt))]
internal sealed partial class ReceiptJson : JsonSerializerContext;
