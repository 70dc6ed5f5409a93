using System.Text.Json.Serialization;
using Holdfast.Domain.Owner;

namespace Holdfast.Grains.Hosting;

[JsonSerializable(typeof(Receipt))]
internal sealed partial class ReceiptJson : JsonSerializerContext;
