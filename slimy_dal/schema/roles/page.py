"""Writes down what was tried out: who may do what in each table, and in the database around it."""

import re
from collections.abc import Iterator
from typing import Final

from slimy_dal.schema.roles.actions import IN_EACH_TABLE, ROLES
from slimy_dal.schema.roles.grid import BY_COLUMN, Grid

__all__ = ["BEGIN", "END", "filled", "table"]

BEGIN: Final = "<!-- Written by `slimy migrate roles --write`; do not edit what follows. -->"
END: Final = "<!-- End of what is written. -->"
LEGEND: Final = """\
Letters: `S` reads, `I` inserts, `U` updates, `D` deletes; small letters, only some of the columns. Row level security
narrows `slimy_visitor` further, to the rows of whoever visits."""


def filled(text: str, grid: Grid) -> str:
    """Return a page with the grid between its two marks. Raises ValueError where it has none."""
    pattern = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"the page lacks its marks: {BEGIN} and {END}")
    return pattern.sub(lambda _: f"{BEGIN}\n\n{table(grid)}\n{END}", text)


def table(grid: Grid) -> str:
    """Return the grid as Markdown: each table's letters, then all else that was tried."""
    return "\n".join([*_letters(grid), "", *_actions(grid), ""])


def _head(first: str) -> list[str]:
    names = [seat.role.removeprefix("slimy_") for seat in ROLES]
    return [f"| {' | '.join([first, *names])} |", "|---|" + "---|" * len(names)]


def _row(first: str, cells: Iterator[str]) -> str:
    return f"| {' | '.join([first, *cells])} |"


def _letters(grid: Grid) -> Iterator[str]:
    yield f"{grid.count:,} statements were run.\n\n{LEGEND}\n"
    yield from _head("table")
    for name in dict.fromkeys(name for name, _ in grid.all_columns):
        yield _row(f"`{name}`", (_letter(grid, seat.role, name) for seat in ROLES))


def _letter(grid: Grid, role: str, name: str) -> str:
    found = ""
    for privilege in BY_COLUMN:
        may = grid.columns[role, name, privilege]
        every = may == grid.all_columns[name, privilege]
        found += (privilege[0] if every else privilege[0].lower()) if may else ""
    return found + ("D" if grid.deletes[role, name] else "") or "-"


def _actions(grid: Grid) -> Iterator[str]:
    yield from _head("in a table")
    for action in IN_EACH_TABLE:
        yield _row(action.words, (_share(grid, seat.role, action.words) for seat in ROLES))
    yield ""
    yield from _head("in the database and the server")
    for words in dict.fromkeys(words for _, words in grid.others):
        cells = ("yes" if grid.others[seat.role, words] else "-" for seat in ROLES)
        yield _row(words, cells)


def _share(grid: Grid, role: str, words: str) -> str:
    """Return in how many of the tables something is let through."""
    every = [may for (who, _, what), may in grid.tables.items() if (who, what) == (role, words)]
    many = sum(every)
    return "-" if not many else "yes" if many == len(every) else f"{many} of {len(every)}"
