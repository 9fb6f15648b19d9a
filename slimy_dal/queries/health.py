"""Generated from sql/queries/health.sql by `slimy generate`; do not edit."""

from collections.abc import Sequence
from datetime import datetime
from itertools import starmap

import msgspec

from slimy_dal.engine.errors import NotFound
from slimy_dal.engine.statement import Executor, Parameter, Statement, values


class ListColumnsRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `list_columns`."""

    schema_name: str
    table_name: str
    column_name: str
    type_name: str
    is_not_null: bool


class ListGapsRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `list_gaps`."""

    schema_name: str
    table_name: str
    problem: str


class ListIndexesRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `list_indexes`."""

    table_name: str
    index_name: str
    index_bytes: int
    scan_count: int
    is_rule: bool
    is_valid: bool


class ListMigrationsRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `list_migrations`."""

    migration_id: str


class ListMissingRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `list_missing`."""

    kind: str
    object_name: str
    item: str
    column_name: str | None
    problem: str


class ListStandbysRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `list_standbys`."""

    standby_name: str
    state: str | None
    sync_state: str | None
    lag_bytes: int | None
    lag_seconds: float | None


class ListTablesRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `list_tables`."""

    table_name: str
    table_bytes: int
    index_bytes: int
    toast_bytes: int
    row_count: int
    dead_count: int
    scan_count: int
    vacuumed_at: datetime | None
    analyzed_at: datetime | None
    frozen_age: int
    bloat_bytes: int | None


class ListTransactionsRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `list_transactions`."""

    pid: int
    login: str
    application: str
    state: str | None
    seconds: float


class ListWaitsRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `list_waits`."""

    pid: int | None
    lock_mode: str | None
    table_name: str | None
    seconds: float | None
    blocked_by: list[int] | None


class MeasureRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `measure`."""

    server_version: str
    is_replica: bool
    sees_all: bool
    connection_count: int
    connection_limit: int
    pages_hit: int | None
    pages_read: int | None
    commit_count: int | None
    rollback_count: int | None
    deadlock_count: int | None
    temp_bytes: int | None
    counted_since: datetime | None
    transaction_age: int
    snapshot_age: int
    longest_transaction_seconds: float | None
    waiting_count: int
    replay_lag_bytes: int | None
    replay_lag_seconds: float | None


class PingRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `ping`."""

    server_version: str
    is_replica: bool


ANALYZE = Statement(
    name="health.analyze",
    sql="""\
ANALYZE
slimy.api_keys,
slimy.audit_log_deltas,
slimy.audit_log_totals,
slimy.audit_logs,
slimy.chat_messages,
slimy.club_analyses,
slimy.club_analysis_images,
slimy.club_member_latest,
slimy.club_member_metrics,
slimy.club_metrics,
slimy.code_reports,
slimy.conversations,
slimy.guild_feature_flags,
slimy.guild_personalities,
slimy.guild_settings,
slimy.guild_stat_totals,
slimy.guilds,
slimy.idempotency_keys,
slimy.screenshot_analyses,
slimy.screenshot_comparisons,
slimy.screenshot_data,
slimy.screenshot_insights,
slimy.screenshot_recommendations,
slimy.screenshot_tags,
slimy.sessions,
slimy.stat_deltas,
slimy.stat_totals,
slimy.stats,
slimy.user_guilds,
slimy.user_preferences,
slimy.users""",
    writes=True,
)


async def analyze(db: Executor, /, *, timeout: float | None = None) -> None:
    """Lets the planner know at once what every table holds: for after a bulk load."""
    await db.execute(ANALYZE, timeout=timeout)


FIND_DATA = Statement(
    name="health.find_data",
    sql="""\
SELECT
    CASE
        WHEN EXISTS (SELECT u.id FROM slimy.users AS u) THEN 'users'
        WHEN EXISTS (SELECT g.id FROM slimy.guilds AS g) THEN 'guilds'
        WHEN EXISTS (SELECT c.id FROM slimy.code_reports AS c) THEN 'code reports'
        WHEN EXISTS (SELECT s.id FROM slimy.stats AS s) THEN 'statistics'
        WHEN EXISTS (SELECT a.id FROM slimy.audit_logs AS a) THEN 'audit logs'
    END AS held""",
    columns=("held",),
)


async def find_data(db: Executor, /, *, timeout: float | None = None) -> str | None:
    """Which table holds data, NULL where none does: the rows of all others belong to rows of these. API
    keys do not count: who runs the service may make one before there is anything else.
    """
    row = await db.row(FIND_DATA, timeout=timeout)
    if row is None:
        raise NotFound("health.find_data found no row", query="health.find_data")
    value: str | None = row[0]
    return value


LIST_COLUMNS = Statement(
    name="health.list_columns",
    sql="""\
SELECT
    n.nspname::text AS schema_name,
    c.relname::text AS table_name,
    a.attname::text AS column_name,
    format_type(a.atttypid, NULL) AS type_name,
    (
        a.attnotnull
        AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_constraint AS k
            WHERE
                k.conrelid = c.oid
                AND k.contype = 'n'
                AND k.conkey = ARRAY[a.attnum]
                AND NOT k.convalidated
        )
    ) AS is_not_null
FROM pg_catalog.pg_attribute AS a
INNER JOIN pg_catalog.pg_class AS c ON a.attrelid = c.oid
INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid
WHERE
    n.nspname = ANY($1::text[])
    AND c.relname = ANY($2::text[])
    AND a.attnum > 0
    AND NOT a.attisdropped
ORDER BY n.nspname, c.relname, a.attnum""",
    parameters=(Parameter("schema_names", "text[]"), Parameter("table_names", "text[]")),
    columns=("schema_name", "table_name", "column_name", "type_name", "is_not_null"),
)


async def list_columns(
    db: Executor,
    /,
    *,
    schema_names: Sequence[str],
    table_names: Sequence[str],
    timeout: float | None = None,
) -> list[ListColumnsRow]:
    """What the database has of the columns that the queries were proven against. Not null counts as
    declared only when it is enforced for the rows that are there.
    """
    rows = await db.rows(LIST_COLUMNS, schema_names, table_names, timeout=timeout)
    return list(starmap(ListColumnsRow, map(values, rows)))


LIST_GAPS = Statement(
    name="health.list_gaps",
    sql="""\
WITH visited AS (
    SELECT
        n.nspname::text AS schema_name,
        c.relname::text AS table_name,
        c.oid,
        c.relrowsecurity,
        to_regrole('slimy_visitor') AS visitor
    FROM pg_catalog.pg_class AS c
    INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid
    WHERE
        n.nspname = ANY($1::text[])
        AND c.relname = ANY($2::text[])
        AND c.relkind IN ('r', 'p')
),

policies AS (
    SELECT
        p.polrelid,
        p.polname::text AS policy_name,
        p.polcmd,
        (
            EXISTS (
                SELECT d.refobjid
                FROM pg_catalog.pg_depend AS d
                WHERE
                    d.classid = 'pg_catalog.pg_policy'::regclass
                    AND d.objid = p.oid
                    AND d.refclassid = 'pg_catalog.pg_proc'::regclass
            )
        ) AS is_asking
    FROM pg_catalog.pg_policy AS p
    INNER JOIN visited AS v ON p.polrelid = v.oid
    WHERE p.polpermissive AND (v.visitor = ANY(p.polroles) OR 0 = ANY(p.polroles))
)

SELECT
    v.schema_name,
    v.table_name,
    'has no row level security' AS problem
FROM visited AS v
WHERE NOT v.relrowsecurity
UNION ALL
SELECT
    v.schema_name,
    v.table_name,
    'has no policy for ' || k.command || ' by visitors' AS problem
FROM visited AS v
CROSS JOIN
    unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE'], ARRAY['r', 'a', 'w', 'd'])
        AS k (command, letter)
WHERE
    CASE
        WHEN k.command = 'DELETE' THEN has_table_privilege(v.visitor, v.oid, 'DELETE')
        ELSE has_any_column_privilege(v.visitor, v.oid, k.command)
    END
    AND NOT EXISTS (
        SELECT p.policy_name
        FROM policies AS p
        WHERE p.polrelid = v.oid AND p.polcmd::text IN (k.letter, '*')
    )
UNION ALL
SELECT
    v.schema_name,
    v.table_name,
    'has the policy ' || p.policy_name || ', which does not ask who visits' AS problem
FROM visited AS v
INNER JOIN policies AS p ON v.oid = p.polrelid
WHERE NOT p.is_asking
ORDER BY schema_name, table_name, problem""",
    parameters=(Parameter("schema_names", "text[]"), Parameter("table_names", "text[]")),
    columns=("schema_name", "table_name", "problem"),
)


async def list_gaps(
    db: Executor,
    /,
    *,
    schema_names: Sequence[str],
    table_names: Sequence[str],
    timeout: float | None = None,
) -> list[ListGapsRow]:
    """Where row level security has a gap: a table without it, a privilege of visitors that no policy
    narrows, and a policy that does not ask who visits. None of a role that does not exist. The names
    of commands are all given.
    """
    rows = await db.rows(LIST_GAPS, schema_names, table_names, timeout=timeout)
    return list(starmap(ListGapsRow, map(values, rows)))


LIST_INDEXES = Statement(
    name="health.list_indexes",
    sql="""\
SELECT
    t.relname::text AS table_name,
    r.relname::text AS index_name,
    sum(pg_relation_size(i.indexrelid))::bigint AS index_bytes,
    sum(coalesce(pg_stat_get_numscans(i.indexrelid), 0))::bigint AS scan_count,
    bool_or(i.indisunique OR i.indisexclusion OR i.indisreplident) AS is_rule,
    bool_and(i.indisvalid) AS is_valid
FROM pg_catalog.pg_index AS i
INNER JOIN
    pg_catalog.pg_class AS r
    ON coalesce(pg_partition_root(i.indexrelid)::oid, i.indexrelid) = r.oid
INNER JOIN
    pg_catalog.pg_class AS t
    ON coalesce(pg_partition_root(i.indrelid)::oid, i.indrelid) = t.oid
INNER JOIN pg_catalog.pg_namespace AS n ON t.relnamespace = n.oid
WHERE n.nspname = $1
GROUP BY t.relname, r.relname
ORDER BY
    (sum(coalesce(pg_stat_get_numscans(i.indexrelid), 0)) > 0) ASC,
    sum(pg_relation_size(i.indexrelid)) DESC,
    r.relname ASC""",
    parameters=(Parameter("schema_name", "name"),),
    columns=("table_name", "index_name", "index_bytes", "scan_count", "is_rule", "is_valid"),
)


async def list_indexes(
    db: Executor,
    /,
    *,
    schema_name: str,
    timeout: float | None = None,
) -> list[ListIndexesRow]:
    """The indexes of a schema, partitions added up with what they are parts of: how large they are, how
    often they were read since `counted_since` of the database, and whether a rule needs them all the
    same. Those never read come first, the largest of them first.
    """
    rows = await db.rows(LIST_INDEXES, schema_name, timeout=timeout)
    return list(starmap(ListIndexesRow, map(values, rows)))


LIST_MIGRATIONS = Statement(
    name="health.list_migrations",
    sql="""\
SELECT m.migration_id::text AS migration_id
FROM slimy_migrations._yoyo_migration AS m
ORDER BY m.migration_id""",
    columns=("migration_id",),
)


async def list_migrations(
    db: Executor,
    /,
    *,
    timeout: float | None = None,
) -> list[ListMigrationsRow]:
    """The migrations that this database has seen. yoyo declares no NOT NULL, and writes no NULL."""
    rows = await db.rows(LIST_MIGRATIONS, timeout=timeout)
    return list(starmap(ListMigrationsRow, map(values, rows)))


LIST_MISSING = Statement(
    name="health.list_missing",
    sql="""\
WITH tables AS MATERIALIZED (
    SELECT
        c.oid,
        n.nspname || '.' || c.relname AS object_name
    FROM pg_catalog.pg_class AS c
    INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
),

expected AS MATERIALIZED (
    SELECT
        e.kind,
        e.object_name,
        e.item,
        e.column_name,
        t.oid AS relation,
        CASE
            WHEN
                e.kind = 'function'
                AND has_schema_privilege(split_part(e.object_name, '.', 1), 'USAGE')
                THEN to_regprocedure(e.object_name)
        END AS routine,
        CASE WHEN e.kind = 'schema' THEN to_regnamespace(e.object_name) END AS namespace
    FROM
        unnest(
            $1::text[], $2::text[], $3::text[], $4::text[]
        ) AS e (kind, object_name, item, column_name)
    LEFT JOIN
        tables AS t
        ON e.kind IN ('constraint', 'trigger', 'privilege') AND e.object_name = t.object_name
),

looked AS MATERIALIZED (
    SELECT
        e.kind,
        e.object_name,
        e.item,
        e.column_name,
        CASE e.kind
            WHEN 'constraint'
                THEN
                    CASE
                        WHEN k.oid IS NULL THEN 'is missing'
                        WHEN NOT k.convalidated THEN 'is not validated'
                    END
            WHEN 'trigger'
                THEN
                    CASE
                        WHEN g.oid IS NULL THEN 'is missing'
                        WHEN g.tgenabled IN ('D', 'R') THEN 'is disabled'
                    END
            WHEN 'privilege'
                THEN
                    CASE
                        WHEN has_table_privilege(e.relation, e.item) THEN NULL
                        WHEN e.column_name = '' THEN 'is not granted'
                        WHEN a.attnum IS NULL OR has_column_privilege(e.relation, a.attnum, e.item)
                            THEN NULL
                        ELSE 'is not granted'
                    END
            WHEN 'function'
                THEN
                    CASE
                        WHEN NOT has_function_privilege(e.routine, 'EXECUTE') THEN 'is not granted'
                    END
            WHEN 'schema' THEN
                CASE
                    WHEN NOT has_schema_privilege(e.namespace, e.item) THEN 'is not granted'
                END
        END AS problem
    FROM expected AS e
    LEFT JOIN
        pg_catalog.pg_constraint AS k
        ON e.kind = 'constraint' AND e.relation = k.conrelid AND e.item = k.conname
    LEFT JOIN
        pg_catalog.pg_trigger AS g
        ON e.kind = 'trigger' AND e.relation = g.tgrelid AND e.item = g.tgname
    LEFT JOIN
        pg_catalog.pg_attribute AS a
        ON e.kind = 'privilege' AND e.relation = a.attrelid AND e.column_name = a.attname
    WHERE coalesce(e.relation, e.routine::oid, e.namespace::oid) IS NOT NULL
)

SELECT
    l.kind,
    l.object_name,
    l.item,
    l.column_name,
    l.problem
FROM looked AS l
WHERE l.problem IS NOT NULL
ORDER BY l.kind, l.object_name, l.item, l.column_name""",
    parameters=(
        Parameter("kinds", "text[]"),
        Parameter("object_names", "text[]"),
        Parameter("item_names", "text[]"),
        Parameter("column_names", "text[]"),
    ),
    columns=("kind", "object_name", "item", "column_name", "problem"),
)


async def list_missing(
    db: Executor,
    /,
    *,
    kinds: Sequence[str],
    object_names: Sequence[str],
    item_names: Sequence[str],
    column_names: Sequence[str],
    timeout: float | None = None,
) -> list[ListMissingRow]:
    """Of what a release's migrations leave behind, what is not there: constraints dropped or never
    validated, triggers dropped or disabled, privileges that this login has not. Each is given as its
    kind (constraint, trigger, privilege, function, schema), its table as schema.table, its name or
    the privilege, and a column or nothing. What belongs to a table that is gone is not told.
    """
    rows = await db.rows(
        LIST_MISSING,
        kinds,
        object_names,
        item_names,
        column_names,
        timeout=timeout,
    )
    return list(starmap(ListMissingRow, map(values, rows)))


LIST_STANDBYS = Statement(
    name="health.list_standbys",
    sql="""\
SELECT
    coalesce(w.application_name, '') AS standby_name,
    w.state::text AS state,
    w.sync_state::text AS sync_state,
    pg_wal_lsn_diff(
        CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_lsn() END, w.replay_lsn
    )::bigint AS lag_bytes,
    extract(EPOCH FROM w.replay_lag)::double precision AS lag_seconds
FROM pg_catalog.pg_stat_replication AS w
ORDER BY w.application_name, w.pid""",
    columns=("standby_name", "state", "sync_state", "lag_bytes", "lag_seconds"),
)


async def list_standbys(db: Executor, /, *, timeout: float | None = None) -> list[ListStandbysRow]:
    """The standbys that follow this server, each with how far behind it is: in bytes of the log that it
    has not replayed, and in seconds as it told itself, NULL while it is idle. Without
    pg_read_all_stats only that they are there: everything about them is NULL.
    """
    rows = await db.rows(LIST_STANDBYS, timeout=timeout)
    return list(starmap(ListStandbysRow, map(values, rows)))


LIST_TABLES = Statement(
    name="health.list_tables",
    sql="""\
WITH leaves AS MATERIALIZED (
    SELECT
        c.oid,
        coalesce(pg_partition_root(c.oid)::oid, c.oid) AS root_id,
        c.reltuples::double precision AS reltuples,
        c.relpages,
        c.reltoastrelid,
        c.relfrozenxid,
        (
            SELECT sum((1 - s.null_frac) * s.avg_width)::double precision
            FROM pg_catalog.pg_stats AS s
            WHERE s.schemaname = n.nspname AND s.tablename = c.relname AND NOT s.inherited
        ) AS row_width
    FROM pg_catalog.pg_class AS c
    INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid
    WHERE n.nspname = $1 AND c.relkind = 'r'
)

SELECT
    r.relname::text AS table_name,
    sum(pg_relation_size(l.oid))::bigint AS table_bytes,
    sum(pg_indexes_size(l.oid))::bigint AS index_bytes,
    sum(coalesce(pg_total_relation_size(nullif(l.reltoastrelid, 0::oid)), 0))::bigint
        AS toast_bytes,
    sum(greatest(l.reltuples, 0))::bigint AS row_count,
    sum(coalesce(pg_stat_get_dead_tuples(l.oid), 0))::bigint AS dead_count,
    sum(coalesce(pg_stat_get_numscans(l.oid), 0))::bigint AS scan_count,
    min(
        greatest(pg_stat_get_last_vacuum_time(l.oid), pg_stat_get_last_autovacuum_time(l.oid))
    ) AS vacuumed_at,
    min(
        greatest(pg_stat_get_last_analyze_time(l.oid), pg_stat_get_last_autoanalyze_time(l.oid))
    ) AS analyzed_at,
    max(age(l.relfrozenxid)) AS frozen_age,
    sum(
        CASE
            WHEN l.row_width IS NOT NULL
                THEN greatest(l.relpages - ceil(l.reltuples * (l.row_width + 28) / 8168), 0) * 8192
        END
    )::bigint AS bloat_bytes
FROM leaves AS l
INNER JOIN pg_catalog.pg_class AS r ON l.root_id = r.oid
GROUP BY r.relname
ORDER BY sum(pg_relation_size(l.oid)) DESC, r.relname ASC""",
    parameters=(Parameter("schema_name", "name"),),
    columns=(
        "table_name",
        "table_bytes",
        "index_bytes",
        "toast_bytes",
        "row_count",
        "dead_count",
        "scan_count",
        "vacuumed_at",
        "analyzed_at",
        "frozen_age",
        "bloat_bytes",
    ),
)


async def list_tables(
    db: Executor,
    /,
    *,
    schema_name: str,
    timeout: float | None = None,
) -> list[ListTablesRow]:
    """The tables of a schema, partitions added up: sizes, live and dead rows as the server last counted
    them, when each was last vacuumed and analyzed (of partitions the earliest that is known), and an
    estimate of the bytes of the table that hold nothing. The estimate takes the widths of the
    columns from the statistics: NULL where there are none, and off by some tenths at best.
    """
    rows = await db.rows(LIST_TABLES, schema_name, timeout=timeout)
    return list(starmap(ListTablesRow, map(values, rows)))


LIST_TRANSACTIONS = Statement(
    name="health.list_transactions",
    sql="""\
SELECT
    a.pid,
    coalesce(a.usename, '')::text AS login,
    coalesce(a.application_name, '') AS application,
    a.state,
    extract(EPOCH FROM clock_timestamp() - a.xact_start)::double precision AS seconds
FROM pg_catalog.pg_stat_activity AS a
WHERE
    a.xact_start IS NOT NULL
    AND a.pid != pg_backend_pid()
    AND a.datname = current_database()
ORDER BY a.xact_start
LIMIT $1""",
    parameters=(Parameter("row_limit", "bigint"),),
    columns=("pid", "login", "application", "state", "seconds"),
)


async def list_transactions(
    db: Executor,
    /,
    *,
    row_limit: int,
    timeout: float | None = None,
) -> list[ListTransactionsRow]:
    """The transactions that began longest ago, with who runs them and whether they rest. Without
    pg_read_all_stats only those of this login; no statement's text, as it may hold values.
    """
    rows = await db.rows(LIST_TRANSACTIONS, row_limit, timeout=timeout)
    return list(starmap(ListTransactionsRow, map(values, rows)))


LIST_WAITS = Statement(
    name="health.list_waits",
    sql="""\
SELECT
    l.pid,
    l.mode AS lock_mode,
    c.relname::text AS table_name,
    extract(EPOCH FROM clock_timestamp() - l.waitstart)::double precision AS seconds,
    pg_blocking_pids(l.pid) AS blocked_by
FROM pg_catalog.pg_locks AS l
LEFT JOIN pg_catalog.pg_class AS c ON l.relation = c.oid
WHERE NOT l.granted
ORDER BY l.waitstart, l.pid
LIMIT $1""",
    parameters=(Parameter("row_limit", "bigint"),),
    columns=("pid", "lock_mode", "table_name", "seconds", "blocked_by"),
)


async def list_waits(
    db: Executor,
    /,
    *,
    row_limit: int,
    timeout: float | None = None,
) -> list[ListWaitsRow]:
    """Who waits for a lock just now, of what kind, on which table, since when, and behind whom."""
    rows = await db.rows(LIST_WAITS, row_limit, timeout=timeout)
    return list(starmap(ListWaitsRow, map(values, rows)))


MEASURE = Statement(
    name="health.measure",
    sql="""\
SELECT
    current_setting('server_version') AS server_version,
    pg_is_in_recovery() AS is_replica,
    pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS sees_all,
    (
        SELECT count(a.pid)
        FROM pg_catalog.pg_stat_activity AS a
        WHERE a.datid IS NOT NULL AND a.usesysid IS NOT NULL
    ) AS connection_count,
    current_setting('max_connections')::integer AS connection_limit,
    d.blks_hit AS pages_hit,
    d.blks_read AS pages_read,
    d.xact_commit AS commit_count,
    d.xact_rollback AS rollback_count,
    d.deadlocks AS deadlock_count,
    d.temp_bytes,
    d.stats_reset AS counted_since,
    (SELECT max(age(b.datfrozenxid)) FROM pg_catalog.pg_database AS b) AS transaction_age,
    (
        SELECT coalesce(max(age(a.backend_xmin)), 0)
        FROM pg_catalog.pg_stat_activity AS a
        WHERE a.pid != pg_backend_pid()
    ) AS snapshot_age,
    (
        SELECT max(extract(EPOCH FROM clock_timestamp() - a.xact_start))::double precision
        FROM pg_catalog.pg_stat_activity AS a
        WHERE a.pid != pg_backend_pid() AND a.datname = current_database()
    ) AS longest_transaction_seconds,
    (SELECT count(l.pid) FROM pg_catalog.pg_locks AS l WHERE NOT l.granted) AS waiting_count,
    pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())::bigint
        AS replay_lag_bytes,
    CASE
        WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
        ELSE (
            extract(EPOCH FROM clock_timestamp() - pg_last_xact_replay_timestamp())
        )::double precision
    END AS replay_lag_seconds
FROM pg_catalog.pg_stat_database AS d
WHERE d.datname = current_database()""",
    columns=(
        "server_version",
        "is_replica",
        "sees_all",
        "connection_count",
        "connection_limit",
        "pages_hit",
        "pages_read",
        "commit_count",
        "rollback_count",
        "deadlock_count",
        "temp_bytes",
        "counted_since",
        "transaction_age",
        "snapshot_age",
        "longest_transaction_seconds",
        "waiting_count",
        "replay_lag_bytes",
        "replay_lag_seconds",
    ),
)


async def measure(db: Executor, /, *, timeout: float | None = None) -> MeasureRow:
    """The server in a few numbers, cheap enough for every quarter of a minute: connections used of
    those there may be, pages found in memory or read, how old the oldest row version is that others
    must keep, how far a standby is behind what it received. Without pg_read_all_stats, what belongs
    to other logins is NULL or left out.

    Raises NotFound where there is no row.
    """
    row = await db.row(MEASURE, timeout=timeout)
    if row is None:
        raise NotFound("health.measure found no row", query="health.measure")
    return MeasureRow(*values(row))


PING = Statement(
    name="health.ping",
    sql="""\
SELECT
    current_setting('server_version') AS server_version,
    pg_is_in_recovery() AS is_replica""",
    columns=("server_version", "is_replica"),
)


async def ping(db: Executor, /, *, timeout: float | None = None) -> PingRow:
    """Proof that the server answers, and what it is.

    Raises NotFound where there is no row.
    """
    row = await db.row(PING, timeout=timeout)
    if row is None:
        raise NotFound("health.ping found no row", query="health.ping")
    return PingRow(*values(row))


# schema, table, column, type, not null, the queries that read it, those that write it
# fmt: off
USES: tuple[tuple[str, str, str, str, bool, tuple[str, ...], tuple[str, ...]], ...] = (
    ("pg_catalog", "pg_attribute", "attisdropped", "boolean", True,
     ("list_columns", "list_tables"), ()),
    ("pg_catalog", "pg_attribute", "attname", "name", True,
     ("list_columns", "list_missing", "list_tables"), ()),
    ("pg_catalog", "pg_attribute", "attnotnull", "boolean", True,
     ("list_columns",), ()),
    ("pg_catalog", "pg_attribute", "attnum", "smallint", True,
     ("list_columns", "list_missing", "list_tables"), ()),
    ("pg_catalog", "pg_attribute", "attrelid", "oid", True,
     ("list_columns", "list_missing", "list_tables"), ()),
    ("pg_catalog", "pg_attribute", "atttypid", "oid", True,
     ("list_columns",), ()),
    ("pg_catalog", "pg_authid", "oid", "oid", True,
     ("list_standbys", "list_transactions", "measure"), ()),
    ("pg_catalog", "pg_authid", "rolname", "name", True,
     ("list_standbys", "list_transactions", "measure"), ()),
    ("pg_catalog", "pg_class", "oid", "oid", True,
     ("list_columns", "list_gaps", "list_indexes", "list_missing", "list_tables", "list_waits"),
     ()),
    ("pg_catalog", "pg_class", "relfrozenxid", "xid", True,
     ("list_tables",), ()),
    ("pg_catalog", "pg_class", "relispartition", "boolean", True,
     ("list_missing",), ()),
    ("pg_catalog", "pg_class", "relkind", "\"char\"", True,
     ("list_gaps", "list_missing", "list_tables"), ()),
    ("pg_catalog", "pg_class", "relname", "name", True,
     ("list_columns", "list_gaps", "list_indexes", "list_missing", "list_tables", "list_waits"),
     ()),
    ("pg_catalog", "pg_class", "relnamespace", "oid", True,
     ("list_columns", "list_gaps", "list_indexes", "list_missing", "list_tables"), ()),
    ("pg_catalog", "pg_class", "relpages", "integer", True,
     ("list_tables",), ()),
    ("pg_catalog", "pg_class", "relrowsecurity", "boolean", True,
     ("list_gaps", "list_tables"), ()),
    ("pg_catalog", "pg_class", "reltoastrelid", "oid", True,
     ("list_tables",), ()),
    ("pg_catalog", "pg_class", "reltuples", "real", True,
     ("list_tables",), ()),
    ("pg_catalog", "pg_constraint", "conkey", "smallint[]", False,
     ("list_columns",), ()),
    ("pg_catalog", "pg_constraint", "conname", "name", True,
     ("list_missing",), ()),
    ("pg_catalog", "pg_constraint", "conrelid", "oid", True,
     ("list_columns", "list_missing"), ()),
    ("pg_catalog", "pg_constraint", "contype", "\"char\"", True,
     ("list_columns",), ()),
    ("pg_catalog", "pg_constraint", "convalidated", "boolean", True,
     ("list_columns", "list_missing"), ()),
    ("pg_catalog", "pg_constraint", "oid", "oid", True,
     ("list_missing",), ()),
    ("pg_catalog", "pg_database", "datfrozenxid", "xid", True,
     ("measure",), ()),
    ("pg_catalog", "pg_database", "datname", "name", True,
     ("list_transactions", "measure"), ()),
    ("pg_catalog", "pg_database", "oid", "oid", True,
     ("list_transactions", "measure"), ()),
    ("pg_catalog", "pg_depend", "classid", "oid", True,
     ("list_gaps",), ()),
    ("pg_catalog", "pg_depend", "objid", "oid", True,
     ("list_gaps",), ()),
    ("pg_catalog", "pg_depend", "refclassid", "oid", True,
     ("list_gaps",), ()),
    ("pg_catalog", "pg_depend", "refobjid", "oid", True,
     ("list_gaps",), ()),
    ("pg_catalog", "pg_index", "indexrelid", "oid", True,
     ("list_indexes",), ()),
    ("pg_catalog", "pg_index", "indisexclusion", "boolean", True,
     ("list_indexes",), ()),
    ("pg_catalog", "pg_index", "indisreplident", "boolean", True,
     ("list_indexes",), ()),
    ("pg_catalog", "pg_index", "indisunique", "boolean", True,
     ("list_indexes",), ()),
    ("pg_catalog", "pg_index", "indisvalid", "boolean", True,
     ("list_indexes",), ()),
    ("pg_catalog", "pg_index", "indrelid", "oid", True,
     ("list_indexes",), ()),
    ("pg_catalog", "pg_locks", "granted", "boolean", False,
     ("list_waits", "measure"), ()),
    ("pg_catalog", "pg_locks", "mode", "text", False,
     ("list_waits",), ()),
    ("pg_catalog", "pg_locks", "pid", "integer", False,
     ("list_waits", "measure"), ()),
    ("pg_catalog", "pg_locks", "relation", "oid", False,
     ("list_waits",), ()),
    ("pg_catalog", "pg_locks", "waitstart", "timestamp with time zone", False,
     ("list_waits",), ()),
    ("pg_catalog", "pg_namespace", "nspname", "name", True,
     ("list_columns", "list_gaps", "list_indexes", "list_missing", "list_tables"), ()),
    ("pg_catalog", "pg_namespace", "oid", "oid", True,
     ("list_columns", "list_gaps", "list_indexes", "list_missing", "list_tables"), ()),
    ("pg_catalog", "pg_policy", "oid", "oid", True,
     ("list_gaps",), ()),
    ("pg_catalog", "pg_policy", "polcmd", "\"char\"", True,
     ("list_gaps",), ()),
    ("pg_catalog", "pg_policy", "polname", "name", True,
     ("list_gaps",), ()),
    ("pg_catalog", "pg_policy", "polpermissive", "boolean", True,
     ("list_gaps",), ()),
    ("pg_catalog", "pg_policy", "polrelid", "oid", True,
     ("list_gaps",), ()),
    ("pg_catalog", "pg_policy", "polroles", "oid[]", True,
     ("list_gaps",), ()),
    ("pg_catalog", "pg_stat_activity", "application_name", "text", False,
     ("list_transactions",), ()),
    ("pg_catalog", "pg_stat_activity", "backend_xmin", "xid", False,
     ("measure",), ()),
    ("pg_catalog", "pg_stat_activity", "datid", "oid", False,
     ("measure",), ()),
    ("pg_catalog", "pg_stat_activity", "datname", "name", False,
     ("list_transactions", "measure"), ()),
    ("pg_catalog", "pg_stat_activity", "pid", "integer", False,
     ("list_transactions", "measure"), ()),
    ("pg_catalog", "pg_stat_activity", "state", "text", False,
     ("list_transactions",), ()),
    ("pg_catalog", "pg_stat_activity", "usename", "name", False,
     ("list_transactions",), ()),
    ("pg_catalog", "pg_stat_activity", "usesysid", "oid", False,
     ("measure",), ()),
    ("pg_catalog", "pg_stat_activity", "xact_start", "timestamp with time zone", False,
     ("list_transactions", "measure"), ()),
    ("pg_catalog", "pg_stat_database", "blks_hit", "bigint", False,
     ("measure",), ()),
    ("pg_catalog", "pg_stat_database", "blks_read", "bigint", False,
     ("measure",), ()),
    ("pg_catalog", "pg_stat_database", "datname", "name", False,
     ("measure",), ()),
    ("pg_catalog", "pg_stat_database", "deadlocks", "bigint", False,
     ("measure",), ()),
    ("pg_catalog", "pg_stat_database", "stats_reset", "timestamp with time zone", False,
     ("measure",), ()),
    ("pg_catalog", "pg_stat_database", "temp_bytes", "bigint", False,
     ("measure",), ()),
    ("pg_catalog", "pg_stat_database", "xact_commit", "bigint", False,
     ("measure",), ()),
    ("pg_catalog", "pg_stat_database", "xact_rollback", "bigint", False,
     ("measure",), ()),
    ("pg_catalog", "pg_stat_replication", "application_name", "text", False,
     ("list_standbys",), ()),
    ("pg_catalog", "pg_stat_replication", "pid", "integer", False,
     ("list_standbys",), ()),
    ("pg_catalog", "pg_stat_replication", "replay_lag", "interval", False,
     ("list_standbys",), ()),
    ("pg_catalog", "pg_stat_replication", "replay_lsn", "pg_lsn", False,
     ("list_standbys",), ()),
    ("pg_catalog", "pg_stat_replication", "state", "text", False,
     ("list_standbys",), ()),
    ("pg_catalog", "pg_stat_replication", "sync_state", "text", False,
     ("list_standbys",), ()),
    ("pg_catalog", "pg_statistic", "staattnum", "smallint", True,
     ("list_tables",), ()),
    ("pg_catalog", "pg_statistic", "stadistinct", "real", True,
     ("list_tables",), ()),
    ("pg_catalog", "pg_statistic", "stainherit", "boolean", True,
     ("list_tables",), ()),
    ("pg_catalog", "pg_statistic", "stakind1", "smallint", True,
     ("list_tables",), ()),
    ("pg_catalog", "pg_statistic", "stakind2", "smallint", True,
     ("list_tables",), ()),
    ("pg_catalog", "pg_statistic", "stakind3", "smallint", True,
     ("list_tables",), ()),
    ("pg_catalog", "pg_statistic", "stakind4", "smallint", True,
     ("list_tables",), ()),
    ("pg_catalog", "pg_statistic", "stakind5", "smallint", True,
     ("list_tables",), ()),
    ("pg_catalog", "pg_statistic", "stanullfrac", "real", True,
     ("list_tables",), ()),
    ("pg_catalog", "pg_statistic", "stanumbers1", "real[]", False,
     ("list_tables",), ()),
    ("pg_catalog", "pg_statistic", "stanumbers2", "real[]", False,
     ("list_tables",), ()),
    ("pg_catalog", "pg_statistic", "stanumbers3", "real[]", False,
     ("list_tables",), ()),
    ("pg_catalog", "pg_statistic", "stanumbers4", "real[]", False,
     ("list_tables",), ()),
    ("pg_catalog", "pg_statistic", "stanumbers5", "real[]", False,
     ("list_tables",), ()),
    ("pg_catalog", "pg_statistic", "starelid", "oid", True,
     ("list_tables",), ()),
    ("pg_catalog", "pg_statistic", "stavalues1", "anyarray", False,
     ("list_tables",), ()),
    ("pg_catalog", "pg_statistic", "stavalues2", "anyarray", False,
     ("list_tables",), ()),
    ("pg_catalog", "pg_statistic", "stavalues3", "anyarray", False,
     ("list_tables",), ()),
    ("pg_catalog", "pg_statistic", "stavalues4", "anyarray", False,
     ("list_tables",), ()),
    ("pg_catalog", "pg_statistic", "stavalues5", "anyarray", False,
     ("list_tables",), ()),
    ("pg_catalog", "pg_statistic", "stawidth", "integer", True,
     ("list_tables",), ()),
    ("pg_catalog", "pg_stats", "avg_width", "integer", False,
     ("list_tables",), ()),
    ("pg_catalog", "pg_stats", "inherited", "boolean", False,
     ("list_tables",), ()),
    ("pg_catalog", "pg_stats", "null_frac", "real", False,
     ("list_tables",), ()),
    ("pg_catalog", "pg_stats", "schemaname", "name", False,
     ("list_tables",), ()),
    ("pg_catalog", "pg_stats", "tablename", "name", False,
     ("list_tables",), ()),
    ("pg_catalog", "pg_trigger", "oid", "oid", True,
     ("list_missing",), ()),
    ("pg_catalog", "pg_trigger", "tgenabled", "\"char\"", True,
     ("list_missing",), ()),
    ("pg_catalog", "pg_trigger", "tgname", "name", True,
     ("list_missing",), ()),
    ("pg_catalog", "pg_trigger", "tgrelid", "oid", True,
     ("list_missing",), ()),
    ("slimy", "audit_logs", "id", "uuid", True,
     ("find_data",), ()),
    ("slimy", "code_reports", "id", "uuid", True,
     ("find_data",), ()),
    ("slimy", "guilds", "id", "bigint", True,
     ("find_data",), ()),
    ("slimy", "stats", "id", "uuid", True,
     ("find_data",), ()),
    ("slimy", "users", "id", "uuid", True,
     ("find_data",), ()),
    ("slimy_migrations", "_yoyo_migration", "migration_id", "character varying", False,
     ("list_migrations",), ()),
)
# schema, name, kind, the queries that read or call it, that write it, that delete rows
TOUCHES: tuple[tuple[str, str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("pg_catalog", "pg_attribute", "table",
     ("list_columns", "list_missing", "list_tables"), (), ()),
    ("pg_catalog", "pg_authid", "table",
     ("list_standbys", "list_transactions", "measure"), (), ()),
    ("pg_catalog", "pg_class", "table",
     ("list_columns", "list_gaps", "list_indexes", "list_missing", "list_tables", "list_waits"),
     (),
     ()),
    ("pg_catalog", "pg_constraint", "table",
     ("list_columns", "list_missing"), (), ()),
    ("pg_catalog", "pg_database", "table",
     ("list_transactions", "measure"), (), ()),
    ("pg_catalog", "pg_depend", "table",
     ("list_gaps",), (), ()),
    ("pg_catalog", "pg_index", "table",
     ("list_indexes",), (), ()),
    ("pg_catalog", "pg_locks", "view",
     ("list_waits", "measure"), (), ()),
    ("pg_catalog", "pg_namespace", "table",
     ("list_columns", "list_gaps", "list_indexes", "list_missing", "list_tables"), (), ()),
    ("pg_catalog", "pg_policy", "table",
     ("list_gaps",), (), ()),
    ("pg_catalog", "pg_stat_activity", "view",
     ("list_transactions", "measure"), (), ()),
    ("pg_catalog", "pg_stat_database", "view",
     ("measure",), (), ()),
    ("pg_catalog", "pg_stat_replication", "view",
     ("list_standbys",), (), ()),
    ("pg_catalog", "pg_statistic", "table",
     ("list_tables",), (), ()),
    ("pg_catalog", "pg_stats", "view",
     ("list_tables",), (), ()),
    ("pg_catalog", "pg_trigger", "table",
     ("list_missing",), (), ()),
    ("slimy", "audit_logs", "table",
     ("find_data",), (), ()),
    ("slimy", "code_reports", "table",
     ("find_data",), (), ()),
    ("slimy", "guilds", "table",
     ("find_data",), (), ()),
    ("slimy", "stats", "table",
     ("find_data",), (), ()),
    ("slimy", "users", "table",
     ("find_data",), (), ()),
    ("slimy_migrations", "_yoyo_migration", "table",
     ("list_migrations",), (), ()),
)
# fmt: on
