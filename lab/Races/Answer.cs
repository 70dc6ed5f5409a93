namespace Holdfast.Lab.Races;

/// <summary>What a caller was told.</summary>
internal enum Reply
{
    /// <summary>It took effect, and is durable: from here on it must not be lost.</summary>
    Done,

    /// <summary>No, and nothing happened: sold out.</summary>
    Refused,

    /// <summary>Nothing happened: too many others were in the way, within the bound of tries.</summary>
    GaveUp,

    /// <summary>It may or may not have taken effect.</summary>
    InDoubt,
}

/// <param name="Retries">Tries before the last one.</param>
internal readonly record struct Answer(Reply Reply, int Retries = 0)
{
    public static readonly Answer Done = new(Reply.Done);
    public static readonly Answer Refused = new(Reply.Refused);
    public static readonly Answer GaveUp = new(Reply.GaveUp);
    public static readonly Answer InDoubt = new(Reply.InDoubt);
}
