namespace Holdfast.Simulation;

/// <summary>
/// The one thread of a simulated world and its time. (Nothing in it may complete with RunContinuationsAsynchronously: that is the pool.) Whatever is ready runs a piece at a time, in an order that the dice decide; when nothing
/// is, time jumps to the next timer. So a world goes the same way each time it is made of the same seed.
/// </summary>
internal sealed class Loop(Dice dice, DateTimeOffset start)
{
    private readonly List<Turns> _ready = [];
    private readonly PriorityQueue<(LoopTimer Timer, int Setting), (long Ticks, long Number)> _timers = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private long _numbers;

    /// <summary>Pieces of work that have run.</summary>
    public long Pieces { get; private set; }

    public DateTimeOffset Now { get; private set; } = start;

    /// <summary>Whose turn it is; null between turns.</summary>
    public Turns? Current { get; private set; }

    /// <summary>Runs until it is done, or nothing is left to do. False: more is left after so much work or time.</summary>
    public bool Run(Func<bool> done, long maxPieces, DateTimeOffset until)
    {
        // What waits must come back here, and not where the caller's context would post it.
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            while (!done())
            {
                if (Pieces >= maxPieces || Now > until) return false;
                if (_ready.Count > 0) RunOne();
                else if (!FireNext(DateTimeOffset.MaxValue)) return true;
            }

            return true;
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    /// <summary>Lets so much time pass, with all that comes due in it; none: only what is ready now.</summary>
    public void Pass(TimeSpan time)
    {
        var until = Now + time;
        Run(() => _ready.Count == 0 && !FireNext(until), long.MaxValue, DateTimeOffset.MaxValue);
        Now = until;
    }

    public void SetReady(Turns turns)
    {
        StayOnThread();
        _ready.Add(turns);
    }

    public void Set(LoopTimer timer, int setting, TimeSpan due)
    {
        StayOnThread();
        _timers.Enqueue((timer, setting), ((Now + due).UtcTicks, _numbers++));
    }

    /// <summary>Whatever ran elsewhere would not go the same way again.</summary>
    private void StayOnThread()
    {
        if (Environment.CurrentManagedThreadId != _thread) throw new InvalidOperationException("Something of the simulation has left its thread.");
    }

    private void RunOne()
    {
        Pieces++;
        var index = dice.Below(_ready.Count);
        var turns = _ready[index];
        Current = turns;
        var more = turns.RunOne();
        Current = null;
        if (more) return;
        _ready[index] = _ready[^1];
        _ready.RemoveAt(_ready.Count - 1);
    }

    private bool FireNext(DateTimeOffset until)
    {
        while (_timers.TryPeek(out var next, out var at) && at.Ticks <= until.UtcTicks)
        {
            _timers.Dequeue();
            if (!next.Timer.IsSet(next.Setting)) continue;
            if (at.Ticks > Now.UtcTicks) Now = new(at.Ticks, TimeSpan.Zero);
            next.Timer.Fire();
            return true;
        }

        return false;
    }
}

/// <summary>
/// The turns of one activation, or of whatever else does one thing at a time: first come, first served, and never two at once. Once they have
/// stopped for good, nothing of them ever runs again, as in a process that was killed.
/// </summary>
internal sealed class Turns(Loop loop) : TaskScheduler
{
    private readonly Queue<Task> _waiting = [];
    private bool _isReady;
    private bool _paused;
    private bool _stopped;

    public TaskFactory Factory => field ??= new(CancellationToken.None, TaskCreationOptions.None, TaskContinuationOptions.None, this);

    /// <summary>Runs what is given in turns of these.</summary>
    public Task<T> Run<T>(Func<Task<T>> work) => Factory.StartNew(work).Unwrap();

    public Task Run(Func<Task> work) => Factory.StartNew(work).Unwrap();

    public void Stop()
    {
        _stopped = true;
        _waiting.Clear();
    }

    /// <summary>Nothing runs until it is resumed: a process that stands still.</summary>
    public void Pause() => _paused = true;

    public void Resume()
    {
        _paused = false;
        if (_waiting.Count > 0) BeReady();
    }

    /// <summary>Runs the next piece. False when nothing is left, or nothing may run now.</summary>
    public bool RunOne()
    {
        if (!_paused && _waiting.TryDequeue(out var task)) TryExecuteTask(task);
        return _isReady = !_paused && _waiting.Count > 0;
    }

    protected override void QueueTask(Task task)
    {
        if (_stopped) return;
        _waiting.Enqueue(task);
        if (!_paused) BeReady();
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && !_stopped && loop.Current == this && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => _waiting;

    private void BeReady()
    {
        if (_isReady) return;
        _isReady = true;
        loop.SetReady(this);
    }
}

/// <summary>A timer of the loop; its callback runs in turns of the machine that set it.</summary>
internal sealed class LoopTimer(Loop loop, Turns turns, TimerCallback callback, object? state) : ITimer
{
    private int _setting;
    private TimeSpan _period;
    private bool _isSet;

    public bool IsSet(int setting) => _isSet && setting == _setting;

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        (_isSet, _period) = (dueTime != Timeout.InfiniteTimeSpan, period);
        _setting++;
        if (_isSet) loop.Set(this, _setting, dueTime);
        return true;
    }

    public void Fire()
    {
        _isSet = _period > TimeSpan.Zero;
        if (_isSet) loop.Set(this, ++_setting, _period);
        _ = turns.Factory.StartNew(static timer => ((LoopTimer)timer!).Call(), this);
    }

    public void Dispose() => _isSet = false;

    public ValueTask DisposeAsync()
    {
        _isSet = false;
        return ValueTask.CompletedTask;
    }

    private void Call() => callback(state);
}

/// <summary>The clock of one machine: it may go wrong, and be set right, but what it measures is the world's.</summary>
internal sealed class MachineClock(Loop loop, Turns turns) : TimeProvider
{
    /// <summary>How far it is ahead of the world's time; behind when negative.</summary>
    public TimeSpan Ahead { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => loop.Now + Ahead;

    public override long GetTimestamp() => loop.Now.UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new LoopTimer(loop, turns, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }
}
