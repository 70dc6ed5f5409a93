using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Holdfast.Bench.Http;
using Holdfast.Bench.Measuring;

namespace Holdfast.Bench.Overload;

/// <summary>What was sent for a while, and what was answered.</summary>
/// <param name="Multiple">Of what the server can carry.</param>
/// <param name="Placed">The orders that were accepted.</param>
/// <param name="Answers">How often each status was answered; 0 for none.</param>
/// <param name="Resident">Bytes that the server had at its end.</param>
internal sealed record Spell(
    int Multiple,
    double PerSecond,
    DateTimeOffset Start,
    DateTimeOffset End,
    IReadOnlyCollection<string> Placed,
    IReadOnlyDictionary<int, long> Answers,
    long Resident);

/// <summary>Sends orders to a server: as fast as they end, or as many a second as one likes, whatever becomes of them.</summary>
internal sealed class OrderLoad(HttpShop shop, string[] skus, int server, TimeProvider clock, Progress progress)
{
    private const int WaitSeconds = 60;
    private const int Ok = 200;
    private const int Accepted = 202;

    /// <summary>Orders that were accepted last, by whose end it is known that all have ended.</summary>
    private const int LastOrders = 32;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan EndPatience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan EndPoll = TimeSpan.FromMilliseconds(200);

    /// <summary>Each caller sends its next order when the one before has ended.</summary>
    /// <returns>Orders that ended completed, a second.</returns>
    public async Task<double> Steady(int callers, TimeSpan time, TimeSpan slice, CancellationToken cancellationToken)
    {
        progress.Say("the server warms up");
        await SteadySlice(callers, WarmUp, cancellationToken);
        progress.Say($"{callers} callers wait for their orders, for {time.TotalSeconds} s");
        Console.WriteLine("       s   orders/s  p50 ms  p99 ms   refused  failed  resident MB");
        var (done, all, started) = (TimeSpan.Zero, 0L, Stopwatch.GetTimestamp());
        while (done < time)
        {
            var next = done + slice < time ? slice : time - done;
            all += await SteadySlice(callers, next, cancellationToken, done += next);
        }

        return all / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>Orders are sent at their time, whatever became of those before, as long as a connection is free.</summary>
    public async Task<Spell> Send(int multiple, double perSecond, TimeSpan time, CancellationToken cancellationToken)
    {
        var (placed, answers) = (new ConcurrentQueue<string>(), new ConcurrentDictionary<int, long>());
        var (start, started, sent) = (clock.GetUtcNow(), Stopwatch.GetTimestamp(), 0L);
        await Task.WhenAll(Enumerable.Range(0, shop.Callers).Select(SendAsOne));
        var end = clock.GetUtcNow();
        var resident = Resident();
        await WaitForEnd([.. placed.TakeLast(LastOrders)], cancellationToken);
        return new(multiple, perSecond, start, end, placed, answers, resident);

        async Task SendAsOne(int caller)
        {
            await Task.Yield();
            while (true)
            {
                var due = TimeSpan.FromSeconds(Interlocked.Increment(ref sent) / perSecond);
                if (due >= time) return;
                if (due - Stopwatch.GetElapsedTime(started) is { Ticks: > 0 } early) await Task.Delay(early, clock, cancellationToken);
                if (Stopwatch.GetElapsedTime(started) >= time) return;
                int status;
                try
                {
                    var reply = await shop.Order(caller, skus[Pick(caller, due)], waitSeconds: null);
                    status = reply.Status;
                    if (status == Accepted) placed.Enqueue(IdOf(reply.Body.Span));
                }
                catch (BenchException)
                {
                    answers.AddOrUpdate(0, 1, static (_, count) => count + 1);
                    return;
                }

                answers.AddOrUpdate(status, 1, static (_, count) => count + 1);
            }
        }
    }

    private async Task<long> SteadySlice(int callers, TimeSpan time, CancellationToken cancellationToken, TimeSpan? until = null)
    {
        var (started, completed, refused, failed) = (Stopwatch.GetTimestamp(), 0L, 0L, 0L);
        var latencies = new LatencyHistogram[callers];
        await Task.WhenAll(Enumerable.Range(0, callers).Select(PlaceAsOne));
        var all = new LatencyHistogram();
        foreach (var one in latencies) all.Add(one);
        if (until is { } at)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{at.TotalSeconds,8:F0}{completed / Stopwatch.GetElapsedTime(started).TotalSeconds,11:N0}{all.Percentile(0.5).TotalMilliseconds,8:F0}{all.Percentile(0.99).TotalMilliseconds,8:F0}{refused,10}{failed,8}{Resident() >> 20,13:N0}"));
        }

        return completed;

        async Task PlaceAsOne(int caller)
        {
            await Task.Yield();
            var own = latencies[caller] = new();
            while (Stopwatch.GetElapsedTime(started) < time && !cancellationToken.IsCancellationRequested)
            {
                var sent = Stopwatch.GetTimestamp();
                var reply = await shop.Order(caller, skus[Pick(caller, Stopwatch.GetElapsedTime(started))], WaitSeconds);
                if (reply.Status == Ok && reply.Body.Span.IndexOf("\"status\":\"completed\""u8) >= 0)
                {
                    own.Record(Stopwatch.GetTimestamp() - sent);
                    Interlocked.Increment(ref completed);
                    continue;
                }

                // A caller who is refused waits a little, if not for as long as he was asked to.
                Interlocked.Increment(ref reply.Status == 503 ? ref refused : ref failed);
                await Task.Delay(EndPoll, clock, cancellationToken);
            }
        }
    }

    private async Task WaitForEnd(string[] orders, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        foreach (var order in orders)
        {
            while (!await shop.HasEnded(caller: 0, order))
            {
                if (Stopwatch.GetElapsedTime(started) > EndPatience) throw new BenchException($"{order} was accepted and does not end.");
                await Task.Delay(EndPoll, clock, cancellationToken);
            }
        }
    }

    private int Pick(int caller, TimeSpan at) => (int)((((ulong)caller * 7919) + ((ulong)at.Ticks * 31)) % (ulong)skus.Length);

    private long Resident()
    {
        using var process = Process.GetProcessById(server);
        return process.WorkingSet64;
    }

    private static string IdOf(ReadOnlySpan<byte> body)
    {
        var start = body.IndexOf("ord_"u8);
        if (start < 0 || body[start..].IndexOf((byte)'"') is not (>= 0 and var length)) throw new BenchException("An order was accepted without an id.");
        return Encoding.UTF8.GetString(body.Slice(start, length));
    }
}
