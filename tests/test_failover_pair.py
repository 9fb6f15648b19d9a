"""A real primary and its real standby: every operation is seen from outside, by a client of theirs."""

import os
import signal
import threading
from collections.abc import Iterator

import psycopg
import pytest

from slimy_dal.engine.embedded import EmbeddedServerError
from slimy_dal.testing import FailoverPair, Node

MAJORS = [15, 16, 18]


@pytest.fixture(scope="module")
def shared() -> Iterator[FailoverPair]:
    with FailoverPair.open() as opened:
        yield opened


@pytest.fixture
def pair(shared: FailoverPair) -> FailoverPair:
    """Whole again, whatever the test before did."""
    if shared.standby.pid is None:
        shared.rejoin()
    shared.primary.sql("DROP TABLE IF EXISTS t; CREATE TABLE t (n integer)")
    return shared


def put(node: Node, number: int) -> None:
    node.sql(f"INSERT INTO t VALUES ({number})")


def stored(node: Node) -> list[int]:
    return [int(row) for row in node.sql("SELECT n FROM t ORDER BY n")]


def writable(dsn: str) -> str:
    """The socket of the host on which a client lands that wants to write."""
    with psycopg.connect(f"{dsn}&target_session_attrs=read-write", connect_timeout=5) as connection:
        return connection.info.host


def test_the_standby_has_what_the_primary_wrote_and_takes_no_writes(pair: FailoverPair) -> None:
    put(pair.primary, 1)
    pair.catch_up()
    assert pair.lag() == 0
    assert stored(pair.standby) == [1]
    with pytest.raises(EmbeddedServerError, match="read-only"):
        put(pair.standby, 2)


def test_a_paused_replay_shows_the_past_until_it_goes_on(pair: FailoverPair) -> None:
    put(pair.primary, 1)
    pair.catch_up()
    pair.pause_replay()
    put(pair.primary, 2)
    assert pair.lag() > 0
    assert stored(pair.standby) == [1]
    pair.resume_replay()
    pair.catch_up()
    assert stored(pair.standby) == [1, 2]


def test_a_switch_changes_the_roles_and_loses_nothing(pair: FailoverPair) -> None:
    before = pair.primary
    assert writable(pair.dsn()) == str(before.socket)
    put(pair.primary, 1)
    address = pair.dsn()
    pair.switch()
    assert pair.standby is before
    assert writable(address) == str(pair.primary.socket) != str(before.socket)
    put(pair.primary, 2)
    pair.catch_up()
    assert stored(pair.primary) == stored(pair.standby) == [1, 2]


def test_a_demoted_primary_refuses_writes_on_open_sessions(pair: FailoverPair) -> None:
    with psycopg.connect(pair.primary.dsn(), autocommit=True) as connection:
        connection.execute("INSERT INTO t VALUES (1)")
        pair.demote()
        try:
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction) as caught:
                for _ in range(100):  # the session hears of it between two statements
                    connection.execute("INSERT INTO t VALUES (2)")
        finally:
            pair.undo_demotion()
        assert caught.value.sqlstate == "25006"
        assert connection.execute("SELECT count(*) >= 1 FROM t").fetchone() == (True,)
    put(pair.primary, 3)
    assert 3 in stored(pair.primary)


def test_after_a_crash_the_standby_takes_over_and_the_old_primary_joins_it(
    pair: FailoverPair,
) -> None:
    put(pair.primary, 1)
    pair.catch_up()
    crashed = pair.primary
    crashed.crash()
    assert crashed.pid is None
    assert not crashed.processes()
    pair.promote()
    put(pair.primary, 2)
    pair.rejoin()
    assert pair.standby is crashed
    pair.catch_up()
    assert stored(crashed) == [1, 2]


@pytest.mark.parametrize("how", ["rewind", pytest.param("copy", marks=pytest.mark.slow)])
def test_a_hung_primary_that_comes_back_is_a_second_one_until_it_rejoins(
    pair: FailoverPair, how: str
) -> None:
    put(pair.primary, 1)
    pair.catch_up()
    hung = pair.primary
    hung.pause()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(hung.dsn(), connect_timeout=2)
    pair.promote()
    hung.resume()
    put(hung, 66)  # split brain: both take writes
    put(pair.primary, 2)
    assert stored(hung) == [1, 66]
    pair.rejoin("rewind" if how == "rewind" else "copy")
    pair.catch_up()
    assert stored(hung) == stored(pair.primary) == [1, 2]


@pytest.mark.fault("C2", "C3")
@pytest.mark.slow
@pytest.mark.parametrize("synchronous", [False, True])
def test_what_is_lost_with_a_primary_is_what_its_standby_was_not_waited_for(
    *, synchronous: bool
) -> None:
    """The positive control of every "nothing was lost": without the wait, an acknowledged write is."""
    with FailoverPair.open(synchronous=synchronous) as pair:
        pair.primary.sql("CREATE TABLE t (n integer)")
        put(pair.primary, 1)
        pair.catch_up()
        receiver = pair.standby.process("walreceiver")
        assert receiver is not None
        os.kill(receiver, signal.SIGSTOP)
        acknowledged = [1]
        with psycopg.connect(pair.primary.dsn(), autocommit=True) as connection:
            warnings: list[str | None] = []
            connection.add_notice_handler(lambda notice: warnings.append(notice.sqlstate))
            giving_up = threading.Timer(0.3, connection.cancel_safe)
            giving_up.start()
            connection.execute("INSERT INTO t VALUES (2)")
            giving_up.cancel()
        assert bool(warnings) is synchronous  # that it is kept here alone
        if not warnings:
            acknowledged.append(2)
        pair.primary.crash()
        os.kill(receiver, signal.SIGKILL)
        pair.promote()
        lost = set(acknowledged) - set(stored(pair.primary))
        assert lost == (set() if synchronous else {2})


@pytest.mark.slow
@pytest.mark.parametrize("major", MAJORS)
def test_a_pair_of_every_version_switches_crashes_and_rejoins(major: int) -> None:
    with FailoverPair.open(major=major) as pair:
        pair.primary.sql("CREATE TABLE t (n integer)")
        put(pair.primary, 1)
        pair.switch()
        put(pair.primary, 2)
        pair.catch_up()
        pair.primary.crash()
        pair.promote()
        pair.rejoin()
        put(pair.primary, 3)
        pair.catch_up()
        assert stored(pair.standby) == [1, 2, 3]
        nodes = (pair.primary, pair.standby)
        pids = [pid for node in nodes for pid in node.processes()]
        assert len(pids) > 8
    for node in nodes:
        assert not node.root.exists()
        assert node.pid is None
