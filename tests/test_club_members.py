import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from slimy_dal import Database
from slimy_dal.domain.club_members import MAX_MEMBERS, HistoryFilter, ObservedMember
from slimy_dal.engine.errors import CheckViolated, InvalidReference, InvalidValue, NotFound
from tests import make

THEN = datetime(2025, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def club(size: int, power: int = 1000) -> list[ObservedMember]:
    return [ObservedMember(f"member {n}", f"Member {n}", power + n, 2 * power) for n in range(size)]


def newest(database_url: str) -> tuple[list[Any], list[Any]]:
    """The latest of each member as it is kept, and as the history says."""
    with psycopg.connect(database_url) as connection:
        kept = connection.execute(
            "SELECT guild_id, member_key, name, sim_power, total_power, last_seen_at"
            " FROM slimy.club_member_latest ORDER BY guild_id, member_key"
        ).fetchall()
        said = connection.execute(
            "SELECT DISTINCT ON (guild_id, member_key)"
            " guild_id, member_key, name, sim_power, total_power, observed_at"
            " FROM slimy.club_member_metrics ORDER BY guild_id, member_key, observed_at DESC"
        ).fetchall()
    return kept, said


async def test_a_whole_club_is_kept_in_one_statement(db: Database, database_url: str) -> None:
    guild = await make.guild(db)
    before = sum(query["calls"] for query in db.pool.snapshot()["queries"].values())
    assert await db.club_members.ingest(guild.id, club(500), THEN) == 500
    after = sum(query["calls"] for query in db.pool.snapshot()["queries"].values())
    assert after == before + 1
    assert await db.club_members.ingest(guild.id, club(500), THEN) == 0, "the same again"
    member = await db.club_members.get(guild.id, "member 7")
    assert (member.name, member.sim_power, member.total_power) == ("Member 7", 1007, 2000)
    assert member.last_seen_at == THEN
    kept, said = newest(database_url)
    assert kept == said
    assert len(kept) == 500


async def test_an_older_observation_leaves_the_latest_alone(
    db: Database, database_url: str
) -> None:
    guild = await make.guild(db)
    await db.club_members.ingest(guild.id, club(3, 1000), THEN)
    assert await db.club_members.ingest(guild.id, club(4, 1), THEN - DAY) == 4
    member = await db.club_members.get(guild.id, "member 0")
    assert (member.sim_power, member.last_seen_at) == (1000, THEN)
    assert (await db.club_members.get(guild.id, "member 3")).last_seen_at == THEN - DAY
    await db.club_members.ingest(guild.id, club(1, 2000), THEN + DAY)
    assert (await db.club_members.get(guild.id, "member 0")).sim_power == 2000
    kept, said = newest(database_url)
    assert kept == said


async def test_a_correction_of_a_moment_is_followed(db: Database, database_url: str) -> None:
    guild = await make.guild(db)
    await db.club_members.ingest(guild.id, club(2), THEN)
    corrected = [ObservedMember("member 0", "Member Zero", None, 5), club(2)[1]]
    assert await db.club_members.ingest(guild.id, corrected, THEN) == 1
    member = await db.club_members.get(guild.id, "member 0")
    assert (member.name, member.sim_power, member.total_power) == ("Member Zero", None, 5)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("UPDATE slimy.club_member_metrics SET total_power = 6")
        connection.execute(
            "INSERT INTO slimy.club_member_metrics (guild_id, member_key, name) VALUES (%s, 'x', 'X')",
            (guild.id,),
        )
    kept, said = newest(database_url)
    assert kept == said
    assert len(kept) == 3


async def test_a_correction_of_the_time_or_a_removal_is_followed(
    db: Database, database_url: str
) -> None:
    guild, other = await make.guild(db), await make.guild(db)
    for power, days in ((1, 0), (2, 1), (3, 20)):
        await db.club_members.ingest(guild.id, club(3, power), THEN + days * DAY)
    await db.club_members.ingest(other.id, club(1, 9), THEN)
    changes = [
        "UPDATE {} SET observed_at = '2025-02-01Z' WHERE observed_at > '2025-03-20Z'",
        "UPDATE {} SET member_key = 'moved' WHERE member_key = 'member 1' AND sim_power = 3",
        "DELETE FROM {} WHERE member_key = 'member 0' AND observed_at > '2025-03-02Z'",
        "DELETE FROM {} WHERE member_key = 'member 2' AND sim_power = 3",
        "DELETE FROM {} WHERE member_key = 'member 2'",
        "UPDATE {} SET member_key = 'gone elsewhere' WHERE member_key = 'moved'",
    ]
    with psycopg.connect(database_url, autocommit=True) as connection:
        for change in changes:
            done = connection.execute(change.format("slimy.club_member_metrics"))
            assert done.rowcount > 0, change
            kept, said = newest(database_url)
            assert kept == said, change
        assert [row[1] for row in kept if row[0] == guild.id] == [
            "gone elsewhere",
            "member 0",
            "member 1",
        ]
        connection.execute("DELETE FROM slimy.club_member_metrics")
    assert newest(database_url) == ([], [])


async def test_an_observation_of_the_future_is_refused(db: Database, database_url: str) -> None:
    guild, now = await make.guild(db), datetime.now(UTC)
    with pytest.raises(InvalidValue, match="observed_at: is more than a day ahead"):
        await db.club_members.ingest(guild.id, club(1), now + DAY + timedelta(minutes=1))
    with pytest.raises(InvalidValue, match="observed_at"):
        await db.club_members.ingest(guild.id, club(1), datetime.now())  # noqa: DTZ005
    assert newest(database_url) == ([], [])
    assert await db.club_members.ingest(guild.id, club(1), now + DAY - timedelta(minutes=1)) == 1


async def test_a_removal_and_an_older_observation_at_once_leave_the_truth(
    db: Database, database_url: str
) -> None:
    guild = await make.guild(db)
    for days in (0, 20):
        await db.club_members.ingest(guild.id, club(1, days), THEN + days * DAY)
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "DELETE FROM slimy.club_member_metrics WHERE observed_at > '2025-03-02Z'"
        )
        late = asyncio.create_task(db.club_members.ingest(guild.id, club(1, 5), THEN + 5 * DAY))
        await asyncio.sleep(0.3)
        connection.commit()
        assert await late == 1
    kept, said = newest(database_url)
    assert kept == said


async def test_ingests_that_add_and_correct_at_once_never_wait_in_a_circle(
    db: Database, database_url: str
) -> None:
    guild = await make.guild(db)
    known = sorted(club(400), key=lambda member: member.member_key)[200:]
    for days in range(0, 16, 2):
        await db.club_members.ingest(guild.id, known, THEN + days * DAY)

    async def ingest(days: int) -> None:
        # On even days the second half of the keys is corrected and the first is new; on odd days
        # all are new.
        await db.club_members.ingest(guild.id, club(400, days), THEN + days * DAY)

    await asyncio.gather(*(ingest(days) for days in range(16)))
    kept, said = newest(database_url)
    assert kept == said
    with psycopg.connect(database_url) as connection:
        found = connection.execute(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        ).fetchone()
    assert found == (0,)


async def test_clubs_ingested_at_once_lose_nothing(db: Database, database_url: str) -> None:
    made = [(await make.guild(db)).id for _ in range(2)]
    chance = random.Random(3)

    async def ingest(number: int) -> None:
        members = club(60, number)
        chance.shuffle(members)
        moment = THEN + chance.randrange(8) * DAY
        await db.club_members.ingest(made[number % 2], members, moment)

    async with asyncio.timeout(120):
        await asyncio.gather(*(ingest(number) for number in range(32)))
    kept, said = newest(database_url)
    assert kept == said
    assert len(kept) == 120


async def test_a_bad_member_leaves_nothing(db: Database) -> None:
    guild = await make.guild(db)
    bad: list[tuple[list[ObservedMember], type[Exception]]] = [
        ([*club(1), ObservedMember("member 0", "again")], InvalidValue),
        ([*club(1), ObservedMember("", "nobody")], CheckViolated),
        ([*club(1), ObservedMember("x", "")], CheckViolated),
        ([*club(1), ObservedMember("x", "x", -1)], CheckViolated),
        ([*club(1), ObservedMember("x", "x", None, -1)], CheckViolated),
        ([*club(1), ObservedMember("x", "x", 2**63)], InvalidValue),
        (club(MAX_MEMBERS + 1), InvalidValue),
    ]
    for members, error in bad:
        with pytest.raises(error):
            await db.club_members.ingest(guild.id, members, THEN)
    with pytest.raises(CheckViolated):
        await db.club_members.ingest(guild.id, club(1), datetime(1999, 1, 1, tzinfo=UTC))
    with pytest.raises(InvalidReference):
        await db.club_members.ingest(1, club(1), THEN)
    with pytest.raises(NotFound, match="there is no such club member"):
        await db.club_members.get(guild.id, "member 0")
    assert await db.club_members.ingest(guild.id, [], THEN) == 0


async def test_a_latest_row_put_in_by_hand_keeps_the_rules_of_observations(
    db: Database, database_url: str
) -> None:
    guild = await make.guild(db)
    row = {"member_key": "m", "name": "M", "power": 1, "seen": "2026-01-01Z"}
    bad: list[tuple[dict[str, object], str]] = [
        ({"member_key": ""}, "member_key_length"),
        ({"member_key": "x" * 101}, "member_key_length"),
        ({"name": ""}, "name_length"),
        ({"power": -1}, "power_positive"),
        ({"seen": "infinity"}, "last_seen_at_range"),
        ({"seen": "1999-12-31Z"}, "last_seen_at_range"),
    ]
    with psycopg.connect(database_url, autocommit=True) as connection:
        for change, rule in bad:
            with pytest.raises(psycopg.errors.CheckViolation, match=rule):
                connection.execute(
                    "INSERT INTO slimy.club_member_latest (guild_id, member_key, name, sim_power,"
                    " total_power, last_seen_at) VALUES (%(guild)s, %(member_key)s, %(name)s,"
                    " %(power)s, %(power)s, %(seen)s)",
                    {"guild": guild.id, **row, **change},
                )


async def test_a_club_goes_with_its_guild(db: Database, database_url: str) -> None:
    guild = await make.guild(db)
    await db.club_members.ingest(guild.id, club(2), THEN)
    await db.guilds.delete(guild.id)
    assert newest(database_url) == ([], [])


async def test_leaderboards_are_by_power_and_page_both_ways(db: Database) -> None:
    guild, other = await make.guild(db), await make.guild(db)
    powers = [5, None, 7, 7, 0, 2**62]
    members = [ObservedMember(f"m{n}", "M", power, n) for n, power in enumerate(powers)]
    await db.club_members.ingest(guild.id, members, THEN)
    await db.club_members.ingest(other.id, club(3), THEN)
    first = await db.club_members.list_by_sim_power(guild.id, limit=2)
    second = await db.club_members.list_by_sim_power(guild.id, limit=2, cursor=first.next_cursor)
    assert [row.member_key for row in [*first.items, *second.items]] == ["m5", "m3", "m2", "m0"]
    back = await db.club_members.list_by_sim_power(guild.id, limit=2, cursor=second.prev_cursor)
    assert back.items == first.items
    weakest = await db.club_members.list_by_total_power(guild.id, sort="weakest")
    assert [row.total_power for row in weakest.items] == [0, 1, 2, 3, 4, 5]
    keys = await db.club_members.list(guild.id)
    assert [row.member_key for row in keys.items] == [f"m{n}" for n in range(6)]


async def test_a_history_says_the_change_in_percent(db: Database) -> None:
    guild = await make.guild(db)
    for day, power in enumerate([100, 150, None, 0, 75, 50]):
        member = ObservedMember("m", "M", power, 1000 + day)
        await db.club_members.ingest(guild.id, [member], THEN + day * DAY)
        await db.club_members.ingest(guild.id, club(2), THEN + day * DAY)
    every = (await db.club_members.list_history(guild.id, "m", sort="oldest")).items
    changes = [row.sim_power_change_percent for row in every]
    assert changes == [None, 50.0, None, None, None, -33.33]
    assert every[1].total_power_change_percent == 0.1
    pages = [await db.club_members.list_history(guild.id, "m", limit=2)]
    while (cursor := pages[-1].next_cursor) is not None:
        pages.append(await db.club_members.list_history(guild.id, "m", limit=2, cursor=cursor))
    assert [row for page in pages for row in page.items] == every[::-1], "whatever the page"
    back = await db.club_members.list_history(guild.id, "m", limit=2, cursor=pages[2].prev_cursor)
    assert back.items == pages[1].items
    some = HistoryFilter(since=THEN + DAY, until=THEN + 2 * DAY)
    assert (await db.club_members.list_history(guild.id, "m", filter=some)).items == every[1:2]
