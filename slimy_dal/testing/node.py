"""One embedded server as something that can break: stopped, crashed, hung, read only, full, and repaired again."""

# ruff: noqa: S608 -- names in statements are its own or quoted

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, Self

from slimy_dal.engine import scratch
from slimy_dal.engine.embedded import (
    EmbeddedServerError,
    Server,
    binaries,
    reachable,
    run_as,
    start,
)
from slimy_dal.testing.sessions import open_sessions

__all__ = ["Node"]

SETTINGS = {
    # What a crash of the processes loses or keeps is then the same as with a disk that is waited for.
    "fsync": "off",
    "wal_log_hints": "on",
    # Beside the data, so that nothing of a killed server outlives its folder.
    "dynamic_shared_memory_type": "mmap",
    "wal_retrieve_retry_interval": "100ms",
}
PATIENCE = 30.0
"""Seconds that a server may take to end or to answer."""


class Node:
    """A server with its data in a folder of its own. Its methods wait: call them in a thread from a coroutine.

    Runs only as long as somebody says so; `close` ends it in whatever state it is and removes the data. Every method
    raises EmbeddedServerError, with the server's own words, where it cannot do its work. Hanging and killing need
    Linux.
    """

    def __init__(
        self, *, major: int = 18, settings: Mapping[str, str] | None = None, port: int | None = None
    ) -> None:
        self.major = major
        self.settings = {**SETTINGS, **(settings or {})}
        if port is not None:
            self.settings |= {"listen_addresses": "'127.0.0.1'", "port": str(port)}
        self.root = Path(tempfile.mkdtemp(prefix="slimy-", dir=scratch.folder()))
        self.root.chmod(0o755)
        self._port = port
        self._server: Server | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def data(self) -> Path:
        """The folder that initdb made, or will make."""
        return self.root / f"data{self.major}"

    @property
    def socket(self) -> Path:
        """The folder of its socket. Raises EmbeddedServerError before the first start."""
        if self._server is None:
            raise EmbeddedServerError("this server was never started")
        return self._server.socket

    def dsn(self, database: str = "postgres") -> str:
        """Return the connection string of one of its databases: by its port where it has one, else its socket."""
        if self._port is not None:
            return f"postgresql://postgres@127.0.0.1:{self._port}/{database}?sslmode=disable"
        return f"postgresql://postgres@/{database}?host={self.socket}"

    # -- beginning and end ------------------------------------------------------------------------

    def start(self) -> None:
        """Start it, making its data at the first time; nothing happens where it runs."""
        self._server = start(self.root, major=self.major, settings=self.settings)

    def stop(self, mode: Literal["smart", "fast", "immediate"] = "fast") -> None:
        """Stop it as pg_ctl does: sessions are waited for, ended, or cut without a checkpoint."""
        self.resume()
        if self.pid is not None:
            self.program("pg_ctl", "-w", "-t", "60", "-m", mode, "-D", self.data, "stop")

    def crash(self, *, first: bool = False) -> None:
        """Kill all its processes at once (SIGKILL), as when its machine loses power; the next start recovers.

        With `first` only the first one is killed, and the others are waited for: they end as soon as they notice.
        """
        family, memory = self.processes(), self._shared_memory()
        for pid in family[:1] if first else family:
            _signal(pid, signal.SIGKILL)
        end = time.monotonic() + PATIENCE
        while any(_alive(pid) for pid in family):
            if time.monotonic() > end:
                raise EmbeddedServerError("the server's processes do not end")
            time.sleep(0.01)
        if family:
            # Until its parent has collected it, the dead server passes for a running one.
            for lock in (self.data / "postmaster.pid", *self.socket.glob(".s.*.lock")):
                lock.unlink(missing_ok=True)
            if memory and (remove := shutil.which("ipcrm")):
                subprocess.run([remove, "-m", memory], check=False, capture_output=True)  # noqa: S603

    def restart(self, mode: Literal["smart", "fast", "immediate"] = "fast") -> None:
        """Stop and start it."""
        self.stop(mode)
        self.start()

    def pause(self) -> None:
        """Let all its processes hang (SIGSTOP): connections are accepted by the kernel, and nothing answers."""
        known: set[int] = set()
        while fresh := [pid for pid in self.processes() if pid not in known]:
            for pid in fresh:
                _signal(pid, signal.SIGSTOP)
            known.update(fresh)

    def resume(self) -> None:
        """Let them go on."""
        for pid in reversed(self.processes()):
            _signal(pid, signal.SIGCONT)

    def close(self) -> None:
        """End it and remove its data; never fails."""
        with contextlib.suppress(EmbeddedServerError):
            self.stop("immediate")
        with contextlib.suppress(EmbeddedServerError):
            self.crash()
        shutil.rmtree(self.root, ignore_errors=True)
        if self._server is not None and self.root not in self._server.socket.parents:
            shutil.rmtree(self._server.socket, ignore_errors=True)

    # -- its processes ----------------------------------------------------------------------------

    @property
    def pid(self) -> int | None:
        """The number of its first process; None when it does not run."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().splitlines()[0])
        except (OSError, IndexError, ValueError):
            return None
        return pid if _alive(pid) else None

    def processes(self) -> list[int]:
        """Return the numbers of its processes, the first one first."""
        pid = self.pid
        return [] if pid is None else [pid, *_children(pid)]

    def process(self, kind: str) -> int | None:
        """Return the number of the process of a kind, such as walreceiver or walwriter; None where there is none."""
        for pid in self.processes():
            with contextlib.suppress(OSError):
                if kind in Path(f"/proc/{pid}/cmdline").read_text():
                    return pid
        return None

    def _shared_memory(self) -> str | None:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()[6].split()[1]
        except (OSError, IndexError):
            return None

    # -- work on it -------------------------------------------------------------------------------

    def program(self, name: str, *arguments: object, timeout: float = 120.0) -> str:
        """Run one of PostgreSQL's programs of its version, as its account, and return what it printed."""
        place = reachable(binaries(self.major)) / name
        with (
            tempfile.TemporaryFile() as output
        ):  # a server that pg_ctl starts would keep a pipe open
            try:
                code = subprocess.run(  # noqa: S603 -- PostgreSQL's own programs
                    [place, *map(str, arguments)],
                    cwd="/",
                    check=False,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                    timeout=timeout,
                    **run_as(),
                ).returncode
            except subprocess.TimeoutExpired:
                raise EmbeddedServerError(f"{name} took more than {timeout:g} s") from None
            output.seek(0)
            text = output.read().decode(errors="replace")
        if code != 0:
            raise EmbeddedServerError(f"{name} failed:\n{text.strip()}")
        return text

    def sql(self, text: str, database: str = "postgres") -> list[str]:
        """Run a statement through psql and return its rows, one line each, columns parted by tabs."""
        address = f"host={self.socket} port={self._port or 5432} user=postgres dbname={database}"
        options = ("-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1")
        return self.program("psql", *options, "-c", text, address, timeout=PATIENCE).splitlines()

    def configure(self, **settings: str) -> None:
        """Change settings while it runs, and for later starts; values as postgresql.conf takes them."""
        self.settings |= settings
        for name, value in settings.items():
            self.sql(f"ALTER SYSTEM SET {name} = {value}")
        self.sql("SELECT pg_reload_conf()")

    def terminate(self, database: str | None = None) -> int:
        """End all sessions of clients, or those of one database, and return how many there were."""
        wanted = "NULL" if database is None else "'" + database.replace("'", "''") + "'"
        rows = self.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            f" AND datname = coalesce({wanted}, datname)"
        )
        return rows.count("t")

    @contextlib.contextmanager
    def full_connections(self, leave: int = 0) -> Iterator[int]:
        """Take all connection slots, those for superusers too, but `leave`; gives how many it took."""
        with open_sessions(f"{self.socket}/.s.PGSQL.{self._port or 5432}", leave=leave) as count:
            yield count

    def __repr__(self) -> str:
        return f"<Node {self.major} {self.root.name}>"


def _alive(pid: int) -> bool:
    try:
        # What is dead and not yet collected by its parent holds nothing any more.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except OSError:
        return False


def _children(parent: int) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(entry.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(entry.parent.name))
    return found


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
