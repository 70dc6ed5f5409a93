using Holdfast.Bench;
using Holdfast.Bench.Http;
using Holdfast.Bench.Measuring;

namespace Holdfast.Tests.Bench.Http;

/// <summary>What wrk 4.1.0 printed, read.</summary>
public sealed class WrkReportTests
{
    private const string Reservations =
        """
        Running 3s test @ http://127.0.0.1:7801/
          1 threads and 256 connections
          Thread Stats   Avg      Stdev     Max   +/- Stdev
            Latency    98.60ms   48.58ms 290.41ms   66.16%
            Req/Sec     2.65k     1.50k    5.18k    55.56%
          Latency Distribution
             50%   90.82ms
             75%  124.04ms
             90%  157.14ms
             99%  234.06ms
          7645 requests in 3.01s, 2.62MB read
        Requests/sec:   2541.21
        Transfer/sec:      0.87MB
        Processor time: 0.133s
        As expected: 0
        """;

    private const string Fast =
        """
        Running 2s test @ http://127.0.0.1:7802/
          1 threads and 2 connections
          Thread Stats   Avg      Stdev     Max   +/- Stdev
            Latency   574.47us    1.08ms  16.42ms   89.70%
            Req/Sec     7.77k     3.49k   13.83k    71.43%
          Latency Distribution
             50%  198.00us
             75%  309.00us
             90%    1.70ms
             99%    5.17ms
          16244 requests in 2.10s, 5.62MB read
        Requests/sec:   7735.98
        Transfer/sec:      2.68MB
        Processor time: 0.256s
        As expected: 0
        """;

    private const string Orders =
        """
        Running 3s test @ http://127.0.0.1:7801/
          1 threads and 256 connections
          Thread Stats   Avg      Stdev     Max   +/- Stdev
            Latency   694.57ms  116.29ms   1.06s    63.26%
            Req/Sec   431.88    510.88     1.69k    81.25%
          Latency Distribution
             50%  664.04ms
             75%  804.16ms
             90%  822.64ms
             99%  876.81ms
          999 requests in 3.03s, 548.06KB read
        Requests/sec:    329.55
        Transfer/sec:    180.80KB
        Processor time: 0.043s
        As expected: 999
        """;

    private const string Refusals =
        """
        Running 2s test @ http://127.0.0.1:7801/
          1 threads and 256 connections
          Thread Stats   Avg      Stdev     Max   +/- Stdev
            Latency   103.06ms   58.62ms 327.97ms   66.90%
            Req/Sec     2.37k     1.03k    3.77k    68.42%
          Latency Distribution
             50%   96.28ms
             75%  144.96ms
             90%  177.84ms
             99%  258.83ms
          4765 requests in 2.03s, 1.57MB read
          Non-2xx or 3xx responses: 2419
        Requests/sec:   2344.02
        Transfer/sec:    791.38KB
        Processor time: 0.092s
        As expected: 0
        """;

    /// <summary>The server was killed in the middle.</summary>
    private const string Broken =
        """
        Running 2s test @ http://127.0.0.1:7802/
          1 threads and 8 connections
          Thread Stats   Avg      Stdev     Max   +/- Stdev
            Latency   456.66us    0.96ms  12.76ms   95.52%
            Req/Sec    21.86k     7.92k   29.77k    90.91%
          Latency Distribution
             50%  249.00us
             75%  344.00us
             90%  521.00us
             99%    5.79ms
          23949 requests in 2.00s, 8.29MB read
          Socket errors: connect 0, read 8, write 75101, timeout 0
        Requests/sec:  11971.20
        Transfer/sec:      4.14MB
        Processor time: 1.072s
        As expected: 0
        """;

    /// <summary>The server stood still, with an answer that came too late on each connection.</summary>
    private const string Late =
        """
        Running 3s test @ http://127.0.0.1:7802/
          1 threads and 64 connections
          Thread Stats   Avg      Stdev     Max   +/- Stdev
            Latency     3.93ms    3.10ms  39.45ms   86.55%
            Req/Sec    15.11k     4.60k   21.34k    86.67%
          Latency Distribution
             50%    2.99ms
             75%    5.39ms
             90%    7.48ms
             99%   15.83ms
          23995 requests in 3.02s, 8.30MB read
          Socket errors: connect 0, read 0, write 0, timeout 64
        Requests/sec:   7958.03
        Transfer/sec:      2.75MB
        Processor time: 0.237s
        As expected: 0
        """;

    /// <summary>The server stood still all the time.</summary>
    private const string Silence =
        """
        Running 3s test @ http://127.0.0.1:7802/
          1 threads and 64 connections
          Thread Stats   Avg      Stdev     Max   +/- Stdev
            Latency     0.00us    0.00us   0.00us    -nan%
            Req/Sec     0.00      0.00     0.00      -nan%
          Latency Distribution
             50%    0.00us
             75%    0.00us
             90%    0.00us
             99%    0.00us
          0 requests in 3.01s, 0.00B read
        Requests/sec:      0.00
        Transfer/sec:       0.00B
        Processor time: 0.003s
        As expected: 0
        """;

    [Fact]
    public void Everything_that_is_counted_is_read()
    {
        Assert.Equal(new(7645, 3.01, 90.82, 234.06, 290.41, 0, null, 0.133, 0), WrkReport.Parse(Reservations));
    }

    [Fact]
    public void Each_figure_has_a_unit_of_its_own()
    {
        var fast = WrkReport.Parse(Fast);
        Assert.Equal((0.198, 5.17, 16.42), (fast.P50Ms, fast.P99Ms, fast.MaxMs));
        Assert.Equal(1_060, WrkReport.Parse(Orders).MaxMs);
        Assert.Equal(90, WrkReport.Parse(Orders.Replace("in 3.03s", "in 1.50m", StringComparison.Ordinal)).Seconds);

        var unknown = Orders.Replace("in 3.03s", "in 1.50d", StringComparison.Ordinal);
        Assert.Contains("'d'", Assert.Throws<BenchException>(() => WrkReport.Parse(unknown)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_processes_used_goes_into_the_round()
    {
        var round = WrkReport.Parse(Reservations).Round(TimeSpan.FromSeconds(1.529));

        Assert.Equal((7645, 3.01, new(1.529, 0.133)), (round.Operations, round.Seconds, round.Processor));
        var standing = Standing.Of("a way", [round]);
        Assert.Equal(200, standing.ServerMicroseconds!.Value, tolerance: 0.1);
        Assert.Equal(0.0442, standing.GeneratorShare!.Value, tolerance: 0.0001);
    }

    [Theory]
    [InlineData(Refusals, false, "2,419 of 4,765 answers were neither 2xx nor 3xx")]
    [InlineData(Broken, false, "read 8, write 75101")]
    [InlineData(Late, false, "timeout 64")]
    [InlineData(Reservations, true, "7,645 of 7,645 answers are not those")]
    public void A_report_of_anything_that_failed_is_no_measurement(string output, bool looked, string why)
    {
        var report = WrkReport.Parse(output);

        var failure = Assert.Throws<BenchException>(() => report.ThrowIfFailed("A server", looked));
        Assert.StartsWith("A server: ", failure.Message, StringComparison.Ordinal);
        Assert.Contains(why, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_went_well_is_accepted()
    {
        WrkReport.Parse(Reservations).ThrowIfFailed("A server", looked: false);
        WrkReport.Parse(Orders).ThrowIfFailed("A server", looked: true);

        Assert.Equal(7645, WrkReport.Parse(Reservations).Accepted);
        Assert.Equal(4765 - 2419, WrkReport.Parse(Refusals).Accepted);
        Assert.Equal((0, 0), (WrkReport.Parse(Silence).Requests, WrkReport.Parse(Silence).P99Ms));
    }

    [Theory]
    [InlineData("")]
    [InlineData("unable to connect to 127.0.0.1:7802 Connection refused")]
    public void Something_else_is_refused_and_shown(string output)
    {
        Assert.Contains(output, Assert.Throws<BenchException>(() => WrkReport.Parse(output)).Message, StringComparison.Ordinal);
    }
}
