namespace Holdfast.Journal.Writing;

/// <summary>Where owners hand over what they decided, to be stored.</summary>
public interface IAppends
{
    /// <summary>True when the queue is at its bound, or nothing goes out: decide nothing more, answer <c>overloaded</c>.</summary>
    /// <remarks>
    /// Checked before a decision is made, so that a decision once made is always submitted. An owner has at most one append in
    /// flight, so the queue can pass the bound by no more than the owners that were already deciding.
    /// </remarks>
    bool Overloaded { get; }

    /// <summary>Completes when the append is durable, or when it is known that it is not (or that nobody knows).</summary>
    Task<AppendStatus> Submit(Append append);
}
