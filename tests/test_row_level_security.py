"""Row level security, held against a database full of made-up people: by plain SQL, as the role the service becomes.

What a tenant should see is worked out here from all rows, in Python, and compared table by table.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row
from pytest_postgresql.janitor import DatabaseJanitor

from slimy_dal import Database
from slimy_dal.engine.tenant import ROLE, Tenant, become
from slimy_dal.seed.load import load
from slimy_dal.seed.plan import plan

pytestmark = pytest.mark.slow

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]
Row: TypeAlias = Mapping[str, Any]

CLOSED = {
    "api_keys": "whoever calls is known before, by the service's own right",
    "audit_log_deltas": "counts of all guilds together",
    "audit_log_totals": "counts of all guilds together",
    "audit_logs": "written by the service about its callers, and read by services only",
    "idempotency_keys": "kept by the service for its callers",
    "stat_totals": "counts of all guilds together",
}
"""Tables without a policy for visitors, and why: they see nothing of them, and may do nothing."""

OF_CLUB_ANALYSES = {"club_analysis_images", "club_metrics"}
OF_SCREENSHOTS = {
    "screenshot_data",
    "screenshot_insights",
    "screenshot_recommendations",
    "screenshot_tags",
}
OF_LEADERS = {
    "guild_personalities",
    "guild_settings",
    "guild_stat_totals",
    "stat_deltas",
    "stats",
}
OF_GUILDS = {"club_member_latest", "club_member_metrics", "guild_feature_flags", "user_guilds"}
OF_USERS = {"screenshot_analyses", "screenshot_comparisons", "sessions", "user_preferences"}

KEY = "key as text"

WHOSE = {"id", "user_id", "guild_id", "analysis_id", "conversation_id", "reporter_id", "discord_id"}
"""Columns that say whose a row is, or what it belongs to."""


@dataclass
class World:
    """All rows there are, and the tenants to look at them."""

    url: str
    keys: dict[str, list[str]]
    """The columns of each table's primary key."""
    rows: dict[str, list[Row]]
    tenants: dict[str, Tenant] = field(default_factory=dict)

    def key(self, table: str) -> sql.Composed:
        """An expression for the key of a row, as text."""
        names = [sql.SQL("{}::text").format(sql.Identifier(name)) for name in self.keys[table]]
        return sql.SQL("concat_ws('|', {})").format(sql.SQL(", ").join(names))

    def expected(self, table: str, tenant: Tenant) -> set[str]:
        """The keys of the rows that a tenant should see."""
        reach = Reach(self, tenant)
        return {row[KEY] for row in self.rows[table] if reach.has(table, row)}


class Reach:
    """What is a tenant's, worked out from the memberships."""

    def __init__(self, world: World, tenant: Tenant) -> None:
        self.me = tenant.user_id
        self.world = world
        bound = tenant.guild_ids
        if self.me is None:
            self.guilds = self.led = set(bound or ())
        else:
            mine = [row for row in world.rows["user_guilds"] if row["user_id"] == self.me]
            owned = {row["id"] for row in world.rows["guilds"] if row["owner_id"] == self.me}
            self.guilds = owned | {row["guild_id"] for row in mine}
            staff = {row["guild_id"] for row in mine if {"owner", "admin"} & {*row["roles"]}}
            self.led = owned | staff
            if bound is not None:
                self.guilds, self.led = self.guilds & bound, self.led & bound
        self.analyses = self.ids("club_analyses")
        self.screenshots = self.ids("screenshot_analyses")
        roster, talk = world.rows["user_guilds"], world.rows["chat_messages"]
        self.people = {row["user_id"] for row in roster if row["guild_id"] in self.guilds}
        self.people |= {row["user_id"] for row in talk if self.has("chat_messages", row)}

    def ids(self, table: str) -> set[UUID]:
        return {row["id"] for row in self.world.rows[table] if self.has(table, row)}

    def own(self, row: Row, name: str = "user_id") -> bool:
        return self.me is not None and row[name] == self.me

    def has(self, table: str, row: Row) -> bool:  # noqa: PLR0911 -- a return for each rule
        if table in CLOSED:
            return False
        if table in OF_USERS:
            return self.own(row)
        if table in OF_GUILDS:
            return row["guild_id"] in self.guilds
        if table in OF_LEADERS:
            return row["guild_id"] in self.led
        if table in OF_CLUB_ANALYSES:
            return row["analysis_id"] in self.analyses
        if table in OF_SCREENSHOTS:
            return row["analysis_id"] in self.screenshots
        rule = "seen_guilds" if table == "guilds" else table
        return bool(getattr(self, rule)(row))

    def users(self, row: Row) -> bool:
        return self.own(row, "id") or row["id"] in self.people

    def seen_guilds(self, row: Row) -> bool:
        made = self.world.rows["club_analyses"]
        mine = {one["guild_id"] for one in made if self.own(one)}
        return row["id"] in self.guilds | mine

    def conversations(self, row: Row) -> bool:
        known = self.me is None or row["deleted_at"] is not None
        return self.own(row) or (known and row["guild_id"] in self.guilds)

    def chat_messages(self, row: Row) -> bool:
        reached = self.led if row["admin_only"] else self.guilds
        return self.own(row) or row["guild_id"] in reached

    def club_analyses(self, row: Row) -> bool:
        return self.own(row) or row["guild_id"] in self.guilds

    def code_reports(self, row: Row) -> bool:
        return self.own(row, "reporter_id")


@pytest.fixture(scope="module")
def world(
    template: str,
    address: Callable[[str], str],
    janitor: Callable[[str, str | None], DatabaseJanitor],
) -> Iterator[World]:
    maker = janitor("slimy_tenants", template)
    maker.drop()
    with maker:
        url = address("slimy_tenants")
        asyncio.run(_seed(url))
        with psycopg.connect(url, row_factory=dict_row) as connection:
            made = World(url, _keys(connection), {})
            _leave(connection)
            for table in made.keys:
                made.rows[table] = []
                made.rows[table] += connection.execute(
                    sql.SQL("SELECT *, {} AS {} FROM slimy.{}").format(
                        made.key(table), sql.Identifier(KEY), sql.Identifier(table)
                    )
                ).fetchall()
        made.tenants = _tenants(made)
        yield made


async def _seed(url: str) -> None:
    async with Database.open(url) as opened:
        await load(opened.pool, plan("test"), lambda *_: None)


def _keys(connection: psycopg.Connection[dict[str, Any]]) -> dict[str, list[str]]:
    rows = connection.execute(
        "SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum) AS names FROM pg_index AS i"
        " INNER JOIN pg_class AS c ON i.indrelid = c.oid AND NOT c.relispartition"
        " INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid AND n.nspname = 'slimy'"
        " INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey)"
        " WHERE i.indisprimary GROUP BY c.relname"
    ).fetchall()
    return {row["relname"]: row["names"] for row in rows}


def _leave(connection: psycopg.Connection[dict[str, Any]]) -> None:
    """Let somebody with an analysis leave each guild, so that what they said and made stays; fill what is empty."""
    connection.execute(
        "DELETE FROM slimy.user_guilds AS m USING (SELECT DISTINCT ON (a.guild_id) a.guild_id,"
        " a.user_id FROM slimy.club_analyses AS a INNER JOIN slimy.chat_messages AS c"
        " ON c.guild_id = a.guild_id AND c.user_id = a.user_id"
        " INNER JOIN slimy.user_guilds AS o ON o.guild_id = a.guild_id AND o.user_id = a.user_id"
        " INNER JOIN slimy.guilds AS g ON g.id = a.guild_id AND g.owner_id != a.user_id"
        " WHERE NOT o.roles @> ARRAY['owner'] ORDER BY a.guild_id, a.user_id) AS l"
        " WHERE m.guild_id = l.guild_id AND m.user_id = l.user_id"
    )
    # What was made is folded; this is still to be.
    connection.execute(
        "INSERT INTO slimy.stats (guild_id, type, value) SELECT id, 'late', '1' FROM slimy.guilds"
    )
    connection.execute(
        "INSERT INTO slimy.audit_logs (action, resource_type) VALUES ('guild.delete', 'guild')"
    )
    connection.execute(
        "INSERT INTO slimy.idempotency_keys (caller, key, request_hash)"
        " VALUES ('key:1', '1', sha256('1'))"
    )
    connection.execute(
        "INSERT INTO slimy.guild_settings (guild_id) SELECT id FROM slimy.guilds"
        " ON CONFLICT (guild_id) DO NOTHING"
    )
    connection.commit()


def _tenants(world: World) -> dict[str, Tenant]:
    reaches = {row["id"]: Reach(world, Tenant(row["id"])) for row in world.rows["users"]}
    wrote = {row["user_id"] for row in world.rows["chat_messages"]}
    talk = [row for row in world.rows["chat_messages"] if row["guild_id"] is not None]
    plain = next(u for u, r in reaches.items() if r.guilds and not r.led and u in wrote)
    mixed = next(u for u, r in reaches.items() if r.led and r.led < r.guilds)
    left = next(
        row["user_id"]
        for row in talk
        if row["guild_id"] not in reaches[row["user_id"]].guilds
        and any(reaches[row["user_id"]].own(one) for one in world.rows["club_analyses"])
    )
    alone = next(u for u, r in reaches.items() if not r.guilds)
    guild = min(reaches[mixed].led)
    return {
        "a member": Tenant(plain),
        "who leads one guild and is in another": Tenant(mixed),
        "who left a guild": Tenant(left),
        "who is in no guild": Tenant(alone),
        "who does not exist": Tenant(UUID(int=1)),
        "a key of a guild": Tenant(guild_ids=frozenset({guild})),
        "a key of no guild": Tenant(guild_ids=frozenset()),
        "a key of a guild for a member": Tenant(mixed, frozenset({guild})),
        "a key of another guild for a member": Tenant(plain, frozenset({1})),
    }


KINDS = (
    "a member",
    "who leads one guild and is in another",
    "who left a guild",
    "who is in no guild",
    "who does not exist",
    "a key of a guild",
    "a key of no guild",
    "a key of a guild for a member",
    "a key of another guild for a member",
)


@pytest.fixture
def connection(world: World) -> Iterator[Connection]:
    """As the tables' owner, in a transaction that is undone."""
    with psycopg.connect(world.url) as opened:
        yield opened
        opened.rollback()


def visit(connection: Connection, tenant: Tenant) -> None:
    connection.execute(become(tenant).encode())


def leave(connection: Connection) -> None:
    connection.execute("SET LOCAL role TO DEFAULT")


def seen(connection: Connection, world: World, table: str) -> set[str]:
    """The keys of the rows there are for whoever asks; nothing where they may not."""
    query = sql.SQL("SELECT {} FROM slimy.{}").format(world.key(table), sql.Identifier(table))
    try:
        with connection.transaction():
            return {row[0] for row in connection.execute(query)}
    except psycopg.errors.InsufficientPrivilege:
        return set()


def policies(connection: Connection) -> list[tuple[str, str, str]]:
    """Table, name and command of every policy for visitors."""
    return connection.execute(
        "SELECT tablename, policyname, cmd FROM pg_policies WHERE schemaname = 'slimy'"
        " AND %s = ANY(roles) ORDER BY 1, 2",
        (ROLE,),
    ).fetchall()


DROP: Final = "DROP POLICY {} ON slimy.{}"


def columns(connection: Connection, table: str, privilege: str) -> list[str]:
    """The columns that visitors have a privilege on."""
    rows = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
        " AND NOT attisdropped AND has_column_privilege(%s, attrelid, attnum, %s)"
        " ORDER BY attnum",
        (f"slimy.{table}", ROLE, privilege),
    ).fetchall()
    return [row[0] for row in rows]


def test_every_table_keeps_rows_apart_or_is_closed_for_a_reason(
    connection: Connection, world: World
) -> None:
    kept = connection.execute(
        "SELECT relname, relrowsecurity FROM pg_class WHERE relnamespace = 'slimy'::regnamespace"
        " AND relkind IN ('r', 'p') AND NOT relispartition"
    ).fetchall()
    assert {table for table, _ in kept} == set(world.keys)
    assert {table for table, on in kept if not on} == set()
    assert {table for table, _, _ in policies(connection)} == set(world.keys) - set(CLOSED)
    for table in CLOSED:
        for privilege in ("SELECT", "INSERT", "UPDATE"):
            assert columns(connection, table, privilege) == [], (table, privilege)


def test_every_policy_says_what_it_is_for(connection: Connection) -> None:
    silent = connection.execute(
        "SELECT polname FROM pg_policy WHERE obj_description(oid, 'pg_policy') IS NULL"
    ).fetchall()
    assert silent == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.fault("S4")
def test_a_tenant_sees_exactly_what_is_theirs(
    connection: Connection, world: World, kind: str
) -> None:
    tenant = world.tenants[kind]
    visit(connection, tenant)
    for table, rows in world.rows.items():
        found = seen(connection, world, table)
        assert found == world.expected(table, tenant), table
        assert len(found) < len(rows), f"{table}: all of it is {kind}'s, which proves nothing"


def test_of_every_open_table_somebody_sees_something(world: World) -> None:
    tenants = world.tenants.values()
    empty = {
        table
        for table in world.rows
        if not any(world.expected(table, tenant) for tenant in tenants)
    }
    assert empty == set(CLOSED)


def test_every_policy_for_reading_is_needed_and_is_as_narrow_as_it_must_be(
    connection: Connection, world: World
) -> None:
    tenant = world.tenants["who leads one guild and is in another"]
    for table, name, command in policies(connection):
        if command not in ("ALL", "SELECT"):
            continue
        policy = (sql.Identifier(name), sql.Identifier(table))
        expected = world.expected(table, tenant)
        for change, at_all in (
            ("ALTER POLICY {} ON slimy.{} USING (TRUE)", True),
            ("DROP POLICY {} ON slimy.{}", False),
        ):
            with connection.transaction(force_rollback=True):
                connection.execute(sql.SQL(change).format(*policy))
                visit(connection, tenant)
                found = seen(connection, world, table)
                assert found > expected if at_all else found < expected or not expected, (
                    name,
                    change,
                )


@pytest.mark.fault("S4")
def test_without_a_tenant_there_is_nothing(connection: Connection, world: World) -> None:
    connection.execute("SET LOCAL ROLE slimy_visitor")
    for table in world.rows:
        assert seen(connection, world, table) == set(), table


def test_partitions_are_closed_by_any_other_door(connection: Connection) -> None:
    found = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'slimy'::regnamespace AND relispartition"
        " AND relkind = 'r'"
    ).fetchall()
    assert len(found) > 2
    for (name,) in found:
        for privilege in ("SELECT", "INSERT", "UPDATE", "DELETE"):
            (may,) = connection.execute(
                "SELECT has_table_privilege(%s, %s::regclass, %s)",
                (ROLE, f"slimy.{name}", privilege),
            ).fetchone() or (None,)
            assert may is False, (name, privilege)


def test_secrets_cannot_be_read_even_of_ones_own(connection: Connection) -> None:
    hidden = {"discord_access_token", "discord_refresh_token", "token_key_id", "token_expires_at"}
    assert set(columns(connection, "users", "SELECT")).isdisjoint(hidden)
    assert "token_hash" not in columns(connection, "sessions", "SELECT")


def test_no_row_can_be_given_to_somebody_else(connection: Connection, world: World) -> None:
    for table in world.rows:
        moved = WHOSE & set(columns(connection, table, "UPDATE"))
        assert moved == set(), table


def others(world: World, table: str, tenant: Tenant) -> list[str]:
    """Rows a tenant does not see: one of fifty of each table."""
    hidden = sorted({row[KEY] for row in world.rows[table]} - world.expected(table, tenant))
    return hidden[:: max(1, len(hidden) // 50)]


def tried(connection: Connection, query: sql.Composed, keys: list[str]) -> int:
    """How many rows a statement reaches; -1 where it is refused."""
    try:
        with connection.transaction(force_rollback=True):
            return connection.execute(query, (keys,)).rowcount
    except psycopg.errors.InsufficientPrivilege:
        return -1


@pytest.mark.parametrize("kind", ["a member", "who left a guild", "a key of a guild"])
def test_nobody_changes_or_removes_what_is_not_theirs(
    connection: Connection, world: World, kind: str
) -> None:
    tenant, done = world.tenants[kind], 0
    for table in world.rows:
        of_them = sql.SQL("WHERE {} = ANY(%s)").format(world.key(table))
        target = sql.Identifier(table)
        statements = [sql.SQL("DELETE FROM slimy.{} {}").format(target, of_them)]
        for column in columns(connection, table, "UPDATE")[:1]:
            changed = sql.Identifier(column)
            statements.append(
                sql.SQL("UPDATE slimy.{} SET {} = {} {}").format(target, changed, changed, of_them)
            )
        keys = others(world, table, tenant)
        for statement in statements:
            with connection.transaction(force_rollback=True):
                visit(connection, tenant)
                assert tried(connection, statement, keys) <= 0, (table, statement.as_string())
            with connection.transaction(force_rollback=True):
                # As the owner it reaches them, unless a rule of the table's own refuses it.
                connection.execute("SET LOCAL session_replication_role = replica")
                done += tried(connection, statement, keys) > 0
    assert done > 40, "hardly any of the statements would have reached a row at all"


@pytest.mark.parametrize("kind", ["a member", "who left a guild", "a key of a guild"])
def test_nobody_writes_into_what_is_not_theirs(
    connection: Connection, world: World, kind: str
) -> None:
    tenant = world.tenants[kind]
    for table in world.rows:
        writable = columns(connection, table, "INSERT")
        for key in others(world, table, tenant)[:10] if writable else ():
            with connection.transaction(force_rollback=True):
                outcome = copied(connection, world, table, key, writable, tenant)
                assert isinstance(outcome, psycopg.errors.InsufficientPrivilege), (table, key)
                assert "row-level security" in str(outcome), (table, outcome)


def test_where_policies_let_everyone_the_same_writes_go_through(
    connection: Connection, world: World
) -> None:
    tenant, let = world.tenants["a member"], set()
    for table, name, command in policies(connection):
        change = "ALTER POLICY {} ON slimy.{} " + (
            "USING (TRUE)" if command == "SELECT" else "WITH CHECK (TRUE)"
        )
        if command in ("ALL", "INSERT", "SELECT"):
            connection.execute(sql.SQL(change).format(sql.Identifier(name), sql.Identifier(table)))
    for table in world.rows:
        writable = columns(connection, table, "INSERT")
        for key in others(world, table, tenant)[:1] if writable else ():
            with connection.transaction(force_rollback=True):
                outcome = copied(connection, world, table, key, writable, tenant)
                if not isinstance(outcome, psycopg.errors.InsufficientPrivilege):
                    let.add(table)
    assert let == {table for table in world.rows if columns(connection, table, "INSERT")}


def copied(
    connection: Connection,
    world: World,
    table: str,
    key: str,
    writable: list[str],
    tenant: Tenant,
) -> psycopg.Error | None:
    """The error, if any, of a tenant who writes a row like somebody else's."""
    model = sql.SQL("CREATE TEMP TABLE model AS SELECT * FROM slimy.{} WHERE {} = %s")
    connection.execute(model.format(sql.Identifier(table), world.key(table)), (key,))
    connection.execute("GRANT SELECT ON model TO slimy_visitor")
    chosen = sql.SQL(", ").join(map(sql.Identifier, writable))
    visit(connection, tenant)
    try:
        with connection.transaction():
            connection.execute(
                sql.SQL("INSERT INTO slimy.{} ({}) SELECT {} FROM model").format(
                    sql.Identifier(table), chosen, chosen
                )
            )
    except psycopg.Error as error:
        return error
    return None


def test_a_user_cannot_write_themselves_into_a_guild(connection: Connection, world: World) -> None:
    tenant = world.tenants["who is in no guild"]
    guild_id = world.rows["guilds"][0]["id"]
    visit(connection, tenant)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        connection.execute(
            "INSERT INTO slimy.user_guilds (user_id, guild_id) VALUES (%s, %s)",
            (tenant.user_id, guild_id),
        )


def test_a_user_speaks_in_their_own_name_and_in_their_guilds_only(
    connection: Connection, world: World
) -> None:
    tenant = world.tenants["a member"]
    reach = Reach(world, tenant)
    somebody = next(row["id"] for row in world.rows["users"] if row["id"] != tenant.user_id)
    elsewhere = next(row["id"] for row in world.rows["guilds"] if row["id"] not in reach.guilds)
    here = min(reach.guilds)
    attempts = {
        (tenant.user_id, here): True,
        (tenant.user_id, None): True,
        (somebody, here): False,
        (somebody, None): False,
        (tenant.user_id, elsewhere): False,
    }
    visit(connection, tenant)
    for (user_id, guild_id), may in attempts.items():
        try:
            with connection.transaction(force_rollback=True):
                connection.execute(
                    "INSERT INTO slimy.chat_messages (user_id, guild_id, text) VALUES (%s, %s, 'a')",
                    (user_id, guild_id),
                )
            done = True
        except psycopg.errors.InsufficientPrivilege:
            done = False
        assert done == may, (user_id, guild_id)


def test_who_takes_old_months_away_still_sees_all_of_them(
    connection: Connection, world: World
) -> None:
    connection.execute("SET LOCAL ROLE slimy_retention")
    for table in ("stats", "audit_logs"):
        assert len(seen(connection, world, table)) == len(world.rows[table])
        assert connection.execute(
            sql.SQL("DELETE FROM slimy.{}").format(sql.Identifier(table))
        ).rowcount == len(world.rows[table])
