"""What no problem may say: words of SQL, names of the schema, places in the code, addresses."""

import re
from pathlib import Path

SQL = Path(__file__).parent.parent.parent / "sql" / "migrations"

NAMES = {
    name
    for path in SQL.glob("*.sql")
    for name in re.findall(
        r"(?:CONSTRAINT|INDEX|TABLE|FUNCTION|TRIGGER) (?:slimy\.)?(\w+_\w+)", path.read_text()
    )
}
INTERNAL = re.compile(
    r"SELECT\b|INSERT INTO|DELETE FROM|UPDATE \w+ SET|\bWHERE\b|\bALTER\b|\bRAISE\b|ERRCODE|SQLSTATE"
    r"|\bslimy\.|\blab\.|\blab_|\bpg_|Geheim|\b4711\b"
    r"|/(?:work|tmp|dev|usr|root|home|var|proc)/|\.py\b|Traceback|asyncpg|slimy_dal"
    r"|127\.0\.0\.1|localhost|PGSQL|postgres"
)


def leaks(text: str) -> list[str]:
    """What of the inside a text shows."""
    return [*INTERNAL.findall(text), *sorted(NAMES & set(re.findall(r"\w+", text)))]
