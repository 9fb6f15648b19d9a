"""Whatever somebody does to a live database by hand is told in words, and the SQL undoes it."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from slimy_dal.compiler.schemafiles import split
from slimy_dal.engine import embedded
from slimy_dal.schema.catalog.differences import compare
from slimy_dal.schema.catalog.reading import read
from slimy_dal.schema.catalog.things import Snapshot
from slimy_dal.schema.catalog.words import DRIFT, sentence
from slimy_dal.schema.connecting import Connection, connected
from slimy_dal.schema.drift.mending import mend, script
from tests.drift.changes import CHANGES

SCHEMA = (Path(__file__).parent / "schema.sql").read_text()


class Lab:
    """A server with the schema in a template, and a database of it that tests change and mend."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        with connected(dsn) as admin:
            admin.execute("CREATE ROLE drift_reader")
            admin.execute("CREATE DATABASE whole")
        with connected(dsn, "whole") as connection:
            connection.execute(SCHEMA.encode())
            self.should = read(connection)
        self.renew()

    def renew(self) -> None:
        """Make the database anew: the last test did not mend it."""
        with connected(self.dsn) as admin:
            admin.execute("DROP DATABASE IF EXISTS live WITH (FORCE)")
            admin.execute("CREATE DATABASE live TEMPLATE whole")
        self.is_whole = True


@pytest.fixture(scope="module", params=[pytest.param(15, marks=pytest.mark.slow), 18])
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    major: int = request.param
    try:
        embedded.binaries(major)
    except embedded.EmbeddedServerError as error:
        pytest.skip(str(error))
    with embedded.temporary(major, {"wal_level": "logical"}) as server:
        yield Lab(server.dsn())


def drifted(connection: Connection, should: Snapshot) -> tuple[list[str], str]:
    """What is said of the difference, and the script that mends it, with all that is dangerous."""
    found = read(connection)
    differences = compare(should, found)
    statements = mend(differences, should, found)
    return [sentence(one, DRIFT) for one in differences], script(statements, is_all=True)


def run(connection: Connection, text: str) -> None:
    for statement in split(text, "mend.sql"):
        try:
            connection.execute(statement.text.encode())
        except psycopg.Error as error:
            pytest.fail(f"{error}\n{statement.text}\n\nin:\n{text}")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(change, words, marks=[pytest.mark.slow] if number % 3 else [], id=change)
        for number, (change, words) in enumerate(CHANGES)
    ],
)
def test_a_change_is_told_and_undone(lab: Lab, change: str, words: str) -> None:
    if not lab.is_whole:
        lab.renew()
    lab.is_whole = False
    with connected(lab.dsn, "live") as connection:
        for statement in split(change, "change"):
            connection.execute(statement.text.encode())
        told, text = drifted(connection, lab.should)
        assert any(words in one for one in told), told
        run(connection, text)
        left, again = drifted(connection, lab.should)
        # A dropped column comes back at the end: nothing but a new table changes that.
        assert [one for one in left if "columns in another order" not in one] == [], (text, again)
        lab.is_whole = left == []


def test_a_whole_schema_can_be_made_from_nothing(lab: Lab) -> None:
    with connected(lab.dsn) as admin:
        admin.execute("DROP DATABASE IF EXISTS nothing WITH (FORCE)")
        admin.execute("CREATE DATABASE nothing")
    with connected(lab.dsn, "nothing") as connection:
        run(connection, drifted(connection, lab.should)[1])
        assert drifted(connection, lab.should)[0] == []


def test_a_whole_schema_can_be_taken_away(lab: Lab) -> None:
    with connected(lab.dsn) as admin:
        admin.execute("DROP DATABASE IF EXISTS nothing WITH (FORCE)")
        admin.execute("CREATE DATABASE nothing")
    with connected(lab.dsn, "nothing") as connection:
        empty = read(connection)
    lab.renew()
    lab.is_whole = False
    with connected(lab.dsn, "live") as connection:
        run(connection, drifted(connection, empty)[1])
        assert drifted(connection, empty)[0] == []
