using System.Buffers;
using System.Text;
using System.Text.Json;
using Holdfast.Checker.Models;

namespace Holdfast.Checker;

/// <summary>Histories as JSON Lines, one operation a line; docs/history-format.md has the members.</summary>
public static class HistoryFile
{
    private static readonly JsonElement NoInput = JsonSerializer.SerializeToElement(new { });

    // A member given twice has no agreed meaning: the writer and the checker could each believe another one.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <exception cref="HistoryException">A line is not an operation; the message names the line and what is wrong.</exception>
    public static List<Operation> Read(TextReader reader)
    {
        var history = new List<Operation>();
        for (var line = 1; reader.ReadLine() is { } text; line++)
        {
            if (!string.IsNullOrWhiteSpace(text))
                history.Add(Parse(text, line));
        }

        return history;
    }

    public static void Write(TextWriter writer, IEnumerable<Operation> history)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        foreach (var operation in history)
        {
            Write(json, operation);
            json.Flush();
            writer.Write(Encoding.UTF8.GetString(buffer.WrittenSpan));
            writer.Write('\n');
            buffer.ResetWrittenCount();
            json.Reset();
        }
    }

    private static void Write(Utf8JsonWriter json, Operation operation)
    {
        json.WriteStartObject();
        json.WriteString("client", operation.Client);
        json.WriteString("key", operation.Key);
        json.WriteNumber("call", operation.Call);
        if (operation.Return is { } returned)
            json.WriteNumber("return", returned);
        json.WriteString("op", operation.Name);
        json.WritePropertyName("input");
        operation.Input.WriteTo(json);
        if (operation.Output is { } output)
        {
            json.WritePropertyName("output");
            output.WriteTo(json);
        }

        if (operation.Outcome != OperationOutcome.Answered)
            json.WriteString("outcome", operation.Outcome == OperationOutcome.Unknown ? "unknown" : "failed");
        json.WriteEndObject();
    }

    private static Operation Parse(string text, int line)
    {
        JsonElement root;
        try
        {
            using var document = JsonDocument.Parse(text, Strict);
            root = document.RootElement.Clone();
        }
        catch (JsonException bad)
        {
            throw new HistoryException(line, $"not a JSON value: {bad.Message}");
        }

        if (root.ValueKind != JsonValueKind.Object)
            throw new HistoryException(line, "an operation is a JSON object");
        if (text.Contains("\\ud", StringComparison.OrdinalIgnoreCase))
            RefuseHalfCharacters(root, line);

        string? client = null, key = null, name = null;
        long? call = null, returned = null;
        JsonElement? input = null, output = null;
        OperationOutcome? outcome = null;
        foreach (var member in root.EnumerateObject())
        {
            switch (member.Name)
            {
                case "client": client = ClientName(member.Value, line); break;
                case "key": key = Text(member, line); break;
                case "op": name = Text(member, line); break;
                case "call": call = Time(member, line); break;
                case "return": returned = Time(member, line); break;
                case "input": input = Members(member, line); break;
                case "output": output = Members(member, line); break;
                case "outcome": outcome = Outcome(member, line); break;
                default: throw new HistoryException(line, $"unknown member \"{member.Name}\"");
            }
        }

        var result = new Operation(
            client ?? throw Missing("client", line),
            key ?? throw Missing("key", line),
            call ?? throw Missing("call", line),
            returned,
            name ?? throw Missing("op", line),
            input ?? NoInput,
            output,
            outcome ?? (returned is null && output is null ? OperationOutcome.Unknown : OperationOutcome.Answered),
            line);
        CheckTimes(result);
        return result;
    }

    /// <summary>An escape can write half of a character, which no text can hold.</summary>
    private static void RefuseHalfCharacters(JsonElement operation, int line)
    {
        try
        {
            _ = Json.Canonical(operation);
        }
        catch (InvalidOperationException)
        {
            throw new HistoryException(line, "a text has half of a character (a surrogate without its other one)");
        }
    }

    internal static void CheckTimes(Operation operation)
    {
        if (operation.Outcome == OperationOutcome.Answered && operation.Return is null)
            throw Missing("return", operation.Line);
        if (operation.Outcome == OperationOutcome.Answered && operation.Output is null)
            throw Missing("output", operation.Line);
        if (operation.Outcome != OperationOutcome.Answered && operation.Output is not null)
            throw new HistoryException(operation.Line, "\"output\" belongs to answered operations only");
        if (operation.Return < operation.Call)
            throw new HistoryException(operation.Line, $"\"return\" {operation.Return} is before \"call\" {operation.Call}");
    }

    private static HistoryException Missing(string member, int line) => new(line, $"\"{member}\" is missing");

    private static string ClientName(JsonElement value, int line) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        _ => throw new HistoryException(line, "\"client\" is a text or a number"),
    };

    private static string Text(JsonProperty member, int line) =>
        member.Value.ValueKind == JsonValueKind.String
            ? member.Value.GetString()!
            : throw new HistoryException(line, $"\"{member.Name}\" is a text");

    private static long Time(JsonProperty member, int line) =>
        member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetInt64(out var time) && time < long.MaxValue
            ? time
            : throw new HistoryException(line, $"\"{member.Name}\" is a 64-bit integer; leave it out when there is none");

    private static JsonElement Members(JsonProperty member, int line) =>
        member.Value.ValueKind == JsonValueKind.Object
            ? member.Value
            : throw new HistoryException(line, $"\"{member.Name}\" is a JSON object");

    private static OperationOutcome Outcome(JsonProperty member, int line) =>
        (member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString() : null) switch
        {
            "answered" => OperationOutcome.Answered,
            "unknown" => OperationOutcome.Unknown,
            "failed" => OperationOutcome.Failed,
            _ => throw new HistoryException(line, "\"outcome\" is \"answered\", \"unknown\" or \"failed\""),
        };
}
