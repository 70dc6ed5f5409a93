using System.Globalization;
using Holdfast.Bench.Compare;

namespace Holdfast.Lab.Sagas;

/// <summary>What the comparison of sagas shows besides rates: a row for each system.</summary>
internal static class SagaTables
{
    public static Table Versions(IReadOnlyList<SagaKind> systems) => new(
        "What was compared",
        ["system", "package"],
        [.. systems.Select(static kind => new[] { kind.Name, kind.Package })]);

    public static Table Audits(IReadOnlyList<SagaKind> systems, IReadOnlyDictionary<SagaKind, List<SagaLoad>> loads) => new(
        "What the databases said after the runs",
        ["system", "orders completed", "orders cancelled", "units sold", "units of completed orders", "units still reserved", "charges kept", "verdict"],
        [.. systems.Select(kind => AuditRow(kind, loads[kind]))]);

    private static string[] AuditRow(SagaKind kind, List<SagaLoad> loads)
    {
        var audits = loads.Select(static load => load.Audit).OfType<SagaAudit>().ToArray();
        var wrong = loads.Select(static load => load.Wrong).OfType<string>().Distinct().ToArray();
        return
        [
            kind.Name,
            Sum(audits, static audit => audit.Completed),
            Sum(audits, static audit => audit.Cancelled),
            Sum(audits, static audit => audit.UnitsSold),
            Sum(audits, static audit => audit.UnitsOfCompleted),
            Sum(audits, static audit => audit.Reserved),
            Sum(audits, static audit => audit.Captured),
            Verdict(wrong),
        ];
    }

    /// <param name="unkillable">Why a kill could not be made or judged.</param>
    public static Table Kills(
        SagaPlan plan, IReadOnlyDictionary<SagaKind, List<SagaKill>> kills, IReadOnlyDictionary<SagaKind, List<string>> unkillable) => new(
        string.Create(CultureInfo.InvariantCulture, $"Killed with {plan.KilledOrders} orders under way, {plan.Kills} times, and started again"),
        [
            "system", "unfinished when killed", "ended by themselves", "seconds at most", "stuck", "units they hold", "held by nobody",
            "gone without a completed order", "charged, not delivered", "delivered, not charged", "charged twice", "told an end, and it was not", "verdict",
        ],
        [.. plan.Systems.Select(kind => KillRow(kind, kills[kind], unkillable[kind]))]);

    private static string[] KillRow(SagaKind kind, List<SagaKill> kills, List<string> unkillable)
    {
        var audits = kills.Select(static kill => kill.Audit).ToArray();
        return
        [
            kind.Name,
            Sum(kills, static kill => kill.Unfinished),
            Sum(kills, static kill => kill.Finished),
            kills.Select(static kill => kill.Seconds).DefaultIfEmpty().Max().ToString("F1", CultureInfo.InvariantCulture),
            Sum(audits, static audit => audit.Open),
            Sum(audits, static audit => audit.Reserved - audit.HeldByNobody),
            Sum(audits, static audit => audit.HeldByNobody),
            Sum(audits, static audit => audit.UnitsAstray),
            Sum(audits, static audit => audit.ChargedNotDelivered),
            Sum(audits, static audit => audit.DeliveredNotCharged),
            Sum(audits, static audit => audit.ChargedTwice),
            Sum(kills, static kill => kill.TakenBack),
            Verdict([.. audits.Select(static audit => audit.Wrong()).OfType<string>(), .. unkillable]),
        ];
    }

    private static string Verdict(string[] wrong) => wrong.Length == 0 ? "agrees" : string.Join("; ", wrong);

    private static string Sum<T>(IEnumerable<T> parts, Func<T, long> number) => parts.Sum(number).ToString("N0", CultureInfo.InvariantCulture);
}
