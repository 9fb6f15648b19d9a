"""Whatever changes the text of pg_dump changes the snapshot too: nothing of a schema is overlooked."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from slimy_dal.engine import embedded
from slimy_dal.schema.catalog.differences import FOLLOWING, compare
from slimy_dal.schema.catalog.reading import read
from slimy_dal.schema.catalog.things import KINDS
from slimy_dal.schema.catalog.words import DRIFT, sentence
from slimy_dal.schema.connecting import connected
from tests.drift.changes import CHANGES

SCHEMA = (Path(__file__).parent / "schema.sql").read_text()

NUMBER = st.integers(1, 90)
WORD = st.sampled_from(["alpha", "Beta two", "gamma", 'de"lta', "select"])
TABLE = st.sampled_from(["club.people", "club.visits", "club.cache", "club.log", "club.parts_1"])
TYPE = st.sampled_from(
    ["text", "int[]", "numeric(9,2)", "club.mood", "club.code", "timestamptz(3)", "bit(4)"]
)
ROLE = st.sampled_from(["PUBLIC", "drift_reader"])
RIGHT = st.sampled_from(["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER", "ALL"])
THING = st.sampled_from(
    [
        *("TABLE club.people", "COLUMN club.people.name", "INDEX club.people_name_idx"),
        *("VIEW club.rich", "TYPE club.mood", "DOMAIN club.code", "SEQUENCE club.tickets"),
        *("FUNCTION club.shout(text)", "SCHEMA club", "TRIGGER people_touch ON club.people"),
        *("POLICY people_all ON club.people", "RULE people_stay ON club.people"),
        *(
            "CONSTRAINT people_pkey ON club.people",
            "CONSTRAINT code_shape_check ON DOMAIN club.code",
        ),
        *("MATERIALIZED VIEW club.counted", "STATISTICS club.people_together"),
        *("PUBLICATION club_out", "COLLATION club.c", "AGGREGATE club.total(int)"),
        *("TEXT SEARCH CONFIGURATION club.plain", "COLUMN club.rich.name", "SCHEMA public"),
    ]
)


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


PARTS = {
    "name": WORD.map(quoted),
    "word": WORD.map(lambda word: word.replace("'", "''")),
    "number": NUMBER.map(str),
    "table": TABLE,
    "type": TYPE,
    "role": ROLE,
    "right": RIGHT,
    "thing": THING,
}


def filled(pattern: str) -> st.SearchStrategy[str]:
    """A statement of the list with names and numbers in its places."""
    places = re.findall(r"\{(\w+)\}", pattern)
    return st.fixed_dictionaries({place: PARTS[place] for place in places}).map(
        lambda found: pattern.format(**found)
    )


PATTERNS = (Path(__file__).parent / "statements.txt").read_text().splitlines()
STATEMENT = st.one_of(
    *(filled(pattern) for pattern in PATTERNS),
    st.sampled_from([change for change, _ in CHANGES if "UPDATE pg_index" not in change]),
)


@pytest.fixture(scope="module")
def place() -> Iterator[embedded.Server]:
    with embedded.temporary(18, {"wal_level": "logical"}) as server:
        with connected(server.dsn()) as admin:
            admin.execute("CREATE ROLE drift_reader")
            admin.execute("CREATE DATABASE whole")
        with connected(server.dsn("whole")) as connection:
            connection.execute(SCHEMA.encode())
        yield server


def dump(dsn: str) -> str:
    program = embedded.binaries(18) / "pg_dump"
    found = subprocess.run(
        [program, "--schema-only", dsn], check=True, capture_output=True, text=True
    ).stdout
    return re.sub(r"(?m)^\\(un)?restrict .*$", "", found)


@pytest.mark.slow
def test_what_pg_dump_sees_the_snapshot_sees(place: embedded.Server) -> None:
    address = place.dsn("whole")
    before_dump = dump(address)
    with connected(address) as connection:
        before = read(connection)
    tried: set[str] = set()
    done: set[str] = set()

    @settings(
        max_examples=200,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(statement=STATEMENT)
    def check(statement: str) -> None:
        if statement in tried:
            return
        tried.add(statement)
        with connected(place.dsn()) as admin:
            admin.execute("DROP DATABASE IF EXISTS changed WITH (FORCE)")
            admin.execute("CREATE DATABASE changed TEMPLATE whole")
        with psycopg.connect(place.dsn("changed"), autocommit=True) as connection:
            try:
                connection.execute(statement.encode())
            except psycopg.Error:
                return
            done.add(statement)
            differences = compare(before, read(connection))
        if differences:
            assert all(sentence(one, DRIFT) for one in differences)
        else:
            assert dump(place.dsn("changed")) == before_dump, statement

    check()
    assert len(done) > 100, "most of them are statements that the server takes"


def test_every_fact_is_compared_or_follows_from_another() -> None:
    folder = Path(__file__).parent.parent.parent / "sql" / "catalog" / "snapshot"
    assert {file.stem for file in folder.glob("*.sql")} == set(KINDS)
    words = {
        name
        for file in folder.glob("*.sql")
        for name in re.findall(r"(?m)\bAS (\w+),?$", file.read_text())
    }
    assert words >= FOLLOWING - {"owner_name", "position"}
