using System.Globalization;

namespace Holdfast.Silo.Import;

/// <summary>What the command line asks for.</summary>
/// <param name="Path">Of the file.</param>
/// <param name="Url">The front door; ends with a slash.</param>
/// <param name="Key">Sent as a bearer token; null: none.</param>
/// <param name="Replace">A product that is there with another name or price is written over.</param>
/// <param name="CheckOnly">The file is read, and nothing sent.</param>
/// <param name="Connections">Requests at the same time.</param>
/// <param name="Patience">How long the server may be away.</param>
internal sealed record ImportArguments(
    string Path, Uri Url, string? Key, bool Replace, bool CheckOnly, int Connections, TimeSpan Patience)
{
    public const string KeyVariable = "HOLDFAST_KEY";

    public const string Usage =
        "import FILE [--url http://127.0.0.1:5080] [--key-file F] [--replace] [--check] [--connections 1..256] [--patience SECONDS]";

    private const string DefaultUrl = "http://127.0.0.1:5080";
    private const int MostConnections = 256;
    private const int DefaultConnections = 64;
    private const int DefaultPatience = 60;
    private const int MostPatience = 24 * 60 * 60;

    /// <param name="key">Of the environment: a command line can be read by everybody on the machine.</param>
    /// <exception cref="ImportException">An argument is wrong.</exception>
    public static ImportArguments Parse(string[] args, string? key)
    {
        string? file = null, keyFile = null;
        var url = DefaultUrl;
        var (replace, check, connections, patience) = (false, false, DefaultConnections, DefaultPatience);
        for (var i = 0; i < args.Length; i++)
        {
            var (name, value) = args[i].Split('=', 2) is [['-', '-', ..] option, var given] ? (option, given) : (args[i], null);
            switch (name)
            {
                case "--url": url = Value(); break;
                case "--key-file": keyFile = Value(); break;
                case "--connections": connections = Number(MostConnections); break;
                case "--patience": patience = Number(MostPatience); break;
                case "--replace" when value is null: replace = true; break;
                case "--check" when value is null: check = true; break;
                case ['-', _, ..]: throw Wrong($"'{name}' is no option");
                default: file = file is null ? args[i] : throw Wrong("there is more than one file"); break;
            }

            string Value() => value ?? (++i < args.Length ? args[i] : throw Wrong($"'{name}' needs a value"));

            int Number(int most) =>
                int.TryParse(Value(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most
                    ? number
                    : throw Wrong($"'{name}' is a whole number from 1 to {most}");
        }

        return new(
            file ?? throw Wrong("which file?"),
            Address(url),
            ReadKey(keyFile, key),
            replace,
            check,
            connections,
            TimeSpan.FromSeconds(patience));
    }

    private static Uri Address(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address)
        && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
        && address is { Query: "", Fragment: "", UserInfo: "" }
            ? new Uri(address.AbsoluteUri.TrimEnd('/') + "/")
            : throw Wrong($"'{url}' is no address of a server, such as {DefaultUrl}");

    private static string? ReadKey(string? file, string? environment)
    {
        string? key;
        try
        {
            key = (file is null ? environment : File.ReadAllText(file))?.Trim();
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new ImportException($"Cannot read the key: {unreadable.Message}", unreadable);
        }

        if (file is null && string.IsNullOrEmpty(key)) return null;

        // What is no header is not sent, and not printed either.
        if (string.IsNullOrEmpty(key) || key.AsSpan().ContainsAnyExceptInRange('!', '~'))
            throw new ImportException($"The key in {file ?? KeyVariable} is no key: it is one line of printable ASCII without blanks.");
        return key;
    }

    private static ImportException Wrong(string what) => new($"import: {what}.\n{Usage}");
}
