using System.Net.Sockets;
using Holdfast.Domain.Orders.Payments;
using Holdfast.Journal;
using Microsoft.Extensions.Options;

namespace Holdfast.Silo;

/// <summary>The start was refused for a reason that the operator can mend; the message says how.</summary>
public sealed class StartRefusedException(string message, Exception? cause = null) : Exception(message, cause);

public static class StartRefusal
{
    /// <summary>
    /// The start was refused for a reason that the operator can mend, and the message says how: a program prints it and ends. Anything
    /// else is a bug, whose trace is wanted.
    /// </summary>
    public static bool Is(Exception exception) => exception
        is StartRefusedException or OptionsValidationException or JournalStoreException or PaymentUnavailableException

        // A file of settings that cannot be read.
        or InvalidDataException
        || IsWithoutCertificate(exception)
        || IsPortInUse(exception);

    /// <summary>ASP.NET Core has no type of its own for it; its message says what to do.</summary>
    private static bool IsWithoutCertificate(Exception exception) =>
        exception is InvalidOperationException { Message: var said }
        && said.StartsWith("Unable to configure HTTPS endpoint", StringComparison.Ordinal);

    /// <summary>The ports are tried before the start; somebody else may take one in between.</summary>
    private static bool IsPortInUse(Exception? exception) =>
        exception is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse }
        || (exception is not null && IsPortInUse(exception.InnerException));
}
