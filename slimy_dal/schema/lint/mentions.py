"""Which named queries speak of a thing, by their words: for projects whose queries were not compiled, and for types."""

from collections.abc import Iterable, Sequence

from slimy_dal.compiler.lexer import LexError, tokens
from slimy_dal.compiler.query import Query
from slimy_dal.schema.lint.rule import UsedBy

__all__ = ["mentions"]


def mentions(queries: Iterable[Query]) -> UsedBy:
    """Return a function that says which queries speak of a table, a column, a type or a function.

    It goes by words: of a column the query must name the table and the column. Names come qualified,
    as `schema.table.column` or `schema.name`; the schema itself need not be in the query. Comments
    and strings do not count.
    """
    known = [(query.full_name, _words(query.source)) for query in queries]

    def used_by(name: str) -> Sequence[str]:
        # A search_path may stand for the schema.
        wanted = set(name.split(".")[1:])
        return [full for full, words in known if wanted <= words]

    return used_by


def _words(text: str) -> set[str]:
    try:
        found = tokens(text)
    except LexError as error:
        found = error.readable
    plain = {one.text.lower() for one in found if one.kind == "word"}
    return plain | {one.text.strip('"') for one in found if one.kind == "quoted_word"}
