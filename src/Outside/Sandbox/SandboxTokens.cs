namespace Holdfast.Outside.Sandbox;

/// <summary>The means of payment that the sandbox gateway knows. Any other is declined as <see cref="UnknownToken"/>.</summary>
public static class SandboxTokens
{
    /// <summary>Captured at once.</summary>
    public const string Ok = "tok_ok";

    /// <summary>Declined as <see cref="CardDeclined"/>.</summary>
    public const string Declined = "tok_declined";

    /// <summary>Captured after <see cref="SandboxGatewayOptions.SlowAnswer"/>.</summary>
    public const string Slow = "tok_slow";

    /// <summary>The first call of a key captures and never answers in time.</summary>
    public const string Timeout = "tok_timeout";

    /// <summary>The first call of a key is put off, the second captures and loses its answer, the third is answered.</summary>
    public const string Flaky = "tok_flaky";

    /// <summary>A reason to decline.</summary>
    public const string CardDeclined = "card_declined";

    /// <summary>A reason to decline.</summary>
    public const string UnknownToken = "unknown_token";
}
