using System.Text.Json;
using Holdfast.Contracts;
using Holdfast.Contracts.Orders;
using Holdfast.Journal;
using Holdfast.Journal.Outbox;

namespace Holdfast.Grains.Orders.Steps;

/// <summary>One step of the order saga: asks the order what to do, does it, reports back. Runs where its lane delivers it.</summary>
internal abstract class OrderStep(IGrainFactory grains) : IMessageHandler
{
    public abstract string Type { get; }

    protected IGrainFactory Grains => grains;

    protected abstract Task Run(IOrderSteps order, int attempt, CancellationToken cancellationToken);

    public async Task Handle(OutboxMessage message, CancellationToken cancellationToken)
    {
        var (orderId, attempt) = Parse(message);
        try
        {
            await Run(grains.GetGrain<IOrderSteps>(orderId), attempt, cancellationToken);
        }
        catch (RetryableException exception)
        {
            throw new PutBackException(exception.Message, inner: exception);
        }
    }

    public async Task GiveUp(OutboxMessage message, string error, CancellationToken cancellationToken)
    {
        var (orderId, attempt) = Parse(message);
        await grains.GetGrain<IOrderSteps>(orderId).Park(Type, attempt, OrderReason.StepFailed, error);
    }

    private static StepMessage Parse(OutboxMessage message) =>
        JsonSerializer.Deserialize(message.Body.Span, OrderJson.Default.StepMessage)
            ?? throw new JsonException($"Message {message.Id} has no body.");
}
