"""Generated from sql/queries/health.sql by `slimy generate`; do not edit."""

from collections.abc import Sequence
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


class ListMigrationsRow(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A row of `list_migrations`."""

    migration_id: str


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
     ("list_columns",), ()),
    ("pg_catalog", "pg_attribute", "attname", "name", True,
     ("list_columns",), ()),
    ("pg_catalog", "pg_attribute", "attnotnull", "boolean", True,
     ("list_columns",), ()),
    ("pg_catalog", "pg_attribute", "attnum", "smallint", True,
     ("list_columns",), ()),
    ("pg_catalog", "pg_attribute", "attrelid", "oid", True,
     ("list_columns",), ()),
    ("pg_catalog", "pg_attribute", "atttypid", "oid", True,
     ("list_columns",), ()),
    ("pg_catalog", "pg_class", "oid", "oid", True,
     ("list_columns", "list_gaps"), ()),
    ("pg_catalog", "pg_class", "relkind", "\"char\"", True,
     ("list_gaps",), ()),
    ("pg_catalog", "pg_class", "relname", "name", True,
     ("list_columns", "list_gaps"), ()),
    ("pg_catalog", "pg_class", "relnamespace", "oid", True,
     ("list_columns", "list_gaps"), ()),
    ("pg_catalog", "pg_class", "relrowsecurity", "boolean", True,
     ("list_gaps",), ()),
    ("pg_catalog", "pg_constraint", "conkey", "smallint[]", False,
     ("list_columns",), ()),
    ("pg_catalog", "pg_constraint", "conrelid", "oid", True,
     ("list_columns",), ()),
    ("pg_catalog", "pg_constraint", "contype", "\"char\"", True,
     ("list_columns",), ()),
    ("pg_catalog", "pg_constraint", "convalidated", "boolean", True,
     ("list_columns",), ()),
    ("pg_catalog", "pg_depend", "classid", "oid", True,
     ("list_gaps",), ()),
    ("pg_catalog", "pg_depend", "objid", "oid", True,
     ("list_gaps",), ()),
    ("pg_catalog", "pg_depend", "refclassid", "oid", True,
     ("list_gaps",), ()),
    ("pg_catalog", "pg_depend", "refobjid", "oid", True,
     ("list_gaps",), ()),
    ("pg_catalog", "pg_namespace", "nspname", "name", True,
     ("list_columns", "list_gaps"), ()),
    ("pg_catalog", "pg_namespace", "oid", "oid", True,
     ("list_columns", "list_gaps"), ()),
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
     ("list_columns",), (), ()),
    ("pg_catalog", "pg_class", "table",
     ("list_columns", "list_gaps"), (), ()),
    ("pg_catalog", "pg_constraint", "table",
     ("list_columns",), (), ()),
    ("pg_catalog", "pg_depend", "table",
     ("list_gaps",), (), ()),
    ("pg_catalog", "pg_namespace", "table",
     ("list_columns", "list_gaps"), (), ()),
    ("pg_catalog", "pg_policy", "table",
     ("list_gaps",), (), ()),
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
