using Holdfast.Rig;
using Holdfast.Tests.Journal;

namespace Holdfast.Tests.Rig;

public sealed class OutputTailTests
{
    [Fact]
    public void It_keeps_the_last_lines_and_the_file_all_of_them()
    {
        using var directory = new TempDirectory();
        var file = Path.Combine(directory.Path, "log");
        using (var output = new OutputTail(file))
        {
            for (var line = 1; line <= OutputTail.MaxLines + 5; line++) output.Add($"line {line}");

            Assert.Equal(OutputTail.MaxLines, output.Lines.Count);
            Assert.Equal("line 6", output.Lines[0]);
        }

        Assert.Equal(OutputTail.MaxLines + 5, File.ReadLines(file).Count());
    }

    [Fact]
    public void A_line_without_end_is_cut()
    {
        using var output = new OutputTail(null);

        output.Add(new string('x', OutputTail.MaxLineLength + 1));

        Assert.Equal(OutputTail.MaxLineLength, output.Lines[0].Length);
    }
}
