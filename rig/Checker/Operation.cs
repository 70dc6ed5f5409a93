using System.Text.Json;

namespace Holdfast.Checker;

/// <summary>What the client heard.</summary>
public enum OperationOutcome
{
    /// <summary>An answer, refusals included: the operation took place between its call and its return.</summary>
    Answered = 0,

    /// <summary>Nothing that decides it: the operation takes place at any time after its call, or never.</summary>
    Unknown = 1,

    /// <summary>Proof that it had no effect and never will; a checker ignores it.</summary>
    Failed = 2,
}

/// <summary>One operation of one client on one key, as the client saw it. The members are those of docs/history-format.md.</summary>
/// <param name="Call">When the client asked; any unit, the same monotonic clock for all clients.</param>
/// <param name="Return">When the client had the answer; null only when there is none.</param>
/// <param name="Line">Where it stands in its file, from 1; 0 when it never was in one.</param>
public sealed record Operation(
    string Client,
    string Key,
    long Call,
    long? Return,
    string Name,
    JsonElement Input,
    JsonElement? Output,
    OperationOutcome Outcome,
    int Line = 0)
{
    private static readonly JsonElement NoInput = JsonSerializer.SerializeToElement(new { });

    /// <summary>An answered operation; <paramref name="input"/> and <paramref name="output"/> are objects with the model's members.</summary>
    public static Operation Answered(string client, string key, long call, long @return, string name, object? input, object output) =>
        new(client, key, call, @return, name, Json(input), JsonSerializer.SerializeToElement(output), OperationOutcome.Answered);

    /// <summary>An operation whose outcome nobody knows.</summary>
    public static Operation Unknown(string client, string key, long call, string name, object? input) =>
        new(client, key, call, null, name, Json(input), null, OperationOutcome.Unknown);

    /// <summary>An operation that certainly had no effect.</summary>
    public static Operation Failed(string client, string key, long call, long @return, string name, object? input) =>
        new(client, key, call, @return, name, Json(input), null, OperationOutcome.Failed);

    private static JsonElement Json(object? input) => input is null ? NoInput : JsonSerializer.SerializeToElement(input);
}
