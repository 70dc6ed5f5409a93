using System.Diagnostics;
using Holdfast.Journal.Postgres;

namespace Holdfast.Silo.Cluster;

/// <summary>
/// The sign of life that this silo leaves in the database twice a second. What it finds there renews the read lease, says which
/// other silos have fallen silent, and whose sessions are to be ended.
/// </summary>
/// <remarks>On a thread of its own, so that a starved thread pool does not end a lease.</remarks>
internal sealed partial class Beat(
    PostgresBeats beats,
    ReadLease lease,
    SilentSilos others,
    SiloDeaths deaths,
    DeadSessions sessions,
    ClockWatch clocks,
    ILogger<Beat> logger) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Thread? _thread;

    public void Participate(ISiloLifecycle lifecycle) =>
        // Before the silo is a member: it has a lease when its first grain answers, and is heard of before anyone misses it.
        lifecycle.Subscribe(nameof(Beat), ServiceLifecycleStage.RuntimeServices, Start, Stop);

    public void Dispose() => _stop.Dispose();

    private Task Start(CancellationToken cancellationToken)
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "silo-beat" };
        _thread.Start();
        return Task.CompletedTask;
    }

    private async Task Stop(CancellationToken cancellationToken)
    {
        deaths.Stop();
        await _stop.CancelAsync();
        if (_thread is { } thread) await Task.Run(thread.Join, cancellationToken);
    }

    private void Run()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Leave(Stopwatch.GetTimestamp());
            }
#pragma warning disable CA1031 // Whatever keeps the beat from the database: there is no lease without it, and the next beat tries again.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                LogFailed(exception.Message);
                beats.Disconnect();
            }

            _stop.Token.WaitHandle.WaitOne(Budgets.BeatPeriod);
        }

        beats.Dispose();
    }

    private void Leave(long sent)
    {
        var members = beats.Leave();
        clocks.Look();
        var now = Stopwatch.GetElapsedTime(0, sent);
        IReadOnlyList<SiloAddress> diedSilent = [];

        // Only a member can declare others dead.
        if (lease.Renew(sent, members))
        {
            var silences = others.Listen(now, members);
            deaths.Act(silences, members);
            diedSilent = silences.DiedSilent;
        }

        sessions.End(now, members, diedSilent);
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The sign of life did not reach the database; reads ask the store until it does: {Why}")]
    private partial void LogFailed(string why);
}
