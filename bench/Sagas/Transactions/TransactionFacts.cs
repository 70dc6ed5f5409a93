namespace Holdfast.Bench.Sagas.Transactions;

/// <summary>
/// What transactional state in grain storage says. A row has the last state that its owner knows to be committed, and prepared ones
/// behind it, each with its transaction's manager; a transaction is committed when its manager's row says so, or has taken the state in.
/// </summary>
internal static class TransactionFacts
{
    public static Task<SagaFacts> Read(string connectionString, CancellationToken cancellationToken) => FactsBySql.Read(
        connectionString,
        """
        SELECT stream, state->>'Status' = 'Completed', state->>'Status' = 'Cancelled', jsonb_array_length(state->'Skus')::bigint
        FROM (SELECT stream, convert_from(payload, 'UTF8')::jsonb->'CommittedState' AS state FROM holdfast.snapshots WHERE type LIKE '%transactional-order') orders
        """,
        """
        SELECT coalesce(sum(on_hand), 0)::bigint, coalesce(sum(reserved), 0)::bigint, count(*) FILTER (WHERE on_hand < reserved)
        FROM (
            SELECT (state->>'OnHand')::bigint AS on_hand, (state->>'Reserved')::bigint AS reserved
            FROM (SELECT convert_from(payload, 'UTF8')::jsonb->'CommittedState' AS state FROM holdfast.snapshots WHERE type LIKE '%transactional-stock') payloads) stock
        """,
        cancellationToken);
}
