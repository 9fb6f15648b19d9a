import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from slimy_dal.engine import embedded, scratch
from slimy_dal.engine.embedded import EmbeddedServerError

AS_ROOT = os.geteuid() == 0


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that the server's account can reach."""
    with tempfile.TemporaryDirectory(prefix="slimy test-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def answers(server: embedded.Server) -> bool:
    with psycopg.connect(server.dsn()) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize("name", ["plain", "it's, a #50% c++ & ü", "long" * 30])
def test_a_server_runs_in_a_folder_of_any_name(place: Path, name: str) -> None:
    server = embedded.start(place / name, settings=embedded.THROW_AWAY)
    try:
        assert answers(server)
        embedded.create_database(server, "one")
        embedded.create_database(server, "one")
    finally:
        embedded.stop(server)
    assert not server.socket.exists() or server.socket.parent == place / name


def test_an_initdb_that_was_killed_is_repeated(place: Path) -> None:
    draft = place / "home" / "data18.draft"
    draft.mkdir(parents=True)
    draft.parent.chmod(0o755)
    (draft / "PG_VERSION").write_text("18\n")
    server = embedded.start(draft.parent, settings=embedded.THROW_AWAY)
    try:
        assert answers(server)
    finally:
        embedded.stop(server)


def test_a_home_that_others_may_write_to_is_refused(place: Path) -> None:
    (place / "open").mkdir()
    (place / "open").chmod(0o777)
    (place / "link").symlink_to(place)
    for home in (place / "open", place / "link"):
        with pytest.raises(EmbeddedServerError, match="belongs to another account or is open"):
            embedded.start(home)


def test_one_process_holds_a_home(place: Path) -> None:
    with embedded.held(place / "home") as server:
        with (
            pytest.raises(EmbeddedServerError, match=rf"process {os.getpid()} serves from"),
            embedded.held(place / "home"),
        ):
            raise AssertionError
        assert answers(server)


def test_programs_in_a_closed_folder_are_copied_with_their_libraries(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not AS_ROOT:
        return  # only root starts the server as another account
    monkeypatch.setattr(embedded, "SHARED", place)
    monkeypatch.setattr(embedded, "_is_open_to_others", lambda _path: False)
    server = embedded.start(place / "home", settings=embedded.THROW_AWAY)
    try:
        assert answers(server)
        assert embedded.home(Path("/nowhere/closed")).parent == place
    finally:
        embedded.stop(server)


def test_a_missing_version_is_said_with_the_way_out() -> None:
    with pytest.raises(EmbeddedServerError, match=r"no PostgreSQL 9 server.*install postgresql-9"):
        embedded.binaries(9)


def test_throw_away_data_is_in_memory_where_there_is_plenty(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(scratch, "MEMORY", tmp_path)
    monkeypatch.setattr(scratch, "ROOM", 0)
    monkeypatch.setattr(scratch, "AVAILABLE", 0)
    assert scratch.folder() == str(tmp_path)
    monkeypatch.setattr(scratch, "AVAILABLE", 2**60)
    assert scratch.folder() is None
    monkeypatch.setattr(scratch, "AVAILABLE", 0)
    monkeypatch.setattr(scratch, "ROOM", 2**60)
    assert scratch.folder() is None
    monkeypatch.setattr(scratch, "ROOM", 0)
    monkeypatch.setenv("TMPDIR", "/elsewhere")
    assert scratch.folder() is None
