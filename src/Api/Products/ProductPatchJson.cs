using System.Text.Json.Serialization;

namespace Holdfast.Api.Products;

[JsonSerializable(typeof(ProductPatchBody))]
internal sealed partial class ProductPatchJson : JsonSerializerContext;
