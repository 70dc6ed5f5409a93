using System.Globalization;
using System.Net;

namespace Holdfast.Bench.Replay;

/// <summary>The server answered, and its answer is no for good, or not one of the contract's.</summary>
public sealed class RefusedException(HttpStatusCode status, string code, string detail)
    : Exception(string.Join(' ', ((int)status).ToString(CultureInfo.InvariantCulture), code, detail).TrimEnd())
{
    /// <summary>The stable code of the problem.</summary>
    public string Code => code;
}
