namespace Holdfast.Domain.Orders.Payments;

/// <summary>The gateway did not answer (in time): the money may or may not have moved.</summary>
public sealed class PaymentUnknownException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The call was not sent, or the gateway put it off: it certainly moved no money.</summary>
public sealed class PaymentUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
