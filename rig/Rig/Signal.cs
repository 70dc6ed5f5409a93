using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Holdfast.Rig;

/// <summary>What can be sent to a process; the numbers are the same on every Unix.</summary>
internal enum Signal
{
    Interrupt = 2,
    Quit = 3,
    Kill = 9,
    Terminate = 15,
}

internal static class Signals
{
    private const int NoSuchProcess = 3;

    /// <summary>Stops a process where it stands; it cannot refuse. Signals above 15 differ between systems.</summary>
    public static Signal Stop { get; } = (Signal)(OperatingSystem.IsMacOS() ? 17 : 19);

    /// <summary>Lets a stopped process go on.</summary>
    public static Signal Continue { get; } = (Signal)(OperatingSystem.IsMacOS() ? 19 : 18);

    /// <summary>False when the process is gone already.</summary>
    /// <exception cref="RigException">The process may not be signalled.</exception>
    public static bool Send(int processId, Signal signal)
    {
        if (SendNative(processId, (int)signal) == 0) return true;
        var error = Marshal.GetLastPInvokeError();
        return error == NoSuchProcess
            ? false
            : throw new RigException($"Signal {(int)signal} to process {processId}: {new Win32Exception(error).Message}.");
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendNative(int processId, int signal);
}
