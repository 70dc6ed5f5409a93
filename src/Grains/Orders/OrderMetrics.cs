using System.Diagnostics.Metrics;

namespace Holdfast.Grains.Orders;

/// <summary>The orders' instruments, on the meter <c>Holdfast.Orders</c>.</summary>
public static class OrderMetrics
{
    public const string MeterName = "Holdfast.Orders";

    private static readonly Meter Meter = new(MeterName);
    private static readonly Counter<long> Resumed = Meter.CreateCounter<long>(
        "holdfast.orders.resumed", "{order}", "Orders that nothing moved any more, and that the sweep has set going again. Should stay 0.");

    public static void RecordResumed() => Resumed.Add(1);
}
