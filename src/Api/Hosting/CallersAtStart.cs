using Holdfast.Silo;
using Holdfast.Silo.Settings;

namespace Holdfast.Api.Hosting;

/// <summary>Whom the server knows when it starts. One that others can reach, and that would let in nobody, does not start.</summary>
public static class CallersAtStart
{
    /// <returns>Who will be let in, for the greeting.</returns>
    /// <exception cref="StartRefusedException">Nobody could be; the message says how to make a first key.</exception>
    public static async Task<string> RequireCallers(this WebApplication app)
    {
        var settings = app.Services.GetRequiredService<HoldfastSettings>();
        if (settings.HasIssuer) return "by token, or by key: docs/callers.md";
        if (await app.HasKeys()) return "by key: docs/callers.md";
        if (!settings.Options.AllowRemote) return "OPEN to everybody on this machine, until the first key is made: docs/callers.md";
        throw new StartRefusedException(
            "Holdfast:AllowRemote lets others reach this server, and there is no caller whom it would let in. Make the first key with "
            + "'key create NAME' of this program or of the silo's, with the same settings, or name an issuer of tokens, "
            + "Holdfast:Jwt:Issuer: see docs/callers.md.");
    }
}
