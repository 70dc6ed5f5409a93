using System.Collections.Concurrent;
using System.Net.Sockets;
using Holdfast.Journal.Postgres;

namespace Holdfast.Silo.Cluster;

/// <summary>
/// Acts on silences: declares silent silos dead, knocks at suspects, and has the membership read anew when the database knows of a
/// death that Orleans has not heard of here. Nothing of it is waited for, and what fails is tried again with the next beat.
/// </summary>
internal sealed partial class SiloDeaths(IClusterMembershipService membership, ILogger<SiloDeaths> logger) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<SiloAddress, bool> _knockedAt = [];
    private bool _learning;

    public void Act(Silences silences, IReadOnlyList<MemberBeat> members)
    {
        foreach (var silo in silences.Silent)
        {
            LogSilent(silo, Budgets.Silence);
            Declare(silo).Ignore();
        }

        foreach (var silo in silences.Suspects) DeclareIfGone(silo).Ignore();
        var known = membership.CurrentSnapshot;
        if (members.Any(member => member.Status == SiloStatus.Dead && IsThoughtAlive(known, member.Silo))) Learn().Ignore();
    }

    public void Stop() => _stop.Cancel();

    public void Dispose() => _stop.Dispose();

    private static bool IsThoughtAlive(ClusterMembershipSnapshot known, SiloAddress silo) =>
        known.GetSiloStatus(silo) is not (SiloStatus.Dead or SiloStatus.None);

    /// <summary>
    /// Whoever declares a silo dead tells the others. That word can be lost, and they would go on calling the dead one until they look
    /// by themselves.
    /// </summary>
    private async Task Learn()
    {
        if (Interlocked.Exchange(ref _learning, true)) return;
        try
        {
            await Task.Run(() => membership.Refresh(cancellationToken: _stop.Token).AsTask());
        }
#pragma warning disable CA1031 // The next beat finds the same and tries again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogNotLearned(exception.Message);
        }
        finally
        {
            Volatile.Write(ref _learning, false);
        }
    }

    private async Task DeclareIfGone(SiloAddress silo)
    {
        // Every beat suspects it again, until it is heard or dead: one knock at a time.
        if (!_knockedAt.TryAdd(silo, true)) return;
        try
        {
            if (!await Task.Run(() => IsGone(silo))) return;
            LogGone(silo);
            await Declare(silo);
        }
        finally
        {
            _knockedAt.TryRemove(silo, out _);
        }
    }

    /// <summary>Its machine says that nobody listens at its port. No answer says nothing.</summary>
    private async Task<bool> IsGone(SiloAddress silo)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        limit.CancelAfter(Budgets.Knock);
        using var socket = new Socket(silo.Endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(silo.Endpoint, limit.Token);
            return false;
        }
        catch (SocketException answer)
        {
            return answer.SocketErrorCode == SocketError.ConnectionRefused;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task Declare(SiloAddress silo)
    {
        try
        {
            await Task.Run(() => membership.TryKill(silo));
        }
#pragma warning disable CA1031 // It is still silent when it is looked at the next time.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogNotDeclared(exception, silo);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Silo} has left no sign of life in the database for {Silence}: it is declared dead")]
    private partial void LogSilent(SiloAddress silo, TimeSpan silence);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "{Silo} leaves no sign of life and nobody listens there: its process has ended, and it is declared dead")]
    private partial void LogGone(SiloAddress silo);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Silo} could not be declared dead")]
    private partial void LogNotDeclared(Exception exception, SiloAddress silo);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The membership could not be read anew, although a silo is dead in it; the next sign of life tries again: {Why}")]
    private partial void LogNotLearned(string why);
}
