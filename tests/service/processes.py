"""The service as processes of their own, as it runs in earnest."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


@asynccontextmanager
async def process(
    heard: list[str] | None = None, /, **variables: str
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """Run `python -m service`, and give its address; `heard` gets what it says before."""
    environment = {"PATH": os.environ["PATH"], "SLIMY_PORT": "0", **variables}
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-W", "error", "-m", "service"),
        cwd=ROOT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert running.stderr is not None
    try:
        while b"serving at" not in (line := await asyncio.wait_for(running.stderr.readline(), 60)):
            assert line, "it ended before it served"
            if heard is not None:
                heard.append(line.decode())
        yield running, line.decode().split()[-1]
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()


async def refused(**variables: str) -> tuple[int, str]:
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "service"),
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **variables},
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await asyncio.wait_for(running.communicate(), 60)
    assert running.returncode is not None
    return running.returncode, said.decode()
