using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Holdfast.Journal;

namespace Holdfast.Simulation;

/// <summary>What happened in a world, line by line and in the order in which it did: the same text each time for a seed.</summary>
internal sealed class History(Func<DateTimeOffset> now)
{
    private readonly StringBuilder _text = new();

    public void Append(Append append) =>
        Note($"{append.Stream} {append.FirstVersion}-{append.LastVersion} at {Time(append.RecordedAt)} {Encoding.UTF8.GetString(append.Events.Span)}");

    public void Note(string what) => _text.Append(Time(now())).Append(' ').Append(what).Append('\n');

    public override string ToString() => _text.ToString();

    public byte[] Digest() => SHA256.HashData(Encoding.UTF8.GetBytes(_text.ToString()));

    private static string Time(DateTimeOffset moment) => moment.ToString("HH:mm:ss.fffffff", CultureInfo.InvariantCulture);
}
