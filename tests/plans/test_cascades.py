"""What the server itself runs for a foreign key is judged like a statement: children must be found by an index."""

from pathlib import Path

from slimy_dal.compiler import queryfile
from slimy_dal.compiler.describe import describe
from slimy_dal.compiler.description import Description
from slimy_dal.compiler.plans import cascades, relations
from slimy_dal.compiler.plans.explain import explain
from slimy_dal.compiler.plans.prove import plan_all
from slimy_dal.compiler.scale.model import Scale, TableScale
from slimy_dal.compiler.scale.pretend import pretend
from slimy_dal.engine import embedded
from tests.plans.pretending import database

SCHEMA = """
CREATE TABLE public.people (id bigint PRIMARY KEY, name text NOT NULL);
CREATE TABLE public.letters (
    id bigint PRIMARY KEY,
    sent_at timestamptz NOT NULL,
    writer_id bigint NOT NULL REFERENCES public.people (id) ON DELETE CASCADE
);
CREATE TABLE public.stamps (
    id bigint PRIMARY KEY,
    letter_id bigint REFERENCES public.letters (id) ON DELETE SET NULL
);
"""
OF_WRITERS = "CREATE INDEX letters_writer_idx ON public.letters (writer_id, sent_at);"
BEHIND = "CREATE INDEX letters_sent_idx ON public.letters (sent_at, writer_id);"
OF_LETTERS = (
    "CREATE INDEX stamps_letter_idx ON public.stamps (letter_id) WHERE letter_id IS NOT NULL;"
)
LEAVE = (
    "-- name: leave :execrows\n-- Forgets a person.\nDELETE FROM public.people WHERE id = :id;\n"
)
RENAME = (
    "-- name: rename :execrows\n-- Another name.\n"
    "UPDATE public.people SET name = :name WHERE id = :id;\n"
)
RENUMBER = (
    "-- name: renumber :execrows\n-- Another number.\n"
    "UPDATE public.people SET id = :new WHERE id = :id;\n"
)
BIG = 10**8


async def found(
    server: embedded.Server, folder: Path, schema: str, query: str, letters: int = BIG
) -> list[str]:
    """What is found in the actions that a query sets off, without the name of the file."""
    (folder / "post.sql").write_text(query)
    loaded = queryfile.load(folder / "post.sql")
    assert not loaded.errors
    rows = {"people": BIG, "letters": letters, "stamps": BIG}
    scale = Scale({("public", name): TableScale(count) for name, count in rows.items()})
    async with database(server, SCHEMA + schema) as connection:
        [one] = await describe(connection, loaded.queries)
        assert isinstance(one, Description)
        seen = await pretend(connection, server.data, scale)
        known = await relations.read(connection)
        plans = await explain(connection, one, seen, page=scale.page)
        findings = await cascades.examine(connection, [plans], known, scale.big)
    assert {one.rule for one in findings} <= {"seq-scan"}
    return [str(one).partition("post.sql:")[2] for one in findings]


async def test_children_without_an_index_are_named_with_the_query_that_deletes_their_parent(
    pretender: embedded.Server, tmp_path: Path
) -> None:
    assert await found(pretender, tmp_path, OF_LETTERS, LEAVE) == [
        (
            "1:1: post.leave: seq-scan: public.letters has 100 million rows, and all of them are read"
            " for every row of public.people that goes or changes its key: letters_writer_id_fkey"
            " looks for its children; make what it needs:"
            " CREATE INDEX letters_writer_id_idx ON public.letters (writer_id)"
        )
    ]


async def test_children_with_their_index_pass(pretender: embedded.Server, tmp_path: Path) -> None:
    assert await found(pretender, tmp_path, OF_WRITERS + OF_LETTERS, LEAVE) == []


async def test_an_index_that_begins_with_another_column_does_not_find_children(
    pretender: embedded.Server, tmp_path: Path
) -> None:
    [one] = await found(pretender, tmp_path, BEHIND + OF_LETTERS, LEAVE)
    assert "letters_writer_id_fkey" in one


async def test_the_children_of_children_are_looked_for_too(
    pretender: embedded.Server, tmp_path: Path
) -> None:
    [one] = await found(pretender, tmp_path, OF_WRITERS, LEAVE)
    assert "stamps_letter_id_fkey" in one


async def test_a_small_table_of_children_may_be_read_whole(
    pretender: embedded.Server, tmp_path: Path
) -> None:
    assert await found(pretender, tmp_path, OF_LETTERS, LEAVE, letters=500) == []


async def test_only_a_change_of_the_key_looks_for_children(
    pretender: embedded.Server, tmp_path: Path
) -> None:
    assert await found(pretender, tmp_path, OF_LETTERS, RENAME) == []
    assert await found(pretender, tmp_path, OF_LETTERS, RENUMBER) != []


async def test_a_project_is_judged_by_what_its_foreign_keys_do(
    pretender: embedded.Server, tmp_path: Path
) -> None:
    (tmp_path / "post.sql").write_text(LEAVE)
    loaded = queryfile.load(tmp_path / "post.sql")
    scale = Scale({("public", "letters"): TableScale(BIG)})
    async with database(pretender, SCHEMA) as connection:
        described = await describe(connection, loaded.queries)
        good = [one for one in described if isinstance(one, Description)]
        planned = await plan_all(connection, pretender.data, scale, good)
    assert any("letters_writer_id_fkey" in one.message for one in planned.findings)
