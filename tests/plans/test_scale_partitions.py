import time
from dataclasses import replace
from itertools import pairwise

from slimy_dal.compiler.description import Origin, PgType
from slimy_dal.compiler.scale.model import Scale, TableScale, read, uniform
from slimy_dal.compiler.scale.pretend import pretend
from slimy_dal.engine import embedded
from tests.plans.pretending import OWN_MODEL, database, plan, pretended, rows

MONTHS = [f"{2024 + n // 12}-{n % 12 + 1:02d}-01" for n in range(25)]

EVENTS = """
CREATE TABLE person (id bigint PRIMARY KEY);
CREATE TABLE event (
    id uuid NOT NULL,
    person_id bigint NOT NULL REFERENCES person,
    kind text NOT NULL CHECK (kind IN ('join', 'leave')),
    at timestamptz NOT NULL DEFAULT now(),
    body jsonb,
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE INDEX event_person_idx ON event (person_id, at DESC);
CREATE INDEX event_at_idx ON event (at);
CREATE INDEX event_lower_idx ON event (lower(kind));
CREATE TABLE event_default PARTITION OF event DEFAULT;
""" + "".join(
    f"CREATE TABLE event_{low[:7].replace('-', '_')} PARTITION OF event"
    f" FOR VALUES FROM ('{low}') TO ('{high}');"
    for low, high in pairwise(MONTHS)
)

BILLION = Scale(
    tables={
        ("public", "event"): TableScale(rows=10**9),
        ("public", "person"): TableScale(rows=10**7),
    },
)


async def test_a_billion_rows_in_24_partitions_are_pretended_at_once(
    pretender: embedded.Server,
) -> None:
    seconds = []
    for _ in range(2):  # the machine may be busy with something else
        async with database(pretender, EVENTS) as connection:
            start = time.perf_counter()
            await pretend(connection, pretender.data, BILLION)
            seconds.append(time.perf_counter() - start)
    assert min(seconds) < 5


async def test_partitions_share_the_rows_of_their_table(pretender: embedded.Server) -> None:
    async with pretended(pretender, EVENTS, BILLION) as (connection, seen):
        assert seen.rows("public", "event") == 10**9
        assert seen.rows("public", "event_2024_01") in range(41_666_666, 41_666_668)
        assert seen.rows("public", "event_default") == 0
        assert abs(await rows(connection, "SELECT * FROM event") - 10**9) < 100


async def test_the_planner_leaves_out_partitions_and_knows_what_the_others_hold(
    pretender: embedded.Server,
) -> None:
    async with pretended(pretender, EVENTS, BILLION) as (connection, _):
        month = "at >= '2024-03-01' AND at < '2024-04-01'"
        tree = await plan(connection, f"SELECT * FROM event WHERE {month}")
        assert tree["Relation Name"] == "event_2024_03"
        assert 40_000_000 < tree["Plan Rows"] < 42_000_000
        half = await rows(connection, "SELECT * FROM event WHERE at < '2025-01-01'")
        assert 490_000_000 < half < 510_000_000
        one = await plan(
            connection,
            "SELECT * FROM event WHERE person_id = 5 AND at >= '2024-03-10' AND at < '2024-03-11'",
        )
        assert "event_2024_03_person_id_at_idx" in str(one)


async def test_a_query_over_all_partitions_uses_their_common_statistics(
    pretender: embedded.Server,
) -> None:
    async with pretended(pretender, EVENTS, BILLION) as (connection, seen):
        # Ten million people: a hundred events each. Without inherited statistics it would be a guess of 200 groups.
        found = await rows(connection, "SELECT person_id FROM event GROUP BY person_id")
        assert 9_000_000 < found <= 10_000_000
        at = Origin("public", "event", "at")
        kind = PgType(1184, "timestamp with time zone")
        assert seen.sample(at, kind, "first") == "2024-01-01 00:00:00+00"
        assert seen.sample(at, kind, "last").startswith("2025-12-31 23:59:59")


async def test_a_partition_that_the_model_names_has_what_it_says(
    pretender: embedded.Server,
) -> None:
    tables = {**BILLION.tables, ("public", "event_2024_01"): TableScale(rows=500_000_000)}
    async with pretended(pretender, EVENTS, replace(BILLION, tables=tables)) as (_, seen):
        assert seen.rows("public", "event_2024_01") == 500_000_000
        assert seen.rows("public", "event_2024_02") == 500_000_000 // 23 + 1
        assert seen.rows("public", "event") == 10**9


async def test_list_and_hash_partitions_hold_their_values(pretender: embedded.Server) -> None:
    schema = """
        CREATE TABLE visit (country text NOT NULL, n int NOT NULL) PARTITION BY LIST (country);
        CREATE TABLE visit_de PARTITION OF visit FOR VALUES IN ('de', 'at');
        CREATE TABLE visit_fr PARTITION OF visit FOR VALUES IN ('fr') PARTITION BY HASH (n);
        CREATE TABLE visit_fr_0 PARTITION OF visit_fr FOR VALUES WITH (MODULUS 2, REMAINDER 0);
        CREATE TABLE visit_fr_1 PARTITION OF visit_fr FOR VALUES WITH (MODULUS 2, REMAINDER 1);
    """
    async with pretended(pretender, schema, uniform(1_000_000)) as (connection, seen):
        assert seen.rows("public", "visit_fr_1") == 250_000
        assert await rows(connection, "SELECT * FROM visit WHERE country = 'at'") == 250_000
        assert await rows(connection, "SELECT * FROM visit WHERE country = 'fr'") == 500_000


async def test_setup_makes_the_partitions_that_migrations_leave_to_a_job(
    pretender: embedded.Server,
) -> None:
    schema = "CREATE TABLE log (at date NOT NULL) PARTITION BY RANGE (at);"
    made = "CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')"
    async with pretended(pretender, schema, replace(uniform(5000), setup=(made,))) as (c, seen):
        assert seen.rows("public", "log_1") == 5000
        assert 2400 < await rows(c, "SELECT * FROM log WHERE at < '2025-07-01'") < 2600


async def test_our_own_model_plans_the_same_in_any_later_month(pretender: embedded.Server) -> None:
    later = "SELECT slimy.make_partitions(t, '2031-05-01', 7) FROM (VALUES {}) AS v (t)".format(
        ", ".join(f"('slimy.{name}'::regclass)" for name in ("stats", "audit_logs"))
    )
    sql = "SELECT s.id FROM slimy.stats AS s ORDER BY s.recorded_at DESC, s.id DESC LIMIT 51"
    texts = []
    for before in ("SELECT 1", later):
        async with database(pretender, before, "migrated") as connection:
            await pretend(connection, pretender.data, read(OWN_MODEL))
            texts.append([row[0] for row in await connection.fetch(f"EXPLAIN {sql}")])
            months = await connection.fetch(
                "SELECT inhrelid::regclass::text FROM pg_inherits"
                " WHERE inhparent = 'slimy.stats'::regclass ORDER BY 1"
            )
            assert [row[0] for row in months] == [
                f"slimy.stats_2025_{month:02d}" for month in range(1, 13)
            ]
    assert texts[0] == texts[1]
