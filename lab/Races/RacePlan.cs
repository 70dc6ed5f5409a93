namespace Holdfast.Lab.Races;

/// <param name="Clients">How many race at once: one measurement each.</param>
/// <param name="Time">How long each measurement takes, the making and auditing of data not counted.</param>
/// <param name="WarmUp">How long each strategy runs before it is measured, besides the bout with a stall, which comes first.</param>
internal sealed record RacePlan(IReadOnlyList<int> Clients, TimeSpan Time, TimeSpan WarmUp, int Seed);
