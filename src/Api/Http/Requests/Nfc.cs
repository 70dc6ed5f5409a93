using System.Globalization;

namespace Holdfast.Api.Http.Requests;

/// <summary>
/// Unicode normalization form C (UAX #15): one spelling where a letter and its accent could be one character or two. The runtime knows
/// it only with ICU, which Holdfast does without, and would call every text normalized.
/// </summary>
internal static class Nfc
{
    /// <summary>No character below it combines with anything, or has another spelling.</summary>
    private const char FirstOfInterest = '\u0300';

    private const int SyllableBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TailBase = 0x11A7;
    private const int Leads = 19, Vowels = 21, Tails = 28, Syllables = Leads * Vowels * Tails;

    private static readonly Lazy<Tables> Known = new(static () => new Tables());

    /// <param name="text">Well-formed UTF-16.</param>
    public static bool Is(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange('\0', (char)(FirstOfInterest - 1))) return true;
        var tables = Known.Value;
        var runes = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes()) runes.Add(rune.Value);
        if (runes.Exists(tables.Never.Contains)) return false;

        var decomposed = new List<int>(runes.Count * 2);
        foreach (var rune in runes) tables.Decompose(rune, decomposed);
        tables.Order(decomposed);
        return tables.Compose(decomposed).SequenceEqual(runes);
    }

    private sealed class Tables
    {
        private readonly Dictionary<int, (int First, int Second)> _parts = [];
        private readonly Dictionary<(int First, int Second), int> _whole = [];
        private readonly Dictionary<int, int> _classes = [];

        public Tables()
        {
            foreach (var range in Entries(NfcTables.Never)) Never.UnionWith(Range(range));
            foreach (var entry in Entries(NfcTables.Composed))
            {
                var hex = Array.ConvertAll(entry.Split(' '), Hex);
                _parts.Add(hex[2], (hex[0], hex[1]));
                _whole.Add((hex[0], hex[1]), hex[2]);
            }

            foreach (var entry in Entries(NfcTables.Classes))
            {
                var space = entry.IndexOf(' ', StringComparison.Ordinal);
                var combining = int.Parse(entry.AsSpan(space + 1), CultureInfo.InvariantCulture);
                foreach (var rune in Range(entry[..space])) _classes.Add(rune, combining);
            }
        }

        public HashSet<int> Never { get; } = [];

        public void Decompose(int rune, List<int> into)
        {
            if (rune - SyllableBase is var syllable and >= 0 and < Syllables)
            {
                into.Add(LeadBase + (syllable / (Vowels * Tails)));
                into.Add(VowelBase + (syllable % (Vowels * Tails) / Tails));
                if (syllable % Tails is var tail and > 0) into.Add(TailBase + tail);
            }
            else if (_parts.TryGetValue(rune, out var parts))
            {
                Decompose(parts.First, into);
                into.Add(parts.Second);
            }
            else
            {
                into.Add(rune);
            }
        }

        /// <summary>Marks on one character that do not touch each other have one order.</summary>
        public void Order(List<int> runes)
        {
            for (var i = 1; i < runes.Count; i++)
            {
                var (rune, combining) = (runes[i], Class(runes[i]));
                var to = i;
                while (combining > 0 && to > 0 && Class(runes[to - 1]) > combining) to--;
                if (to == i) continue;
                runes.RemoveAt(i);
                runes.Insert(to, rune);
            }
        }

        public List<int> Compose(List<int> runes)
        {
            const int Adjacent = -1;
            var composed = new List<int>(runes.Count);
            var (starter, last) = (-1, Adjacent);
            foreach (var rune in runes)
            {
                var combining = Class(rune);
                if (starter >= 0 && last < combining && TryCompose(composed[starter], rune, out var whole))
                {
                    composed[starter] = whole;
                    continue;
                }

                composed.Add(rune);
                (starter, last) = combining == 0 ? (composed.Count - 1, Adjacent) : (starter, combining);
            }

            return composed;
        }

        private bool TryCompose(int first, int second, out int whole)
        {
            if (first - LeadBase is var lead and >= 0 and < Leads && second - VowelBase is var vowel and >= 0 and < Vowels)
            {
                whole = SyllableBase + (((lead * Vowels) + vowel) * Tails);
                return true;
            }

            if (first - SyllableBase is var syllable and >= 0 and < Syllables && syllable % Tails == 0 && second - TailBase is var tail and > 0 and < Tails)
            {
                whole = first + tail;
                return true;
            }

            return _whole.TryGetValue((first, second), out whole);
        }

        private int Class(int rune) => _classes.GetValueOrDefault(rune);

        private static string[] Entries(string table) => table.Split(';', StringSplitOptions.RemoveEmptyEntries);

        private static IEnumerable<int> Range(string text)
        {
            var ends = Array.ConvertAll(text.Split('-'), Hex);
            return Enumerable.Range(ends[0], ends[^1] - ends[0] + 1);
        }

        private static int Hex(string text) => int.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }
}
