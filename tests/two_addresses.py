"""Connects from a process of its own with other entries in /etc/hosts, to a name that has several addresses."""

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import pytest

from slimy_dal.engine.errors import DeadlineExceeded
from slimy_dal.engine.hosts import Hosts

UNSHARE = "/usr/bin/unshare"
ROOT = Path(__file__).parent.parent


async def two_addresses(folder: Path, dsn: str, *entries: str) -> list[float]:
    """Connect twice with these entries in place of /etc/hosts, and cancel a query each time; the seconds to connect."""
    if subprocess.run([UNSHARE, "-m", "true"], check=False, capture_output=True).returncode:  # noqa: ASYNC221
        pytest.skip("needs the right to have an /etc/hosts of its own")
    names = folder / "hosts"
    names.write_text("\n".join(entries) + "\n")
    running = await asyncio.create_subprocess_exec(
        *(UNSHARE, "-m", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', names),
        *(sys.executable, "-m", "tests.two_addresses", dsn),
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    said, _ = await asyncio.wait_for(running.communicate(), 60)
    assert running.returncode == 0, said
    return [float(line) for line in said.decode().split()]


async def _connect(dsn: str) -> None:
    hosts = Hosts(dsn, target="read-write", settings={})
    for _ in range(2):
        began = time.monotonic()
        async with await hosts.connect(total=5.0, each=3.0) as connection:
            print(time.monotonic() - began)  # noqa: T201 -- for the process that asked
            task = asyncio.create_task(connection.fetch("SELECT pg_sleep(30)"))
            await asyncio.sleep(0.2)
            connection.expire()
            try:
                await asyncio.wait_for(task, 5)
            except DeadlineExceeded:
                continue
            raise AssertionError("the request to cancel did not reach the server")


if __name__ == "__main__":
    asyncio.run(_connect(sys.argv[1]))
