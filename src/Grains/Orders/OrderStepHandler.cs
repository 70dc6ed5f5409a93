using System.Text.Json;
using Holdfast.Contracts.Inventory;
using Holdfast.Contracts.Orders;
using Holdfast.Domain.Orders;
using Holdfast.Domain.Orders.Payments;
using Holdfast.Domain.Orders.Steps;
using Holdfast.Journal;
using Holdfast.Outbox.Delivery;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Holdfast.Grains.Orders;

/// <summary>Runs one step of the order saga where its lane delivers its message.</summary>
internal sealed partial class OrderStepHandler : IMessageHandler
{
    /// <summary>Products that a log line names.</summary>
    private const int MaxLogged = 20;

    private readonly OrderStep _step;
    private readonly OrderPorts _ports;
    private readonly ILogger _logger;

    public OrderStepHandler(
        OrderStep step,
        IGrainFactory grains,
        IPaymentGateway gateway,
        IOptions<OrderOptions> options,
        TimeProvider clock,
        ILogger<OrderStepHandler> logger)
    {
        (_step, _logger) = (step, logger);
        _ports = new(
            orderId => grains.GetGrain<IOrderSteps>(orderId),
            sku => grains.GetGrain<IProductInventory>(sku),
            gateway,
            options.Value,
            clock,
            (lines, left, why) => LogLeft(lines, string.Join(", ", left.Take(MaxLogged)), why));
    }

    public string Type => _step.Type;

    public Task Handle(OutboxMessage message, CancellationToken cancellationToken) =>
        Run(() => _step.Handle(_ports, Parse(message), message.CreatedAt, cancellationToken));

    public Task GiveUp(OutboxMessage message, string error, CancellationToken cancellationToken) =>
        Run(() => _step.Fail(_ports, Parse(message), error, cancellationToken));

    private static async Task Run(Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (StepPutBackException putBack)
        {
            throw new PutBackException(putBack.Message, putBack.After, putBack);
        }
    }

    private static StepMessage Parse(OutboxMessage message) =>
        JsonSerializer.Deserialize(message.Body.Span, OrderJson.Default.StepMessage)
            ?? throw new JsonException($"Message {message.Id} has no body.");

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Of {Lines} lines of an order that an operator compensates, those of {Skus} cannot be undone and are left: {Detail}")]
    private partial void LogLeft(int lines, string skus, string detail);
}
