namespace Holdfast.Lab.Sagas.Transactions;

/// <summary>
/// What transactional state in grain storage says. A row has the last state that its owner knows to be committed, and behind it those
/// that are prepared; one of these is committed when some row, its transaction's manager's, has a commit record of the transaction.
/// Rows are read as the next process would resolve them.
/// </summary>
internal static class TransactionFacts
{
    private const string States =
        """
        WITH stored AS MATERIALIZED (
            SELECT type, stream, convert_from(payload, 'UTF8')::jsonb AS record FROM holdfast.snapshots WHERE type LIKE '%transactional-%'),
        committed AS MATERIALIZED (SELECT jsonb_object_keys(record->'Metadata'->'CommitRecords') AS id FROM stored),
        states AS (
            SELECT type, stream, coalesce(
                (
                    SELECT pending->'State' FROM jsonb_array_elements(record->'PendingStates'->'$values') pending
                    WHERE pending->>'TransactionId' IN (SELECT id FROM committed)
                    ORDER BY (pending->>'SequenceId')::bigint DESC LIMIT 1
                ),
                record->'CommittedState') AS state
            FROM stored)
        """;

    public static Task<SagaFacts> Read(string connectionString, CancellationToken cancellationToken) => FactsBySql.Read(
        connectionString,
        $"""
        {States}
        SELECT stream, state->>'Status' = 'Completed', state->>'Status' = 'Cancelled', (state->>'Units')::bigint
        FROM states WHERE type LIKE '%-order' AND state->>'Status' <> ''
        """,
        $"""
        {States}
        SELECT coalesce(sum(on_hand), 0)::bigint, coalesce(sum(reserved), 0)::bigint, count(*) FILTER (WHERE on_hand < reserved)
        FROM (SELECT (state->>'OnHand')::bigint AS on_hand, (state->>'Reserved')::bigint AS reserved FROM states WHERE type LIKE '%-stock') stock
        """,
        cancellationToken);
}
