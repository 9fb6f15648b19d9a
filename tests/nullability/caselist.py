"""Reads the case list: statements with what is true of each result column.

`!` the column is never NULL, `?` it may be NULL and the fuzz must see one, `~` it is never NULL but the
analysis says it may be (`loose:` says why). `unseen:` says why a `?` is not met in the random states.
"""

from dataclasses import dataclass
from pathlib import Path

from slimy_dal.compiler.query import Location, Query

FOLDER = Path(__file__).parent
CURRENT = 18


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    file: str
    line: int
    expect: str
    sql: str
    since: int = 0
    until: int = CURRENT
    needs: str | None = None
    loose: str | None = None
    unseen: str | None = None

    @property
    def claims(self) -> str:
        """What the analysis is to say."""
        return self.expect.replace("~", "?")

    @property
    def query(self) -> Query:
        count = max((n for n in range(1, 10) if f"${n}" in self.sql), default=0)
        names = tuple(f"p{n}" for n in range(1, count + 1))
        return Query(
            self.name.replace(" ", "_"),
            self.file,
            self.line,
            "many",
            "",
            (),
            self.sql,
            self.sql,
            names,
            Location(self.file, self.line, 1),
            ((0, 0, True),),
        )


def _case(file: Path, line: int, text: str) -> Case:
    notes, sql = {}, []
    for part in text.splitlines():
        key, colon, value = part.removeprefix("-- ").partition(": ")
        if part.startswith("-- ") and colon:
            notes[key] = value
        else:
            sql.append(part)
    return Case(
        notes["case"],
        f"cases/{file.name}",
        line,
        notes["expect"],
        "\n".join(sql).strip(),
        int(notes.get("since", 0)),
        int(notes.get("until", CURRENT)),
        notes.get("needs"),
        notes.get("loose"),
        notes.get("unseen"),
    )


def load(major: int = CURRENT, *, without: str | None = None) -> list[Case]:
    """Return the cases that a server of that version understands; some are built without XML."""
    found = []
    for file in sorted((FOLDER / "cases").glob("*.sql")):
        line = 1
        for text in file.read_text(encoding="utf-8").split("-- case: ")[1:]:
            found.append(_case(file, line, f"-- case: {text}"))
            line += text.count("\n")
    return [
        case
        for case in found
        if case.since <= major <= case.until and (case.needs is None or case.needs != without)
    ]
