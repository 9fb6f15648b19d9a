"""Who waits for which statement, measured: a row per kind, whose order must come out the same on any machine."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from slimy_dal.engine import embedded
from slimy_dal.schema.trace.copies import SETTINGS
from slimy_dal.schema.trace.figures import MigrationFigures, StatementFigures, TraceFigures
from slimy_dal.schema.trace.judge import judge
from slimy_dal.schema.trace.pages import text
from slimy_dal.schema.trace.run import Wishes, trace
from tests.trace.folder import written

ROWS = 100_000
TRIES = 4
"""A busy machine stalls a reader now and then; a statement does so each time."""

KINDS = {
    "constant_default": "ALTER TABLE things ADD COLUMN c integer NOT NULL DEFAULT 1;\n",
    "volatile_default": "ALTER TABLE things ADD COLUMN v uuid NOT NULL DEFAULT gen_random_uuid();\n",
    "set_not_null": "ALTER TABLE things ALTER COLUMN n SET NOT NULL;\n",
    "create_index": "CREATE INDEX things_n_idx ON things (md5(repeat(s, 20)));\n",
    "create_index_concurrently": "-- transactional: false\n"
    "CREATE INDEX CONCURRENTLY things_n_2_idx ON things (md5(repeat(s, 20)));\n",
    "alter_type": "ALTER TABLE things ALTER COLUMN n TYPE bigint;\n",
    "foreign_key": "ALTER TABLE things ADD CONSTRAINT things_owner_id_fkey\n"
    "FOREIGN KEY (owner_id) REFERENCES owners (id);\n",
    "not_valid": "ALTER TABLE things ADD CONSTRAINT things_owner_id_2_fkey\n"
    "FOREIGN KEY (owner_id) REFERENCES owners (id) NOT VALID;\n",
    "validate": "ALTER TABLE things VALIDATE CONSTRAINT things_owner_id_2_fkey;\n",
    "add_check": "ALTER TABLE things ADD CONSTRAINT things_s_check CHECK (md5(repeat(s, 50)) > '');\n",
    "update_half": "UPDATE things SET s = s || 'x' WHERE id % 2 = 0;\n",
}

THINGS, OWNERS = "public.things", "public.owners"


@pytest.fixture(scope="module")
def wishes() -> Iterator[Wishes]:
    with embedded.temporary(18, SETTINGS) as server:
        yield Wishes(server.dsn(), rows=ROWS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path / "migrations", **KINDS)


Judgement = Callable[[MigrationFigures, StatementFigures, float], None]


def expect(folder: Path, wishes: Wishes, kind: str, judgement: Judgement) -> None:
    """Measure until the judgement holds, a few times at most; `noise` is what anybody waits without a migration."""
    name = next(path.stem for path in folder.glob(f"*_{kind}.sql"))
    for attempt in range(1, TRIES + 1):
        found = trace(folder, [name], wishes)
        (figures,) = found.migrations
        noise = max(found.noise.reader_ms or 0.0, found.noise.writer_ms or 0.0)
        assert figures.rows[THINGS] == ROWS
        try:
            judgement(figures, figures.statements[-1], noise)
        except AssertionError:
            if attempt == TRIES:
                raise
        else:
            return


def locks(statement: StatementFigures) -> dict[str, str]:
    return {lock.relation: lock.mode for lock in statement.locks}


def waited(stall: float | None, statement: StatementFigures) -> bool:
    """Whether somebody waited for most of a statement."""
    return (stall or 0.0) > statement.ms * 0.6


@pytest.mark.slow
def test_a_column_with_a_constant_default_is_there_at_once(folder: Path, wishes: Wishes) -> None:
    def judgement(figures: MigrationFigures, statement: StatementFigures, noise: float) -> None:
        assert locks(statement) == {THINGS: "AccessExclusiveLock"}
        assert statement.rewrites == []
        assert statement.wal_bytes < 100_000
        assert statement.ms < 50 + noise
        assert figures.findings == []

    expect(folder, wishes, "constant_default", judgement)


@pytest.mark.slow
def test_a_column_with_a_volatile_default_rewrites_the_table_and_stops_readers(
    folder: Path, wishes: Wishes
) -> None:
    def judgement(figures: MigrationFigures, statement: StatementFigures, noise: float) -> None:
        assert locks(statement) == {THINGS: "AccessExclusiveLock"}
        assert statement.rewrites == [THINGS]
        assert statement.wal_bytes > ROWS * 16
        assert statement.ms > 5 * noise
        assert waited(statement.reader_stall_ms, statement)
        assert waited(statement.writer_stall_ms, statement)
        assert "line 1: rewrites the rows of public.things" in figures.findings
        assert any("ACCESS EXCLUSIVE" in finding for finding in figures.findings)

    expect(folder, wishes, "volatile_default", judgement)


@pytest.mark.slow
def test_set_not_null_reads_the_table_while_readers_wait(folder: Path, wishes: Wishes) -> None:
    def judgement(figures: MigrationFigures, statement: StatementFigures, noise: float) -> None:
        assert locks(statement) == {THINGS: "AccessExclusiveLock"}
        assert statement.rewrites == []
        assert "contains null values" in figures.notes[0]
        if statement.ms > 3 * noise:
            assert waited(statement.reader_stall_ms, statement)

    expect(folder, wishes, "set_not_null", judgement)


@pytest.mark.slow
def test_an_index_stops_writers_and_one_made_concurrently_stops_nobody(
    folder: Path, wishes: Wishes
) -> None:
    def plain(figures: MigrationFigures, statement: StatementFigures, noise: float) -> None:
        assert locks(statement) == {THINGS: "ShareLock"}
        assert statement.ms > 5 * noise
        assert waited(statement.writer_stall_ms, statement)
        assert not waited(statement.reader_stall_ms, statement)
        queue = figures.queue
        assert queue is not None
        assert (queue.relation, queue.mode) == (THINGS, "ShareLock")
        assert queue.writer_ms > 0.6 * queue.waited_ms > queue.reader_ms

    def concurrently(figures: MigrationFigures, statement: StatementFigures, noise: float) -> None:
        assert locks(statement) == {THINGS: "ShareUpdateExclusiveLock"}
        assert statement.ms > 5 * noise
        assert not waited(statement.writer_stall_ms, statement)
        assert not waited(statement.reader_stall_ms, statement)
        assert figures.queue is None

    expect(folder, wishes, "create_index", plain)
    expect(folder, wishes, "create_index_concurrently", concurrently)


@pytest.mark.slow
def test_a_wider_type_rewrites_the_table_and_stops_readers(folder: Path, wishes: Wishes) -> None:
    def judgement(figures: MigrationFigures, statement: StatementFigures, noise: float) -> None:
        assert locks(statement) == {THINGS: "AccessExclusiveLock"}
        assert statement.rewrites == [THINGS]
        assert "public.things_pkey" in statement.rebuilds
        assert statement.ms > 5 * noise
        assert waited(statement.reader_stall_ms, statement)
        queue = figures.queue
        assert queue is not None
        assert min(queue.reader_ms, queue.writer_ms) > 0.6 * queue.waited_ms

    expect(folder, wishes, "alter_type", judgement)


@pytest.mark.slow
def test_a_foreign_key_stops_writers_of_both_tables_unless_it_is_validated_later(
    folder: Path, wishes: Wishes
) -> None:
    spent: dict[str, float] = {}

    def at_once(figures: MigrationFigures, statement: StatementFigures, noise: float) -> None:
        assert locks(statement) == dict.fromkeys((OWNERS, THINGS), "ShareRowExclusiveLock")
        assert statement.ms > 3 * noise
        assert waited(figures.stalls[THINGS].writer_ms, statement)
        assert waited(figures.stalls[OWNERS].writer_ms, statement)
        assert not waited(statement.reader_stall_ms, statement)
        spent["at_once"] = statement.alone_ms

    def not_valid(_figures: MigrationFigures, statement: StatementFigures, _noise: float) -> None:
        assert locks(statement) == dict.fromkeys((OWNERS, THINGS), "ShareRowExclusiveLock")
        assert statement.alone_ms < spent["at_once"] / 3

    def validate(_figures: MigrationFigures, statement: StatementFigures, noise: float) -> None:
        assert locks(statement) == {OWNERS: "RowShareLock", THINGS: "ShareUpdateExclusiveLock"}
        assert statement.ms > 3 * noise
        assert not waited(statement.writer_stall_ms, statement)
        assert not waited(statement.reader_stall_ms, statement)

    expect(folder, wishes, "foreign_key", at_once)
    expect(folder, wishes, "not_valid", not_valid)
    expect(folder, wishes, "validate", validate)


@pytest.mark.slow
def test_a_check_reads_the_table_while_readers_wait(folder: Path, wishes: Wishes) -> None:
    def judgement(_figures: MigrationFigures, statement: StatementFigures, noise: float) -> None:
        assert locks(statement) == {THINGS: "AccessExclusiveLock"}
        assert statement.rewrites == []
        assert statement.ms > 3 * noise
        assert waited(statement.reader_stall_ms, statement)

    expect(folder, wishes, "add_check", judgement)


@pytest.mark.slow
def test_an_update_of_half_the_rows_stops_their_writers_and_leaves_them_dead(
    folder: Path, wishes: Wishes
) -> None:
    def judgement(figures: MigrationFigures, statement: StatementFigures, noise: float) -> None:
        assert locks(statement) == {THINGS: "RowExclusiveLock"}
        assert statement.rewrites == []
        assert statement.dead_rows == ROWS // 2
        assert statement.ms > 5 * noise
        assert (figures.writer_stall_ms or 0) > statement.ms * 0.4
        assert not waited(statement.reader_stall_ms, statement)

    expect(folder, wishes, "update_half", judgement)


def test_a_wait_that_is_too_long_is_a_finding_and_noise_is_not(
    tmp_path: Path, wishes: Wishes
) -> None:
    folder = written(
        tmp_path / "sleeps",
        sleeps="LOCK TABLE things IN ACCESS EXCLUSIVE MODE;\nSELECT pg_sleep(0.4);\n",
    )
    few = Wishes(wishes.dsn, rows=100, max_stall=200)
    figures = trace(folder, ["0002_sleeps"], few).migrations[0]
    said = " ".join(figures.findings)
    assert "a reader of public.things waited" in said
    assert "a writer of public.things waited" in said
    assert re.search(r"holds ACCESS EXCLUSIVE for \d", said)
    assert 300 < (figures.statements[1].reader_stall_ms or 0) < 30_000
    quiet = trace(folder, ["0002_sleeps"], Wishes(wishes.dsn, rows=100, max_stall=60_000))
    assert not any("waited" in finding for finding in quiet.findings)


def test_an_operation_that_is_refused_is_counted_and_noted(tmp_path: Path, wishes: Wishes) -> None:
    folder = written(tmp_path / "drops", drops="ALTER TABLE things DROP COLUMN s;\n")
    patient = Wishes(wishes.dsn, rows=100, max_stall=60_000)
    figures = trace(folder, ["0002_drops"], patient).migrations[0]
    assert figures.refused["a writer of public.things"].keys() == {"42703"}
    assert "a writer of public.things was refused" in text(TraceFigures("", [figures]))
    assert figures.findings == []


def test_a_deadlock_that_the_migration_brings_about_is_a_finding() -> None:
    figures = MigrationFigures("x", [], refused={"a writer of t": {"40P01": 2, "42703": 1}})
    assert judge(figures) == ["a writer of t was the victim of a deadlock, 2 times"]


def test_a_data_migration_runs_in_its_batches_under_traffic(wishes: Wishes) -> None:
    folder = Path(__file__).parents[2] / "examples" / "rename_a_column" / "migrations"
    found = trace(folder, ["0003_copy_full_name"], Wishes(wishes.dsn, rows=5_000)).migrations[0]
    (statement,) = found.statements
    assert found.rows == {"shop.customers": 5_000}
    assert locks(statement) == {"shop.customers": "RowExclusiveLock"}
    # The pauses between batches are a part of it; nobody waits for all of them.
    assert statement.ms > 100
    assert (statement.writer_stall_ms or 0.0) < statement.ms * 0.9
    assert all("every batch is done" in note for note in found.notes)
