using System.ComponentModel.DataAnnotations;
using Holdfast.Domain.Orders.Payments;
using Holdfast.Journal;
using Holdfast.Outside.Sandbox;
using Microsoft.Extensions.Options;

namespace Holdfast.Silo;

public static class StartRefusal
{
    /// <summary>
    /// The start was refused for a reason that the operator can mend, and the message says how: a program prints it and ends. Anything
    /// else is a bug, whose trace is wanted.
    /// </summary>
    public static bool Is(Exception exception) =>
        exception is ValidationException or OptionsValidationException or JournalStoreException or PaymentUnavailableException;
}
