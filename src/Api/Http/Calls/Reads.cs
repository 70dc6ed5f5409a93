using Holdfast.Contracts;

namespace Holdfast.Api.Http.Calls;

internal static class Reads
{
    /// <summary>Tells the owners that are asked for a GET that they are only read.</summary>
    public static Task Mark(HttpContext context, RequestDelegate next)
    {
        if (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)) CallPurpose.MarkRead();
        return next(context);
    }
}
