namespace Holdfast.Lab.Sagas;

/// <summary>What a reader has to know about the comparison as a whole.</summary>
internal static class SagaUnfairness
{
    public static readonly IReadOnlyList<string> OfAll =
    [
        "One process and one database on one machine: nobody shows what a cluster of it does, and callers, system and database share the processors.",
        "The gateway recognises a repeated charge by its idempotency key, for everybody: nobody who sends the key can charge an order twice.",
        "Holdfast alone keeps receipts for a caller who repeats a request, lets holds expire, and keeps every movement of stock readable; the others were not given any of it, and do not pay for it.",
        "Rebus and the outbox were tried with 8, 16 and 32 messages in hand; the others have the settings that their documentation starts with, or as many as fit the callers. Whoever knows one of them well may make it faster.",
        "Holdfast tells PostgreSQL's planner that its statements find everything by key; the others' tables are analysed after the warm-up, as Holdfast's are, and leave the planner as it comes.",
        "An order that was accepted, and of which a killed process left no trace in its tables or queues, is seen by none of these audits: they compare orders, goods and money, and the ends that callers were told of.",
        "MassTransit is left out: of its 8.5 line, MassTransit.EntityFrameworkCore and MassTransit.SqlTransport.PostgreSQL could not be had where this was written, and without them its state machine has no durable repository on PostgreSQL.",
    ];
}
