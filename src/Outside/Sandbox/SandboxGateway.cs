using System.Buffers;
using System.Text;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders.Payments;
using Holdfast.Outside.Sandbox.Ledger;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Holdfast.Outside.Sandbox;

/// <summary>
/// A payment gateway that moves no real money, and otherwise behaves like an outside company: what it answered is in a ledger of
/// its own, committed independently of ours, kept across restarts and never answered differently. How a charge goes is chosen by
/// its token, see <see cref="SandboxTokens"/>.
/// </summary>
public sealed class SandboxGateway : IPaymentGateway, IHostedService, IAsyncDisposable
{
    /// <summary>Charges that wait out <see cref="SandboxGatewayOptions.SlowAnswer"/>, callers that gave up included.</summary>
    public const int SlowCharges = 10_000;

    /// <summary>Charges in one page of the ledger.</summary>
    public const int PageSize = 1_000;

    private readonly SandboxGatewayOptions _options;
    private readonly TimeProvider _clock;
    private readonly SandboxLedger _ledger;
    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationToken _closed;
    private int _slowCharges;
    private int _disposed;

    public SandboxGateway(IOptions<SandboxGatewayOptions> options, TimeProvider clock, ILogger<SandboxGateway> logger)
    {
        _options = options.Value;
        _clock = clock;
        _closed = _closing.Token;
        ISandboxStore store = _options.ConnectionString is { } database
            ? new PostgresSandboxStore(database)
            : new SqliteSandboxStore(_options.Path);
        _ledger = new SandboxLedger(store, clock, logger);
    }

    public async Task<ChargeResult> Charge(ChargeRequest request, CancellationToken cancellationToken)
    {
        Check(request);
        ThrowIfNotSent(cancellationToken);
        var charge = await Answer(Send(request), cancellationToken);
        if (charge.IsFirst && request.PaymentToken == SandboxTokens.Timeout)
            await WaitInVain(cancellationToken);
        if (charge.IsFirst && request.PaymentToken is SandboxTokens.Timeout or SandboxTokens.Flaky)
            throw new PaymentUnknownException("The connection was lost before the gateway's answer came.");
        return charge.Result;
    }

    public async Task<RefundResult> Refund(RefundRequest request, CancellationToken cancellationToken)
    {
        CheckText(request.IdempotencyKey, PaymentLimits.KeyLength);
        CheckText(request.OrderId, PaymentLimits.IdLength);
        CheckText(request.ChargeId, PaymentLimits.IdLength);
        ArgumentOutOfRangeException.ThrowIfNegative(request.Amount);
        ThrowIfNotSent(cancellationToken);
        return await Answer(_ledger.Refund(request), cancellationToken);
    }

    public Task<ChargeResult?> Find(string orderId, CancellationToken cancellationToken) =>
        _ledger.FindByOrder(orderId, cancellationToken);

    /// <summary>Answered charges of one order, or of all, with a number above <paramref name="after"/>, oldest first.</summary>
    /// <param name="limit">1 to <see cref="PageSize"/>.</param>
    public Task<SandboxCharge[]> ReadCharges(string? orderId, long after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, PageSize);
        return _ledger.ReadCharges(orderId, after, limit, cancellationToken);
    }

    /// <summary>Opens the ledger, so that a host with an unusable one does not start.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => _ledger.ReadCharges(null, 0, 1, cancellationToken);

    /// <summary>Stays open: grains may still be charging. <see cref="DisposeAsync"/> closes.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Answers everything that the ledger has accepted, then closes it.</summary>
    public async ValueTask DisposeAsync()
    {
        // A container disposes a singleton once for each service it was resolved as.
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
            return;

        await _closing.CancelAsync();
        await _ledger.DisposeAsync();
        _closing.Dispose();
    }

    private Task<RecordedCharge> Send(ChargeRequest request) => request.PaymentToken switch
    {
        SandboxTokens.Ok or SandboxTokens.Timeout => _ledger.Charge(request, ChargeStatus.Captured),
        SandboxTokens.Slow => SendSlowly(request),
        SandboxTokens.Flaky => SendUnlessFirst(request),
        SandboxTokens.Declined => _ledger.Charge(request, ChargeStatus.Declined, SandboxTokens.CardDeclined),
        _ => _ledger.Charge(request, ChargeStatus.Declined, SandboxTokens.UnknownToken),
    };

    private async Task<RecordedCharge> SendSlowly(ChargeRequest request)
    {
        if (await _ledger.FindByKey(request.IdempotencyKey, CancellationToken.None) is null)
            await BeSlow();
        return await _ledger.Charge(request, ChargeStatus.Captured);
    }

    private async Task BeSlow()
    {
        try
        {
            // Callers that gave up do not bound these waits: only this count does.
            if (Interlocked.Increment(ref _slowCharges) > SlowCharges)
                throw new PaymentUnavailableException("The gateway has too many slow charges under way.");
            await Task.Delay(_options.SlowAnswer, _clock, _closed);
        }
        catch (OperationCanceledException stopping)
        {
            throw new PaymentUnavailableException("The gateway closed before it recorded the charge.", stopping);
        }
        finally
        {
            Interlocked.Decrement(ref _slowCharges);
        }
    }

    private async Task<RecordedCharge> SendUnlessFirst(ChargeRequest request)
    {
        if (await _ledger.IsFirstAttempt(request.IdempotencyKey))
            throw new PaymentUnavailableException("The gateway asks to try again later.");
        return await _ledger.Charge(request, ChargeStatus.Captured);
    }

    private async Task WaitInVain(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closed);
        await Task.Delay(_options.TimeoutAnswer, _clock, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Waits no longer than the caller; what was sent goes on without them, as it would at another company.</summary>
    private static async Task<T> Answer<T>(Task<T> sent, CancellationToken cancellationToken)
    {
        try
        {
            return await sent.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException gaveUp) when (cancellationToken.IsCancellationRequested)
        {
            // Nobody else will look at how it ends: without this a failure would surface as an unobserved exception.
            _ = sent.ContinueWith(
                static task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            throw new PaymentUnknownException("The caller stopped waiting for the gateway's answer.", gaveUp);
        }
    }

    private static void ThrowIfNotSent(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            throw new PaymentUnavailableException("The call was cancelled before it was sent.");
    }

    private static void Check(ChargeRequest request)
    {
        CheckText(request.IdempotencyKey, PaymentLimits.KeyLength);
        CheckText(request.OrderId, PaymentLimits.IdLength);
        CheckText(request.PaymentToken, PaymentLimits.TokenLength);
        CheckText(request.Amount.Currency, PaymentLimits.CurrencyLength);
        ArgumentOutOfRangeException.ThrowIfNegative(request.Amount.Amount);
    }

    private static void CheckText(string text, int limit)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(text.Length, limit);
        // PostgreSQL takes neither, and would refuse with it everybody else's write of the same transaction.
        if (text.Contains('\0') || !IsWellFormed(text))
            throw new ArgumentException("A text has U+0000 or half of a surrogate pair.", nameof(text));
    }

    private static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out _, out var length) != OperationStatus.Done)
                return false;
            text = text[length..];
        }

        return true;
    }
}
