using System.Diagnostics;
using Holdfast.Bench.Measuring;

namespace Holdfast.Lab.Races;

/// <summary>One client of a race, and what it was told.</summary>
internal sealed class Player(Client client)
{
    /// <summary>A call inside one process can end on the caller's thread; so many in a row, and then the other clients get it.</summary>
    private const int CallsInARow = 64;

    private readonly long[] _replies = new long[Enum.GetValues<Reply>().Length];
    private long _asked;

    public Client Client => client;

    public long Retries { get; private set; }

    public long Count(Reply reply) => _replies[(int)reply];

    public async ValueTask<Reply> Ask(Func<Client, ValueTask<Answer>> ask)
    {
        var started = Stopwatch.GetTimestamp();
        var answer = await ask(client);
        client.Latencies.Record(Stopwatch.GetTimestamp() - started);
        _replies[(int)answer.Reply]++;
        Retries += answer.Retries;
        if (++_asked % CallsInARow == 0) await Task.Yield();
        return answer.Reply;
    }
}
