using System.Net.Http.Headers;
using System.Runtime.InteropServices;

namespace Holdfast.Silo.Import;

/// <summary>
/// <c>import</c>: brings a file of products and their first stock into a running server, through its front door, since a product has an
/// owner who decides. docs/import.md says how.
/// </summary>
internal static class ImportCommand
{
    public const int AllIn = 0;
    public const int SomeRefused = 1;
    public const int NotBegun = 2;
    public const int Stopped = 3;

    /// <summary>Until the program is told to stop.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> Run(string[] args)
    {
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        var key = Environment.GetEnvironmentVariable(ImportArguments.KeyVariable);
        return await Run(args, key, Console.Out, Console.Error, TimeProvider.System, stop.Token);

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    /// <param name="key">Sent as a bearer token, unless a file has one.</param>
    /// <param name="output">Takes a line for each thing that was refused.</param>
    /// <param name="errors">Takes how it goes on, and how it ended.</param>
    public static async Task<int> Run(
        string[] args, string? key, TextWriter output, TextWriter errors, TimeProvider clock, CancellationToken stop)
    {
        ImportProgress? progress = null;
        try
        {
            var asked = ImportArguments.Parse(args, key);
            var file = await ImportFile.Read(asked.Path, stop);
            var lines = file.Rows.Count + file.Refusals.Select(static refusal => refusal.Line).Distinct().Count();
            var counted = new ImportProgress(lines, output, errors, clock);
            if (!asked.CheckOnly)
            {
                using var client = Client(asked);
                var server = new ImportServer(client, clock, asked.Patience, new Random(Environment.ProcessId));
                await server.Greet(stop);
                progress = counted;
                progress.Refuse(file.Refusals);
                await Send(new ImportRun(file, server, progress, asked.Replace, asked.Connections), progress, stop);
                await errors.WriteLineAsync(progress.Summary);
            }
            else
            {
                counted.Refuse(file.Refusals);
                await errors.WriteLineAsync(FormattableString.Invariant(
                    $"{file.Rows.Count:N0} of {lines:N0} lines can be sent. Nothing was: that is for a run without --check."));
            }

            return file.Refusals.Count == 0 && counted.Refused == 0 ? AllIn : SomeRefused;
        }
        catch (ImportException cannot)
        {
            await errors.WriteLineAsync(cannot.Message);
            return NotBegun;
        }
        catch (ImportStoppedException stopped)
        {
            return await End(stopped.Message, progress, errors);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return await End("Stopped.", progress, errors);
        }
    }

    private static async Task Send(ImportRun run, ImportProgress progress, CancellationToken stop)
    {
        using var ended = new CancellationTokenSource();
        var telling = progress.Tell(ended.Token);
        try
        {
            await run.Run(stop);
        }
        finally
        {
            await ended.CancelAsync();
            await telling;
        }
    }

    private static async Task<int> End(string why, ImportProgress? progress, TextWriter errors)
    {
        await errors.WriteLineAsync(why);
        if (progress is null) return NotBegun;
        await errors.WriteLineAsync(progress.Summary);
        await errors.WriteLineAsync("The same command, with the same file, goes on: what is in already is not done twice.");
        return Stopped;
    }

    private static HttpClient Client(ImportArguments asked)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, MaxConnectionsPerServer = asked.Connections + 1 };
        var client = new HttpClient(handler) { BaseAddress = asked.Url, Timeout = ImportServer.RequestTimeout };
        if (asked.Key is { } key) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }
}
