using System.Data.Common;

namespace Holdfast.Views.Store;

/// <summary>Statements of one transaction, prepared once for each text.</summary>
internal sealed class PreparedCommands(DbConnection connection, DbTransaction transaction) : IAsyncDisposable
{
    private readonly Dictionary<string, DbCommand> _commands = [];

    /// <returns>How many rows it changed.</returns>
    public async Task<int> Run(ViewStatement statement, CancellationToken cancellationToken)
    {
        if (!_commands.TryGetValue(statement.Sql, out var command))
        {
            _commands.Add(statement.Sql, command = connection.CreateCommand());
            command.Transaction = transaction;
            command.CommandText = statement.Sql;
        }

        command.Parameters.Clear();
        statement.AddTo(command.Parameters, command.CreateParameter);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var command in _commands.Values) await command.DisposeAsync();
    }
}
