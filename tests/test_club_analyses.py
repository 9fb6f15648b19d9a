import asyncio
from typing import Any, LiteralString
from uuid import uuid4

import psycopg
import pytest

from slimy_dal import Database
from slimy_dal.domain.analysis_entries import MAX_IMAGES, NewImage, NewMetric
from slimy_dal.domain.club_analyses import (
    ListOfGuildFilter,
    ListOfUserFilter,
    SearchGuildFilter,
)
from slimy_dal.engine.errors import (
    AlreadyExists,
    CheckViolated,
    InvalidReference,
    InvalidValue,
    MissingValue,
    NotFound,
)
from tests import make

IMAGES = [NewImage("https://cdn.example/1.png", "one.png", 0), NewImage("x://2", "zwei.png", 5)]
METRICS = [
    NewMetric("total_power", 12.5, "power", "M"),
    NewMetric("members", 48, "size"),
    NewMetric("ranks", {"gold": [1, 2]}, "size"),
]


async def test_an_analysis_comes_back_with_its_images_and_metrics(db: Database) -> None:
    guild, user = await make.guild(db), await make.user(db)
    made = await db.club_analyses.create(
        guild.id,
        user.id,
        title="Monthly",
        summary="The club grows.",
        confidence=0.95,
        images=IMAGES,
        metrics=METRICS,
    )
    assert (made.guild_id, made.user_id) == (guild.id, user.id)
    assert (made.title, made.summary, made.confidence) == ("Monthly", "The club grows.", 0.95)
    assert [(i.image_url, i.original_name, i.file_size) for i in made.images] == [
        (i.image_url, i.original_name, i.file_size) for i in IMAGES
    ]
    assert made.images[0].uploaded_at == made.created_at == made.updated_at
    assert [(m.name, m.value, m.category, m.unit) for m in made.metrics] == [
        ("members", 48, "size", None),
        ("ranks", {"gold": [1, 2]}, "size", None),
        ("total_power", 12.5, "power", "M"),
    ]
    assert await db.club_analyses.get(made.id) == made


async def test_creating_and_getting_take_one_statement_each(db: Database) -> None:
    guild, user = await make.guild(db), await make.user(db)
    before = calls(db)
    made = await db.club_analyses.create(
        guild.id, user.id, summary="s", confidence=1, images=IMAGES, metrics=METRICS
    )
    await db.club_analyses.get(made.id)
    assert calls(db) == before + 2


def calls(db: Database) -> int:
    """How many statements were run so far."""
    return sum(query["calls"] for query in db.pool.snapshot()["queries"].values())


BAD: list[dict[str, Any]] = [
    {"metrics": [METRICS[0], METRICS[1], METRICS[0]]},
    {"metrics": [NewMetric("", 1, "c")]},
    {"metrics": [NewMetric("n", None, "c")]},
    {"metrics": [NewMetric("n", "x" * 20000, "c")]},
    {"metrics": [NewMetric("n", float("nan"), "c")]},
    {"metrics": [NewMetric("n", 1, "c", "x" * 33)]},
    {"metrics": [NewMetric("n", 1, "")]},
    {"images": [NewImage("u", "n", -1)]},
    {"images": [NewImage("u", "n", "many")]},  # type: ignore[arg-type]
    {"images": [NewImage("u", "n", file_size=True)]},
    {"images": [NewImage("u", None, 1)]},  # type: ignore[arg-type]
    {"images": [NewImage("", "n", 1)]},
    {"images": [NewImage("u", "n", 1)] * (MAX_IMAGES + 1)},
    {"title": ""},
    {"title": "x" * 201},
    {"summary": ""},
    {"summary": "x" * 20001},
    {"confidence": 1.1},
    {"confidence": -0.1},
    {"confidence": float("nan")},
]


async def test_an_analysis_is_kept_whole_or_not_at_all(db: Database) -> None:
    guild, user = await make.guild(db), await make.user(db)
    for bad in BAD:
        fields: dict[str, Any] = {"summary": "s", "confidence": 1, "images": IMAGES, **bad}
        with pytest.raises((CheckViolated, InvalidValue, AlreadyExists)):
            await db.club_analyses.create(guild.id, user.id, **fields)
    assert (await db.club_analyses.list_of_guild(guild.id)).items == []


async def test_a_refusal_names_the_rule_and_the_field(db: Database) -> None:
    guild, user = await make.guild(db), await make.user(db)
    with pytest.raises(AlreadyExists) as twice:
        await make.club_analysis(db, guild.id, user.id, metrics=[METRICS[0], METRICS[0]])
    assert twice.value.constraint == "club_metrics_pkey"
    with pytest.raises(CheckViolated) as size:
        await make.club_analysis(db, guild.id, user.id, images=[NewImage("u", "n", -1)])
    assert (size.value.table, size.value.fields) == ("club_analysis_images", ("file_size",))
    with pytest.raises(InvalidValue, match=r"images: entry 1 is not right: Expected `int`"):
        await make.club_analysis(
            db,
            guild.id,
            user.id,
            images=[IMAGES[0], NewImage("u", "n", 1.5)],  # type: ignore[arg-type]
        )
    with pytest.raises(InvalidReference) as nobody:
        await make.club_analysis(db, guild.id, uuid4())
    assert nobody.value.fields == ("user_id",)
    with pytest.raises(InvalidReference) as nowhere:
        await make.club_analysis(db, 1, user.id)
    assert nowhere.value.fields == ("guild_id",)


REFUSED: list[tuple[LiteralString, LiteralString, LiteralString]] = [
    ("club_analyses", "confidence", "'NaN'"),
    ("club_analyses", "confidence", "1.0000001"),
    ("club_analyses", "confidence", "'-Infinity'"),
    ("club_analyses", "title", "''"),
    ("club_analyses", "summary", "repeat('x', 20001)"),
    ("club_analysis_images", "file_size", "-1"),
    ("club_analysis_images", "image_url", "''"),
    ("club_analysis_images", "original_name", "repeat('x', 256)"),
    ("club_metrics", "value", "'null'"),
    ("club_metrics", "value", "to_jsonb(repeat('x', 20000))"),
    ("club_metrics", "name", "''"),
    ("club_metrics", "unit", "''"),
    ("club_metrics", "category", "repeat('x', 65)"),
]


async def test_the_database_refuses_what_the_rules_refuse(db: Database, database_url: str) -> None:
    guild, user = await make.guild(db), await make.user(db)
    await make.club_analysis(db, guild.id, user.id, images=IMAGES, metrics=METRICS[:1])
    with psycopg.connect(database_url, autocommit=True) as connection:
        for table, column, value in REFUSED:
            with pytest.raises(psycopg.errors.CheckViolation, match=f"{table}_{column}_"):
                connection.execute(f"UPDATE slimy.{table} SET {column} = {value}")


async def test_an_update_changes_what_is_given(db: Database) -> None:
    guild, user = await make.guild(db), await make.user(db)
    made = await make.club_analysis(db, guild.id, user.id, title="t", images=IMAGES)
    changed = await db.club_analyses.update(made.id, summary="other words", confidence=0)
    assert (changed.title, changed.summary, changed.confidence) == ("t", "other words", 0)
    assert changed.images == made.images
    assert changed.updated_at > made.updated_at
    assert (await db.club_analyses.update(made.id, title=None)).title is None
    assert await db.club_analyses.update(made.id) == await db.club_analyses.get(made.id)
    with pytest.raises(MissingValue, match="summary"):
        await db.club_analyses.update(made.id, summary=None)  # type: ignore[arg-type]
    with pytest.raises(CheckViolated) as refused:
        await db.club_analyses.update(made.id, confidence=2)
    assert refused.value.fields == ("confidence",)


async def test_an_unknown_analysis_is_not_found(db: Database) -> None:
    for call in (
        db.club_analyses.get(uuid4()),
        db.club_analyses.update(uuid4(), summary="x"),
        db.club_analyses.delete(uuid4()),
        db.club_analyses.may_change(uuid4(), uuid4()),
        db.club_analyses.may_see(uuid4(), uuid4()),
    ):
        with pytest.raises(NotFound, match="there is no such club analysis"):
            await call


@pytest.mark.parametrize("gone", ["analysis", "guild", "user"])
async def test_images_and_metrics_go_with_their_analysis(
    db: Database, database_url: str, gone: str
) -> None:
    guild, user = await make.guild(db), await make.user(db)
    made = await make.club_analysis(db, guild.id, user.id, images=IMAGES, metrics=METRICS)
    if gone == "analysis":
        await db.club_analyses.delete(made.id)
    elif gone == "user":
        await db.users.delete(user.id)
    else:
        await db.guilds.delete(guild.id)
    with psycopg.connect(database_url) as connection:
        left = connection.execute(
            "SELECT (SELECT count(*) FROM slimy.club_analyses)"
            " + (SELECT count(*) FROM slimy.club_analysis_images)"
            " + (SELECT count(*) FROM slimy.club_metrics)"
        ).fetchone()
    assert left == (0,)


async def test_only_the_creator_and_the_guilds_admins_may_change_one(db: Database) -> None:
    owner, creator, stranger = await make.user(db), await make.user(db), await make.user(db)
    guild, elsewhere = await make.guild(db, owner_id=owner.id), await make.guild(db)
    members = {
        role: await make.user(db) for role in ("owner", "admin", "moderator", "member", "foreign")
    }
    for role, user in members.items():
        if role == "foreign":
            await db.memberships.add(elsewhere.id, user.id, roles=["admin"])
        else:
            await db.memberships.add(guild.id, user.id, roles=[role])
    made = await make.club_analysis(db, guild.id, creator.id)
    before = calls(db)
    allowed = {
        "stranger": await db.club_analyses.may_change(made.id, stranger.id),
        "creator": await db.club_analyses.may_change(made.id, creator.id),
        "the guild's owner": await db.club_analyses.may_change(made.id, owner.id),
        **{
            role: await db.club_analyses.may_change(made.id, user.id)
            for role, user in members.items()
        },
    }
    assert calls(db) == before + len(allowed)
    assert {who for who, may in allowed.items() if may} == {
        "creator",
        "the guild's owner",
        "owner",
        "admin",
    }


async def test_the_creator_and_all_of_the_guild_may_see_one_and_the_guild_while_it_is_there(
    db: Database,
) -> None:
    owner, creator, member, stranger = [await make.user(db) for _ in range(4)]
    guild = await make.guild(db, owner_id=owner.id)
    await db.memberships.add(guild.id, member.id, roles=["member"])
    made = await make.club_analysis(db, guild.id, creator.id)

    async def seeing() -> list[bool]:
        people = (owner, creator, member, stranger)
        return [await db.club_analyses.may_see(made.id, user.id) for user in people]

    assert await seeing() == [True, True, True, False]
    await db.guilds.soft_delete(guild.id)
    for user in (owner, creator):
        for asked in (db.club_analyses.may_see, db.club_analyses.may_change):
            with pytest.raises(NotFound, match="there is no such club analysis"):
                await asked(made.id, user.id)
    await db.guilds.restore(guild.id)
    assert await seeing() == [True, True, True, False]


async def test_pages_walk_a_guilds_and_a_users_analyses(db: Database) -> None:
    guild, other = await make.guild(db), await make.guild(db)
    ann, ben = await make.user(db), await make.user(db)
    made = [
        await make.club_analysis(db, guild.id, (ann, ben)[n % 2].id, confidence=n / 10)
        for n in range(6)
    ]
    await make.club_analysis(db, other.id, ann.id)
    first = await db.club_analyses.list_of_guild(guild.id, limit=4)
    rest = await db.club_analyses.list_of_guild(guild.id, limit=4, cursor=first.next_cursor)
    assert [row.id for row in first.items + rest.items] == [row.id for row in reversed(made)]
    assert rest.next_cursor is None
    back = await db.club_analyses.list_of_guild(guild.id, limit=4, cursor=rest.prev_cursor)
    assert back.items == first.items
    oldest = await db.club_analyses.list_of_guild(guild.id, sort="oldest")
    assert [row.id for row in oldest.items] == [row.id for row in made]
    of_ann = await db.club_analyses.list_of_user(ann.id)
    assert len(of_ann.items) == 4
    with pytest.raises(InvalidValue, match="cursor"):
        await db.club_analyses.list_of_guild(other.id, cursor=first.next_cursor)


async def test_lists_are_narrowed_by_confidence_and_time(db: Database) -> None:
    guild, user = await make.guild(db), await make.user(db)
    low, middle, high = [
        await make.club_analysis(db, guild.id, user.id, confidence=c) for c in (0.2, 0.5, 0.9)
    ]

    async def found(**narrowed: Any) -> list[Any]:
        of_guild = await db.club_analyses.list_of_guild(
            guild.id, filter=ListOfGuildFilter(**narrowed)
        )
        of_user = await db.club_analyses.list_of_user(user.id, filter=ListOfUserFilter(**narrowed))
        assert of_guild.items == of_user.items
        return [row.id for row in of_guild.items]

    assert await found(min_confidence=0.5) == [high.id, middle.id]
    assert await found(since=middle.created_at) == [high.id, middle.id]
    assert await found(until=middle.created_at) == [low.id]
    assert await found(min_confidence=0.5, until=high.created_at) == [middle.id]


async def test_words_are_found_by_their_beginning_within_a_guild_or_a_user(db: Database) -> None:
    guild, other = await make.guild(db), await make.guild(db)
    ann, ben = await make.user(db), await make.user(db)
    growth = await make.club_analysis(
        db, guild.id, ann.id, title="Weekly growth", summary="Strong performance of the club."
    )
    fall = await make.club_analysis(db, guild.id, ben.id, summary="A WEAK performance.")
    foreign = await make.club_analysis(db, other.id, ann.id, summary="Strong performance.")

    async def in_guild(words: str) -> list[Any]:
        return [row.id for row in (await db.club_analyses.search_guild(guild.id, words)).items]

    async def of_user(words: str) -> list[Any]:
        return [row.id for row in (await db.club_analyses.search_user(ann.id, words)).items]

    assert await in_guild("performance") == [fall.id, growth.id]
    assert await in_guild("perf weak") == [fall.id]
    assert await in_guild("grow club") == [growth.id]
    assert await in_guild("formance") == []
    assert await of_user("STRONG perf") == [foreign.id, growth.id]
    assert await of_user("weak") == []
    await db.club_analyses.update(growth.id, title=None, summary="Nothing")
    assert await in_guild("growth") == []
    assert await in_guild("noth") == [growth.id]


async def test_what_is_typed_is_never_a_scope_or_an_operator(db: Database) -> None:
    guild, other, user = await make.guild(db), await make.guild(db), await make.user(db)
    await make.club_analysis(db, guild.id, user.id, summary="plain")
    for typed in ("guild", "user", f"{guild.id}", f" guild {guild.id}", "' & !x | y:*"):
        for searched in (guild.id, other.id):
            assert (await db.club_analyses.search_guild(searched, typed)).items == []


async def test_no_words_find_nothing(db: Database) -> None:
    guild, user = await make.guild(db), await make.user(db)
    await make.club_analysis(db, guild.id, user.id)
    for words in ("", "  ", "' \\ : & | ! ( ) *", "\u202e"):
        assert (await db.club_analyses.search_guild(guild.id, words)).items == []


async def test_odd_words_are_kept_and_found(db: Database) -> None:
    guild, user = await make.guild(db), await make.user(db)
    long = "ä" * 900
    made = await make.club_analysis(
        db, guild.id, user.id, summary=rf"it's C:\temp\x 🎉 שלום {long} a'b\\c"
    )
    for words in ("it's", r"C:\temp", "שלום", long[:200], r"a'b\\c"):
        page = await db.club_analyses.search_guild(guild.id, words)
        assert [row.id for row in page.items] == [made.id], words


async def test_matches_are_paged_and_narrowed(db: Database) -> None:
    guild, user = await make.guild(db), await make.user(db)
    made = [
        await make.club_analysis(db, guild.id, user.id, summary=f"word {n}", confidence=n / 10)
        for n in range(5)
    ]
    first = await db.club_analyses.search_guild(guild.id, "wor", limit=3)
    rest = await db.club_analyses.search_guild(guild.id, "wor", limit=3, cursor=first.next_cursor)
    assert [row.id for row in first.items + rest.items] == [row.id for row in reversed(made)]
    sure = await db.club_analyses.search_guild(
        guild.id, "wor", filter=SearchGuildFilter(min_confidence=0.3), sort="oldest"
    )
    assert [row.id for row in sure.items] == [made[3].id, made[4].id]
    with pytest.raises(InvalidValue, match="cursor"):
        await db.club_analyses.search_guild(guild.id, "word", cursor=first.next_cursor)


async def test_a_common_word_of_other_guilds_is_not_read(db: Database, database_url: str) -> None:
    user = await make.user(db)
    guilds = [await make.guild(db) for _ in range(60)]
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO slimy.club_analyses (guild_id, user_id, summary, confidence)"
            " SELECT g.id, %s, 'everybody says club ' || n, 1"
            " FROM slimy.guilds AS g CROSS JOIN generate_series(1, 100) AS n",
            (user.id,),
        )
        connection.execute("VACUUM ANALYZE slimy.club_analyses")
        plan = connection.execute(
            "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT id FROM slimy.club_analyses AS a"
            " WHERE slimy.words_within("
            "   'guild ' || a.guild_id::text, coalesce(a.title, '') || ' ' || a.summary)"
            " @@ slimy.words_query_within('guild ' || %s::bigint::text, 'club')",
            (guilds[0].id,),
        ).fetchone()
    assert plan is not None
    top = plan[0][0]["Plan"]
    words = top["Plans"][0]
    assert words["Index Name"] == "club_analyses_words_idx"
    assert top["Actual Rows"] == words["Actual Rows"] == 100
    assert words["Shared Hit Blocks"] + words["Shared Read Blocks"] < 20


async def test_parallel_updates_all_last(db: Database) -> None:
    guild, user = await make.guild(db), await make.user(db)
    made = await make.club_analysis(db, guild.id, user.id)
    await asyncio.gather(
        *(db.club_analyses.update(made.id, title=f"t{n}") for n in range(16)),
        *(db.club_analyses.update(made.id, confidence=n / 16) for n in range(1, 17)),
    )
    changed = await db.club_analyses.get(made.id)
    assert (changed.title or "").startswith("t")
    assert changed.confidence > 0
