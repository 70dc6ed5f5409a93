using System.Net;
using System.Net.Sockets;

namespace Holdfast.Rig;

/// <summary>
/// Ports on loopback for servers that must come back on the one they had. They lie below the range from which operating systems
/// give ports to outgoing connections: one of those would take the place of a server that is down for a moment.
/// </summary>
public static class LoopbackPorts
{
    private const int First = 20_000;

    /// <summary>Where the range for outgoing connections begins on Linux.</summary>
    private const int End = 32_768;

    /// <summary>Far apart, so that programs that run at the same time do not look for ports at the same place.</summary>
    private const int BetweenProcesses = 97;

    private static int s_asked = Environment.ProcessId * BetweenProcesses;

    /// <summary>A port that nobody listens on; this process gets each only once until the range is used up.</summary>
    /// <exception cref="RigException">All are taken.</exception>
    public static int Next()
    {
        for (var tried = First; tried < End; tried++)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref s_asked) % (End - First));
            if (IsFree(port)) return port;
        }

        throw new RigException($"No port from {First} to {End - 1} is free on 127.0.0.1.");
    }

    /// <summary>Whether a server could listen on it now.</summary>
    public static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
