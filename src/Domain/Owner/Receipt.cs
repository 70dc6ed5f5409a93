namespace Holdfast.Domain.Owner;

/// <summary>
/// The recorded answer to one operation, compact: which answer, and two numbers of it. The owner that gave it names them; see the
/// <c>…Receipts</c> class of its concept. Stored under the names that they have here.
/// </summary>
/// <param name="Fingerprint">A hash of what was asked; another one under the same id is key reuse. 0 binds nothing: any will do.</param>
/// <param name="At">When the effect was recorded, Unix milliseconds.</param>
/// <param name="Kind">Which answer, in the owner's own numbering.</param>
/// <param name="A">The first number of the answer.</param>
/// <param name="B">The second number of the answer.</param>
public readonly record struct Receipt(ulong Fingerprint, long At, byte Kind, long A, long B)
{
    /// <summary>Whether it answers what is asked now.</summary>
    /// <param name="fingerprint">Of what is asked now.</param>
    public bool Answers(ulong fingerprint) => Fingerprint == 0 || Fingerprint == fingerprint;
}
