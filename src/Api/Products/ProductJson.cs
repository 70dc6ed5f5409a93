using System.Text.Json.Serialization;

namespace Holdfast.Api.Products;

[JsonSerializable(typeof(ProductRequest))]
[JsonSerializable(typeof(ProductResponse))]
internal sealed partial class ProductJson : JsonSerializerContext;
