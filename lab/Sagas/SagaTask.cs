using System.Text.Json.Serialization;
using Holdfast.Bench.Measuring;

namespace Holdfast.Lab.Sagas;

/// <summary>What a process of its own is to do with one system; the first line of its standard input.</summary>
/// <param name="System">A name of <see cref="SagaSystems"/>.</param>
/// <param name="Connection">The database, made for this system; empty, unless another process has worked on it before.</param>
/// <param name="Lines">Of an order; one measurement each.</param>
/// <param name="Clients">Callers in the busy measurements; in the others there is one.</param>
/// <param name="WarmUp">Of orders of all those lines, every tenth of them declined, before anything is measured.</param>
/// <param name="Busy">How long a busy measurement lasts.</param>
/// <param name="Alone">How long one with a single caller lasts; zero for none.</param>
/// <param name="Orders">For <see cref="SagaWork.Crash"/>: how many are under way at any time.</param>
/// <param name="Ends">For <see cref="SagaWork.Crash"/>: how many ends its callers hear of before it is killed.</param>
/// <param name="Patience">For <see cref="SagaWork.Recover"/>: how long the orders that a crash left open have to end.</param>
internal sealed record SagaTask(
    string System,
    string Connection,
    SagaWork Work,
    int Products,
    int[] Lines,
    int Clients,
    TimeSpan WarmUp,
    TimeSpan Busy,
    TimeSpan Alone,
    int Orders,
    int Ends,
    TimeSpan Patience,
    int Seed)
{
    /// <summary>Units of each product before the first order: plenty.</summary>
    public const long OnHand = 1_000_000;

    public long Stocked => Products * OnHand;
}

internal enum SagaWork
{
    /// <summary>Stock, measure, audit.</summary>
    Load,

    /// <summary>Stock, place one order after another, and report each end, and be killed meanwhile.</summary>
    Crash,

    /// <summary>Start on what a killed process left, wait, audit.</summary>
    Recover,
}

/// <summary>What <see cref="SagaWork.Load"/> found; it has no rounds that an error came before.</summary>
/// <param name="Wrong">What does not agree afterwards, or the error that ended it; null when all is well.</param>
internal sealed record SagaLoad(IReadOnlyList<SagaRound> Rounds, SagaAudit? Audit, string? Wrong);

internal sealed record SagaRound(int Lines, int Clients, Round Round);

/// <summary>A line of what <see cref="SagaWork.Crash"/> tells while it lives: an order whose caller has heard of its end.</summary>
internal sealed record CrashNews(string Order, OrderEnd End);

/// <summary>What <see cref="SagaWork.Recover"/> found.</summary>
/// <param name="Seconds">From the start of the process until nothing was open any more, or until it gave up.</param>
/// <param name="Ended">The ids of all orders that have ended, each with how.</param>
internal sealed record SagaRecovery(double Seconds, SagaAudit Audit, IReadOnlyDictionary<string, OrderEnd> Ended);

[JsonSerializable(typeof(SagaTask))]
[JsonSerializable(typeof(SagaLoad))]
[JsonSerializable(typeof(CrashNews))]
[JsonSerializable(typeof(SagaRecovery))]
internal sealed partial class SagaJson : JsonSerializerContext;
