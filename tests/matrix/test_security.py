"""Exports of what changes, guesses at keys, and packages that are not the locked ones (rows S10-S12)."""

import asyncio
import json
import os
import shutil
import statistics
import subprocess
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import aiohttp
import psycopg
import pytest

from service.app import create_app
from service.server import listening
from service.settings import Settings
from slimy_dal.domain.database import Database

ROOT = Path(__file__).parent.parent.parent
GUILD = 7000
ROWS = 3000


@pytest.mark.fault("S10")
async def test_an_export_has_what_stays_once_while_rows_come_and_go(
    db: Database, app_url: str, database_url: str
) -> None:
    key = (await db.api_keys.create("export", ["chat:read"])).key
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("INSERT INTO slimy.guilds (id, name) VALUES (%s, 'one')", (GUILD,))
        connection.execute("INSERT INTO slimy.users (discord_id, username) VALUES (1, 'writer')")
        connection.execute(
            "INSERT INTO slimy.chat_messages (user_id, guild_id, text, created_at)"
            " SELECT u.id, %s, 'stays ' || n, now() - make_interval(secs => %s - n)"
            " FROM slimy.users AS u, generate_series(1, %s) AS n",
            (GUILD, ROWS, ROWS),
        )
    running = Settings(database_url=app_url, port=0, access_log=False)
    stop = asyncio.Event()
    async with listening(create_app(running, db), running) as address:
        changes = asyncio.create_task(asyncio.to_thread(come_and_go, database_url, stop))
        headers = {"Authorization": f"Bearer {key}", "Accept-Encoding": "identity"}
        async with aiohttp.ClientSession(address, headers=headers) as session:
            for _ in range(3):
                async with session.get(f"/v1/guilds/{GUILD}/exports/messages") as answer:
                    assert answer.status == 200, await answer.text()
                    *rows, end = (await answer.text()).splitlines()
                texts = [json.loads(row)["text"] for row in rows]
                stayed = [text for text in texts if text.startswith("stays")]
                assert stayed == [f"stays {n}" for n in range(1, ROWS + 1)]
                assert len({json.loads(row)["id"] for row in rows}) == len(rows)
                assert json.loads(end) == {"end": True, "rows": len(rows)}
        stop.set()
        assert await changes > 0, "nothing changed meanwhile: it proves nothing"


def come_and_go(url: str, stop: asyncio.Event) -> int:
    """Write messages among those that stay and delete them again until told to stop; return how many."""
    count = 0
    with psycopg.connect(url, autocommit=True) as connection:
        while not stop.is_set():
            connection.execute(
                "INSERT INTO slimy.chat_messages (user_id, guild_id, text, created_at) SELECT u.id, %s,"
                " 'goes', now() - make_interval(secs => random() * %s) FROM slimy.users AS u",
                (GUILD, ROWS),
            )
            connection.execute(
                "DELETE FROM slimy.chat_messages WHERE text = 'goes' AND random() < 0.5"
            )
            count += 1
    return count


def other(credential: str, place: int) -> str:
    """The same credential with another character in one place."""
    letter = "A" if credential[place] != "A" else "B"
    return credential[:place] + letter + credential[place + 1 :]


@pytest.mark.fault("S11")
async def test_a_wrong_guess_takes_as_long_however_near_it_is(
    db: Database, record_property: Callable[[str, object], None]
) -> None:
    key = (await db.api_keys.create("guessed", ["guilds:read"])).key
    end = len(key) - 1
    kinds = {
        "right but for its last sign": other(key, end),
        "right but for a sign in the middle": other(key, len(key) // 2),
        "of no key": (await unknown(db)),
    }
    seconds: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(400):
        for kind, guess in kinds.items():  # in turn, so that what else runs here hits all of them
            began = time.perf_counter()
            assert await db.api_keys.verify(guess) is None
            seconds[kind].append(time.perf_counter() - began)
    medians = {kind: statistics.median(taken) for kind, taken in seconds.items()}
    base = medians["of no key"]
    for kind, median in medians.items():
        record_property("figure", f"{kind}: {median / base:.2f}")
        assert 0.7 < median / base < 1.4, medians


async def unknown(db: Database) -> str:
    """A well-formed key that was deleted."""
    made = await db.api_keys.create("gone", ["guilds:read"])
    await db.api_keys.revoke(made.api_key.id)
    return made.key


@pytest.mark.slow
@pytest.mark.fault("S12")
def test_a_package_that_is_not_the_locked_one_is_not_installed(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "script", tmp_path / "script")
    (tmp_path / "requirements").mkdir()
    (tmp_path / "pyproject.toml").write_text("")
    wheel = tmp_path / "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny.py", "")
        archive.writestr(
            "tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n"
        )
        archive.writestr(
            "tiny-1.0.dist-info/WHEEL",
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        archive.writestr("tiny-1.0.dist-info/RECORD", "")
    locked = f"tiny==1.0 --hash=sha256:{'0' * 64}\n"
    (tmp_path / "requirements" / "dev.txt").write_text(locked)
    environment = {**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path)}
    outcome = subprocess.run(
        ["sh", "-eu", "-c", ". script/environment; use_environment dev"],  # noqa: S607 -- as scripts do
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 1
    assert "DO NOT MATCH THE HASHES" in outcome.stderr
    assert not list(tmp_path.glob(".venv/lib/*/site-packages/tiny.py"))


@pytest.mark.fault("S12")
@pytest.mark.parametrize("lock", ["runtime", "dev"])
def test_every_locked_package_has_its_hash(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text().replace("\\\n", " ")
    entries = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert len(entries) > 10
    assert [line for line in entries if "--hash=sha256:" not in line] == []
