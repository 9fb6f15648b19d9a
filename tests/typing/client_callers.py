"""What users of the client see. Never run: mypy and pyright read it, and every comment that tells them to
ignore an error is an error itself where there is none.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, assert_type
from uuid import UUID

from slimy_dal.client import Client, Page, Pages, Problem, shapes


async def answers_have_exact_types(client: Client, user_id: UUID) -> None:
    """Ids are whole numbers, times are times, and null is told by the type."""
    guild = await client.guilds.get(5)
    assert_type(guild, shapes.Guild)
    assert_type(guild.id, int)
    assert_type(guild.owner_id, UUID | None)
    assert_type(guild.created_at, datetime)
    assert_type(guild.etag, str | None)
    guild.name = "x"  # type: ignore[misc]
    member = await client.memberships.get(5, user_id)
    assert_type(member.roles, list[Literal["owner", "admin", "moderator", "member"]])
    analysis = await client.club_analyses.get(user_id)
    assert_type(analysis.metrics[0].value, Any)
    assert_type(await client.guilds.get_settings(5), dict[str, Any])


async def lists_are_pages_and_entries(client: Client) -> None:
    """A list may be awaited or iterated over."""
    found = client.guilds.list_guilds(search="a", limit=5)
    assert_type(found, Pages[shapes.GuildSummary])
    assert_type(await found, Page[shapes.GuildSummary])
    async for guild in found:
        assert_type(guild, shapes.GuildSummary)
    async for page in found.pages():
        assert_type(page.data, list[shapes.GuildSummary])
        assert_type(page.next_cursor, str | None)
    client.memberships.list_members(5, role="king")  # type: ignore[arg-type]
    client.memberships.list_members(5, sort="tallest")  # type: ignore[arg-type]


async def what_is_sent_is_checked(client: Client, user_id: UUID) -> None:
    """What must be given must be; what may be left out may be null only where it can be erased."""
    await client.guilds.create(id=5, name="a")
    await client.guilds.create(id="5", name="a")  # type: ignore[arg-type]
    await client.guilds.create(name="a")  # type: ignore[call-arg]
    await client.guilds.change(5, icon=None)
    await client.guilds.change(5, name=None)  # type: ignore[arg-type]
    await client.guilds.change(5, nmae="a")  # type: ignore[call-arg]
    await client.memberships.add(5, user_id=user_id, roles=["emperor"])  # type: ignore[list-item]
    await client.guilds.get(5, if_match="x")  # type: ignore[call-arg]
    await client.users.change(user_id, email=None, if_match='"a"')
    await client.guilds.create(id=5, name="a", idempotency_key="k")


async def numbers_keep_their_digits(total: shapes.TypeTotal) -> None:
    """Sums are decimals."""
    assert_type(total.total, Decimal)


def problems_are_typed(problem: Problem) -> None:
    """What a refusal says."""
    assert_type(problem.code, str)
    assert_type([error.pointer for error in problem.errors], list[str | None])
    assert_type(problem.retry_after, float | None)
