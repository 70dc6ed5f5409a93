using System.CommandLine;
using System.Text.Json;
using Holdfast.Bench;

namespace Holdfast.Lab.Sagas;

/// <summary>
/// <c>lab saga-host</c>: what <see cref="SagaProcess"/> starts, one system a process, so that its collector and its threads are
/// nobody else's and it can be killed. The task is the first line of standard input, and the end of the input ends the process: it
/// does not outlive whoever started it. The result is the last line of standard output.
/// </summary>
internal static class SagaHostCommand
{
    public const string Name = "saga-host";

    public static Command Create(TimeProvider clock)
    {
        var command = new Command(Name, "Runs one system of 'lab sagas'; started by it.") { Hidden = true };
        command.SetAction((_, cancellationToken) => Execute(clock, cancellationToken));
        return command;
    }

    private static async Task<int> Execute(TimeProvider clock, CancellationToken cancellationToken)
    {
        // What a framework writes to the console must not come between the answers.
        var answers = Console.Out;
        Console.SetOut(Console.Error);
        try
        {
            var task = JsonSerializer.Deserialize(await Console.In.ReadLineAsync(cancellationToken) ?? "null", SagaJson.Default.SagaTask)
                ?? throw new BenchException("saga-host is started by 'lab sagas', which tells it what to do.");
            EndWithInput();
            var host = new SagaHost(task, clock, new());
            await answers.WriteLineAsync(await Work(host, task.Work, answers, cancellationToken));
            await answers.FlushAsync(cancellationToken);
            return ExitCode.Passed;
        }
        catch (BenchException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return ExitCode.NotRun;
        }
    }

    private static async Task<string> Work(SagaHost host, SagaWork work, TextWriter answers, CancellationToken cancellationToken)
    {
        switch (work)
        {
            case SagaWork.Load:
                return JsonSerializer.Serialize(await host.Load(cancellationToken), SagaJson.Default.SagaLoad);
            case SagaWork.Crash:
                await host.Crash(news => Tell(answers, news), cancellationToken);
                return "";
            default:
                return JsonSerializer.Serialize(await host.Recover(cancellationToken), SagaJson.Default.SagaRecovery);
        }
    }

    private static void Tell(TextWriter answers, CrashNews news)
    {
        lock (answers)
        {
            answers.WriteLine(JsonSerializer.Serialize(news, SagaJson.Default.CrashNews));
            answers.Flush();
        }
    }

    /// <summary>On a thread of its own: the console reads on its caller's, whatever it is asked for.</summary>
    private static void EndWithInput() => new Thread(static () =>
    {
        Console.In.ReadToEnd();
        Environment.Exit(ExitCode.NotRun);
    })
    { IsBackground = true }.Start();
}
