using System.Security.Cryptography;
using System.Text;

namespace Holdfast.Journal;

/// <summary>
/// A stream as logs, exceptions and problems name it: by its name, unless its key is a person's. Of that they have the beginning of a
/// SHA-256, so that lines about one person are known to be about one, and whoever has the id can look for them.
/// </summary>
public readonly record struct StreamLabel(string Stream)
{
    /// <summary>How the streams begin whose key is a person's.</summary>
    internal const string Persons = "profile/";

    private const int HashBytes = 6;

    /// <summary>Whoever logs a stream gives its name, and cannot forget this.</summary>
    public static implicit operator StreamLabel(string stream) => new(stream);

    public static StreamLabel FromString(string stream) => new(stream);

    public override string ToString() => Stream.StartsWith(Persons, StringComparison.Ordinal)
        ? $"{Persons}~{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Stream[Persons.Length..])).AsSpan(0, HashBytes))}"
        : Stream;
}
