"""What is done for one user or for some guilds: `as_user`, `for_guilds`, alone and in transactions."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest

from slimy_dal import Database
from slimy_dal.domain.club_members import ObservedMember
from slimy_dal.domain.guilds import Guild
from slimy_dal.domain.users import User
from slimy_dal.engine.bound import Bound
from slimy_dal.engine.errors import (
    CheckViolated,
    Conflict,
    InvalidReference,
    InvalidValue,
    NotFound,
    PermissionDenied,
    ReadOnly,
)
from slimy_dal.engine.pool import Pool
from slimy_dal.engine.settings import PoolSettings
from slimy_dal.engine.statement import Parameter, Statement
from slimy_dal.engine.tenant import Tenant, become
from slimy_dal.engine.transaction import Transaction
from tests import make
from tests.logins import SERVICE, signed_in

WHO = Statement(
    "who",
    "SELECT current_user::text, coalesce(current_setting('slimy.user_id', TRUE), ''),"
    " coalesce(current_setting('slimy.guild_ids', TRUE), '')",
)
NAMES = Statement("names", "SELECT name FROM slimy.guilds ORDER BY id")
RENAME = Statement(
    "rename",
    "UPDATE slimy.guilds SET name = $1 WHERE id = $2",
    (Parameter("name", "text"), Parameter("id", "bigint")),
    writes=True,
)
BREAK = Statement("break", "SELECT 1 / 0", writes=True)


@pytest.fixture
async def one(database_url: str) -> AsyncIterator[Database]:
    """A database on a single connection: whatever a transaction leaves behind, the next one has."""
    settings = PoolSettings(pool_size=1, pool_min=1)
    async with Database.open(
        signed_in(database_url), cursor_secret=b"test", settings=settings
    ) as opened:
        yield opened


@pytest.fixture
async def ours(one: Database) -> tuple[User, Guild]:
    user = await make.user(one)
    guild = await make.guild(one, id=7000, name="Ours")
    await one.memberships.add(guild.id, user.id, roles=["owner"])
    return user, guild


@pytest.fixture
async def theirs(one: Database, ours: tuple[User, Guild]) -> tuple[User, Guild]:
    assert ours
    user = await make.user(one)
    return user, await make.guild(one, id=7001, name="Theirs", owner_id=user.id)


async def who(executor: Pool | Transaction | Bound) -> tuple[str, str, str]:
    row = await executor.row(WHO)
    assert row is not None
    return row[0], row[1], row[2]


async def names(executor: Pool | Transaction | Bound) -> list[str]:
    return [row[0] for row in await executor.rows(NAMES)]


async def test_a_users_nouns_hold_what_is_theirs_and_nothing_else(
    one: Database, ours: tuple[User, Guild], theirs: tuple[User, Guild]
) -> None:
    (user, guild), (stranger, elsewhere) = ours, theirs
    mine = one.as_user(user.id)
    assert (await mine.guilds.get(guild.id)).name == "Ours"
    assert (await mine.users.get(user.id)).id == user.id
    with pytest.raises(NotFound):
        await mine.guilds.get(elsewhere.id)
    with pytest.raises(NotFound):
        await mine.users.get(stranger.id)
    with pytest.raises(NotFound):
        await mine.guilds.update(elsewhere.id, name="Mine now")
    assert (await one.guilds.get(elsewhere.id)).name == "Theirs"


async def test_some_guilds_nouns_hold_these_guilds_alone(
    one: Database, ours: tuple[User, Guild], theirs: tuple[User, Guild]
) -> None:
    (user, guild), (_, elsewhere) = ours, theirs
    bound = one.for_guilds([guild.id])
    assert (await bound.memberships.get(guild.id, user.id)).roles == ["owner"]
    with pytest.raises(NotFound):
        await bound.guilds.get(elsewhere.id)
    with pytest.raises(NotFound):
        await one.for_guilds([]).guilds.get(guild.id)
    with pytest.raises(NotFound):
        await one.as_user(user.id, only=[elsewhere.id]).guilds.get(guild.id)
    assert (await one.as_user(user.id, only=[guild.id]).guilds.get(guild.id)).id == guild.id


async def test_what_a_tenant_writes_is_kept_and_elsewhere_it_is_refused(
    one: Database, ours: tuple[User, Guild], theirs: tuple[User, Guild]
) -> None:
    (user, guild), (stranger, elsewhere) = ours, theirs
    mine = one.as_user(user.id)
    made = await mine.club_analyses.create(guild.id, user.id, summary="a", confidence=0.5)
    assert (await one.club_analyses.get(made.id)).id == made.id
    for guild_id, user_id in ((elsewhere.id, user.id), (guild.id, stranger.id)):
        with pytest.raises(PermissionDenied) as caught:
            await mine.club_analyses.create(guild_id, user_id, summary="a", confidence=0.5)
        assert str(user_id) not in str(caught.value)


async def test_nothing_of_a_tenant_is_left_on_the_connection(
    one: Database, ours: tuple[User, Guild], theirs: tuple[User, Guild]
) -> None:
    assert theirs
    user = ours[0]
    pool, bound = one.pool, Bound(one.pool, Tenant(user.id))
    assert await who(bound) == ("slimy_visitor", str(user.id), "")
    assert await who(pool) == (SERVICE, "", "")
    assert await who(Bound(pool, Tenant(guild_ids=frozenset({2, 1})))) == (
        "slimy_visitor",
        "",
        "{1,2}",
    )
    assert await who(bound) == ("slimy_visitor", str(user.id), "")
    with pytest.raises(ReadOnly):
        await bound.execute(Statement("reads", RENAME.sql, RENAME.parameters), "a", 7000)
    assert await who(pool) == (SERVICE, "", "")
    assert await names(pool) == ["Ours", "Theirs"]
    async with pool.transaction() as tx:
        assert await who(tx) == (SERVICE, "", "")


async def test_one_statement_serves_everybody_in_turn(
    one: Database, ours: tuple[User, Guild], theirs: tuple[User, Guild]
) -> None:
    for _ in range(7):  # long enough for the server to keep a plan
        assert await names(one.pool) == ["Ours", "Theirs"]
        assert await names(Bound(one.pool, Tenant(ours[0].id))) == ["Ours"]
        assert await names(Bound(one.pool, Tenant(theirs[0].id))) == ["Theirs"]


async def test_the_server_plans_a_statement_once_for_all_tenants(
    one: Database, ours: tuple[User, Guild], theirs: tuple[User, Guild]
) -> None:
    sessions = one.pool.supply.everything
    for _ in range(3):
        await names(one.pool)
        await names(Bound(one.pool, Tenant(ours[0].id)))
        await names(Bound(one.pool, Tenant(theirs[0].id)))
    (session,) = sessions
    assert NAMES in session.states
    assert NAMES in session.tenant_states
    assert session.states[NAMES] is not session.tenant_states[NAMES]


async def test_a_transaction_is_a_tenants_from_its_beginning(
    one: Database, ours: tuple[User, Guild], theirs: tuple[User, Guild]
) -> None:
    user, guild = ours
    async with one.as_user(user.id).transaction() as tx:
        await tx.guilds.update(guild.id, name="Renamed")
        with pytest.raises(NotFound):
            await tx.guilds.get(theirs[1].id)
        async with tx.transaction() as inner:
            with pytest.raises(NotFound):
                await inner.guilds.get(theirs[1].id)
    assert (await one.guilds.get(guild.id)).name == "Renamed"


async def test_in_one_transaction_some_is_a_tenants_and_some_is_not(
    one: Database, ours: tuple[User, Guild], theirs: tuple[User, Guild]
) -> None:
    async with one.pool.transaction() as tx:
        mine, other = Bound(tx, Tenant(ours[0].id)), Bound(tx, Tenant(theirs[0].id))
        assert await names(tx) == ["Ours", "Theirs"]
        assert await names(mine) == ["Ours"]
        assert await names(other) == ["Theirs"]
        assert await names(tx) == ["Ours", "Theirs"]
        assert await mine.execute(RENAME, "Gone", theirs[1].id) == 0
        assert await mine.execute(RENAME, "Still ours", ours[1].id) == 1
    assert await names(one.pool) == ["Still ours", "Theirs"]


@pytest.mark.parametrize("first_is_bound", [False, True])
async def test_what_a_savepoint_undoes_does_not_confuse_who_is_served(
    one: Database, ours: tuple[User, Guild], theirs: tuple[User, Guild], *, first_is_bound: bool
) -> None:
    async with one.pool.transaction() as tx:
        before = Bound(tx, Tenant(ours[0].id)) if first_is_bound else tx
        within = tx if first_is_bound else Bound(tx, Tenant(theirs[0].id))
        await names(before)
        with pytest.raises(InvalidValue):
            async with tx.transaction() as inner:
                bound = Bound(inner, Tenant(theirs[0].id)) if within is not tx else inner
                await names(bound)
                await bound.execute(BREAK)
        assert await names(within) == (["Ours", "Theirs"] if first_is_bound else ["Theirs"])
        assert await names(before) == (["Ours"] if first_is_bound else ["Ours", "Theirs"])


async def test_a_stream_shows_a_tenant_what_is_theirs(
    one: Database, ours: tuple[User, Guild], theirs: tuple[User, Guild]
) -> None:
    for user, name in ((ours[0], "Ours"), (theirs[0], "Theirs")):
        bound = Bound(one.pool, Tenant(user.id))
        assert [row[0] async for row in bound.stream(NAMES, prefetch=1)] == [name]
    async with one.pool.transaction() as tx:
        bound = Bound(tx, Tenant(ours[0].id))
        assert [row[0] async for row in bound.stream(NAMES, prefetch=1)] == ["Ours"]


async def test_a_read_is_done_again_on_a_connection_that_was_cut(
    one: Database, ours: tuple[User, Guild], database_url: str
) -> None:
    bound = Bound(one.pool, Tenant(ours[0].id))
    await names(bound)
    (session,) = one.pool.supply.everything
    with psycopg.connect(database_url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", (session.pid,))
    assert await names(bound) == ["Ours"]


def test_nouns_that_are_for_somebody_cannot_be_made_anybody_elses(
    db: Database,
) -> None:
    mine = db.as_user(UUID(int=1))
    with pytest.raises(TypeError, match="for somebody already"):
        mine.as_user(UUID(int=2))
    with pytest.raises(TypeError, match="for somebody already"):
        mine.for_guilds([1])


async def test_neither_can_those_of_a_tenants_transaction(db: Database) -> None:
    async with db.as_user(UUID(int=1)).transaction() as tx:
        with pytest.raises(TypeError, match="for somebody already"):
            tx.as_user(UUID(int=2))


class Liar(UUID):
    """Prints itself as a command."""

    def __str__(self) -> str:
        return "'; RESET ROLE; --"


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"user_id": "'; RESET ROLE; --"},
        {"guild_ids": frozenset({"1}'; RESET ROLE; --"})},
        {"guild_ids": frozenset({True})},
    ],
)
def test_a_tenant_is_made_of_ids_and_nothing_else(wrong: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        Tenant(**wrong)


def test_what_becomes_a_command_is_made_of_numbers() -> None:
    assert "RESET" not in become(Tenant(Liar(int=1), frozenset({2})))
    assert become(Tenant(Liar(int=1), frozenset({20, 3}))) == (
        "SET LOCAL ROLE slimy_visitor; "
        "SET LOCAL slimy.user_id = '00000000-0000-0000-0000-000000000001'; "
        "SET LOCAL slimy.guild_ids = '{3,20}'"
    )


async def test_a_guilds_last_owner_cannot_leave_by_being_out_of_sight(
    one: Database, ours: tuple[User, Guild]
) -> None:
    user, guild = ours
    mine = one.as_user(user.id)
    with pytest.raises(Conflict):
        await mine.memberships.remove(guild.id, user.id)
    with pytest.raises((Conflict, CheckViolated)):
        await mine.memberships.set_roles(guild.id, user.id, ["member"])
    assert (await one.memberships.get(guild.id, user.id)).roles == ["owner"]


async def test_whom_a_member_adds_has_a_name_to_be_found_by(
    one: Database, ours: tuple[User, Guild]
) -> None:
    user, guild = ours
    newcomer = await make.user(one, username="Vimes")
    await one.as_user(user.id).memberships.add(guild.id, newcomer.id, roles=["member"])
    found = await one.memberships.list_members(guild.id, search="vim")
    assert [member.user.id for member in found.items] == [newcomer.id]


async def test_adding_somebody_unknown_is_told_from_what_is_refused(
    one: Database, ours: tuple[User, Guild]
) -> None:
    user, guild = ours
    with pytest.raises(NotFound) as caught:
        await one.as_user(user.id).memberships.add(guild.id, UUID(int=5), roles=["member"])
    assert isinstance(caught.value.__context__, InvalidReference)


async def test_what_a_member_ingests_becomes_the_latest(
    one: Database, ours: tuple[User, Guild]
) -> None:
    user, guild = ours
    seen = [ObservedMember("nelly", "Nelly", 10, 20)]
    mine = one.as_user(user.id)
    await mine.club_members.ingest(guild.id, seen, datetime(2026, 1, 1, tzinfo=UTC))
    assert (await mine.club_members.get(guild.id, "nelly")).sim_power == 10
