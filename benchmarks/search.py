"""Compares searches by words with a scan by ILIKE, the way without an index, and with the same SQL by hand.

    python benchmarks/search.py            about 3 minutes: 200,000 analyses, as many users, 100,000 guilds
    python benchmarks/search.py --quick    about a minute: a tenth of it

Figures are as in bulk.py; the limit is the statement of this package, prepared by hand. The scan asks for
less: it takes a word anywhere in a name or text, for one page in the same order, without the counts
that a found guild comes with. Words are as uneven as those of a language. A rare one is in a few rows of
the table: the scan reads all of it. A common one is in every tenth: a scan along the order ends soon,
which is why the planner's guess that most words are common costs most when it is wrong.
"""

import asyncio
import time
from collections.abc import Awaitable
from functools import partial
from typing import Any, Protocol

import uvloop
from paired import Ground, always, by_hand, compare, ground, options

from slimy_dal.domain.database import Nouns

USERS, GUILDS, MEMBERS, ANALYSES = 200_000, 100_000, 100_000, 200_000
BIG = 1
"""The guild that every second analysis is of, and every second membership; the others are in many."""

# Half of all words drawn are among the first 70, one in a thousand is the 4000th or rarer.
WORDS = """
CREATE TABLE words AS
SELECT n, translate(left(md5(n::text), 8), '0123456789', 'ghijklmnop') AS word
FROM generate_series(0, 5000) AS n;
CREATE UNIQUE INDEX ON words (n) INCLUDE (word);
CREATE FUNCTION words(amount int, seed int) RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT string_agg(w.word, ' ')
    FROM (
        SELECT power(5000, random())::int + 0 * seed AS n FROM generate_series(1, amount)
    ) AS drawn
    INNER JOIN words AS w ON drawn.n = w.n
$$;
SELECT setseed(0.5);
"""
FILL = (
    (
        "guilds",
        GUILDS,
        "INSERT INTO slimy.guilds (id, name) SELECT n, left(words(3, n), 100) FROM generate_series(1, {n}) AS n",
    ),
    (
        "users",
        USERS,
        (
            "INSERT INTO slimy.users (discord_id, username, global_name)"
            " SELECT n, left(words(1, n) || n, 100), left(words(2, n), 100)"
            " FROM generate_series(1, {n}) AS n"
        ),
    ),
    (
        "user_guilds",
        MEMBERS,
        (
            "INSERT INTO slimy.user_guilds (user_id, guild_id, joined_at)"
            " SELECT u.id, g.id, now() - u.discord_id * interval '1 minute' FROM slimy.users AS u"
            " CROSS JOIN LATERAL (VALUES (1), (u.discord_id % 5000 + 2)) AS g (id)"
            " WHERE u.discord_id <= {n} / 2"
        ),
    ),
    (
        "club_analyses",
        ANALYSES,
        (
            "INSERT INTO slimy.club_analyses (guild_id, user_id, title, summary, confidence, created_at)"
            " SELECT CASE WHEN n % 2 = 0 THEN 1 ELSE n % 1000 + 1 END, u.id, left(words(3, n), 200),"
            " words(30, n), 0.5, now() - n * interval '1 minute'"
            " FROM generate_series(1, {n}) AS n INNER JOIN slimy.users AS u ON n % 1000 + 1 = u.discord_id"
        ),
    ),
)
SCANS = {
    "users": "SELECT u.id, u.username, u.global_name FROM slimy.users AS u"
    " WHERE u.username ILIKE $1 OR u.global_name ILIKE $1 ORDER BY u.id DESC LIMIT 51",
    "guilds": "SELECT g.id, g.name FROM slimy.guilds AS g"
    " WHERE g.name ILIKE $1 ORDER BY g.created_at DESC, g.id DESC LIMIT 51",
    "members": "SELECT m.user_id, m.roles, m.joined_at, u.username, u.global_name"
    " FROM slimy.user_guilds AS m INNER JOIN slimy.users AS u ON m.user_id = u.id"
    " WHERE m.guild_id = 1 AND (u.username ILIKE $1 OR u.global_name ILIKE $1)"
    " ORDER BY m.joined_at DESC, m.user_id DESC LIMIT 51",
    "analyses": "SELECT a.id, a.title, a.summary FROM slimy.club_analyses AS a"
    " WHERE a.guild_id = 1 AND (a.title ILIKE $1 OR a.summary ILIKE $1)"
    " ORDER BY a.created_at DESC, a.id DESC LIMIT 51",
}


class Search(Protocol):
    """A search for words in a database."""

    def __call__(self, db: Nouns, words: str) -> Awaitable[Any]: ...  # noqa: D102


SEARCHES: dict[str, Search] = {
    "users": lambda db, words: db.users.list(search=words),
    "guilds": lambda db, words: db.guilds.list(search=words),
    "members": lambda db, words: db.memberships.list_members(BIG, search=words),
    "analyses": lambda db, words: db.club_analyses.search_guild(BIG, words),
}
GIN = """
SELECT indexname, indexdef FROM pg_indexes
WHERE schemaname = 'slimy' AND indexdef LIKE '%USING gin%' AND tablename = ANY($1::name[])
"""


async def fill(on: Ground, share: float) -> None:
    """Make the words and the rows, on the server: what is measured is finding them.

    The indexes of words are made last, at once: word by word, they would take most of the time.
    """
    await on.raw.execute(WORDS)
    indexes = await on.raw.fetch(GIN, [table for table, _, _ in FILL])
    for index in indexes:
        await on.raw.execute(f"DROP INDEX slimy.{index['indexname']}")
    for table, count, text in FILL:
        begun = time.perf_counter()
        await on.raw.execute(text.format(n=int(count * share)))
        print(f"{table:<16} {int(count * share):>9,} rows in {time.perf_counter() - begun:>5.1f} s")
    begun = time.perf_counter()
    await on.raw.execute("SET maintenance_work_mem = '256MB'")
    for index in indexes:
        await on.raw.execute(index["indexdef"])
    await on.raw.execute("VACUUM (ANALYZE)")
    print(f"{len(indexes)} indexes of words in {time.perf_counter() - begun:>5.1f} s")


async def main(*, quick: bool) -> None:
    """Run every search with a rare, a middling and a common word."""
    async with ground() as on:
        await fill(on, 0.1 if quick else 1.0)
        for kind, place in (("rare", 1500), ("middling", 100), ("common", 1)):
            word = await on.raw.fetchval("SELECT word FROM words WHERE n = $1", place)
            for noun, search in SEARCHES.items():
                scan = await on.raw.prepare(SCANS[noun])
                same = await by_hand(on, partial(search, words=word))
                contestants = {
                    "same SQL": always(same),
                    "again": always(same),
                    f"{noun} by words": always(partial(search, on.db, word)),
                    "ILIKE": always(partial(scan.fetch, f"%{word}%")),
                }
                # Six calls warm up: after five with plans of their own, a statement may get one for all.
                rounds = 3 if quick else 5
                await compare(f"{noun}, a {kind} word", on, contestants, rounds=rounds, calls=6)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(quick=options(__doc__).quick))
