using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using CsvHelper;

namespace Holdfast.Silo.Import;

/// <summary>A file of products: the lines that can be sent, and why each of the others cannot.</summary>
/// <param name="Hash">SHA-256 of its bytes, in hexadecimal: what is done of it is done once under this name.</param>
/// <param name="Rows">In their order; no SKU is in it twice.</param>
/// <param name="Refusals">A line can have several.</param>
internal sealed record ImportFile(string Hash, IReadOnlyList<ImportRow> Rows, IReadOnlyList<ImportRefusal> Refusals)
{
    /// <summary>Bytes in one file: it is held in memory, so that what is sent is what was checked.</summary>
    public const int MaxBytes = 256 * 1024 * 1024;

    /// <summary>Lines in one file.</summary>
    public const int MaxRows = 1_000_000;

    private const string Split = "Split the file.";

    /// <exception cref="ImportException">The file cannot be read, or not as a file of products.</exception>
    public static async Task<ImportFile> Read(string path, CancellationToken cancellationToken)
    {
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
                throw new ImportException($"{path} has more than {MaxBytes / (1024 * 1024)} MB. {Split}");
            return Parse(await File.ReadAllBytesAsync(path, cancellationToken));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new ImportException($"Cannot read {path}: {unreadable.Message}", unreadable);
        }
    }

    /// <exception cref="ImportException">It is no file of products.</exception>
    public static ImportFile Parse(byte[] bytes)
    {
        RefuseOtherEncodings(bytes);
        var malformed = new Dictionary<long, CsvMalformedReason>();
        using var csv = CsvReader.Create(bytes, new CsvReaderOptions
        {
            Separator = ',',
            HasHeader = false,
            TrackLineNumbers = true,
            TrimWhitespace = true,
            MalformedData = CsvMalformedDataHandling.Recover,
            FieldCountMismatch = CsvFieldCountHandling.Allow,
            OnMalformedRecord = record => malformed.TryAdd(record.LineNumber, record.Reason),
        });
        if (!csv.Read()) throw new ImportException("The file is empty: the first line has to name the columns.");
        if (malformed.TryGetValue(csv.LineNumber, out var header)) throw new ImportException($"line {csv.LineNumber}: {Explain(header)}.");
        var columns = new ImportColumns(Fields(csv));
        var lines = new ImportLines(columns);
        while (csv.Read())
        {
            if (malformed.TryGetValue(csv.LineNumber, out var reason))
            {
                if (reason == CsvMalformedReason.UnterminatedQuote) throw new ImportException($"line {csv.LineNumber}: {Explain(reason)}.");
                lines.Refuse(csv.LineNumber, Explain(reason));
            }
            else if (csv.FieldCount != columns.Count)
            {
                lines.Refuse(csv.LineNumber, $"has {csv.FieldCount} fields, and the header has {columns.Count}");
            }
            else
            {
                lines.Add(csv.LineNumber, Fields(csv));
            }

            if (lines.Rows.Count > MaxRows) throw new ImportException($"There are more than {MaxRows} products. {Split}");
        }

        if (lines.Rows.Count == 0 && lines.Refusals.Count == 0) throw new ImportException("There are no products below the header.");
        return new ImportFile(Convert.ToHexStringLower(SHA256.HashData(bytes)), lines.Rows, lines.Refusals);
    }

    private static string[] Fields(CsvReader csv)
    {
        var fields = new string[csv.FieldCount];
        for (var i = 0; i < fields.Length; i++) fields[i] = csv.GetString(i);
        return fields;
    }

    private static string Explain(CsvMalformedReason reason) => reason switch
    {
        CsvMalformedReason.UnterminatedQuote =>
            "a quoted field is never closed, so that all the rest of the file would be in it",
        CsvMalformedReason.StrayQuote =>
            "a quote stands inside a field: put the field in quotes, and write each quote in it twice",
        CsvMalformedReason.TextAfterClosingQuote =>
            "something stands behind a quoted field: write each quote in a quoted field twice",
        _ => "cannot be read as comma-separated fields",
    };

    /// <summary>What is guessed about an encoding is wrong for somebody's name: UTF-8 it is, or nothing is sent.</summary>
    private static void RefuseOtherEncodings(byte[] bytes)
    {
        if (bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..]) throw new ImportException("The file is UTF-16. Save it as CSV in UTF-8.");
        if (Utf8.IsValid(bytes)) return;
        var rest = bytes.AsSpan();
        for (var line = 1L; ; line++)
        {
            var end = rest.IndexOf((byte)'\n');
            if (end < 0 || !Utf8.IsValid(rest[..end]))
            {
                var wrong = FirstWrong(end < 0 ? rest : rest[..end]);
                throw new ImportException(
                    FormattableString.Invariant($"line {line}: the byte 0x{wrong:X2} is not UTF-8. Save the file as CSV in UTF-8."));
            }

            rest = rest[(end + 1)..];
        }
    }

    private static byte FirstWrong(ReadOnlySpan<byte> line)
    {
        while (Rune.DecodeFromUtf8(line, out _, out var used) == System.Buffers.OperationStatus.Done) line = line[used..];
        return line[0];
    }
}
