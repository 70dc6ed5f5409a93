namespace Holdfast.Silo.Settings;

/// <summary>How much is logged: .NET would say of a wrong level neither where it stands nor which there are.</summary>
internal static class LogLevels
{
    private const string Logging = "Logging";

    /// <exception cref="StartRefusedException">A level is none; the message says which there are.</exception>
    public static void Require(IConfiguration configuration)
    {
        var section = configuration.GetSection(Logging);
        foreach (var level in section.GetChildren().Prepend(section).SelectMany(static of => of.GetSection("LogLevel").GetChildren()))
        {
            if (level.Value is null || Enum.TryParse<LogLevel>(level.Value, ignoreCase: true, out _)) continue;
            throw new StartRefusedException(
                $"{level.Path} is '{level.Value}', and has to be one of {string.Join(", ", Enum.GetNames<LogLevel>())}.");
        }
    }
}
