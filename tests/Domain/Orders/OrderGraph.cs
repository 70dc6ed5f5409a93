
namespace Holdfast.Tests.Domain.Orders;

/// <summary>Every state that reports can bring an order to, found by trying all of them in all states found so far.</summary>
internal static class OrderGraph
{
    /// <summary>The states, each with a shortest way there.</summary>
    public static Dictionary<string, string[]> Reachable()
    {
        var found = new Dictionary<string, string[]> { [OrderReports.Placed().Where] = [] };
        var open = new Queue<string[]>([[]]);
        while (open.TryDequeue(out var path))
        {
            foreach (var report in OrderReports.Names.Where(report => IsPossible(path, report)))
            {
                var order = OrderReports.After(path);
                order.Report(report);
                string[] further = [.. path, report];
                if (found.TryAdd(order.Where, further)) open.Enqueue(further);
            }
        }

        return found;
    }

    /// <summary>
    /// Nothing is captured that was never asked for, what was declined is not captured after all, and no undone line commits. A
    /// capture that the gateway did not know of when it was asked may show up all the same.
    /// </summary>
    public static bool IsPossible(IReadOnlyCollection<string> path, string report)
    {
        var state = OrderReports.After(path).State;
        return report switch
        {
            "captured" or "captured at another price" => path.Contains("reserved") && !path.Contains("declined"),
            "committed" => !state.LinesUndone,
            _ => true,
        };
    }
}
