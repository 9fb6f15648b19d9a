"""Counts the dangerous statements that squawk alone names, and `slimy migrate lint`, and how long each takes."""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from slimy_dal.schema.lint import asking, settings, sizes
from slimy_dal.schema.lint.files import read
from slimy_dal.schema.lint.judging import judge

HERE = Path(__file__).parent
FILE = HERE / "dangerous.sql"
MIGRATIONS = HERE.parent / "sql" / "migrations"

# Of squawk's these say the same of every statement that locks anything, dangerous or not.
OF_EVERY_STATEMENT = {
    "prefer-robust-stmts",
    "require-lock-timeout",
    "require-statement-timeout",
    "require-timeout-settings",
}


def by_squawk(path: Path) -> tuple[set[int], float]:
    """Return the lines of the statements that squawk names, and the seconds it took."""
    squawk = str(Path(sys.executable).parent / "squawk")
    begun = time.perf_counter()
    said = subprocess.run(  # noqa: S603 -- installed beside this Python
        [squawk, "--reporter=json", "--assume-in-transaction", "--pg-version=15.0", path.name],
        cwd=path.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    took = time.perf_counter() - begun
    found = json.loads(said.stdout)
    lines = {one["line"] + 1 for one in found if one["rule_name"] not in OF_EVERY_STATEMENT}
    return lines, took


def by_lint(folder: Path, *files: Path) -> tuple[set[int], float]:
    """Return the lines that our linter names, and the seconds it took."""
    begun = time.perf_counter()
    known = sizes.declared(folder.parent / "scale.toml")
    request = asking.request(asking.Asked(folder, files), settings.read(folder), known)
    report = judge(request)
    took = time.perf_counter() - begun
    # Something that is said of a statement because of those around it does not count.
    around = {"work-under-exclusive-lock", "several-tables-locked"}
    return {one.line for one in report.findings if one.rule not in around}, took


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "0001_dangerous.sql"
        shutil.copy(FILE, path)
        statements = {one.line: one.text for one in read(path).statements}
        theirs, their_time = by_squawk(path)
        ours, our_time = by_lint(path.parent, path)
    total = len(statements)
    print(
        f"squawk alone         {len(theirs & statements.keys()):>3} of {total} {their_time * 1e3:7.0f} ms"
    )
    print(
        f"slimy migrate lint   {len(ours & statements.keys()):>3} of {total} {our_time * 1e3:7.0f} ms"
    )
    for line in sorted(statements.keys() - ours):
        print(f"  not seen: {statements[line]}")
    _, took = by_lint(MIGRATIONS)
    count = len(list(MIGRATIONS.glob("*.rollback.sql")))
    print(f"this project's {count} migrations, with their rollbacks: {took * 1e3:.0f} ms")


if __name__ == "__main__":
    main()
