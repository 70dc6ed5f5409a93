using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Holdfast.Bench.Measuring;

namespace Holdfast.Bench.Compare;

/// <summary>What one run of <c>lab compare</c> found; the form of its files.</summary>
internal sealed record Results(Machine Machine, IReadOnlyList<Section> Sections)
{
    /// <summary>What begins a line of the file, so that a round is a line and a change of it is one, too.</summary>
    private static readonly string[] LineStarts = ["""{"id":""", """{"title":""", """{"way":""", """{"operations":"""];

    public string ToJson()
    {
        var text = JsonSerializer.Serialize(this, ResultsJson.Default.Results);
        foreach (var start in LineStarts) text = text.Replace(start, "\n" + start, StringComparison.Ordinal);
        return text;
    }

    /// <exception cref="BenchException">The file cannot be read, or holds something else.</exception>
    public static async Task<Results> ReadFile(string path, CancellationToken cancellationToken)
    {
        try
        {
            return FromJson(await File.ReadAllTextAsync(path, cancellationToken));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new BenchException($"Cannot read '{path}' as results of lab compare. ({e.Message})", e);
        }
    }

    /// <exception cref="JsonException">It is something else.</exception>
    public static Results FromJson(string text) =>
        JsonSerializer.Deserialize(text, ResultsJson.Default.Results) ?? throw new JsonException("There is nothing in it.");
}

/// <summary>Four significant digits: a fifth would be noise, and a file of noise is long.</summary>
internal sealed class RoundedNumber : JsonConverter<double>
{
    private const string Digits = "G4";

    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDouble();

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(decimal.Parse(value.ToString(Digits, CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture));
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    IgnoreReadOnlyProperties = true,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true,
    Converters = [typeof(RoundedNumber)])]
[JsonSerializable(typeof(Results))]
internal sealed partial class ResultsJson : JsonSerializerContext;
