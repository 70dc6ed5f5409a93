using Holdfast.Views.Store;

namespace Holdfast.Views.Lists;

/// <summary>
/// How far views have come, for readers who wait: one question serves all who ask within a while, however many wait for the same view.
/// </summary>
internal sealed class SharedLooks(ViewStore store, TimeProvider clock)
{
    /// <summary>How old an answer may be, and how soon who waits looks again.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(20);

    private readonly Generations _generations = new(store);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (long Asked, Task<IReadOnlyList<Generation>> Answer)> _latest = [];

    public Task<IReadOnlyList<Generation>> At(string view, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!_latest.TryGetValue(view, out var look) || !IsYoung(look))
            {
                // It is everybody's: nobody who gives up ends it for the others.
                look = (clock.GetTimestamp(), _generations.Of(view, CancellationToken.None));
                _latest[view] = look;
            }

            return look.Answer.WaitAsync(cancellationToken);
        }
    }

    private bool IsYoung((long Asked, Task<IReadOnlyList<Generation>> Answer) look) =>
        !look.Answer.IsCompleted || (look.Answer.IsCompletedSuccessfully && clock.GetElapsedTime(look.Asked) < Period);
}
