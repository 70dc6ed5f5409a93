using System.Globalization;

namespace Holdfast.Silo.Import;

/// <summary>How many lines are in, and how many were refused; says so while it goes on.</summary>
/// <param name="total">Products in the file, those of refused lines included.</param>
/// <param name="refused">Takes a line of text for each refusal.</param>
/// <param name="told">Takes how it goes on.</param>
internal sealed class ImportProgress(int total, TextWriter refused, TextWriter told, TimeProvider clock)
{
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly long _started = clock.GetTimestamp();
    private readonly HashSet<long> _refusedLines = [];
    private int _done;

    public int Done => Volatile.Read(ref _done);

    public int Refused
    {
        get
        {
            lock (_gate) return _refusedLines.Count;
        }
    }

    public void Add() => Interlocked.Increment(ref _done);

    public void Refuse(IEnumerable<ImportRefusal> refusals)
    {
        lock (_gate)
        {
            foreach (var refusal in refusals)
            {
                _refusedLines.Add(refusal.Line);
                refused.WriteLine(refusal);
            }
        }
    }

    /// <summary>Says every now and then how far it is, until it is cancelled.</summary>
    public async Task Tell(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Period, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                var (done, refusedNow) = (Done, Refused);
                var speed = done / clock.GetElapsedTime(_started).TotalSeconds;
                await told.WriteLineAsync(Text(
                    $"{done:N0} of {total:N0} lines are in, {speed:N0} a second; {total - done - refusedNow:N0} left"));
            }
        }
        catch (OperationCanceledException)
        {
            // It has ended.
        }
    }

    public string Summary => Done == total
        ? Text($"All {total:N0} lines are in.")
        : Text($"{Done:N0} of {total:N0} lines are in; refused: {Refused:N0}.");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
