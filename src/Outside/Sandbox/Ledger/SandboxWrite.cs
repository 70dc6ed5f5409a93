using Holdfast.Domain.Orders.Payments;

namespace Holdfast.Outside.Sandbox.Ledger;

/// <summary>Something to write into the books, and somebody who waits for the answer.</summary>
internal abstract class SandboxWrite
{
    /// <summary>Tells the one who waits; only when what was written is durable.</summary>
    public abstract void Answer();

    public abstract void Fail(Exception error);
}

/// <typeparam name="T">The answer.</typeparam>
internal abstract class SandboxWrite<T> : SandboxWrite
{
    // A continuation on the writer's thread would hold up everyone else's money.
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Set by the store, inside the transaction.</summary>
    public T? Result { private get; set; }

    public Task<T> Task => _answer.Task;

    public override void Answer() => _answer.SetResult(Result!);

    public override void Fail(Exception error) => _answer.SetException(error);
}

/// <summary>Records the answer to a charge, or finds the one that its key has.</summary>
internal sealed class ChargeWrite(ChargeRequest request, ChargeStatus status, string? declineReason) : SandboxWrite<RecordedCharge>
{
    public ChargeRequest Request => request;

    /// <summary>As stored.</summary>
    public string Status => status == ChargeStatus.Captured ? StoredCharge.Captured : StoredCharge.Declined;

    public string? DeclineReason => declineReason;

    /// <summary>The charge was stored by this very write.</summary>
    public RecordedCharge First(string id) => new(new ChargeResult(status, id, request.Amount, declineReason), IsFirst: true);

    /// <summary>Something was there before.</summary>
    /// <param name="earlier">What the key has; null when the key is new, and so the order has another one.</param>
    public RecordedCharge Repeat(StoredCharge? earlier)
    {
        if (earlier is null)
            return new RecordedCharge(new ChargeResult(ChargeStatus.OrderAlreadyAnswered));
        return new RecordedCharge(
            earlier.Content == StoredCharge.ContentOf(request) ? earlier.Result : new ChargeResult(ChargeStatus.KeyReused));
    }
}

/// <summary>Records a refund, or finds the one that its key has.</summary>
internal sealed class RefundWrite(RefundRequest request) : SandboxWrite<RefundResult>
{
    public RefundRequest Request => request;

    /// <summary>Null: the refund may be given. Otherwise the answer, and nothing is to be written.</summary>
    /// <param name="earlier">What the key has.</param>
    /// <param name="charge">What the order has.</param>
    public RefundResult? AnswerWithout((string Id, RefundRequest Request)? earlier, StoredCharge? charge)
    {
        if (earlier is { } given)
            return given.Request == request
                ? new RefundResult(RefundStatus.Refunded, given.Id, charge!.Refunded)
                : new RefundResult(RefundStatus.KeyReused);
        if (charge is null || charge.Id != request.ChargeId)
            return new RefundResult(RefundStatus.UnknownCharge);
        if (!charge.IsCaptured)
            return new RefundResult(RefundStatus.NotCaptured);
        if (request.Amount > charge.Amount.Amount - charge.Refunded)
            return new RefundResult(RefundStatus.ExceedsCaptured, Refunded: charge.Refunded);
        return null;
    }
}

/// <summary>True when the key was never passed before, in all the ledger's life.</summary>
internal sealed class AttemptWrite(string key) : SandboxWrite<bool>
{
    public string Key => key;
}
