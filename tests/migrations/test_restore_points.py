"""Tests of the last way back: a database returns to the point that was named before a migration."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from slimy_dal.engine import embedded, scratch
from slimy_dal.schema import migrator
from tests.conftest import MIGRATIONS

KEPT = "INSERT INTO slimy.users (discord_id, username) VALUES (1, 'ada')"
LATE = "INSERT INTO slimy.users (discord_id, username) VALUES (2, 'bob')"
HARM = "UPDATE slimy.users SET username = NULL"


def own(folder: Path, like: Path) -> None:
    """Give a folder to the account that the server runs as."""
    owner = like.stat()
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid)


def base_backup(server: embedded.Server, copy: Path) -> None:
    program = embedded.binaries(server.major) / "pg_basebackup"
    subprocess.run(
        [program, "-h", server.socket, "-U", "postgres", "-D", copy, "-c", "fast", "-X", "none"],
        check=True,
        capture_output=True,
    )
    own(copy, server.data)


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that the server's account may enter."""
    made = Path(tempfile.mkdtemp(prefix="slimy-", dir=scratch.folder()))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def test_a_database_returns_to_the_restore_point_of_before_a_migration(place: Path) -> None:
    (archive := place / "archive").mkdir()
    (restored := place / "restored").mkdir()
    names = sorted(file.stem for file in MIGRATIONS.glob("*.sql") if "." not in file.stem)
    settings = {
        "wal_level": "replica",
        "archive_mode": "on",
        "archive_command": f"'cp %p {archive}/%f'",
    }
    with embedded.temporary(settings=settings) as server:
        own(archive, server.data)
        migrator.apply(server.dsn(), MIGRATIONS, to=names[-2])
        base_backup(server, restored / "data18")
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            connection.execute(KEPT)
            connection.execute("SELECT pg_create_restore_point('before_the_last')")
            migrator.apply(server.dsn(), MIGRATIONS)
            connection.execute(LATE)
            connection.execute(HARM)
            connection.execute("SELECT pg_switch_wal()")
        embedded.stop(server)

    data = restored / "data18"
    (data / "recovery.signal").touch()
    own(data, data)
    recovery = {
        **embedded.THROW_AWAY,
        "restore_command": f"'cp {archive}/%f %p'",
        "recovery_target_name": "'before_the_last'",
        "recovery_target_action": "'promote'",
    }
    server = embedded.start(restored, settings=recovery)
    try:
        with psycopg.connect(server.dsn()) as connection:
            found = connection.execute("SELECT username FROM slimy.users").fetchall()
        pending = [one.id for one in migrator.status(server.dsn(), MIGRATIONS) if not one.applied]
    finally:
        embedded.stop(server)
    assert found == [("ada",)]
    assert pending == names[-1:]
