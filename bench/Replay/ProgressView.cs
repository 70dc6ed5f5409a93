using System.Globalization;
using Spectre.Console;

namespace Holdfast.Bench.Replay;

/// <summary>Shows a running replay: a bar on a terminal, a line now and then in a file or a pipe.</summary>
public sealed class ProgressView(ReplayProgress progress, IAnsiConsole console, TimeProvider time)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(5);

    private ReplayProgress.Phase? _shown;

    public async Task<T> Watch<T>(Task<T> work)
    {
        if (console.Profile is { Out.IsTerminal: true, Capabilities.Interactive: true })
            await Bar(work);
        else
            await Lines(work);
        return await work;
    }

    private Task Bar(Task work) => console.Progress()
        .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
        .StartAsync(async context =>
        {
            ProgressTask? bar = null;
            do
            {
                await Pause(work);
                if (IsNew(out var phase))
                {
                    bar?.Value(bar.MaxValue).StopTask();
                    bar = context.AddTask(phase.Name, maxValue: Math.Max(1, phase.Total));
                }

                bar?.Value(phase.Done).Description($"{phase.Name}: {Rate(phase)}".EscapeMarkup());
            }
            while (!work.IsCompleted);
            bar?.StopTask();
        });

    private async Task Lines(Task work)
    {
        var written = time.GetTimestamp();
        while (!work.IsCompleted)
        {
            await Pause(work);
            if (!IsNew(out var phase) && time.GetElapsedTime(written) < LineInterval)
                continue;
            Line(phase);
            written = time.GetTimestamp();
        }
    }

    private void Line(ReplayProgress.Phase phase) => console.WriteLine(
        phase.Total == 0 ? phase.Name : string.Create(CultureInfo.InvariantCulture, $"{phase.Name}: {phase.Done} of {phase.Total}, {Rate(phase)}"));

    private async Task Pause(Task work) => await Task.WhenAny(work, Task.Delay(LookInterval, time, CancellationToken.None));

    private bool IsNew(out ReplayProgress.Phase phase)
    {
        phase = progress.Current;
        if (phase == _shown)
            return false;
        _shown = phase;
        return true;
    }

    private string Rate(ReplayProgress.Phase phase)
    {
        var seconds = time.GetElapsedTime(phase.Began).TotalSeconds;
        return string.Create(CultureInfo.InvariantCulture, $"{(seconds > 0 ? phase.Done / seconds : 0):N0}/s");
    }
}
