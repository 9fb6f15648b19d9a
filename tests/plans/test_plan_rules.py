from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from slimy_dal.compiler import queryfile
from slimy_dal.compiler.describe import describe
from slimy_dal.compiler.description import Description
from slimy_dal.compiler.plans import suggest
from slimy_dal.compiler.plans.ground import Ground, ground
from slimy_dal.compiler.plans.kept import texts
from slimy_dal.compiler.plans.prove import Planned, plan_all
from slimy_dal.compiler.plans.rules import Finding
from slimy_dal.compiler.scale import model
from slimy_dal.compiler.scale.model import ColumnScale, Scale, TableScale
from slimy_dal.engine import driver
from slimy_dal.schema import migrator
from tests.plans.pretending import MIGRATIONS, OWN_MODEL

SCHEMA = """
CREATE TABLE account (
    id bigint PRIMARY KEY, email text, name text NOT NULL, created_at timestamptz NOT NULL,
    tags text[] NOT NULL, stay tstzrange NOT NULL
);
CREATE INDEX account_created_idx ON account (created_at);
CREATE INDEX account_lower_idx ON account (lower(name));
CREATE INDEX account_name_idx ON account (name text_pattern_ops);
CREATE TABLE post (
    id bigint PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES account,
    board_id bigint NOT NULL,
    created_at timestamptz NOT NULL,
    deleted_at timestamptz,
    score int NOT NULL
);
CREATE INDEX post_wrong_idx ON post (created_at, board_id);
CREATE TABLE reply (
    id bigint PRIMARY KEY,
    post_id bigint NOT NULL REFERENCES post,
    created_at timestamptz NOT NULL
);
CREATE INDEX reply_post_idx ON reply (post_id, created_at DESC, id DESC);
CREATE TABLE event (
    at timestamptz NOT NULL, account_id bigint NOT NULL, kind text NOT NULL
) PARTITION BY RANGE (at);
CREATE INDEX event_account_idx ON event (account_id, at DESC);
""" + "".join(
    f"CREATE TABLE event_2024_{month:02d} PARTITION OF event"
    f" FOR VALUES FROM ('2024-{month:02d}-01') TO ('2024-{month + 1:02d}-01');"
    for month in range(1, 12)
)
SCALE = Scale(
    tables={
        ("public", "account"): TableScale(
            rows=10**7,
            columns={"tags": ColumnScale(elements=((None, 0.0001), (None, 0.0001)))},
        ),
        ("public", "post"): TableScale(
            rows=10**8, columns={"board_id": ColumnScale(distinct=10**6)}
        ),
        ("public", "reply"): TableScale(
            rows=10**8, columns={"post_id": ColumnScale(distinct=10**7)}
        ),
        ("public", "event"): TableScale(rows=10**8),
    },
    months=0,
)
NEWEST = "ORDER BY r.created_at DESC, r.id DESC LIMIT :row_limit"


@dataclass
class Proving:
    """A ground, its model, and a file for queries."""

    place: Ground
    scale: Scale
    file: Path

    async def planned(self, *queries: str) -> Planned:
        """Plan queries, each given as its header's name and shape, directives and statement."""
        parts = [query.split("\n", 1) for query in queries]
        self.file.write_text(
            "\n".join(f"-- name: {head}\n-- It does.\n{sql.strip()};\n" for head, sql in parts)
        )
        loaded = queryfile.load(self.file)
        assert not loaded.errors
        async with self.place.copy() as connection:
            described = await describe(connection, loaded.queries)
            good = [one for one in described if isinstance(one, Description)]
            assert len(good) == len(queries), described
            return await plan_all(connection, self.place.server.data, self.scale, good)

    async def defect(self, rule: str, bad: str, good: str) -> tuple[Finding, str | None]:
        """Return what is found in the bad form, and the helpful index; the good form has no finding."""
        planned = await self.planned(f"bad {bad}", f"good {good}")
        assert not [str(one) for one in planned.findings if one.query.name == "good"]
        found = next(one for one in planned.findings if one.rule == rule)
        assert str(found).startswith(f"{self.file}:1:1: things.bad: {rule}: ")
        return found, await suggest.helpful(self.place, self.scale, found, planned.relations)


@pytest.fixture(scope="module")
def place() -> Iterator[Ground]:
    with ground() as made:
        yield made


@pytest.fixture
async def proving(place: Ground, tmp_path: Path) -> Proving:
    async with await driver.connect(place.dsn) as connection:
        if not await connection.fetch("SELECT 1 FROM pg_class WHERE relname = 'event'"):
            await connection.execute(SCHEMA)
    return Proving(place, SCALE, tmp_path / "things.sql")


async def test_a_dropped_index_is_missed_and_named(tmp_path: Path) -> None:
    queries = queryfile.load(MIGRATIONS.parent / "queries" / "memberships.sql").queries
    scale = model.read(OWN_MODEL)
    with ground() as place:
        migrator.apply(place.dsn, MIGRATIONS)
        proving = Proving(place, scale, tmp_path / "things.sql")
        roster = (
            "a :many\nSELECT m.user_id, m.joined_at FROM slimy.user_guilds AS m"
            " WHERE m.guild_id = :guild_id"
            " ORDER BY m.joined_at DESC, m.user_id DESC LIMIT :row_limit"
        )
        assert not (await proving.planned(roster)).findings
        async with await driver.connect(place.dsn) as connection:
            await connection.execute("DROP INDEX slimy.user_guilds_roster_idx")
        planned = await proving.planned(roster)
        found = next(one for one in planned.findings if one.rule == "seq-scan")
        assert "slimy.user_guilds has 500 million rows" in found.message
        assert await suggest.helpful(place, scale, found, planned.relations) == (
            "CREATE INDEX user_guilds_guild_id_joined_at_user_id_idx"
            " ON slimy.user_guilds (guild_id, joined_at DESC, user_id DESC)"
        )
        async with place.copy() as connection:
            described = await describe(connection, queries)
            good = [one for one in described if isinstance(one, Description)]
            every = await plan_all(connection, place.server.data, scale, good)
        assert "memberships.list_members" in {one.query.full_name for one in every.findings}


async def test_columns_of_an_index_in_the_wrong_order_are_found(proving: Proving) -> None:
    bad = "SELECT p.id FROM post AS p WHERE p.board_id = :board ORDER BY p.created_at LIMIT :row_limit"
    good = f"SELECT r.id FROM reply AS r WHERE r.post_id = :post {NEWEST}"
    found, index = await proving.defect("seq-scan", f":many\n{bad}", f":many\n{good}")
    assert "post has 100 million rows, and all of post_wrong_idx is read" in found.message
    assert "its first column, created_at, is not compared" in found.help
    assert index == (
        "CREATE INDEX post_board_id_created_at_idx ON public.post (board_id, created_at)"
    )


async def test_a_keyset_of_or_is_found(proving: Proving) -> None:
    head = ":many\nSELECT r.id FROM reply AS r WHERE r.post_id = :post AND"
    bad = f"{head} (r.created_at < :at OR (r.created_at = :at AND r.id < :id)) {NEWEST}"
    good = f"{head} (r.created_at, r.id) < (:at, :id) {NEWEST}"
    found, index = await proving.defect("filter", bad, good)
    assert "a page's place is no condition of an index" in found.message
    assert found.help == "compare whole rows: `(a, b) < (:a, :b)`"
    assert index is None


async def test_a_condition_that_null_switches_off_is_found_though_its_values_have_plans(
    proving: Proving,
) -> None:
    head = ":many\nSELECT r.id FROM reply AS r WHERE"
    order = "ORDER BY r.post_id, r.created_at DESC, r.id DESC LIMIT :row_limit"
    bad = f"{head} (:post::bigint IS NULL OR r.post_id = :post) {order}"
    found, _ = await proving.defect("filter", bad, f"{head} r.post_id = :post {order}")
    assert "switches off" in found.message
    assert "-- filter: column = :value" in found.help


async def test_a_list_without_a_limit_is_found(proving: Proving) -> None:
    bad = ":many\nSELECT r.id FROM reply AS r WHERE r.post_id = :post"
    found, _ = await proving.defect("unbounded", bad, f"{bad} LIMIT :row_limit")
    assert "end it in LIMIT" in found.help


async def test_a_foreign_key_without_an_index_is_found(proving: Proving) -> None:
    bad = ":many\nSELECT p.id FROM post AS p WHERE p.account_id = :account LIMIT :row_limit"
    good = ":many\nSELECT r.id FROM reply AS r WHERE r.post_id = :post LIMIT :row_limit"
    found, index = await proving.defect("seq-scan", bad, good)
    assert "public.post has 100 million rows, and it is read from end to end" in found.message
    assert index == "CREATE INDEX post_account_id_idx ON public.post (account_id)"


async def test_a_constant_condition_makes_the_index_partial(proving: Proving) -> None:
    bad = (
        ":many\nSELECT p.id FROM post AS p WHERE p.account_id = :account AND p.deleted_at IS NULL"
        " ORDER BY p.created_at DESC LIMIT :row_limit"
    )
    good = ":opt\nSELECT p.score FROM post AS p WHERE p.id = :id"
    _, index = await proving.defect("seq-scan", bad, good)
    assert index is not None
    assert index.endswith("(account_id, created_at DESC) WHERE deleted_at IS NULL")


async def test_a_function_on_a_column_is_found(proving: Proving) -> None:
    head = ":many\nSELECT a.id FROM account AS a WHERE"
    bad = f"{head} lower(a.email) = :text ORDER BY a.id LIMIT :row_limit"
    found, index = await proving.defect(
        "seq-scan",
        bad.replace("ORDER BY a.id ", ""),
        f"{head} lower(a.name) = :text LIMIT :row_limit",
    )
    assert "public.account has 10 million rows" in found.message
    assert index == "CREATE INDEX account_lower_email_idx ON public.account (lower(email))"


async def test_what_an_array_holds_is_found_by_gin(proving: Proving) -> None:
    bad = (
        ":many\nSELECT a.id FROM account AS a WHERE a.tags @> ARRAY[:tag]::text[] LIMIT :row_limit"
    )
    good = ":opt\nSELECT a.tags FROM account AS a WHERE a.id = :id"
    _, index = await proving.defect("seq-scan", bad, good)
    assert index == "CREATE INDEX account_tags_idx ON public.account USING gin (tags)"


async def test_ranges_that_meet_are_found_by_gist(proving: Proving) -> None:
    bad = ":scalar\nSELECT count(*) FROM account AS a WHERE a.stay @> :at::timestamptz"
    planned = await proving.planned(f"bad {bad}")
    tried = suggest.candidates(planned.findings[0], planned.relations)
    assert tried[-1] == "CREATE INDEX account_stay_idx ON public.account USING gist (stay)"


async def test_a_partition_key_that_is_not_compared_is_found(proving: Proving) -> None:
    head = ":many\nSELECT e.at FROM event AS e WHERE e.account_id = :account"
    tail = "ORDER BY e.at DESC LIMIT :row_limit"
    good = f"{head} AND e.at >= '2024-03-01' AND e.at < '2024-04-01' {tail}"
    found, index = await proving.defect("partitions", f"{head} {tail}", good)
    assert "11 partitions of public.event are read" in found.message
    assert found.help == "compare its partition key with the time: RANGE (at)"
    assert index is None


async def test_a_loop_over_many_rows_is_found(proving: Proving) -> None:
    sql = (
        "{}\nWITH newest AS MATERIALIZED"
        " (SELECT p.id FROM post AS p ORDER BY p.created_at LIMIT {})"
        " SELECT count(r.id) FROM newest AS s INNER JOIN reply AS r ON s.id = r.post_id"
    )
    bad, good = sql.format(":scalar", 5000), sql.format(":scalar", 100)
    found, _ = await proving.defect("nested-loop", bad, good)
    assert "public.reply is looked into once for each of about 5,000 rows" in found.message


async def test_more_rows_than_are_declared_are_found(proving: Proving) -> None:
    sql = "SELECT a.id FROM account AS a ORDER BY a.created_at LIMIT 500"
    found, _ = await proving.defect("rows", f":many\n{sql}", f":many\n-- page: 500\n{sql}")
    assert "about 500 rows are returned, a page has 201" in found.message
    planned = await proving.planned(f"bad :many\n-- page: 400\n{sql}")
    assert [one.rule for one in planned.findings] == ["rows"]


async def test_a_sort_without_an_index_is_found(proving: Proving) -> None:
    sql = ":many\nSELECT a.id FROM account AS a ORDER BY {} LIMIT :row_limit"
    found, index = await proving.defect(
        "sort", sql.format("a.email DESC"), sql.format("a.created_at")
    )
    assert "are sorted by a.email DESC" in found.message
    assert index == "CREATE INDEX account_email_idx ON public.account (email DESC)"


async def test_an_index_that_is_read_whole_is_found(proving: Proving) -> None:
    bad = ":scalar\nSELECT count(a.created_at) FROM account AS a"
    good = ":scalar\nSELECT count(*) FROM reply AS r WHERE r.post_id = :post"
    found, _ = await proving.defect("seq-scan", bad, good)
    assert "public.account has 10 million rows, and all of account_" in found.message


async def test_a_change_of_millions_of_rows_is_found(proving: Proving) -> None:
    head = ":execrows\nUPDATE post SET score = 0 WHERE"
    found, _ = await proving.defect("rows", f"{head} created_at < :at", f"{head} id = :id")
    assert "million rows are changed" in found.message


async def test_a_plan_that_the_server_never_takes_is_not_judged(proving: Proving) -> None:
    sql = "a :scalar\nSELECT count(*) FROM account AS a WHERE a.name LIKE :name"
    planned = await proving.planned(sql)
    (plans,) = planned.plans
    # An unknown pattern is looked for everywhere; a known one has a beginning.
    assert not [node for node in plans.generic.root.walk() if node.condition("Index Cond")]
    assert not plans.generic.chosen
    assert not [str(one) for one in planned.findings]


async def test_a_plan_without_values_that_the_server_takes_is_judged(proving: Proving) -> None:
    sql = "a :many\nSELECT p.id FROM post AS p WHERE p.account_id = :account LIMIT :row_limit"
    planned = await proving.planned(sql)
    (plans,) = planned.plans
    assert plans.generic.chosen
    assert "no values" in planned.findings[0].labels


GOOD = {
    "a subquery that stops at its first row": """
        SELECT EXISTS (SELECT FROM reply AS r WHERE r.post_id = :post) AS found""",
    "a subquery for each row of a page": """
        SELECT p.id, (SELECT count(*) FROM reply AS r WHERE r.post_id = p.id) AS replies
        FROM post AS p ORDER BY p.created_at LIMIT :row_limit""",
    "a subquery of one row for all": """
        SELECT r.id FROM reply AS r
        WHERE r.post_id = (SELECT max(p.id) FROM post AS p)
        ORDER BY r.created_at DESC, r.id DESC LIMIT :row_limit""",
    "a page that is joined": """
        SELECT p.id, a.name FROM post AS p INNER JOIN account AS a ON p.account_id = a.id
        ORDER BY p.created_at LIMIT :row_limit""",
    "the newest of each row of a page": """
        SELECT p.id, n.id AS newest FROM post AS p
        LEFT JOIN LATERAL (
            SELECT r.id FROM reply AS r WHERE r.post_id = p.id
            ORDER BY r.created_at DESC, r.id DESC LIMIT 1
        ) AS n ON TRUE ORDER BY p.created_at LIMIT :row_limit""",
    "a page in a CTE": """
        WITH page AS MATERIALIZED (
            SELECT p.id, p.created_at FROM post AS p ORDER BY p.created_at LIMIT :row_limit
        )
        SELECT g.id FROM page AS g ORDER BY g.id LIMIT 200""",
    "the rest of an order sorted in small groups": """
        SELECT a.id FROM account AS a ORDER BY a.created_at, a.id LIMIT :row_limit""",
    "pages of two tables": """
        (SELECT p.id FROM post AS p ORDER BY p.created_at LIMIT 100)
        UNION ALL (SELECT a.id FROM account AS a ORDER BY a.created_at LIMIT 100)""",
    "a list that is looked up": """
        SELECT p.score FROM post AS p WHERE p.id = ANY(:ids::bigint[]) LIMIT :row_limit""",
}


@pytest.mark.parametrize("sql", GOOD.values(), ids=GOOD.keys())
async def test_nothing_is_found_in(proving: Proving, sql: str) -> None:
    shape = ":scalar" if "EXISTS" in sql else ":many"
    directive = "-- page: 201\n" if "UNION" in sql else ""
    planned = await proving.planned(f"good {shape}\n{directive}{sql}")
    assert not [str(one) for one in planned.findings]


BAD = {
    "a subquery that reads all for each row": (
        "seq-scan",
        """
        SELECT a.id, (SELECT count(*) FROM post AS p WHERE p.account_id = a.id) AS posts
        FROM account AS a ORDER BY a.created_at LIMIT :row_limit""",
    ),
    "a total of all rows in a CTE": (
        "seq-scan",
        """
        WITH totals AS MATERIALIZED (
            SELECT p.account_id, count(*) AS posts FROM post AS p GROUP BY p.account_id
        )
        SELECT t.posts FROM totals AS t WHERE t.account_id = :account LIMIT :row_limit""",
    ),
    "a sort below a join": (
        "sort",
        """
        SELECT p.id FROM (SELECT x.id, x.account_id FROM post AS x ORDER BY x.score LIMIT 200) AS p
        INNER JOIN account AS a ON p.account_id = a.id LIMIT :row_limit""",
    ),
    "a filter behind an index": (
        "filter",
        """
        SELECT a.id FROM account AS a WHERE a.email = :email ORDER BY a.created_at LIMIT 1""",
    ),
}


@pytest.mark.parametrize(("rule", "sql"), BAD.values(), ids=BAD.keys())
async def test_the_rules_look_into(proving: Proving, rule: str, sql: str) -> None:
    planned = await proving.planned(f"bad :many\n{sql}")
    assert rule in {one.rule for one in planned.findings}


async def test_pages_by_offset_are_found(proving: Proving) -> None:
    text = "SELECT r.id FROM reply AS r WHERE r.post_id = :post_id"
    offset = (
        f"bad :many\n{text} ORDER BY r.created_at DESC, r.id DESC LIMIT :row_limit OFFSET :skip"
    )
    proving = Proving(
        proving.place,
        replace(
            SCALE,
            tables={
                **SCALE.tables,
                ("public", "reply"): TableScale(
                    rows=10**8, columns={"post_id": ColumnScale(distinct=1000)}
                ),
            },
        ),
        proving.file,
    )
    planned = await proving.planned(offset, f"good :many\n{text} {NEWEST}")
    (found,) = planned.findings
    assert (found.query.name, found.rule) == ("bad", "filter")
    assert "OFFSET skips the others" in found.message


async def test_a_limit_does_not_excuse_partitions_in_no_order(proving: Proving) -> None:
    planned = await proving.planned(
        "bad :many\nSELECT e.kind FROM event AS e WHERE e.account_id = :id LIMIT 10",
        "good :many\nSELECT e.kind FROM event AS e WHERE e.account_id = :id AND e.at >= :since"
        " AND e.at < :since::timestamptz + interval '1 day' LIMIT 10",
    )
    assert {(one.query.name, one.rule) for one in planned.findings} == {("bad", "partitions")}


async def test_partitions_that_are_alike_stand_once_in_a_kept_plan(proving: Proving) -> None:
    planned = await proving.planned(
        "all :many\nSELECT e.at FROM event AS e WHERE e.account_id = :id ORDER BY e.at DESC LIMIT 10"
    )
    (text,) = texts(planned.plans).values()
    assert text.count("event_2024_") <= 4, text
    assert "and 10 partitions like it" in text


async def test_a_period_is_planned_with_a_beginning_before_its_end(proving: Proving) -> None:
    """Of the whole time, and of the last hundredth; without a value no partition would be left to look at."""
    planned = await proving.planned(
        "some :many\n-- page: 1000\nSELECT e.kind, count(*) FROM event AS e WHERE e.account_id = :id"
        " AND e.at >= :since AND e.at < :until GROUP BY e.kind"
    )
    [one] = planned.plans
    tables = {
        plan.label: {node.table for node in plan.root.walk() if node.table} for plan in one.all
    }
    assert len(tables["common values"]) == len(tables["no values"]) == 11, tables
    assert tables["common values, short period"] == {("public", "event_2024_11")}
