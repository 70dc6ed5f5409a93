using Holdfast.Contracts;
using Holdfast.Domain.Owner;
using Holdfast.Journal;
using Microsoft.Extensions.Logging;

namespace Holdfast.Grains.Hosting;

/// <summary>The grain around an owner: loads it when it is activated, and leaves when it is told to.</summary>
/// <remarks>A subclass must be <c>[Reentrant]</c>: callers wait for a shared append, and others must be able to join it meanwhile.</remarks>
public abstract class OwnerGrain<TState, TEvent>(IGrainContext context, OwnerKind<TState, TEvent> kind, OwnerServices services)
    : IGrainBase, IUnknownOwner
    where TState : class, IOwnerState<TEvent>
    where TEvent : class
{
    private readonly ILogger _logger = services.Loggers.CreateLogger($"Holdfast.Grains.{kind.Name}");

    public IGrainContext GrainContext => context;

    /// <summary>The owner, once the grain is activated.</summary>
    protected OwnerHost<TState, TEvent> Host { get; private set; } = null!;

    protected OwnerServices Services => services;

    /// <summary>Without this owner nobody could ask the others anything: it is loaded even when there is little memory.</summary>
    protected virtual bool LoadsWhenShort => false;

    public virtual async Task OnActivateAsync(CancellationToken token)
    {
        var key = context.GrainId.Key.ToString()!;
        if (services.Memory.IsShort && !LoadsWhenShort)
        {
            LeaveUnloaded(key, "The silo is short of memory and loads nobody until there is room; wait a moment and repeat.", readersOnly: false);
            return;
        }

        try
        {
            if (CallPurpose.IsRead) await LoadInTurn(key, token);
            else await Load(key, token);
        }
        catch (JournalStoreException exception)
        {
            // Whoever called is to repeat; it is not the command's fault.
            if (services.Unreadable.IsDue(nameof(OnActivateAsync), out var others)) OwnerLog.NotLoaded(_logger, StreamOf(key), exception.Message, others);
            throw OwnerServices.CannotRead(exception);
        }
        catch (Exception exception) when (exception is not OperationCanceledException and not RetryableException)
        {
            OwnerLog.CannotBeLoaded(_logger, exception, StreamOf(key));
            throw;
        }
    }

    /// <summary>One that could not be loaded has nothing to wait for.</summary>
    public Task OnDeactivateAsync(DeactivationReason reason, CancellationToken token) =>
        Host?.Stop(token) ?? Task.CompletedTask;

    void IUnknownOwner.LeaveIfUnknown()
    {
        if (Host.Version == 0) context.Deactivate(new(DeactivationReasonCode.ApplicationRequested, "There is no such owner."));
    }

    /// <summary>An append is durable, and whoever waited for it is answered. What is decided meanwhile may not be.</summary>
    protected virtual void OnStored()
    {
    }

    /// <summary>For a caller who only reads.</summary>
    private async Task LoadInTurn(string key, CancellationToken cancellationToken)
    {
        using var turn = await services.Reads.TakeTurn(cancellationToken);
        if (turn is not null) await Load(key, cancellationToken);
        else LeaveUnloaded(key, "Too many reads of what is not in memory wait already; wait a moment and repeat.", readersOnly: true);
    }

    private async Task Load(string key, CancellationToken cancellationToken)
    {
        if (services.Loads.Take(StreamOf(key)) is StreamLoad<TState, TEvent> load)
        {
            // To the end that it saw then, and to the one that there is now.
            await services.Loads.Finish(load, cancellationToken);
            await services.Loads.Finish(load, cancellationToken);
        }
        else
        {
            load = new(kind, key, services, _logger);
            if (!await load.ReadNewest(cancellationToken)) await services.Loads.Finish(load, cancellationToken);
        }

        Host = HostOf(load);
        Host.SettleReceipts();

        // The process may have ended between an erasure and the removal of the snapshot, which lives in a store of its own.
        if (load.Erased) await load.Snapshots.Erase();
    }

    /// <summary>An activation that fails stays for seconds, which is what there is no room for: this one says no, and leaves.</summary>
    private void LeaveUnloaded(string key, string why, bool readersOnly)
    {
        Host = HostOf(new(kind, key, services, _logger));
        Host.Refuse(new(RetryReason.Overloaded, why), readersOnly);
    }

    private OwnerHost<TState, TEvent> HostOf(StreamLoad<TState, TEvent> load) =>
        new(load, kind, services, _logger, OnStored, this.DeactivateOnIdle, () => services.Unknown.Add(this));

    private string StreamOf(string key) => $"{kind.Name}/{key}";
}
