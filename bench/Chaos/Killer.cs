using Holdfast.Rig;

namespace Holdfast.Bench.Chaos;

/// <summary>
/// Kills a process of a cluster now and then, and starts it again as a supervisor would. One at a time: the next one dies some time
/// after the one before is ready again. Every three kills are a silo, a front door and PostgreSQL, in any order.
/// </summary>
internal sealed class Killer(ClusterProcesses cluster, TimeSpan every, int atLeast, Random random, TimeProvider clock, long began, Action<string> say)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>What a supervisor takes to see that a process has ended, at least and at most.</summary>
    private static readonly Span Supervisor = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(2));

    private readonly List<Kill> _kills = [];
    private readonly List<string> _ended = [];
    private readonly Queue<Part> _next = new();
    private volatile bool _finished;

    public IReadOnlyList<Kill> Kills => _kills;

    /// <summary>Processes that ended and were not killed.</summary>
    public IReadOnlyList<string> EndedByThemselves => _ended;

    /// <summary>No more kills than those that are due at the least.</summary>
    public void Finish() => _finished = true;

    /// <summary>Until <see cref="Finish"/>; then everything runs.</summary>
    /// <exception cref="RigException">A process did not come back: the message has its last lines.</exception>
    public async Task Run(CancellationToken cancellationToken)
    {
        while (await Wait(cancellationToken))
        {
            if (_next.Count == 0) Shuffle();
            await KillAndStartAgain(_next.Dequeue(), cancellationToken);
        }

        await StartEnded(cancellationToken);
    }

    /// <summary>False when it is over.</summary>
    private async Task<bool> Wait(CancellationToken cancellationToken)
    {
        // Half the time in peace at least: who starts slowly shall not have the next kill count as its own.
        var (peace, next) = (Now() + (every / 2), _kills.Count == 0 ? Now() + every : _kills[^1].At + every);
        var due = peace > next ? peace : next;
        while (Now() < due && IsOpen())
        {
            await StartEnded(cancellationToken);
            await Task.Delay(LookInterval, clock, cancellationToken);
        }

        return IsOpen();
    }

    private bool IsOpen() => !_finished || _kills.Count < atLeast;

    private void Shuffle()
    {
        Part[] parts = [Part.Silo, Part.FrontDoor, Part.Postgres];
        random.Shuffle(parts);
        foreach (var part in parts) _next.Enqueue(part);
    }

    private async Task KillAndStartAgain(Part part, CancellationToken cancellationToken)
    {
        var (victim, kill, start) = Choose(part, cancellationToken);
        var pause = Supervisor.Draw(random);
        var at = Now();
        say($"{at.TotalSeconds,6:0.0} s: {victim} is killed");
        await kill();
        await Task.Delay(pause, clock, cancellationToken);
        await start();
        var killed = new Kill(part, victim, at, pause, Now() - at);
        say($"{Now().TotalSeconds,6:0.0} s: {victim} is back");
        _kills.Add(killed);
    }

    private (string Victim, Func<Task> Kill, Func<Task> Start) Choose(Part part, CancellationToken cancellationToken)
    {
        if (part == Part.Postgres)
        {
            var postgres = cluster.Postgres!;
            return random.Next(2) == 0
                ? ("postgresql (kill)", postgres.Kill, () => postgres.Restart(cancellationToken))
                : ("postgresql (immediate stop)", postgres.StopImmediately, () => postgres.Restart(cancellationToken));
        }

        var members = part == Part.Silo ? cluster.Silos : cluster.FrontDoors;
        var member = members[random.Next(members.Count)];
        return (member.Name, member.Kill, () => member.Restart(cancellationToken));
    }

    /// <summary>A process that gives up is started again, too, and remembered: nothing should have made it.</summary>
    private async Task StartEnded(CancellationToken cancellationToken)
    {
        foreach (var member in cluster.Members.Where(static member => !member.IsRunning))
        {
            var (at, code) = (Now(), await member.Process!.Exited);
            var what = $"{at.TotalSeconds:0.0} s: {member.Name} ended by itself with exit code {code} ({member.LogFile})";
            say(what);
            _ended.Add(what);
            await member.Restart(cancellationToken);
        }
    }

    private TimeSpan Now() => clock.GetElapsedTime(began);
}
