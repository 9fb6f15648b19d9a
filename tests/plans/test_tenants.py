"""The plans of what is done for tenants: row level security costs no statement its index, at the size of the model."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from service.app import GROUPS, endpoints
from slimy_dal.compiler import queryfile
from slimy_dal.compiler.describe import describe
from slimy_dal.compiler.description import Description
from slimy_dal.compiler.plans import relations, rules
from slimy_dal.compiler.plans.explain import Plans, explain
from slimy_dal.compiler.plans.judged import Judged
from slimy_dal.compiler.plans.plan import CONDITIONS
from slimy_dal.compiler.scale.model import read
from slimy_dal.compiler.scale.pretend import pretend
from slimy_dal.engine import driver, embedded
from slimy_dal.engine.tenant import ROLE
from tests.plans.pretending import MIGRATIONS, OWN_MODEL, database

pytestmark = pytest.mark.slow

in_one_loop = pytest.mark.asyncio(loop_scope="module")

UNBOUND = {
    "club_analyses.search_guild": "words are found by an index that the planner may not use",
    "club_analyses.search_user": "words are found by an index that the planner may not use",
    "memberships.search_members": "words are found by an index that the planner may not use",
    "chat_messages.find_authority": "asks what a caller may",
    "conversations.find_authority": "asks what a caller may",
    "stats.total_by_time": "counts of all guilds together, for services",
    "stats.total_by_type": "counts of all guilds together, for services",
}
"""Queries of routes that visitors call which are never run for them, but by the service's own right."""

ACCEPTED = {
    "nested-loop: slimy.users is looked": "a page's users, with an allowance for hidden ones",
    "filter: about N rows of slimy.chat_messages": "of who left a guild: what else they said",
    "filter: about N rows of slimy.conversations": "a user's own, all of which they see",
}
"""What the plans of visitors do beyond those of the service, and why that is all right."""


def visited() -> set[str]:
    """The queries of all routes that a session may call, but for those that are run by the service's own right."""
    every = [endpoint.route for endpoint in endpoints(GROUPS) if endpoint.route.policy.session]
    named = {name for route in every for name in route.queries}
    assert set(UNBOUND) <= named, "some are of no such route any more"
    return named - set(UNBOUND)


class Proven:
    """What the rules find in the plans of the visited queries, by the service's own right and for a tenant."""

    def __init__(self) -> None:
        self.plans: dict[str, list[Plans]] = {"own": [], "visitor": []}
        self.findings: dict[str, set[tuple[str, str, str]]] = {}


async def examined(connection: driver.Connection, server: embedded.Server, change: str) -> Proven:
    """Plan the visited queries twice on a pretended database, after a change of its schema."""
    await connection.execute(change)
    loaded = queryfile.load(MIGRATIONS.parent / "queries").queries
    described = await describe(connection, [one for one in loaded if one.full_name in visited()])
    scale = read(OWN_MODEL)
    seen = await pretend(connection, server.data, scale)
    found = await relations.read(connection)
    made = Proven()
    for role in ("own", "visitor"):
        if role == "visitor":
            await connection.execute(f"SET ROLE {ROLE}")
        for one in described:
            assert isinstance(one, Description)
            made.plans[role].append(await explain(connection, one, seen, page=scale.page))
        await connection.execute("RESET ROLE")
        judged = Judged(found, float(scale.settings.get("random_page_cost", "4")))
        for plans in made.plans[role]:
            await judged.look(connection, plans)
        limits = rules.Limits(scale.page, scale.array, scale.big)
        made.findings[role] = {
            (one.query.full_name, one.rule, one.message)
            for one in rules.examine(made.plans[role], judged, limits)
        }
    return made


def worse(made: Proven) -> list[tuple[str, str, str]]:
    """What is found in the plans of visitors only, and is not accepted."""
    known = {(name, rule) for name, rule, _ in made.findings["own"]}
    return sorted(
        (name, rule, message)
        for name, rule, message in made.findings["visitor"]
        if (name, rule) not in known
        and not any(
            re.sub("[0-9,]+ rows", "N rows", f"{rule}: {message}").startswith(accepted)
            for accepted in ACCEPTED
        )
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def proven(pretender: embedded.Server) -> AsyncIterator[Proven]:
    async with database(pretender, template="migrated") as connection:
        yield await examined(connection, pretender, "SELECT 1")


@in_one_loop
async def test_no_plan_is_worse_for_a_tenant(proven: Proven) -> None:
    assert len(proven.plans["visitor"]) > 80
    assert worse(proven) == []


@in_one_loop
async def test_what_is_read_for_a_tenant_is_asked_once_and_not_for_each_row(proven: Proven) -> None:
    for plans in proven.plans["visitor"]:
        for node in (node for plan in plans.all for node in plan.root.walk()):
            for name in CONDITIONS:
                assert "visitor_" not in str(node.raw.get(name)), plans.description.query.full_name


async def test_a_policy_that_the_planner_takes_for_a_choice_is_found(
    pretender: embedded.Server,
) -> None:
    """The control: the form that policies would have if nobody had looked at their plans."""
    change = (
        "ALTER POLICY stats_visitor_read ON slimy.stats"
        " USING (guild_id = ANY((SELECT slimy.visitor_led_guilds())::bigint[]))"
    )
    async with database(pretender, template="migrated") as connection:
        made = await examined(connection, pretender, change)
    assert "stats.list_newest" in {name for name, _, _ in worse(made)}
