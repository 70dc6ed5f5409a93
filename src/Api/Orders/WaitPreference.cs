using System.Globalization;
using Holdfast.Api.Http.OpenApi;
using Microsoft.Extensions.Primitives;

namespace Holdfast.Api.Orders;

/// <summary>Prefer: wait=N (RFC 7240 §4.3): how long the caller would rather wait than ask again.</summary>
internal static class WaitPreference
{
    public const int MaxSeconds = 60;

    public const string AppliedHeader = "Preference-Applied";

    public static readonly HeaderParameter Header = new(
        "Prefer", false, "wait=N: answer when the order has ended, or after N seconds (1 to 60).", "wait=10");

    /// <summary>One call of the order waits no longer than this: well within the time after which a front door repeats a call.</summary>
    public static readonly TimeSpan Slice = TimeSpan.FromSeconds(3);

    /// <summary>Seconds, or null. A preference that is malformed or not understood is ignored; one that is too long is shortened.</summary>
    public static int? Read(HttpContext context) => Parse(context.Request.Headers[Header.Name]);

    internal static int? Parse(StringValues header)
    {
        foreach (var value in header)
        {
            foreach (var part in (value ?? "").Split(','))
            {
                var preference = part.Split(';')[0].Trim();
                if (!preference.StartsWith("wait", StringComparison.OrdinalIgnoreCase)) continue;
                var argument = preference.AsSpan(4).TrimStart();
                if (argument is not ['=', .. var text]) continue;
                if (int.TryParse(text.Trim().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds >= 1)
                    return Math.Min(seconds, MaxSeconds);
            }
        }

        return null;
    }

    public static void MarkApplied(HttpContext context, int seconds) =>
        context.Response.Headers[AppliedHeader] = string.Create(CultureInfo.InvariantCulture, $"wait={seconds}");
}
