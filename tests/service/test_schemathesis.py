"""Thousands of generated requests, right and wrong, against the document and a live service."""

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest

from slimy_dal.domain.database import Database
from tests.logins import signed_in
from tests.service import example_world
from tests.service.conftest import KEYS
from tests.service.processes import ROOT, process

CONFIG = str(ROOT / "tests" / "service" / "schemathesis.toml")
EXAMPLES = "12"
"""Per operation and phase; a run takes minutes. `SCHEMATHESIS_EXAMPLES=150` looks harder."""


@pytest.mark.slow
@pytest.mark.fault("V16")
async def test_no_generated_request_gets_an_answer_that_is_not_documented(
    database_url: str, owners: Database, tmp_path: Path
) -> None:
    await example_world.prepare(owners)
    await example_world.fill(owners)
    variables = {
        "DATABASE_URL": signed_in(database_url),
        "SLIMY_ENCRYPTION_KEYS": KEYS,
        "SLIMY_ACCESS_LOG": "0",
    }
    async with process(**variables) as (_, address):
        running = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", CONFIG),
            *("run", f"{address}/openapi.json"),
            *(
                "-H",
                f"Authorization: Bearer {example_world.CALLERS_KEY}",
                "--phases",
                "examples,coverage,fuzzing,stateful",
            ),
            # Ours is this one, but for what depends on the stored data and the clock.
            *("--checks", "all", "--exclude-checks", "positive_data_acceptance"),
            *("-n", os.environ.get("SCHEMATHESIS_EXAMPLES", EXAMPLES), "--seed", "1", "--no-color"),
            cwd=tmp_path,
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "SCHEMATHESIS_HOOKS": "tests.service.schemathesis_hooks",
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await running.communicate()
    text = output.decode()
    # With `-s`, for who wants to know how many cases each phase had.
    print(text)  # noqa: T201
    # What did not hold comes first, and links that led nowhere for want of data last.
    assert running.returncode == 0, text[:12000] + text[-2000:]
    generated = re.search(r"(\d+) generated, \1 passed", text)
    assert generated is not None, text[-2000:]
    assert int(generated[1]) > 1000
