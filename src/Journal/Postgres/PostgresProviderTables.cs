namespace Holdfast.Journal.Postgres;

/// <summary>
/// What Orleans' ADO.NET providers need: a table of statements under the keys they ask for, with their parameters and result
/// columns, and behind it the snapshots and the cluster's membership. Not the scripts that come with Orleans: its grain storage
/// has no unique key, and of two first writes at once both would be acknowledged.
/// </summary>
internal static class PostgresProviderTables
{
    /// <summary>
    /// Every statement is one transaction of its own. A write of a snapshot that gives no row is what the provider reports as a
    /// stale ETag. A membership change bumps the table's version, which all silos compare, in the same statement: first the
    /// version's row is taken, so that of two changes at once the second finds another version and changes nothing.
    /// </summary>
    public const string Create =
        """
        CREATE TABLE snapshots (
            service     text NOT NULL,
            type        text NOT NULL,
            stream      text COLLATE "C" NOT NULL,
            version     integer NOT NULL,
            modified_at timestamptz NOT NULL,
            payload     bytea NOT NULL,
            PRIMARY KEY (service, type, stream));
        ALTER TABLE snapshots ALTER COLUMN payload SET STORAGE EXTERNAL;
        CREATE TABLE membership_version (
            cluster    text PRIMARY KEY,
            changed_at timestamptz NOT NULL DEFAULT now(),
            version    integer NOT NULL DEFAULT 0);
        CREATE TABLE membership (
            cluster     text NOT NULL,
            address     text NOT NULL,
            port        integer NOT NULL,
            generation  integer NOT NULL,
            name        text NOT NULL,
            host        text NOT NULL,
            status      integer NOT NULL,
            proxy_port  integer NOT NULL,
            suspects    text,
            started_at  timestamptz NOT NULL,
            alive_at    timestamptz NOT NULL,
            PRIMARY KEY (cluster, address, port, generation))
            WITH (fillfactor = 50);
        CREATE TABLE OrleansQuery (QueryKey text PRIMARY KEY, QueryText text NOT NULL);
        INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES
        ('ReadFromStorageKey', $sql$
            SELECT payload AS PayloadBinary, modified_at AS ModifiedOn, version AS Version FROM snapshots
            WHERE service = @ServiceId AND type = @GrainTypeString AND stream = @GrainIdExtensionString
        $sql$),
        ('WriteToStorageKey', $sql$
            INSERT INTO snapshots AS s (service, type, stream, version, modified_at, payload)
            SELECT @ServiceId, @GrainTypeString, @GrainIdExtensionString, 1, now(), @PayloadBinary
            WHERE @GrainStateVersion IS NULL OR EXISTS (
                SELECT 1 FROM snapshots
                WHERE service = @ServiceId AND type = @GrainTypeString AND stream = @GrainIdExtensionString)
            ON CONFLICT (service, type, stream) DO UPDATE
                SET version = s.version + 1, modified_at = excluded.modified_at, payload = excluded.payload
                WHERE s.version = @GrainStateVersion
            RETURNING version AS NewGrainStateVersion
        $sql$),
        ('ClearStorageKey', $sql$
            DELETE FROM snapshots
            WHERE service = @ServiceId AND type = @GrainTypeString AND stream = @GrainIdExtensionString
            RETURNING version + 1 AS NewGrainStateVersion
        $sql$),
        ('InsertMembershipVersionKey', $sql$
            WITH inserted AS (
                INSERT INTO membership_version (cluster) VALUES (@DeploymentId) ON CONFLICT DO NOTHING RETURNING 1)
            SELECT count(*)::integer FROM inserted
        $sql$),
        ('InsertMembershipKey', $sql$
            WITH bumped AS (
                UPDATE membership_version SET version = version + 1, changed_at = now()
                WHERE cluster = @DeploymentId AND version = @Version AND NOT EXISTS (
                    SELECT 1 FROM membership
                    WHERE cluster = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation)
                RETURNING cluster),
            inserted AS (
                INSERT INTO membership (cluster, address, port, generation, name, host, status, proxy_port, started_at, alive_at)
                SELECT cluster, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime
                FROM bumped
                RETURNING 1)
            SELECT count(*)::integer FROM inserted
        $sql$),
        ('UpdateMembershipKey', $sql$
            WITH bumped AS (
                UPDATE membership_version SET version = version + 1, changed_at = now()
                WHERE cluster = @DeploymentId AND version = @Version AND EXISTS (
                    SELECT 1 FROM membership
                    WHERE cluster = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation)
                RETURNING cluster),
            updated AS (
                UPDATE membership m SET status = @Status, suspects = @SuspectTimes, alive_at = @IAmAliveTime
                FROM bumped
                WHERE m.cluster = bumped.cluster AND address = @Address AND port = @Port AND generation = @Generation
                RETURNING 1)
            SELECT count(*)::integer FROM updated
        $sql$),
        ('UpdateIAmAlivetimeKey', $sql$
            UPDATE membership SET alive_at = @IAmAliveTime
            WHERE cluster = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
        $sql$),
        ('MembershipReadRowKey', $sql$
            SELECT m.address AS Address, m.port AS Port, m.generation AS Generation, m.name AS SiloName, m.host AS HostName,
                m.status AS Status, m.proxy_port AS ProxyPort, m.suspects AS SuspectTimes, m.started_at AS StartTime,
                m.alive_at AS IAmAliveTime, v.version AS Version
            FROM membership_version v
            LEFT JOIN membership m ON m.cluster = v.cluster AND m.address = @Address AND m.port = @Port AND m.generation = @Generation
            WHERE v.cluster = @DeploymentId
        $sql$),
        ('MembershipReadAllKey', $sql$
            SELECT m.address AS Address, m.port AS Port, m.generation AS Generation, m.name AS SiloName, m.host AS HostName,
                m.status AS Status, m.proxy_port AS ProxyPort, m.suspects AS SuspectTimes, m.started_at AS StartTime,
                m.alive_at AS IAmAliveTime, v.version AS Version
            FROM membership_version v LEFT JOIN membership m ON m.cluster = v.cluster
            WHERE v.cluster = @DeploymentId
        $sql$),
        ('GatewaysQueryKey', $sql$
            SELECT address AS Address, proxy_port AS ProxyPort, generation AS Generation FROM membership
            WHERE cluster = @DeploymentId AND status = @Status AND proxy_port > 0
        $sql$),
        ('DeleteMembershipTableEntriesKey', $sql$
            WITH entries AS (DELETE FROM membership WHERE cluster = @DeploymentId RETURNING cluster)
            DELETE FROM membership_version WHERE cluster = @DeploymentId
        $sql$),
        ('CleanupDefunctSiloEntriesKey', $sql$
            DELETE FROM membership WHERE cluster = @DeploymentId AND status = 6 AND alive_at < @IAmAliveTime
        $sql$);
        """;
}
