using System.Globalization;
using Holdfast.Rig;
using Npgsql;

namespace Holdfast.Bench.Chaos;

/// <summary>
/// Makes commits late, which tempts a reader of the feed to pass over them: a process of the server is stopped where it stands in the
/// middle of an append to the journal, or another transaction keeps its place open, while what came later is committed.
/// </summary>
internal sealed class Disturber(PostgresServer postgres, Random random, TimeProvider clock)
{
    private static readonly Span Lateness = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(3));
    private static readonly Span Peace = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(2));

    /// <summary>How long an append is waited for; without load there is none.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private volatile bool _finished;

    public int PausedCommits { get; private set; }

    public int SlowTransactions { get; private set; }

    public void Finish() => _finished = true;

    /// <summary>Until <see cref="Finish"/>; then every process of the server goes on.</summary>
    public async Task Run(CancellationToken cancellationToken)
    {
        while (!_finished)
        {
            await Task.Delay(Peace.Draw(random), clock, cancellationToken);
            try
            {
                if (random.Next(2) == 0) await PauseCommit(cancellationToken);
                else await HoldTransaction(cancellationToken);
            }
            catch (NpgsqlException)
            {
                // The server was killed, or is starting.
            }
        }
    }

    private async Task PauseCommit(CancellationToken cancellationToken)
    {
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        wait.CancelAfter(Patience);
        IReadOnlyList<int> stopped = [];
        try
        {
            stopped = await postgres.PauseAppends(wait.Token);
            await Task.Delay(Lateness.Draw(random), clock, cancellationToken);
            PausedCommits++;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Nobody appends just now.
        }
        finally
        {
            PostgresServer.Resume(stopped);
        }
    }

    private async Task HoldTransaction(CancellationToken cancellationToken)
    {
        var seconds = Lateness.Draw(random).TotalSeconds.ToString(CultureInfo.InvariantCulture);
        await postgres.Execute($"SELECT pg_current_xact_id(), pg_sleep({seconds})", cancellationToken);
        SlowTransactions++;
    }
}
