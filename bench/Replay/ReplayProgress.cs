namespace Holdfast.Bench.Replay;

/// <summary>How far a replay is; written by the run, read by whoever shows it.</summary>
public sealed class ReplayProgress(TimeProvider time)
{
    private Phase _phase = new("starting", 0, time.GetTimestamp());

    public Phase Current => Volatile.Read(ref _phase);

    public void Begin(string name, int total) => Volatile.Write(ref _phase, new Phase(name, total, time.GetTimestamp()));

    public void Advance() => Current.Advance();

    /// <param name="total">Steps; 0 when their number is not known.</param>
    /// <param name="began">A timestamp of the clock.</param>
    public sealed class Phase(string name, int total, long began)
    {
        private int _done;

        public string Name => name;

        public int Total => total;

        public long Began => began;

        public int Done => Volatile.Read(ref _done);

        public void Advance() => Interlocked.Increment(ref _done);
    }
}
