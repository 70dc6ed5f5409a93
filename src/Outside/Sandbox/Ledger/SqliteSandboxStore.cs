using Holdfast.Domain.Orders.Payments;
using Microsoft.Data.Sqlite;

namespace Holdfast.Outside.Sandbox.Ledger;

/// <summary>The books in one SQLite file: the processes of one machine may share it. Reads have a connection of their own.</summary>
internal sealed class SqliteSandboxStore(string path) : ISandboxStore
{
    private readonly Lock _reading = new();
    private SqliteSandboxBooks? _reader;
    private bool _closed;

    public Task<ISandboxWriter> OpenWriter() => Task.FromResult<ISandboxWriter>(SqliteSandboxBooks.Open(path));

    public Task<StoredCharge?> FindByKey(string key, CancellationToken cancellationToken) =>
        Read(books => books.FindByKey(key), cancellationToken);

    public Task<StoredCharge?> FindByOrder(string orderId, CancellationToken cancellationToken) =>
        Read(books => books.FindByOrder(orderId), cancellationToken);

    public Task<IReadOnlyList<StoredCharge>> ReadCharges(long after, int limit, CancellationToken cancellationToken) =>
        Read(books => books.ReadCharges(after, limit), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        SqliteSandboxBooks? reader;
        lock (_reading)
        {
            _closed = true;
            (reader, _reader) = (_reader, null);
        }

        if (reader is not null)
            await reader.DisposeAsync();
    }

    private Task<T> Read<T>(Func<SqliteSandboxBooks, T> read, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled<T>(cancellationToken);
        try
        {
            return Task.FromResult(ReadNow(read));
        }
#pragma warning disable CA1031 // It goes to the caller, as every failure of a task does.
        catch (Exception error)
#pragma warning restore CA1031
        {
            return Task.FromException<T>(error);
        }
    }

    private T ReadNow<T>(Func<SqliteSandboxBooks, T> read)
    {
        lock (_reading)
        {
            if (_closed)
                throw new PaymentUnavailableException("The gateway is closed.");
            try
            {
                return read(_reader ??= SqliteSandboxBooks.Open(path));
            }
            catch (Exception error) when (error is SqliteException or IOException or UnauthorizedAccessException)
            {
                _reader?.Close();
                _reader = null;
                throw new PaymentUnavailableException($"The gateway's ledger cannot be read: {error.Message}", error);
            }
        }
    }
}
