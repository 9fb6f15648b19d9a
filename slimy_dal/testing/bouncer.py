"""A PgBouncer in transaction mode before a server, for tests: started, killed, hung and spoken to."""

import contextlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, unquote, urlsplit

from slimy_dal.engine.embedded import binaries, reachable, run_as
from slimy_dal.engine.hosts import hosts_of

__all__ = ["Bouncer", "BouncerError", "program"]

PLACES = (
    Path(sys.prefix, "pgbouncer", "pgbouncer"),  # where script/bouncer unpacks it
    Path("/usr/sbin/pgbouncer"),
    Path("/usr/local/sbin/pgbouncer"),
)
KNOWS_PREPARED = (1, 21)
PORT = 6432
PATIENCE = 10.0
"""Seconds that it may take to start, to end or to answer on its console."""

SETTINGS = {
    "listen_addr": "",
    "auth_type": "trust",
    "pool_mode": "transaction",
    "max_client_conn": "1000",
    "default_pool_size": "20",
    # A server that was away is asked again soon, and a login that it refused is no reason to wait.
    "server_login_retry": "0.2",
    "log_connections": "0",
    "log_disconnections": "0",
}
LOGINS = "SELECT usename, passwd FROM pg_catalog.pg_shadow WHERE usename = $1"


class BouncerError(Exception):
    """PgBouncer is missing, too old, did not start, or refused a command; the message has its own words."""


def program() -> Path:
    """Return the PgBouncer of this machine. Raises BouncerError where it has none that knows prepared statements."""
    places = (*PLACES, Path(shutil.which("pgbouncer") or "/nowhere"))
    for place in places:
        if place.is_file() and os.access(place, os.X_OK) and _version(place) >= KNOWS_PREPARED:
            return place
    raise BouncerError("PgBouncer 1.21 or newer is not on this machine (script/bouncer brings it)")


def _version(place: Path) -> tuple[int, int]:
    done = subprocess.run([place, "--version"], capture_output=True, check=False, text=True)  # noqa: S603
    found = re.search(r"PgBouncer (\d+)\.(\d+)", done.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


class Bouncer:
    """PgBouncer before the server of a DSN, on a socket of its own; `with` starts and ends it.

    `prepared` is how many prepared statements it keeps for each connection to the server (`max_prepared_statements`);
    0 lets it know nothing of them, as all versions before 1.21. `settings` are others of pgbouncer.ini. Who signs in is
    not asked for a password; the server has to let the DSN's user and its clients in without one. Its methods wait:
    call them in a thread from a coroutine.
    """

    def __init__(
        self, dsn: str, *, prepared: int = 200, settings: Mapping[str, object] | None = None
    ) -> None:
        parts = urlsplit(dsn)
        self._host, self._port = next(iter(hosts_of(dsn)), ("/tmp", 5432))  # noqa: S108 -- libpq's own default
        self.database = unquote(parts.path.lstrip("/")) or "postgres"
        self.user = unquote(parts.username or "postgres")
        self.settings: dict[str, object] = {
            **SETTINGS,
            "max_prepared_statements": prepared,
            **(settings or {}),
        }
        self.root = Path(tempfile.mkdtemp(prefix="slimy-", dir="/tmp"))
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def dsn(self, database: str | None = None, user: str | None = None) -> str:
        """Return the connection string of a database by way of it; by default those of the DSN it was made with."""
        name, login = quote(database or self.database, safe=""), quote(user or self.user, safe="")
        return f"postgresql://{login}@/{name}?host={self.root}&port={PORT}"

    @property
    def pid(self) -> int | None:
        """The number of its process; None when it does not run."""
        return None if self._process is None else self._process.pid

    # -- beginning and end ------------------------------------------------------------------------

    def start(self) -> None:
        """Start it and wait until it accepts clients. Raises BouncerError, with its log, when it does not."""
        if self._process is not None:
            return
        place, account = program(), run_as()
        self._write(account)
        options = ["-u", pwd.getpwuid(account["user"]).pw_name] if account else []
        with (self.root / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 -- PgBouncer, started as root to read what root may read
                [place, *options, self.root / "pgbouncer.ini"],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            )
        end = time.monotonic() + PATIENCE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > end:
                self.kill()
                raise BouncerError(f"PgBouncer did not start:\n{self.log()[-1000:]}")
            time.sleep(0.01)

    def stop(self) -> None:
        """End it in order (SIGINT): transactions that run are waited for, then all clients are cut off."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Kill it (SIGKILL)."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Let it hang (SIGSTOP): the kernel goes on accepting connections for it, and nothing answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def close(self) -> None:
        """End it in whatever state it is and remove its folder; never fails."""
        with contextlib.suppress(BouncerError):
            self.kill()
        shutil.rmtree(self.root, ignore_errors=True)

    # -- work on it -------------------------------------------------------------------------------

    def console(self, command: str) -> list[dict[str, str]]:
        """Run a command of its console (`RECONNECT`, `PAUSE`, `SHOW POOLS`) and return its rows.

        Raises BouncerError with its own words when it refuses.
        """
        done = subprocess.run(  # noqa: S603 -- PostgreSQL's own psql
            [
                reachable(binaries()) / "psql",
                *("-X", "-q", "-A", "-F", "\t", "--pset=footer=off", "-v", "ON_ERROR_STOP=1"),
                *("-c", command, f"host={self.root} port={PORT} user={self.user} dbname=pgbouncer"),
            ],
            capture_output=True,
            check=False,
            text=True,
            timeout=PATIENCE,
        )
        if done.returncode != 0:
            raise BouncerError(f"{command}: {done.stderr.strip()}")
        lines = [line.split("\t") for line in done.stdout.splitlines()]
        return [dict(zip(lines[0], line, strict=False)) for line in lines[1:]]

    def configure(self, **settings: object) -> None:
        """Change settings while it runs, and for later starts."""
        self.settings |= settings
        self._write(run_as())
        self.console("RELOAD")

    def log(self) -> str:
        """Return what it has written to its log."""
        with contextlib.suppress(OSError):
            return (self.root / "log").read_text(errors="replace")
        return ""

    def __repr__(self) -> str:
        return f"<Bouncer {self.root.name}>"

    # -- its parts --------------------------------------------------------------------------------

    def _write(self, account: Mapping[str, Any]) -> None:
        values = {
            **self.settings,
            "unix_socket_dir": self.root,
            "listen_port": PORT,
            "admin_users": self.user,
            "auth_file": self.root / "users.txt",
            "auth_query": LOGINS,
            "auth_user": self.user,
        }
        lines = "".join(f"{name} = {value}\n" for name, value in values.items())
        # Whoever signs in is looked up in one database: a session in each would be in the way when it is dropped.
        target = f"* = host={self._host} port={self._port} auth_dbname=postgres"
        (self.root / "pgbouncer.ini").write_text(
            f"[databases]\n{target}\n[pgbouncer]\n{lines}", encoding="utf-8"
        )
        (self.root / "users.txt").write_text(f'"{self.user}" ""\n', encoding="utf-8")
        if account:
            for path in (self.root, *self.root.iterdir()):
                os.chown(path, account["user"], account["group"], follow_symlinks=False)

    def _answers(self) -> bool:
        if not (self.root / f".s.PGSQL.{PORT}").exists():
            return False
        with contextlib.suppress(BouncerError, subprocess.TimeoutExpired):
            self.console("SHOW VERSION")
            return True
        return False

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(number)
            process.send_signal(signal.SIGCONT)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process = process
            raise BouncerError("PgBouncer does not end") from None
        (self.root / f".s.PGSQL.{PORT}").unlink(missing_ok=True)
