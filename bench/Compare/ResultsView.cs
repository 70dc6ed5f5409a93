using Holdfast.Bench.Measuring;
using Spectre.Console;

namespace Holdfast.Bench.Compare;

/// <summary>A section for the person at the terminal.</summary>
internal static class ResultsView
{
    public static void Show(Section section, IAnsiConsole console)
    {
        console.WriteLine();
        console.WriteLine(section.Title);
        foreach (var comparison in section.Comparisons) MeasurementView.Show(comparison, console);
        foreach (var table in section.Tables) console.Write(ToTable(table));
        foreach (var target in section.Targets)
        {
            var measured = target.Measure(section);
            var wanted = target.Wanted("at least", "at most");
            console.WriteLine($"  {target.What}: {target.Text(measured)}, wanted {wanted}: {(target.IsReachedBy(measured) ? "reached" : "NOT REACHED")}");
        }

        if (section.Wrong is not null) console.WriteLine($"  WRONG: {section.Wrong}");
        foreach (var sentence in section.Unfair) console.WriteLine($"  * {sentence}");
    }

    private static Spectre.Console.Table ToTable(Table table)
    {
        var view = new Spectre.Console.Table().Title(table.Title.EscapeMarkup());
        foreach (var column in table.Columns) view.AddColumn(column.EscapeMarkup());
        foreach (var row in table.Rows) view.AddRow([.. row.Select(static cell => cell.EscapeMarkup())]);
        return view;
    }
}
