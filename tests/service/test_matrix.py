"""Every cell of docs/access.md, called for real: what the policies say is what each kind of caller meets."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import aiohttp
import pytest
import pytest_asyncio
from pytest_postgresql.janitor import DatabaseJanitor

from service import access
from service.access import (
    ACTING,
    ACTING_STRANGER,
    ANYONE,
    DELETED,
    KEY,
    KEY_ELSEWHERE,
    KEY_THERE,
    KEY_WITHOUT,
    LET_IN,
    OWN,
    SESSIONS,
    STRANGER,
)
from service.app import GROUPS, STATE, create_app, endpoints
from service.principals import ACT
from service.principals import ACTING as ACTING_HEADER
from service.routes import Route
from service.server import listening
from service.settings import Settings
from slimy_dal.domain.api_keys import SCOPES, Scope
from slimy_dal.domain.club_members import ObservedMember
from slimy_dal.domain.database import Database
from slimy_dal.engine.secrets import Keyring
from tests.logins import signed_in
from tests.service.conftest import KEYS, ROLES, Caller, analyses, chat, judge, soon
from tests.service.test_access import NEEDED

in_one_loop = pytest.mark.asyncio(loop_scope="module")

ROUTES = {
    endpoint.route.operation_id: endpoint.route
    for endpoint in endpoints(GROUPS)
    if endpoint.route.path != "/problems/{code}"
}
GUILD, ELSEWHERE, GONE = 7000, 7001, 7002

PROBE = "no-such-parameter"
"""No route knows it: whoever is let in hears of it, before anything is done."""


@dataclass
class World:
    """One service for all cells, and who calls it. Nothing in it is ever changed by them."""

    anyone: Caller
    db: Database
    tokens: dict[str, str]
    ids: dict[str, UUID]
    things: dict[str, Any]
    gone: dict[str, Any]
    """What was in the deleted guild."""

    def path(self, route: Route, kind: access.Caller) -> str:
        """About the guild, and about what belongs to `own`, who is no member of it; for one caller the deleted one."""
        about = {
            **self.things,
            **(self.gone if kind == DELETED else {}),
            "user_id": self.ids["own"],
            "guild_id": GONE if kind == DELETED else GUILD,
            "discord_id": 2000,
            "session_id": self.ids["own"],
            "key_id": self.ids["own"],
            "permission": "view_members",
        }
        return route.path.format(**about)

    async def key(self, scopes: list[Scope], guild_ids: list[int] | None = None) -> Caller:
        made = await self.db.api_keys.create("k", scopes or ["users:read"], guild_ids=guild_ids)
        return self.anyone.bearing(made.key)

    async def callers(self, route: Route, kind: access.Caller) -> list[Caller]:
        """Those who are a caller of this kind to a route: a key for each scope that is missing."""
        scopes = [*route.policy.scopes]
        if kind == ANYONE:
            return [self.anyone]
        if kind == KEY_WITHOUT:
            return [
                await self.key([one for one in SCOPES if one != scope])
                for scope in scopes or [SCOPES[0]]
            ]
        if kind == KEY:
            return [await self.key(scopes)]
        if kind in {KEY_THERE, KEY_ELSEWHERE}:
            return [await self.key(scopes, [GUILD if kind == KEY_THERE else ELSEWHERE])]
        if kind in {ACTING, ACTING_STRANGER}:
            caller = await self.key(sorted({*scopes, ACT}))
            name = "owner" if kind == ACTING else STRANGER.name
            caller.extra[ACTING_HEADER] = str(self.ids[name])
            return [caller]
        return [self.anyone.bearing(self.tokens[kind.name])]


@pytest.fixture(scope="module")
def module_url(
    template: str,
    address: Callable[[str], str],
    janitor: Callable[[str, str | None], DatabaseJanitor],
) -> Iterator[str]:
    maker = janitor("slimy_matrix", template)
    maker.drop()
    with maker:
        yield address("slimy_matrix")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(module_url: str) -> AsyncIterator[World]:
    settings = Settings(
        database_url=signed_in(module_url), port=0, access_log=False, key_cache_seconds=0
    )
    async with Database.open(signed_in(module_url), keyring=Keyring.parse(KEYS)) as db:
        app = create_app(settings, db)
        documented = judge(app[STATE].document)
        async with listening(app, settings) as found, aiohttp.ClientSession() as session:
            made = World(Caller(found, session, documented), db, {}, {}, {}, {})
            await populate(made)
            yield made


async def populate(world: World) -> None:
    db = world.db
    for number, kind in enumerate((*SESSIONS, DELETED)):
        email = "a@b" if kind == OWN else None
        user = await db.users.find_or_create(2000 + number, username=kind.name, email=email)
        world.ids[kind.name] = user.id
        world.tokens[kind.name] = (await db.sessions.create(user.id, expires_at=soon())).token
    await db.guilds.create(ELSEWHERE, name="Elsewhere")
    guild = await db.guilds.create(GUILD, name="Testers", owner_id=world.ids["owner"])
    for role in ROLES:
        await db.memberships.add(guild.id, world.ids[role], roles=[role])
    seen = [ObservedMember("nelly", "Nelly", 10, 20)]
    await db.club_members.ingest(guild.id, seen, datetime(2026, 1, 1, tzinfo=UTC))
    own = world.ids["own"]
    report = await db.code_reports.create("SLIME2024", "expired", reporter_id=own)
    world.things = {"report_id": report.id, "member_key": "nelly"}
    world.things.update(await analyses(db, guild.id, own))
    world.things.update(await chat(db, guild.id, own))
    await db.guilds.create(GONE, name="Former Testers", owner_id=world.ids[DELETED.name])
    for user_id in (own, world.ids[DELETED.name]):
        await db.memberships.add(GONE, user_id, roles=["owner"])
    analysed = await analyses(db, GONE, own)
    world.gone = {name: analysed[name] for name in ("analysis_id", "image_id", "name")}
    world.gone.update(await chat(db, GONE, own))
    await db.guilds.soft_delete(GONE)


@in_one_loop
@pytest.mark.parametrize("operation", ROUTES)
async def test_every_kind_of_caller_meets_what_the_page_says(world: World, operation: str) -> None:
    route = ROUTES[operation]
    met = {}
    for kind in access.CALLERS:
        path = world.path(route, kind)
        for caller in await world.callers(route, kind):
            answer = await caller.call(route.method, f"{path}?{PROBE}=1", headers=caller.extra)
            assert answer.status >= 400, (kind.name, "the probe did something")
            met[kind.name] = LET_IN if answer.code == "unknown_parameter" else answer.code
    assert met == {kind.name: access.answer(route, kind) for kind in access.CALLERS}


BY_OBJECT = {"memberships_get", "code_reports_get"}
"""They may find nothing for who is let in: `own` is no member, and reports are their reporters'."""


@in_one_loop
@pytest.mark.parametrize(
    "operation", [name for name, route in ROUTES.items() if route.method == "GET"]
)
async def test_who_is_let_in_may_read(world: World, operation: str) -> None:
    route = ROUTES[operation]
    for kind in access.CALLERS:
        if access.answer(route, kind) != LET_IN:
            continue
        path = world.path(route, kind) + NEEDED.get(route.path, "")
        for caller in await world.callers(route, kind):
            answer = await caller.call("GET", path, headers=caller.extra)
            found = answer.status == 200 or (answer.status == 404 and operation in BY_OBJECT)
            assert found, (kind.name, answer.content)


@in_one_loop
async def test_nothing_was_changed_by_all_that(world: World) -> None:
    assert (await world.db.guilds.get(GUILD)).name == "Testers"
    for name, user_id in world.ids.items():
        assert (await world.db.users.get(user_id)).username == name
        assert await world.db.sessions.find_by_token(world.tokens[name]) is not None


def test_every_route_has_a_row_and_every_mark_is_explained() -> None:
    text = access.page()
    for group in GROUPS:
        for route in group:
            assert f"| `{route.method} {route.path}` |" in text
    for mark in access.MARKS.values():
        assert f"| {mark} |" in text, mark
