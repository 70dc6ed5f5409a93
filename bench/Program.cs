using System.CommandLine;
using Holdfast.Bench;
using Holdfast.Bench.Replay;

var bench = new RootCommand("Drives a running Holdfast server over HTTP and checks what it did.")
{
    ReplayCommand.Create(TimeProvider.System),
};

var commandLine = bench.Parse(args);
if (commandLine.Errors.Count == 0)
    return await commandLine.InvokeAsync();

Console.Error.WriteLine(string.Join(' ', commandLine.Errors.Select(error => error.Message).Append("(--help shows the options.)")));
return ExitCode.NotRun;
