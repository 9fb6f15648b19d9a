"""`slimy serve` as a newcomer runs it: a process, a terminal's Ctrl-C, and real requests."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from slimy_dal.engine import embedded

SLIMY = Path(sys.executable).parent / "slimy"


@contextmanager
def serving(environment: dict[str, str], *options: str) -> Iterator[dict[str, str]]:
    """Serve on a free port, give what was printed by its first word, and end by Ctrl-C."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if (not name.startswith("SLIMY_") and name != "DATABASE_URL") or name == "SLIMY_PGBOUNCER"
    }
    process = subprocess.Popen(
        [SLIMY, "serve", "--port", "0", *options],
        env={**clean, **environment, "SLIMY_DRAIN_DELAY": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    printed: dict[str, str] = {}
    assert process.stdout is not None
    for line in process.stdout:
        what, _, value = re.sub(r"\s{2,}", "\t", line.strip()).partition("\t")
        if not value:
            what, _, value = line.strip().partition(" ")
        printed[what] = value.strip()
        if what == "stop":
            break
    try:
        yield printed
    finally:
        process.send_signal(signal.SIGINT)
        with process:
            rest = process.stdout.read()
        assert process.wait(timeout=30) == 0, (printed, rest)
        assert "Traceback" not in rest


def get(address: str, key: str | None = None) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 -- our own address
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder to be made where the server's account may enter: each start of pytest closes its own folders."""
    with tempfile.TemporaryDirectory(prefix="slimy-") as name:
        Path(name).chmod(0o755)
        yield Path(name) / "home"


def test_one_command_gives_a_database_an_api_and_a_key_twice_in_a_row(home: Path) -> None:
    environment = {"SLIMY_HOME": str(home)}
    with serving(environment) as first:
        assert first["migrations"].endswith("applied")
        assert first["demo data"] == "8 users, 4 guilds"
        assert get(f"{first['API']}/health/ready")[0] == 200
        status, page = get(f"{first['API']}/v1/guilds", first["API key"])
        assert status == 200
        assert len(page["data"]) == 4
        assert get(f"{first['API']}/v1/guilds")[0] == 401
        assert (home / "api-key").stat().st_mode & 0o077 == 0
    with serving(environment) as second:
        assert second["migrations"] == "up to date"
        assert "demo data" not in second
        assert second["API key"] == first["API key"]
        assert get(f"{second['API']}/v1/guilds", second["API key"])[0] == 200
    assert not (home / "data18" / "postmaster.pid").exists(), "the server it started is stopped"


def test_on_a_given_database_a_key_is_shown_once_and_the_server_is_left_alone(
    database_url: str,
) -> None:
    environment = {"DATABASE_URL": database_url}
    with serving(environment) as first:
        assert "PostgreSQL" not in first
        assert get(f"{first['API']}/v1/guilds", first["API key"])[0] == 200
    with serving(environment) as second:
        assert second["API key"] == "make one with `slimy keys create NAME SCOPE...`"


def test_a_login_that_may_serve_and_nothing_else_serves(app_url: str) -> None:
    with serving({"DATABASE_URL": app_url}) as printed:
        assert printed["migrations"] == "up to date"
        assert "demo data" not in printed
        assert get(f"{printed['API']}/health/ready")[0] == 200


def test_several_workers_have_one_embedded_server_one_first_run_and_one_end(home: Path) -> None:
    with serving({"SLIMY_HOME": str(home)}, "--workers", "2") as printed:
        assert printed["demo data"] == "8 users, 4 guilds"
        for _ in range(6):
            status, page = get(f"{printed['API']}/v1/guilds?limit=2", printed["API key"])
            assert status == 200
            query = f"limit=2&cursor={page['nextCursor']}"
            status, page = get(f"{printed['API']}/v1/guilds?{query}", printed["API key"])
            assert (status, len(page["data"])) == (200, 2)
    assert not (home / "data18" / "postmaster.pid").exists()


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}, "no connection to the database"),
        ({"DATABASE_URL": "mysql://x"}, "give a postgresql:// address"),
        ({"SLIMY_PORT": "x"}, "SLIMY_PORT"),
        ({"SLIMY_ENCRYPTION_KEYS": "bad"}, "key 1 has no id"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    database_url: str, environment: dict[str, str], message: str
) -> None:
    done = subprocess.run(
        [SLIMY, "serve"],
        env={"PATH": os.environ["PATH"], "DATABASE_URL": database_url, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_server_left_by_a_killed_process_is_taken_over(home: Path) -> None:
    first = embedded.start(home, settings=embedded.THROW_AWAY)
    again = embedded.start(home)
    try:
        assert again.socket == first.socket
    finally:
        embedded.stop(again)
    embedded.stop(again)
