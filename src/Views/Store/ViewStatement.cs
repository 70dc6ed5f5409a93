using System.Data;
using System.Data.Common;

namespace Holdfast.Views.Store;

/// <summary>
/// A statement with the values of its parameters, which are named <c>@a</c>, <c>@b</c>, … in their order; past <c>@z</c>, <c>@p26</c> ….
/// </summary>
/// <param name="Sql">In words that both databases know.</param>
/// <param name="Values">Texts, whole numbers, and null for a text that is not there.</param>
public sealed record ViewStatement(string Sql, params object?[] Values)
{
    private const int Letters = 26;

    /// <summary>The name of the parameter at a place, from 0.</summary>
    public static string NameOf(int place) => place < Letters ? $"@{(char)('a' + place)}" : $"@p{place}";

    /// <summary>A question about each of some texts. Their number is rounded up, so that few different statements are prepared.</summary>
    /// <param name="sql">Up to the place where the list of parameters comes.</param>
    public static ViewStatement OfEach(string sql, IReadOnlyList<string> texts)
    {
        var padded = new object?[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)texts.Count)];
        for (var i = 0; i < padded.Length; i++) padded[i] = texts[Math.Min(i, texts.Count - 1)];
        return new($"{sql} ({string.Join(", ", Enumerable.Range(0, padded.Length).Select(NameOf))})", padded);
    }

    internal void AddTo(DbParameterCollection parameters, Func<DbParameter> create)
    {
        for (var i = 0; i < Values.Length; i++)
        {
            var parameter = create();
            parameter.ParameterName = NameOf(i);
            parameter.DbType = Values[i] is long ? DbType.Int64 : DbType.String;
            parameter.Value = Values[i] ?? DBNull.Value;
            parameters.Add(parameter);
        }
    }
}
