using System.Data;
using System.Data.Common;

namespace Holdfast.Views.Store;

/// <summary>
/// A statement with the values of its parameters, which are named <c>@a</c>, <c>@b</c>, … in their order; past <c>@z</c>, <c>@p26</c> ….
/// </summary>
/// <param name="Sql">In words that both databases know.</param>
/// <param name="Values">Texts, whole numbers, null for a text that is not there, and what <see cref="ViewStore.Among"/> gives.</param>
public sealed record ViewStatement(string Sql, params object?[] Values)
{
    private const int Letters = 26;

    /// <summary>The name of the parameter at a place, from 0.</summary>
    public static string NameOf(int place) => place < Letters ? $"@{(char)('a' + place)}" : $"@p{place}";

    internal void AddTo(DbParameterCollection parameters, Func<DbParameter> create)
    {
        for (var i = 0; i < Values.Length; i++)
        {
            var parameter = create();
            parameter.ParameterName = NameOf(i);
            if (Values[i] is not Array) parameter.DbType = Values[i] is long ? DbType.Int64 : DbType.String;
            parameter.Value = Values[i] ?? DBNull.Value;
            parameters.Add(parameter);
        }
    }
}
