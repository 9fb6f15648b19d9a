"""The typed client against the real service: a day's work, pages, versions, refusals."""

import json
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner, Result

import slimy_dal.client as module
from service.app import GROUPS, endpoints
from service.catalogue import KINDS
from service.client_source import write
from slimy_dal.cli import main
from slimy_dal.client import (
    AlreadyExists,
    CallFailed,
    Client,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    OutcomeUnknown,
    Page,
    Problem,
    RateLimited,
    ServiceFailed,
    StaleVersion,
    Unauthenticated,
    Unavailable,
    problems,
    shapes,
)
from slimy_dal.domain.database import Database
from tests.service.conftest import Caller, People
from tests.test_generated_typing import ROOT, TYPING, mypy, pyright

BIG = 9_223_372_036_854_775_807
"""The largest Discord id that a bigint holds; a JSON number would lose its end."""


@pytest.fixture
async def client(anyone: Caller, key: str) -> AsyncIterator[Client]:
    async with Client(anyone.address, key) as opened:
        yield opened


async def test_a_days_work_of_a_service(client: Client, anyone: Caller) -> None:
    made = await client.api_keys.create(
        name="bot",
        scopes=[
            *("analyses:read", "analyses:write", "chat:read", "chat:write", "guilds:read"),
            *("guilds:write", "members:read", "members:write", "users:read", "users:write"),
        ],
    )
    async with Client(anyone.address, made.key) as bot:
        nelly = await bot.users.put_by_discord(80351110224678912, username="nelly", email="n@b")
        others = [await bot.users.put_by_discord(100 + n, username=f"u{n}") for n in range(5)]
        guild = await bot.guilds.put(BIG, name="Testers", owner_id=nelly.id)
        assert (guild.id, guild.owner_id, guild.settings) == (BIG, nelly.id, {})
        member = await bot.memberships.add(guild.id, user_id=nelly.id, roles=["owner"])
        assert member.roles == ["owner"]
        entries = [shapes.NewMember(user_id=user.id) for user in others]
        unknown = shapes.NewMember(user_id=uuid4(), roles=["admin"])
        added = await bot.memberships.add_many(guild.id, entries=[*entries, unknown])
        assert [one.code for one in added.results] == [None] * 5 + ["unknown_user"]
        listed = [entry async for entry in bot.memberships.list_members(guild.id, limit=2)]
        assert {entry.user.id for entry in listed} == {nelly.id, *(user.id for user in others)}
        await keep_and_find_an_analysis(bot, guild.id, nelly.id)
        await talk(bot, guild.id, nelly.id)
        merged = await bot.guilds.merge_settings(guild.id, {"language": "en", "n": 1})
        assert merged == {"language": "en", "n": 1}
        await client.api_keys.revoke(made.api_key.id)
        with pytest.raises(Unauthenticated) as over:
            await bot.guilds.get(guild.id)
        assert (over.value.code, over.value.attempts) == ("unauthenticated", 1)


async def keep_and_find_an_analysis(bot: Client, guild_id: int, user_id: UUID) -> None:
    kept = await bot.club_analyses.create(
        guild_id,
        user_id=user_id,
        title="January",
        summary="grown by four",
        confidence=0.9,
        images=[
            shapes.ImageOfAnalysis(
                image_url="https://a.example/b.png", original_name="b.png", file_size=5
            )
        ],
        metrics=[
            shapes.MetricOfAnalysis(name="power", value={"a": [1]}, category="size"),
            shapes.MetricOfAnalysis(name="rank", value=2, unit="th", category="size"),
        ],
    )
    assert [metric.name for metric in kept.metrics] == ["power", "rank"]
    assert (await bot.club_analyses.get(kept.id)) == kept
    [found] = (await bot.club_analyses.list_of_guild(guild_id, search="grown four")).data
    assert found.id == kept.id
    awkward = "a/b ?#%é.."
    for name in (awkward, "..", "."):
        put = await bot.club_metrics.put(kept.id, name, value=[None], category="odd")
        assert (put.name, put.value) == (name, [None])
        await bot.club_metrics.remove(kept.id, name)
    renamed = await bot.club_analyses.change(kept.id, title=None)
    assert (renamed.title, renamed.summary) == (None, "grown by four")


async def talk(bot: Client, guild_id: int, user_id: UUID) -> None:
    conversation = await bot.conversations.create(user_id, title="Hello")
    for number in range(5):
        await bot.chat_messages.create_in_conversation(conversation.id, text=f"line {number}")
    lines = [
        message.text
        async for message in bot.chat_messages.list_of_conversation(conversation.id, limit=2)
    ]
    assert sorted(lines) == [f"line {number}" for number in range(5)]
    assert conversation.guild_id in {None, guild_id}


async def test_a_list_is_a_page_or_all_pages_or_every_entry(client: Client, db: Database) -> None:
    for number in range(7):
        await db.users.find_or_create(100 + number, username=f"u{number}")
    first = await client.users.list_users(limit=3)
    assert isinstance(first, Page)
    assert (len(first.data), first.prev_cursor) == (3, None)
    rest = await client.users.list_users(limit=3, cursor=first.next_cursor)
    assert [user.username for user in rest.data] == ["u3", "u2", "u1"]
    sizes = [len(page.data) async for page in client.users.list_users(limit=3).pages()]
    assert sizes == [3, 3, 1]
    names = [user.username async for user in client.users.list_users(limit=2)]
    assert names == [f"u{number}" for number in range(6, -1, -1)]
    left = [u.username async for u in client.users.list_users(limit=3, cursor=first.next_cursor)]
    assert left == names[3:]
    assert [user async for user in client.users.list_users(search="nobody")] == []


async def test_what_is_left_out_stays_and_none_erases(client: Client) -> None:
    made = await client.users.put_by_discord(5, username="a", email="a@b", global_name="A")
    assert (await client.users.change(made.id)).email == "a@b"
    changed = await client.users.change(made.id, email=None)
    assert (changed.username, changed.email, changed.global_name) == ("a", None, "A")


async def test_only_the_version_that_was_read_is_changed(client: Client) -> None:
    made = await client.guilds.create(id=5, name="a")
    read = await client.guilds.get(5)
    assert made.etag is not None
    assert read.etag is not None
    assert (await client.guilds.list_guilds()).data[0].name == "a"
    changed = await client.guilds.change(5, name="b", if_match=read.etag)
    assert changed.etag not in {None, read.etag}
    with pytest.raises(StaleVersion) as stale:
        await client.guilds.change(5, name="c", if_match=read.etag)
    assert (stale.value.status, stale.value.attempts) == (412, 1)
    assert (await client.guilds.get(5)).name == "b"


async def test_a_refusal_says_what_is_wrong_by_field(client: Client) -> None:
    with pytest.raises(Invalid) as wrong:
        await client.guilds.create(id=0, name="")
    error = wrong.value
    assert (error.status, error.code) == (422, "validation_failed")
    assert sorted(one.pointer or "" for one in error.errors) == ["/id", "/name"]
    assert re.fullmatch(r"[0-9a-f]{32}", error.request_id)
    assert error.request_id in str(error)
    with pytest.raises(NotFound):
        await client.guilds.get(6)
    await client.guilds.create(id=7, name="a")
    with pytest.raises(AlreadyExists) as twice:
        await client.guilds.create(id=7, name="a")
    assert isinstance(twice.value, Conflict | Problem | CallFailed)


async def test_the_same_key_is_one_call(client: Client, db: Database) -> None:
    made = [await client.guilds.create(id=8, name="a", idempotency_key="k") for _ in range(3)]
    assert made[0] == made[1] == made[2]
    with pytest.raises(Invalid) as other:
        await client.guilds.create(id=9, name="a", idempotency_key="k")
    assert other.value.code == "idempotency_key_reused"
    assert len((await db.guilds.list()).items) == 1


async def test_a_client_acts_for_a_user(client: Client, people: People) -> None:
    owner = client.acting_for(people.ids["owner"])
    assert (await owner.guilds.change(7000, name="x")).name == "x"
    member = client.acting_for(people.ids["member"])
    with pytest.raises(Forbidden) as refused:
        await member.guilds.change(7000, name="y")
    assert refused.value.code == "role_required"
    assert (await client.guilds.change(7000, name="z")).name == "z"


async def test_a_session_is_a_credential_too(
    client: Client, anyone: Caller, people: People
) -> None:
    ends = datetime.now(UTC) + timedelta(hours=1)
    opened = await client.sessions.create(user_id=people.ids["member"], expires_at=ends)
    assert "token" not in repr(opened)
    assert opened.token not in repr(opened)
    async with Client(anyone.address, opened.token) as visitor:
        assert (await visitor.sessions.get_current()).user.id == people.ids["member"]
        await visitor.sessions.end_current()
        with pytest.raises(Unauthenticated):
            await visitor.sessions.get_current()


async def test_what_discord_sends_is_passed_on(client: Client) -> None:
    user = {"id": "80351110224678912", "username": "Nelly", "flags": 64}
    assert (await client.discord.put_user(user)).discord_id == 80351110224678912


async def test_bodies_hold_ids_as_strings_wherever_they_stand(client: Client) -> None:
    made = await client.api_keys.create(name="a", scopes=["guilds:read"], guild_ids=[BIG, 5])
    assert set(made.api_key.guild_ids or ()) == {BIG, 5}
    at = datetime.now(UTC)
    stats = [
        shapes.StatToRecord(type="visits", value=n, guild_id=None, timestamp=at) for n in (1, 2)
    ]
    assert (await client.stats.record_many(stats=stats)).recorded == 2
    await client.guilds.create(id=BIG, name="a")
    assert (await client.stats.record(type="visits", value=3, guild_id=BIG)).guild_id == BIG
    assert [one.value async for one in client.stats.list_stats(guild_id=BIG)] == [3]
    assert [row["value"] async for row in client.exports.stats_of_guild(BIG)] == [3]


async def test_pages_for_machines_come_as_they_are(client: Client) -> None:
    assert "slimy_" in await client.health.metrics_text()
    assert (await client.docs.openapi())["openapi"] == "3.1.0"
    assert (await client.health.ready()).status == "ready"


async def test_credentials_are_not_shown(anyone: Caller) -> None:
    async with Client(anyone.address, "slimy_secret") as wrong:
        assert "secret" not in repr(wrong)
        with pytest.raises(Unauthenticated) as error:
            await wrong.guilds.get(5)
        assert "secret" not in repr(error.value)
    tokens = shapes.DiscordTokensRequest(access_token="secret")
    assert "secret" not in repr(tokens)


async def test_what_cannot_stand_in_an_address_is_refused_before_it_is_sent(client: Client) -> None:
    with pytest.raises(ValueError, match="name"):
        await client.club_metrics.put(uuid4(), "", value=1, category="a")
    with pytest.raises(ValueError, match="offset"):
        await client.club_analyses.list_of_guild(5, since=datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(RuntimeError, match="async with"):
        await Client("http://127.0.0.1:1").guilds.get(5)
    for given in ({"deadline": 0.0}, {"attempts": 0}):
        with pytest.raises(ValueError, match="deadline"):
            Client("http://127.0.0.1:1", **given)


async def test_the_example_of_the_documentation_runs(
    anyone: Caller, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (ROOT / "docs" / "client.md").read_text()
    example = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert example is not None
    names: dict[str, Any] = {}
    exec(example[1], names)  # noqa: S102 -- the project's own page
    await names["work"](anyone.address, key)
    assert capsys.readouterr().out.startswith("not_found ")


def test_every_problem_has_its_exception() -> None:
    known = {
        "validation_failed": Invalid,
        "unauthenticated": Unauthenticated,
        "role_required": Forbidden,
        "not_found": NotFound,
        "conflict": Conflict,
        "already_exists": AlreadyExists,
        "stale_version": StaleVersion,
        "rate_limited": RateLimited,
        "overloaded": Unavailable,
        "outcome_unknown": OutcomeUnknown,
        "internal": ServiceFailed,
    }
    for code, kind in known.items():
        status = next(one.status for one in KINDS if one.code == code)
        assert problems.family(code, status) is kind
    for one in KINDS:
        assert problems.family(one.code, one.status) is not Problem
        assert problems.family(one.code, one.status).__name__ in module.__all__


def test_every_route_for_programs_has_a_method() -> None:
    text = "".join(write().values())
    for endpoint in endpoints(GROUPS):
        route = endpoint.route
        assert (f'"{route.operation_id}"' in text) == (route.media != "text/html"), route


def test_generated_text_is_formatted_as_the_formatter_would(tmp_path: Any) -> None:
    for name, text in write().items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length=100", "--diff"]
    done = subprocess.run([*command, tmp_path], check=False, capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("", 0)


def test_a_module_of_a_noun_that_is_no_more_is_found_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sql" / "queries").mkdir(parents=True)
    nouns = tmp_path / "slimy_dal" / "client" / "nouns"
    nouns.parent.mkdir(parents=True)
    monkeypatch.setenv("SLIMY_SQL", str(tmp_path / "sql"))

    def run(option: str) -> Result:
        return CliRunner().invoke(main, ["client", option])

    assert run("--write").exit_code == 0
    assert run("--check").exit_code == 0
    (nouns / "slimes.py").write_text('"""What there was."""\n')
    found = run("--check")
    assert (found.exit_code, "slimes.py is stale" in found.output) == (1, True)
    assert run("--write").exit_code == 0
    assert not (nouns / "slimes.py").exists()
    assert (nouns / "guilds.py").exists()


def test_the_client_brings_nothing_of_the_server_along() -> None:
    code = "import slimy_dal.client, sys; print(*sorted(m for m in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()
    assert "slimy_dal.client.api" in done
    forbidden = {"asyncpg", "pydantic", "psycopg", "service", "pypika", "redis"}
    assert not forbidden & set(done)
    ours = {name for name in done if name.startswith("slimy_dal.")}
    assert {name for name in ours if not name.startswith("slimy_dal.client")} == set()


@pytest.fixture
def wrong_callers(tmp_path: Path) -> Path:
    """The callers with one wrong expectation, to see that the checkers look at all."""
    text, right = (TYPING / "client_callers.py").read_text(), "assert_type(guild.id, int)"
    assert right in text
    (tmp_path / "callers.py").write_text(text.replace(right, "assert_type(guild.id, str)"))
    config = json.loads((TYPING / "pyrightconfig.json").read_text())
    config |= {"include": ["."], "extraPaths": [str(ROOT)]}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(config))
    return tmp_path


def test_mypy_sees_what_callers_of_the_client_see(wrong_callers: Path) -> None:
    assert mypy(TYPING / "client_callers.py") == ""
    assert "Expression is of type" in mypy(wrong_callers / "callers.py")


def test_pyright_sees_what_callers_of_the_client_see(wrong_callers: Path) -> None:
    # That it is right is seen with the other callers, by the tests of generated queries.
    read, wrong = pyright(wrong_callers / "pyrightconfig.json")
    assert read == 1
    assert any('"assert_type" mismatch' in message for message in wrong)
    assert len(wrong) == 1


def test_choices_have_names() -> None:
    assert "owner" in get_args(shapes.Role)
    assert "users:act" in get_args(shapes.Scope)


async def test_a_list_tells_its_length_where_it_was_asked_to(client: Client) -> None:
    for number in range(1, 4):
        await client.guilds.put(number, name="a")
    page = await client.guilds.list_guilds(limit=1, count="exact")
    assert (page.total, page.total_is, len(page.data)) == (3, "exact", 1)
    assert [
        one.total async for one in client.guilds.list_guilds(limit=2, count="exact").pages()
    ] == [3, 3]
    plain = await client.guilds.list_guilds(limit=1)
    assert (plain.total, plain.total_is) == (None, None)
    with pytest.raises(Problem) as refused:
        await client.guilds.list_guilds(search="a", count="exact")
    assert refused.value.code == "invalid_header"


async def test_a_bound_on_what_is_changed_holds(client: Client, people: People) -> None:
    ids = [people.ids["member"], people.ids["moderator"]]
    with pytest.raises(Conflict) as refused:
        await client.memberships.remove_many(7000, user_ids=ids, max_affected=1)
    assert refused.value.code == "too_many_affected"
    assert (await client.memberships.count(7000)).count == 4
    await client.memberships.remove_many(7000, user_ids=ids, max_affected=2)
    assert (await client.memberships.count(7000)).count == 2
