namespace Holdfast.Checker.Search;

/// <param name="Blocker">
/// On a violation: the answered operation that no order gets past. The operations called before its return already contradict.
/// </param>
/// <param name="Configurations">How many were looked at.</param>
internal readonly record struct SearchResult(Verdict Verdict, int Blocker, long Configurations);
