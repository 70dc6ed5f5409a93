using Holdfast.Journal;

namespace Holdfast.Tests.Journal;

public sealed class OwnedFileTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_file_that_somebody_has_is_told_from_a_disk_that_takes_nothing()
    {
        var file = Path.Combine(_directory.Path, "lock");
        using var first = OwnedFile.Open(file, FileShare.None);

        Assert.True(OwnedFile.IsInUse(Assert.Throws<IOException>(() => OwnedFile.Open(file, FileShare.None))));
        var nowhere = Path.Combine(_directory.Path, "no", "lock");
        Assert.False(OwnedFile.IsInUse(Assert.ThrowsAny<IOException>(() => OwnedFile.Open(nowhere, FileShare.None))));
    }
}
