using Holdfast.Bench.Compare;
using Spectre.Console;

namespace Holdfast.Bench.Sagas;

/// <summary>What is not a rate, for the person at the terminal; the rates are <see cref="Measuring.MeasurementView"/>'s.</summary>
internal static class SagaView
{
    public static void Show(Section section, IAnsiConsole console)
    {
        foreach (var table in section.Tables)
        {
            var view = new global::Spectre.Console.Table().Title(table.Title.EscapeMarkup());
            foreach (var column in table.Columns) view.AddColumn(column.EscapeMarkup());
            foreach (var row in table.Rows) view.AddRow([.. row.Select(static cell => cell.EscapeMarkup())]);
            console.WriteLine();
            console.Write(view);
        }

        console.WriteLine();
        foreach (var sentence in section.Unfair) console.WriteLine($"* {sentence}");
    }
}
