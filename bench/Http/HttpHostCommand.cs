using System.CommandLine;
using Holdfast.Api;
using Holdfast.Api.Hosting;
using Holdfast.Api.Http.Requests;
using Holdfast.Api.Reservations;
using Holdfast.Bench.Sql;
using Holdfast.Contracts;
using Holdfast.Contracts.Inventory;
using Holdfast.Silo.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Hosting;

namespace Holdfast.Bench.Http;

/// <summary>What stands behind an endpoint that is compared with Holdfast's.</summary>
internal enum HostedWay
{
    /// <summary>Nothing: the body is read, a body is answered.</summary>
    Empty,

    /// <summary><see cref="SqlStock.ReserveInOneStatement"/></summary>
    OneStatement,

    /// <summary><see cref="SqlStock.ReserveLocked"/></summary>
    Locked,
}

/// <summary>
/// <c>bench http-host</c>, which only <see cref="HttpSection"/> runs: an endpoint with the address, the bodies, the JSON and the server
/// settings of Holdfast's own, and something else behind it. It has no telemetry and no problem details, and takes no notice of the
/// idempotency key: it does less.
/// </summary>
internal static class HttpHostCommand
{
    public const string Name = "http-host";

    public static readonly Option<HostedWay> Way = new("--way") { Required = true };
    public static readonly Option<string> Database = new("--database") { DefaultValueFactory = static _ => "" };

    private static readonly Option<string> Urls = new("--urls") { Required = true };

    public static Command Create(TimeProvider clock)
    {
        var command = new Command(Name, "The other ends of lab compare, http.") { Way, Database, Urls };
        command.Hidden = true;
        command.SetAction((options, cancellationToken) => Execute(options, clock, cancellationToken));
        return command;
    }

    private static async Task<int> Execute(ParseResult options, TimeProvider clock, CancellationToken cancellationToken)
    {
        await using var sql = options.GetRequiredValue(Database) is { Length: > 0 } database ? new SqlStock(database) : null;
        var builder = WebApplication.CreateBuilder([$"--urls={options.GetRequiredValue(Urls)}"]);
        builder.AddFrontDoorDefaults();
        builder.AddLoopbackOnly(HoldfastSettings.Read(builder.Configuration));
        builder.AddRequestLimits();
        builder.AddStrictJson();
        builder.AddResources();
        await using var app = builder.Build();
        app.MapGet("/health/ready", static () => "ready");
        app.MapPost("/v1/products/{sku}/reservations", Endpoint(options.GetRequiredValue(Way), sql, clock));
        await app.StartAsync(cancellationToken);
        await app.WaitForShutdownAsync(cancellationToken);
        return ExitCode.Passed;
    }

    private static Delegate Endpoint(HostedWay way, SqlStock? sql, TimeProvider clock)
    {
        return way switch
        {
            HostedWay.Empty => (string sku, ReservationRequest body) => Done(sku, Guid.Empty, body, clock.GetUtcNow()),
            HostedWay.OneStatement => Reserving((sql ?? throw NoDatabase).ReserveInOneStatement),
            HostedWay.Locked => Reserving((sql ?? throw NoDatabase).ReserveLocked),
            _ => throw new ArgumentOutOfRangeException(nameof(way), way, "It is not known here."),
        };

        Func<string, ReservationRequest, Task<Results<Created<ReservationResponse>, Conflict>>> Reserving(
            Func<string, Guid, DateTimeOffset, ValueTask<bool>> reserve) => async (sku, body) =>
            {
                var (id, expiresAt) = (Guid.NewGuid(), clock.GetUtcNow().AddSeconds(body.TtlSeconds ?? 0));
                return await reserve(sku, id, expiresAt) ? Done(sku, id, body, expiresAt) : TypedResults.Conflict();
            };
    }

    private static BenchException NoDatabase => new("--database is missing.");

    private static Created<ReservationResponse> Done(string sku, Guid id, ReservationRequest body, DateTimeOffset expiresAt)
    {
        var made = new ReservationResponse(PublicId.Format(PublicId.Reservation, id), sku, body.Quantity, ReservationStatus.Reserved, expiresAt);
        return TypedResults.Created($"/v1/products/{sku}/reservations/{made.Id}", made);
    }
}
