using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Holdfast.Domain.Owner;

/// <summary>How a state becomes a snapshot and comes back.</summary>
/// <param name="Shape">
/// Changes whenever what is stored can no longer be read as before; members that may be missing are no such change. A snapshot of an
/// unknown shape is ignored, and all that the stream ever recorded is read instead.
/// </param>
/// <param name="Capture">Copies the state, on the grain; the function it returns writes the copy, elsewhere.</param>
/// <param name="Restore">Reads what was written.</param>
/// <param name="Former">How to read the shapes of earlier versions, by name: for as long as a snapshot of one can be there.</param>
public sealed record SnapshotFormat<TState>(
    string Shape,
    Func<TState, Func<byte[]>> Capture,
    Func<string, ReadOnlyMemory<byte>, TState> Restore,
    IReadOnlyDictionary<string, Func<string, ReadOnlyMemory<byte>, TState>>? Former = null)
{
    /// <summary>What reads that shape, or null.</summary>
    public Func<string, ReadOnlyMemory<byte>, TState>? ReaderOf(string shape) => shape == Shape ? Restore : Former?.GetValueOrDefault(shape);
}

/// <summary>How snapshots are written.</summary>
public static class SnapshotFormat
{
    /// <summary>As JSON of a record.</summary>
    /// <param name="capture">A copy of the state that no later event changes.</param>
    /// <param name="restore">The state of the owner with that key.</param>
    public static SnapshotFormat<TState> Json<TState, TSnapshot>(
        string shape, JsonTypeInfo<TSnapshot> json, Func<TState, TSnapshot> capture, Func<string, TSnapshot, TState> restore) => new(
        shape,
        state =>
        {
            var copy = capture(state);
            return () => JsonSerializer.SerializeToUtf8Bytes(copy, json);
        },
        (key, bytes) => restore(key, JsonSerializer.Deserialize(bytes.Span, json) ?? throw new JsonException("The snapshot is empty.")));
}
