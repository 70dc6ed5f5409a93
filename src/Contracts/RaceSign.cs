namespace Holdfast.Contracts;

/// <summary>
/// What is seen of a race: something that two did at once, or that one did twice. docs/design/watching.md says what each means.
/// </summary>
public enum RaceSign
{
    /// <summary>An append met another writer: the store had a newer version.</summary>
    Conflict = 0,

    /// <summary>An activation found out that another one had stored something since; without an append of its own.</summary>
    Overtaken = 1,

    /// <summary>An append ended without an answer of the store.</summary>
    Unknown = 2,

    /// <summary>An operation's id came again with other content.</summary>
    KeyReuse = 3,

    /// <summary>The feed left out a published append.</summary>
    Hole = 4,

    /// <summary>A source told of a product what its own later count, which was here before, stands for.</summary>
    Superseded = 5,

    /// <summary>Somebody came with a fence that a newer one has replaced.</summary>
    RefusedFence = 6,

    /// <summary>A clock went back: the machine's, or one that is behind what a stream has recorded.</summary>
    ClockBack = 7,

    /// <summary>The journal has something else where an owner's stored append was.</summary>
    Overwritten = 8,

    /// <summary>The journal does not have an append that it had called stored.</summary>
    Lost = 9,

    /// <summary>A front door's call ended without an answer, and may have taken effect.</summary>
    Unanswered = 10,
}
