using System.Collections.Concurrent;
using System.Security.Cryptography;
using Holdfast.Contracts.Orders;

namespace Holdfast.Simulation;

/// <param name="Ends">How many orders ended how.</param>
/// <param name="Failures">Those that went wrong, with the first thing that was, by their numbers.</param>
/// <param name="Digest">SHA-256 over the histories of all orders, in the order of their numbers.</param>
public sealed record SimulationResult(
    IReadOnlyDictionary<OrderStatus, int> Ends, IReadOnlyList<(int Number, string Failure)> Failures, byte[] Digest);

/// <summary>Many simulated orders of one seed, numbered from 1; several at a time, each on a thread of its own.</summary>
public sealed record SimulationRun(ulong Seed, int Orders, int Threads)
{
    public SimulationResult Execute(CancellationToken cancellationToken = default)
    {
        var digests = new byte[Orders][];
        var failures = new ConcurrentBag<(int Number, string Failure)>();
        var ends = new ConcurrentDictionary<OrderStatus, int>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = Threads, CancellationToken = cancellationToken };
        Parallel.For(1, Orders + 1, options, number =>
        {
            var order = OrderSimulation.Run(Dice.SeedOf(Seed, number));
            digests[number - 1] = order.Digest;
            ends.AddOrUpdate(order.Status, 1, static (_, count) => count + 1);
            if (order.Failure is { } failure) failures.Add((number, failure));
        });
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var digest in digests) hash.AppendData(digest);
        return new(ends, [.. failures.OrderBy(static failure => failure.Number)], hash.GetHashAndReset());
    }
}
