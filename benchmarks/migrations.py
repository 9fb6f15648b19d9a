"""Times 300 migrations: applied, applied again to nothing, and asked for, by `slimy migrate`, stock yoyo and dbmate.

Each tool runs as its command, on a database of its own on one server, in turns. dbmate takes part where its program
is named: `npm pack @dbmate/linux-x64`, unpacked, and `--dbmate package/bin/dbmate`.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from slimy_dal.engine import embedded
from slimy_dal.schema import migrator

FILES = 300

Command = Callable[[str], list[str]]


@dataclass(frozen=True)
class Tool:
    """A tool's commands, given the address of a database."""

    name: str
    apply: Command
    status: Command
    answers: tuple[int, ...] = (0,)


def write(folder: Path) -> tuple[Path, Path]:
    """Write the migrations twice: in files of their own for the way back, and with dbmate's marks."""
    ours, marked = folder / "ours", folder / "marked"
    ours.mkdir()
    marked.mkdir()
    for number in range(1, FILES + 1):
        name = f"{number:04}_table_{number}"
        up = (
            f"CREATE TABLE t{number} (id bigint PRIMARY KEY, name text NOT NULL);\n\n"
            f"CREATE INDEX t{number}_name_idx ON t{number} (name);\n"
        )
        down = f"DROP TABLE t{number};\n"
        (ours / f"{name}.sql").write_text(f"-- Table {number}.\n-- phase: expand\n\n{up}")
        (ours / f"{name}.rollback.sql").write_text(down)
        (marked / f"{name}.sql").write_text(f"-- migrate:up\n{up}\n-- migrate:down\n{down}")
    return ours, marked


def tools(ours: Path, marked: Path, dbmate: Path | None) -> list[Tool]:
    """Return who takes part."""
    slimy = [sys.executable, "-m", "slimy_dal.cli", "migrate"]
    yoyo = [str(Path(sys.executable).parent / "yoyo")]

    def by_slimy(word: str) -> Command:
        return lambda dsn: [*slimy, word, "--dsn", dsn, "--migrations", str(ours)]

    def by_yoyo(word: str) -> Command:
        options = ["--batch", "--no-config-file", "--database"]
        return lambda dsn: [
            *yoyo,
            word,
            *options,
            dsn.replace("postgresql:", "postgresql+psycopg:"),
            str(ours),
        ]

    found = [
        Tool("slimy migrate", by_slimy("apply"), by_slimy("status")),
        Tool("yoyo", by_yoyo("apply"), by_yoyo("list")),
    ]
    if dbmate is not None:

        def by_dbmate(word: str) -> Command:
            return lambda dsn: [
                str(dbmate),
                "--url",
                dsn.replace("?host=", "?sslmode=disable&socket="),
                "--migrations-dir",
                str(marked),
                "--no-dump-schema",
                word,
            ]

        found.append(Tool("dbmate", by_dbmate("up"), by_dbmate("status")))
    return found


def seconds(command: list[str]) -> float:
    """Run a command, and return how long it took."""
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 -- our own
    took = time.perf_counter() - started
    if done.returncode != 0:
        raise SystemExit(f"{command[0]} failed: {done.stderr or done.stdout}")
    return took


def measure(
    server: embedded.Server, field: list[Tool], ours: Path, rounds: int
) -> dict[str, dict[str, float]]:
    """Return the median of each tool and step, in seconds; whose turn is first changes."""
    taken: dict[str, dict[str, list[float]]] = {}
    for number in range(rounds):
        turn = number % len(field)
        for tool in [*field[turn:], *field[:turn]]:
            name = f"{tool.name.split()[0]}_{number}"
            embedded.create_database(server, name)
            dsn = server.dsn(name)
            steps = taken.setdefault(tool.name, {})
            steps.setdefault("apply", []).append(seconds(tool.apply(dsn)))
            steps.setdefault("again", []).append(seconds(tool.apply(dsn)))
            steps.setdefault("status", []).append(seconds(tool.status(dsn)))
        name = f"within_{number}"
        embedded.create_database(server, name)
        steps = taken.setdefault("slimy, without its start", {})
        for step, call in (
            ("apply", migrator.apply),
            ("again", migrator.apply),
            ("status", migrator.status),
        ):
            started = time.perf_counter()
            call(server.dsn(name), ours)
            steps.setdefault(step, []).append(time.perf_counter() - started)
    return {
        name: {step: statistics.median(values) for step, values in steps.items()}
        for name, steps in taken.items()
    }


def main() -> None:
    """Measure, and print seconds beside their ratio to stock yoyo."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dbmate", type=Path, default=shutil.which("dbmate"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    os.environ.pop("DATABASE_URL", None)
    with tempfile.TemporaryDirectory() as place, embedded.temporary() as server:
        ours, marked = write(Path(place))
        dbmate = Path(options.dbmate) if options.dbmate else None
        found = measure(server, tools(ours, marked, dbmate), ours, options.rounds)
    if options.json:
        print(json.dumps(found))
        return
    print(
        f"{FILES} migrations of two statements, medians of {options.rounds} rounds, seconds (of yoyo's)"
    )
    for name, steps in found.items():
        told = "  ".join(
            f"{step} {took:6.2f} ({took / found['yoyo'][step]:4.2f})"
            for step, took in steps.items()
        )
        print(f"{name:<26}{told}")
    if dbmate is None:
        print("dbmate is not here")


if __name__ == "__main__":
    main()
