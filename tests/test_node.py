"""Faults on a server itself, on a real one; what each does is seen by a client."""

import socket
import time
from collections.abc import Iterator

import psycopg
import pytest

from slimy_dal.engine.embedded import EmbeddedServerError
from slimy_dal.testing import Node, small_disk


@pytest.fixture(scope="module")
def shared() -> Iterator[Node]:
    with Node(settings={"max_connections": "12", "superuser_reserved_connections": "2"}) as opened:
        yield opened


@pytest.fixture
def node(shared: Node) -> Node:
    shared.start()
    shared.sql("DROP TABLE IF EXISTS t; CREATE TABLE t (n integer)")
    return shared


def session(node: Node) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(node.dsn(), autocommit=True, connect_timeout=3)


@pytest.mark.parametrize("how", ["crash", "immediate", "fast"])
def test_what_was_committed_survives_every_end(node: Node, how: str) -> None:
    pids = node.processes()
    with session(node) as connection:
        connection.execute("INSERT INTO t VALUES (1)")
        connection.execute("BEGIN; INSERT INTO t VALUES (2)")
        if how == "crash":
            node.crash()
        else:
            node.stop("immediate" if how == "immediate" else "fast")
        assert node.pid is None
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError):
        session(node)
    node.start()
    assert node.pid not in pids
    assert node.sql("SELECT n FROM t") == ["1"]


def test_a_restart_brings_it_back_at_the_same_address(node: Node) -> None:
    address, pid = node.dsn(), node.pid
    node.restart()
    assert (node.dsn(), node.pid == pid) == (address, False)
    assert node.sql("SELECT 1") == ["1"]


def test_a_paused_server_accepts_and_does_not_answer_until_it_is_resumed(node: Node) -> None:
    with session(node) as connection:
        node.pause()
        begin = time.monotonic()
        with pytest.raises(psycopg.OperationalError):
            session(node)
        assert time.monotonic() - begin > 1.9
        node.resume()
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_paused_server_can_be_ended(node: Node) -> None:
    node.pause()
    node.stop()
    assert node.pid is None
    node.start()
    node.pause()
    node.crash()
    assert node.pid is None


def test_sessions_are_ended_of_one_database_or_of_all(node: Node) -> None:
    with session(node) as one, session(node) as two:
        assert node.terminate("template1") == 0
        assert one.execute("SELECT 1").fetchone() == (1,)
        assert node.terminate() == 2
        for connection in (one, two):
            with pytest.raises(psycopg.OperationalError):
                connection.execute("SELECT 1")


def test_a_server_whose_slots_are_taken_refuses_and_takes_again(node: Node) -> None:
    with node.full_connections() as count:
        assert count == 12
        with pytest.raises(psycopg.OperationalError, match="too many clients"):
            session(node)
    with node.full_connections(leave=1) as count:
        assert count == 11
        with session(node) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    session(node).close()


def test_a_full_disk_refuses_writes_until_there_is_room(node: Node) -> None:
    try:
        with small_disk(node, megabytes=8) as disk, session(node) as connection:
            connection.execute(f"CREATE TABLE full_up (t text) TABLESPACE {disk.tablespace}")
            insert = "INSERT INTO full_up SELECT repeat('x', 1000) FROM generate_series(1, 1000)"
            connection.execute(insert)
            disk.fill()
            with pytest.raises(psycopg.errors.DiskFull):
                connection.execute(insert)
            disk.free()
            connection.execute(insert)
            assert connection.execute("SELECT count(*) FROM full_up").fetchone() == (2000,)
            connection.execute("DROP TABLE full_up")
    except EmbeddedServerError as error:
        pytest.skip(str(error))


def test_a_setting_holds_now_and_after_a_restart(node: Node) -> None:
    node.configure(statement_timeout="1234")
    assert node.sql("SHOW statement_timeout") == ["1234ms"]
    node.restart()
    assert node.sql("SHOW statement_timeout") == ["1234ms"]
    node.configure(statement_timeout="0")


def test_a_statement_that_fails_is_an_error_with_the_servers_words(node: Node) -> None:
    with pytest.raises(EmbeddedServerError, match="division by zero"):
        node.sql("SELECT 1/0")


def test_a_node_can_listen_on_a_port_and_leaves_nothing_behind() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    node = Node(port=port)
    with node:
        assert str(port) in node.dsn()
        with session(node) as connection:
            assert connection.info.port == port
            pids = node.processes()
        assert len(pids) > 4
        assert node.process("walwriter") in pids
        node.pause()  # even then
    assert not node.root.exists()
    assert node.pid is None
    with pytest.raises(psycopg.OperationalError):
        session(node)
    Node().close()  # one that was never started
