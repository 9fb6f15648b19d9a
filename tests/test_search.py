"""Every noun's search finds words however they are joined, filters before it cuts, and takes no endless terms."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
import pytest

from slimy_dal import Database
from slimy_dal.domain.club_analyses import SearchGuildFilter, SearchUserFilter
from slimy_dal.engine.errors import InvalidValue
from tests import make

if TYPE_CHECKING:
    from slimy_dal.domain.memberships import Role
    from slimy_dal.engine.types import Page

JOINED = [
    ("sam.vimes", "vimes"),
    ("north/south", "south"),
    ("Sim/Total power", "total"),
    ("https://club.example/sheet?tab=week", "week"),
    ("https://club.example/sheet?tab=week", "sheet"),
    ("2024-05", "05"),
    ("alex_north", "north"),
    ("vimes@watch.example", "watch"),
    ("a+vimes", "vimes"),
    ("north:south", "south"),
    ("<vimes>", "vimes"),
    ("+5", "5"),
]
WITH_ROLE = """
INSERT INTO slimy.user_guilds (user_id, guild_id, roles)
SELECT u.id, %s, %s FROM slimy.users AS u
"""
ALEX = "INSERT INTO slimy.users (discord_id, username) SELECT n, 'alex' || n FROM generate_series(1, 10001) AS n"
ANALYSES = """
INSERT INTO slimy.club_analyses (guild_id, user_id, summary, confidence, created_at)
SELECT %s, %s, 'power ' || n, 0.1, '2024-01-01' FROM generate_series(1, 10001) AS n
"""


async def finds(db: Database, text: str, typed: str) -> set[str]:
    """Return the nouns in which a text is found by a term."""
    user = await make.user(db, username=text)
    guild = await make.guild(db, name=text)
    await db.memberships.add(guild.id, user.id)
    await make.club_analysis(db, guild.id, user.id, summary=text)
    pages: dict[str, Page[Any]] = {
        "users": await db.users.list(search=typed),
        "guilds": await db.guilds.list(search=typed),
        "members": await db.memberships.list_members(guild.id, search=typed),
        "analyses of the guild": await db.club_analyses.search_guild(guild.id, typed),
        "analyses of the user": await db.club_analyses.search_user(user.id, typed),
    }
    return {noun for noun, page in pages.items() if page.items}


EVERYWHERE = {"users", "guilds", "members", "analyses of the guild", "analyses of the user"}


@pytest.mark.parametrize(("text", "typed"), JOINED)
async def test_words_joined_by_signs_are_found_alone_and_as_they_stand(
    db: Database, text: str, typed: str
) -> None:
    assert await finds(db, text, typed) == EVERYWHERE
    assert await finds(db, text, text) == EVERYWHERE


def test_every_sign_parts_words(database_url: str) -> None:
    signs = [chr(code) for code in range(33, 127) if not chr(code).isalnum()]
    pairs = [("sam", "vimes"), ("2024", "05"), ("a1", "b2"), ("north", "2"), ("5", "sim")]
    with psycopg.connect(database_url) as connection:
        for sign in signs:
            for one, other in pairs:
                for text in (f"{one}{sign}{other}", f"http://{one}{sign}{other}{sign}"):
                    row = connection.execute(
                        "SELECT tsvector_to_array(slimy.to_tsvector(%s))", (text,)
                    ).fetchone()
                    assert row is not None
                    assert {one, other} <= set(row[0]), text


@pytest.mark.parametrize("word", ["x" * 5000, "ж" * 1500, "北京" * 800])
async def test_of_a_very_long_word_the_beginning_is_found(db: Database, word: str) -> None:
    guild, user = await make.guild(db), await make.user(db)
    made = await make.club_analysis(db, guild.id, user.id, summary=f"before {word} behind")
    for words in (word[:3], word[:200], f"before {word[:5]} behind"):
        page = await db.club_analyses.search_guild(guild.id, words)
        assert [row.id for row in page.items] == [made.id]


async def test_a_search_has_at_most_200_characters(db: Database) -> None:
    guild, user = await make.guild(db), await make.user(db)
    for typed, refused in (("ä" * 200, False), ("ä" * 201, True)):
        for field, call in (
            ("search", db.users.list(search=typed)),
            ("search", db.guilds.list(search=typed)),
            ("search", db.memberships.list_members(guild.id, search=typed)),
            ("words", db.club_analyses.search_guild(guild.id, typed)),
            ("words", db.club_analyses.search_user(user.id, typed)),
        ):
            if refused:
                with pytest.raises(InvalidValue, match="more than 200") as caught:
                    await call
                assert caught.value.field == field
            else:
                assert (await call).items == []


@pytest.mark.parametrize(("crowd", "role"), [("member", "owner"), ("moderator", "member")])
async def test_a_member_with_a_role_is_found_among_ten_thousand_without_it(
    db: Database, database_url: str, crowd: str, role: "Role"
) -> None:
    guild = await make.guild(db)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(ALEX)
        connection.execute(WITH_ROLE, (guild.id, [crowd]))
    one = await make.user(db, username="alex the only")
    await db.memberships.add(guild.id, one.id, roles=[role])
    page = await db.memberships.list_members(guild.id, search="alex", role=role)
    assert [(member.user.id, member.roles) for member in page.items] == [(one.id, [role])]


async def test_an_analysis_is_found_among_ten_thousand_that_the_filter_leaves_out(
    db: Database, database_url: str
) -> None:
    guild, user = await make.guild(db), await make.user(db)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(ANALYSES, (guild.id, user.id))
    one = await make.club_analysis(db, guild.id, user.id, summary="power", confidence=0.9)
    start, end = one.created_at, one.created_at + timedelta(seconds=1)
    for wanted in (
        {"min_confidence": 0.9},
        {"since": start},
        {"min_confidence": 0.5, "since": start, "until": end},
    ):
        of_guild = await db.club_analyses.search_guild(
            guild.id, "power", filter=SearchGuildFilter(**wanted)
        )
        of_user = await db.club_analyses.search_user(
            user.id, "power", filter=SearchUserFilter(**wanted)
        )
        assert [row.id for row in of_guild.items] == [row.id for row in of_user.items] == [one.id]
    old = SearchGuildFilter(until=datetime(2025, 1, 1, tzinfo=UTC))
    page = await db.club_analyses.search_guild(guild.id, "power", filter=old)
    assert one.id not in [row.id for row in page.items]
    assert len(page.items) == 50


INDEXED: dict[str, LiteralString] = {
    "users_words_idx": "SELECT id FROM slimy.users AS u WHERE"
    " slimy.to_tsvector(coalesce(u.username, '') || ' ' || coalesce(u.global_name, ''))"
    " @@ slimy.words_query('sam.vimes')",
    "guilds_words_idx": "SELECT id FROM slimy.guilds AS g WHERE g.deleted_at IS NULL"
    " AND slimy.to_tsvector(g.name) @@ slimy.words_query('sam.vimes')",
    "user_guilds_names_idx": "SELECT user_id FROM slimy.user_guilds AS m WHERE"
    " slimy.names_within(m.guild_id, m.names) @@ slimy.names_query_within(1, 'sam.vimes')",
}


@pytest.mark.parametrize("index", INDEXED)
def test_a_search_reads_its_index(database_url: str, index: str) -> None:
    with psycopg.connect(database_url) as connection:
        # Of an empty table all ways are equally short: what is asked is whether this one is open.
        connection.execute("SET enable_seqscan = off")
        connection.execute("SET enable_indexscan = off")
        connection.execute("DROP INDEX slimy.guilds_newest_idx")
        plan = connection.execute("EXPLAIN " + INDEXED[index]).fetchall()
    assert f"Bitmap Index Scan on {index}" in " ".join(line for (line,) in plan)
