using System.CommandLine;
using Holdfast.Checker;

namespace Holdfast.Bench.History;

/// <summary><c>check-history</c>: is a recorded history linearizable?</summary>
internal static class CheckHistoryCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "A history in JSON Lines; see docs/history-format.md." };
        var model = new Option<string>("--model")
        {
            Description = $"What the keys hold: {string.Join(", ", HistoryChecker.ModelNames)}.",
            Required = true,
        };
        var command = new Command("check-history", "Checks whether a recorded history is linearizable: exit code 0 yes, 1 no, 2 unreadable, 3 undecided.")
        {
            file, model,
        };
        command.SetAction(parsed => CheckHistory.Run(parsed.GetRequiredValue(file), parsed.GetRequiredValue(model), Console.Out));
        return command;
    }
}
