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
    public static bool Is(Exception exception) =>
        exception is StartRefusedException or OptionsValidationException or JournalStoreException or PaymentUnavailableException;
}
