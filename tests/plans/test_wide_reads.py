"""What a LIMIT hides: a page that fills slowly, and a range that stands before the column that matters."""

from pathlib import Path

import pytest

from slimy_dal.compiler import queryfile
from slimy_dal.compiler.describe import describe
from slimy_dal.compiler.description import Description
from slimy_dal.compiler.plans.prove import plan_all
from slimy_dal.compiler.scale.model import ColumnScale, Scale, TableScale
from slimy_dal.engine import embedded
from tests.plans.pretending import database

SCHEMA = """
CREATE TABLE public.letters (
    id bigint PRIMARY KEY,
    writer_id bigint NOT NULL,
    subject text NOT NULL,
    state text NOT NULL,
    sent_at timestamptz NOT NULL
);
CREATE INDEX letters_sent_idx ON public.letters (sent_at, writer_id);
"""
BY_WRITER = "CREATE INDEX letters_writer_idx ON public.letters (writer_id, sent_at);"
BY_SUBJECT = "CREATE INDEX letters_subject_idx ON public.letters (lower(subject));"
LETTERS = TableScale(
    10**8,
    columns={
        "writer_id": ColumnScale(distinct=10**7),
        "state": ColumnScale(
            distinct=3, common=(("read", 0.96995), ("lost", 0.03), ("torn", 0.00005))
        ),
    },
)


async def found(server: embedded.Server, folder: Path, schema: str, sql: str) -> list[str]:
    """The rules that a list breaks, each with what it says."""
    (folder / "post.sql").write_text(f"-- name: find :many\n-- Letters.\n{sql};\n")
    loaded = queryfile.load(folder / "post.sql")
    assert not loaded.errors
    scale = Scale({("public", "letters"): LETTERS})
    async with database(server, SCHEMA + schema) as connection:
        described = await describe(connection, loaded.queries)
        good = [one for one in described if isinstance(one, Description)]
        planned = await plan_all(connection, server.data, scale, good)
    return [f"{one.rule}: {one.message}; {one.help}" for one in planned.findings]


@pytest.mark.parametrize("limit", ["1", ":row_limit"])
async def test_a_limit_does_not_excuse_a_function_on_a_column(
    pretender: embedded.Server, tmp_path: Path, limit: str
) -> None:
    sql = f"SELECT l.id FROM public.letters AS l WHERE lower(l.subject) = lower(:subject) LIMIT {limit}"
    [one] = await found(pretender, tmp_path, "", sql)
    assert one.startswith("seq-scan: public.letters has 100 million rows, and it is read from end")


async def test_a_function_on_a_column_with_its_index_passes(
    pretender: embedded.Server, tmp_path: Path
) -> None:
    sql = "SELECT l.id FROM public.letters AS l WHERE lower(l.subject) = lower(:subject) LIMIT 1"
    assert await found(pretender, tmp_path, BY_SUBJECT, sql) == []


async def test_a_page_that_most_rows_belong_to_may_be_read_from_the_beginning(
    pretender: embedded.Server, tmp_path: Path
) -> None:
    sql = "SELECT l.id FROM public.letters AS l WHERE l.state = '{}' ORDER BY l.id LIMIT :row_limit"
    assert await found(pretender, tmp_path, "", sql.format("read")) == []
    assert await found(pretender, tmp_path, "", sql.format("lost")) != []


async def test_a_range_before_an_equal_column_is_the_wrong_order(
    pretender: embedded.Server, tmp_path: Path
) -> None:
    sql = (
        "SELECT l.id FROM public.letters AS l WHERE l.writer_id = :writer AND l.sent_at > :after"
        " ORDER BY l.sent_at LIMIT :row_limit"
    )
    [one] = await found(pretender, tmp_path, "", sql)
    assert one.startswith("seq-scan: public.letters has 100 million rows, and a stretch of about ")
    assert one.endswith(
        "its first column, sent_at, is not compared by =: put those compared by = first"
    )
    assert await found(pretender, tmp_path, BY_WRITER, sql) == []


async def test_a_range_that_no_equal_column_follows_reads_what_it_means(
    pretender: embedded.Server, tmp_path: Path
) -> None:
    sql = (
        "SELECT l.id FROM public.letters AS l WHERE (l.sent_at, l.writer_id) > (:at, :writer)"
        " ORDER BY l.sent_at, l.writer_id LIMIT :row_limit"
    )
    assert await found(pretender, tmp_path, "", sql) == []


async def test_of_a_partial_index_only_the_rows_that_it_holds_are_read(
    pretender: embedded.Server, tmp_path: Path
) -> None:
    """A few thousand are read at once, as those of a small table are; three in a hundred are not."""
    sql = "SELECT l.id FROM public.letters AS l WHERE l.writer_id = :writer AND {} ORDER BY l.id LIMIT 200"
    few, many = "l.state = 'torn'", "l.state = 'lost'"
    for condition, is_found in ((few, False), (many, True)):
        plain = condition.replace("l.", "")
        schema = f"CREATE INDEX letters_part_idx ON public.letters (id) WHERE {plain};"
        said = await found(pretender, tmp_path, schema, sql.format(condition))
        assert bool(said) is is_found, said
