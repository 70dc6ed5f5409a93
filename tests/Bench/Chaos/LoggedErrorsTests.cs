using Holdfast.Bench.Chaos;
using Holdfast.Tests.Journal;

namespace Holdfast.Tests.Bench.Chaos;

public sealed class LoggedErrorsTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Errors_are_counted_by_their_kind_and_warnings_are_not()
    {
        var errors = await Read(
            "12:00:00.001 fail: Holdfast.Store[1]",
            "      A commit failed",
            "12:00:00.002 warn: Holdfast.Store[2]",
            "      It goes on",
            "12:00:00.003 fail: Holdfast.Store[1]",
            "      Another commit failed");

        Assert.Equal([new LoggedErrors("fail: Holdfast.Store[1]", 2, "silo-1: A commit failed")], errors);
        Assert.True(LoggedErrors.NoneFatal(errors).Ok);
    }

    [Theory]
    [InlineData("12:00:00.001 crit: Host[9]")]
    [InlineData("Unhandled exception. System.InvalidOperationException: no")]
    public async Task What_ends_a_process_fails_the_check(string line)
    {
        Assert.False(LoggedErrors.NoneFatal(await Read(line, "      it ended")).Ok);
    }

    private async Task<IReadOnlyList<LoggedErrors>> Read(params string[] lines)
    {
        var log = Path.Combine(_directory.Path, "silo-1.log");
        await File.WriteAllLinesAsync(log, lines);
        return await LoggedErrors.Read([log], CancellationToken.None);
    }
}
