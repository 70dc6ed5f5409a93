namespace Holdfast.Journal;

/// <summary>Files that nobody but their owner may read or write: what is in them is customers' business.</summary>
public static class OwnedFile
{
    private const int SharingViolation = unchecked((int)0x80070020);
    private const int WouldBlock = 11;
    private const int WouldBlockOnMac = 35;

    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Opens the file, and creates it when it is missing; one that others could read is closed to them.</summary>
    public static FileStream Open(string file, FileShare share)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = share };
        if (OperatingSystem.IsWindows()) return new FileStream(file, options);
        options.UnixCreateMode = Owner;
        var stream = new FileStream(file, options);
        if (File.GetUnixFileMode(file) != Owner) File.SetUnixFileMode(file, Owner);
        return stream;
    }

    /// <summary>Whether a file could not be opened because somebody else has it; otherwise something is wrong with the disk.</summary>
    public static bool IsInUse(IOException failure) => failure.HResult switch
    {
        SharingViolation => true,
        WouldBlock => OperatingSystem.IsLinux(),
        WouldBlockOnMac => OperatingSystem.IsMacOS(),
        _ => false,
    };

    /// <summary>For a database: SQLite gives its log and index the mode of the file that it finds.</summary>
    public static void Create(string file) => Open(file, FileShare.ReadWrite | FileShare.Delete).Dispose();
}
