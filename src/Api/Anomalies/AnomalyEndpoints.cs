using System.Text.Json.Serialization.Metadata;
using Holdfast.Api.Http.Callers;
using Holdfast.Api.Http.Calls;
using Holdfast.Api.Http.OpenApi;
using Holdfast.Contracts;
using Holdfast.Contracts.Callers;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Holdfast.Api.Anomalies;

public sealed class AnomalyEndpoints : IResource
{
    public IJsonTypeInfoResolver Json => AnomalyJson.Default;

    public void Map(IEndpointRouteBuilder door) =>
        door.MapGet("/v1/anomalies", List)
            .WithTag("Anomalies", "Signs of races that are more than a process is used to.")
            .WithName("ListAnomalies").Needs(Scopes.Operate)
            .WithSummary("List the signs of races that have become more than usual, newest first")
            .WithDescription("Each process of the cluster compares what it counts with its own past. At most 100 are listed, for an hour "
                + "after each was last seen; nothing of it is stored.")
            .Refuses();

    internal static async Task<Ok<AnomaliesResponse>> List(HttpContext context, IGrainFactory grains, GrainCalls calls)
    {
        var anomalies = await calls.Send(
            grains.GetGrain<IAnomalyDesk>(0), 0, static (desk, _) => desk.Read(), context.RequestAborted);
        return TypedResults.Ok(new AnomaliesResponse(Array.ConvertAll(anomalies, AnomalyBody.From)));
    }
}

/// <summary>What was more than usual within the last hour, newest first.</summary>
public sealed record AnomaliesResponse(IReadOnlyList<AnomalyBody> Items);

/// <summary>A sign of races that one process has seen more often than it is used to.</summary>
/// <param name="Sign">
/// A stable code: conflict, overtaken, unknown, key_reuse, hole, superseded, refused_fence, clock_back, overwritten, lost, or unanswered.
/// </param>
/// <param name="Where">The process that saw it.</param>
/// <param name="Since">When it began.</param>
/// <param name="SeenAt">When the process last looked while it went on.</param>
/// <param name="EndedAt">When it was over; null while it goes on.</param>
/// <param name="Count">How often the sign was seen since it began.</param>
/// <param name="PerMinute">How often at its worst.</param>
/// <param name="UsualPerMinute">How often it was to be expected before, for as much work.</param>
/// <param name="Meaning">What the sign means.</param>
/// <param name="LookAt">What to look at.</param>
/// <param name="Help">Where the documentation says more.</param>
public sealed record AnomalyBody(
    string Sign,
    string Where,
    DateTimeOffset Since,
    DateTimeOffset SeenAt,
    DateTimeOffset? EndedAt,
    long Count,
    double PerMinute,
    double UsualPerMinute,
    string Meaning,
    string LookAt,
    string Help)
{
    internal static AnomalyBody From(Anomaly anomaly)
    {
        var (name, (meaning, lookAt)) = (RaceSigns.NameOf(anomaly.Sign), SignTexts.Of(anomaly.Sign));
        return new(
            name,
            anomaly.Where,
            anomaly.Since,
            anomaly.SeenAt,
            anomaly.EndedAt,
            anomaly.Count,
            Math.Round(anomaly.PerMinute, 2),
            Math.Round(anomaly.UsualPerMinute, 2),
            meaning,
            lookAt,
            $"docs/design/watching.md#{name}");
    }
}
