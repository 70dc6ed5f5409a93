namespace Holdfast.Silo.Import;

/// <summary>One product, as a line of the file has it.</summary>
/// <param name="Line">Where it begins, from 1; the header is the first.</param>
/// <param name="Amount">Of the price, in minor units.</param>
/// <param name="OnHand">Units at first; null: the line says nothing of stock.</param>
/// <param name="Reason">Of the movement.</param>
/// <param name="Reference">Of the movement, if there is one.</param>
internal sealed record ImportRow(
    long Line, string Sku, string Name, long Amount, string Currency, long? OnHand, string Reason, string? Reference);

/// <summary>Why a line was not taken.</summary>
/// <param name="Column">Which one is wrong; null when it is the line.</param>
internal sealed record ImportRefusal(long Line, string? Column, string What)
{
    public override string ToString() => FormattableString.Invariant($"line {Line}: {(Column is null ? "" : $"{Column}: ")}{What}");
}
