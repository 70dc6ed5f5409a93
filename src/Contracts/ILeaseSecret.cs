namespace Holdfast.Contracts;

/// <summary>Reads the store's key for the MACs of lease tokens, for front doors. Key: <see cref="Only"/>.</summary>
[Alias("holdfast.ILeaseSecret")]
public interface ILeaseSecret : IGrainWithStringKey
{
    const string Only = "leases";

    /// <summary>Null when no token was ever made.</summary>
    [Alias("Read")]
    ValueTask<byte[]?> Read();

    /// <summary>Draws one when there is none yet.</summary>
    [Alias("ReadOrDraw")]
    ValueTask<byte[]> ReadOrDraw();
}
