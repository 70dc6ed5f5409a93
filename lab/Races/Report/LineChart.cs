using System.Globalization;
using System.Net;
using System.Text;

namespace Holdfast.Lab.Races.Report;

/// <param name="Class">Gives the line its colour.</param>
internal sealed record Line(string Name, string Class, IReadOnlyList<(double X, double Y)> Points);

/// <summary>Lines over two logarithmic scales, each with its name at its right end, as SVG.</summary>
internal static class LineChart
{
    private const double Width = 640;
    private const double Height = 400;
    private const double Left = 54;
    private const double Right = 450;
    private const double Top = 14;
    private const double Bottom = 362;

    /// <summary>Between the names of two lines.</summary>
    private const double LabelPitch = 17;

    public static string Draw(string title, string unit, IReadOnlyList<Line> lines)
    {
        var drawn = lines.Select(static line => line with { Points = [.. line.Points.Where(static point => point.Y > 0)] })
            .Where(static line => line.Points.Count > 0)
            .ToArray();
        if (drawn.Length == 0) return "";
        var xs = drawn.SelectMany(static line => line.Points).Select(static point => point.X).Distinct().Order().ToArray();
        var ys = drawn.SelectMany(static line => line.Points).Select(static point => point.Y).ToArray();
        var x = new Scale(xs[0], xs[^1], Left, Right);
        var y = new Scale(Decade(ys.Min(), Math.Floor), Decade(ys.Max(), Math.Ceiling), Bottom, Top);
        var svg = new StringBuilder();
        svg.Append(Text($"""<figure><figcaption>{Encode(title)}</figcaption><svg viewBox="0 0 {Width} {Height}" role="img" aria-label="{Encode(title)}">"""));
        DrawGrid(svg, xs, x, y);
        foreach (var line in drawn) DrawLine(svg, line, x, y, unit);
        DrawNames(svg, drawn, x, y);
        return svg.Append("</svg></figure>").ToString();
    }

    private static void DrawGrid(StringBuilder svg, double[] xs, Scale x, Scale y)
    {
        for (var decade = y.Low; decade <= y.High * 1.001; decade *= 10)
        {
            var at = y.At(decade);
            svg.Append(Text($"""<line class="grid" x1="{Left}" x2="{Right}" y1="{at:F1}" y2="{at:F1}"/><text class="tick" x="{Left - 7}" y="{at + 4:F1}" text-anchor="end">{Short(decade)}</text>"""));
        }

        foreach (var clients in xs)
            svg.Append(Text($"""<text class="tick" x="{x.At(clients):F1}" y="{Bottom + 17}" text-anchor="middle">{clients}</text>"""));
        svg.Append(Text($"""<text class="tick" x="{(Left + Right) / 2}" y="{Height - 4}" text-anchor="middle">clients at once</text>"""));
    }

    private static void DrawLine(StringBuilder svg, Line line, Scale x, Scale y, string unit)
    {
        var points = string.Join(' ', line.Points.Select(point => Text($"{x.At(point.X):F1},{y.At(point.Y):F1}")));
        svg.Append(Text($"""<g class="line {line.Class}"><polyline points="{points}"/>"""));
        foreach (var point in line.Points)
        {
            svg.Append(Text($"""<circle cx="{x.At(point.X):F1}" cy="{y.At(point.Y):F1}" r="3"><title>{Encode(line.Name)}, {Clients(point.X)}: {Figures.Number(point.Y)} {Encode(unit)}</title></circle>"""));
        }

        svg.Append("</g>");
    }

    private static string Clients(double clients) => clients == 1 ? "1 client" : Text($"{clients} clients");

    /// <summary>From the highest line to the lowest; names that would touch move down, and all up again if they leave the picture.</summary>
    private static void DrawNames(StringBuilder svg, Line[] lines, Scale x, Scale y)
    {
        var ends = lines.Select(line => (Line: line, End: line.Points[^1])).OrderByDescending(static end => end.End.Y).ToArray();
        var places = new double[ends.Length];
        for (var i = 0; i < ends.Length; i++)
            places[i] = Math.Max(y.At(ends[i].End.Y), i == 0 ? Top : places[i - 1] + LabelPitch);
        for (var (i, lowest) = (ends.Length - 1, Bottom); i >= 0 && places[i] > lowest; i--, lowest -= LabelPitch) places[i] = lowest;
        foreach (var ((line, end), place) in ends.Zip(places))
        {
            svg.Append(Text($"""<g class="name {line.Class}"><path d="M{x.At(end.X) + 5:F1} {y.At(end.Y):F1}L{Right + 20} {place:F1}"/><text x="{Right + 24}" y="{place + 4:F1}">{Encode(line.Name)}</text></g>"""));
        }
    }

    private static double Decade(double number, Func<double, double> round) => Math.Pow(10, round(Math.Log10(number)));

    private static string Short(double number) =>
        number >= 1_000_000 ? Text($"{number / 1_000_000} M") : number >= 1_000 ? Text($"{number / 1_000} k") : Text($"{Math.Round(number, 3)}");

    private static string Encode(string text) => WebUtility.HtmlEncode(text);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed record Scale(double Low, double High, double From, double To)
    {
        /// <summary>The middle when there is only one number.</summary>
        public double At(double number) =>
            Low == High ? (From + To) / 2 : From + ((To - From) * Math.Log(number / Low) / Math.Log(High / Low));
    }
}
