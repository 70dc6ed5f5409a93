using System.CommandLine;
using System.Globalization;
using Holdfast.Bench.Measuring;

namespace Holdfast.Bench.Readers;

/// <summary>What the readers ask for, a new name each time.</summary>
internal enum ReaderKind
{
    /// <summary>The stock of products that are not there.</summary>
    Products,

    /// <summary>Orders that are not there.</summary>
    Orders,

    /// <summary>Profiles that are not there.</summary>
    Profiles,

    /// <summary>Counters that nobody has incremented.</summary>
    Counters,

    /// <summary>Reservations that are not there, of products that are not there.</summary>
    Reservations,

    /// <summary>The stock of products that are there, one after the other.</summary>
    Catalogue,

    /// <summary>Of all of these, in turn.</summary>
    Each,
}

/// <param name="Sales">Orders that are placed in a second, if the server takes as many.</param>
/// <param name="Products">Of the catalogue.</param>
internal sealed record ReadersPlan(ReaderKind Kind, int Seconds, int HeapMegabytes, int Readers, int Sellers, int Sales, int Products, int KeptPercent);

/// <summary>
/// <c>bench readers</c>: a server with as little memory as a small container, somebody who reads one name after the other as fast as he is
/// answered, and sales of other products beside it.
/// </summary>
internal static class ReadersCommand
{
    private const int MaxSeconds = 3_600;
    private const int MaxCallers = 1_024;

    private static readonly Option<ReaderKind> Kind = new("--kind") { Description = "What is read.", DefaultValueFactory = static _ => ReaderKind.Products };
    private static readonly Option<int> Seconds = WholeNumber.Option("--seconds", "How long is read.", 60, MaxSeconds);
    private static readonly Option<int> Heap = WholeNumber.Option("--heap", "The server's heap, at most, in megabytes.", 768, 65_536);
    private static readonly Option<int> Readers = WholeNumber.Option("--readers", "Connections that read.", 128, MaxCallers);
    private static readonly Option<int> Sellers = WholeNumber.Option("--sellers", "Connections that place orders.", 32, MaxCallers);
    private static readonly Option<int> Sales = WholeNumber.Option("--sales", "Orders in a second, all sellers together.", 200, 100_000);
    private static readonly Option<int> Products = WholeNumber.Option("--products", "Products of the catalogue.", 200_000, 10_000_000);
    private static readonly Option<int> Kept = WholeNumber.Option("--kept", "Percent of the sales that must go on beside the readers.", 90, 100);

    public static Command Create(TimeProvider clock)
    {
        var command = new Command("readers", "Reads one name after the other from a server with little memory, with sales beside it.")
        {
            Kind, Seconds, Heap, Readers, Sellers, Sales, Products, Kept, WorkDirectory.Option,
        };
        command.SetAction((options, cancellationToken) => Terminal.Run(
            async () =>
            {
                using var work = new WorkDirectory(options.GetRequiredValue(WorkDirectory.Option));
                var plan = new ReadersPlan(
                    options.GetValue(Kind),
                    options.GetValue(Seconds),
                    options.GetValue(Heap),
                    options.GetValue(Readers),
                    options.GetValue(Sellers),
                    options.GetValue(Sales),
                    options.GetValue(Products),
                    options.GetValue(Kept));
                var broken = await new ReadersRun(plan, work, clock).Measure(cancellationToken);
                foreach (var bound in broken) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"BROKEN  {bound}"));
                return broken.Count == 0 ? ExitCode.Passed : ExitCode.CheckFailed;
            },
            "Stopped before the end."));
        return command;
    }
}
