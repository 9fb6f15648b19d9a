"""The day's work of the documentation is done, by its own program, and printed as the page shows it."""

import asyncio
import os
import re
import sys
from pathlib import Path

from slimy_dal.domain.database import Database
from tests.service.conftest import Caller

ROOT = Path(__file__).parent.parent.parent
GUILD = 197038439483310086
ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


async def test_the_days_work_is_done_and_prints_what_its_page_shows(
    anyone: Caller, db: Database
) -> None:
    key = (await db.api_keys.create("operator", ["keys:admin"])).key
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", "examples/days_work.py", anyone.address, key),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await running.communicate()
    assert (errors.decode(), running.returncode) == ("", 0)
    page = (ROOT / "docs" / "days-work.md").read_text()
    shown = re.search(r"```text\n(.*?)```", page, re.DOTALL)
    assert shown
    assert ID.sub("<id>", output.decode()) == shown[1]
    # What it says it did is there.
    messages = (await db.chat_messages.list_of_guild(GUILD, sort="oldest")).items
    assert [message.text for message in messages] == [*(f"line {n}" for n in range(1, 6)), "once"]
    ended = [one.revoked_at is not None for one in (await db.api_keys.list()).items]
    assert ended == [True, True, False]
