"""Transactions over the nouns, and the page that shows how to use them."""

import asyncio
import io
import re
from contextlib import redirect_stdout
from pathlib import Path

import pytest

import slimy_dal
from slimy_dal import Database
from slimy_dal.domain.database import Nouns
from slimy_dal.domain.users import User
from slimy_dal.engine.errors import AlreadyExists, NotFound
from tests import make

PAGE = Path(__file__).parent.parent / "docs" / "python.md"


async def test_a_transaction_keeps_all_or_nothing(db: Database) -> None:
    with pytest.raises(AlreadyExists):
        async with db.transaction() as tx:
            await tx.guilds.create(1, name="a")
            await tx.guilds.create(1, name="b")
    with pytest.raises(NotFound):
        await db.guilds.get(1)
    async with db.transaction() as tx:
        await tx.guilds.create(1, name="a")
    assert (await db.guilds.get(1)).name == "a"


async def test_a_transaction_in_a_transaction_is_undone_alone(db: Database) -> None:
    async with db.transaction() as tx:
        user = await make.user(tx)
        with pytest.raises(AlreadyExists):
            async with tx.transaction() as inner:
                await inner.guilds.create(1, name="a")
                await inner.guilds.create(1, name="b")
        await tx.guilds.create(2, name="c", owner_id=user.id)
    assert (await db.guilds.get(2)).owner_id == user.id
    with pytest.raises(NotFound):
        await db.guilds.get(1)


@pytest.mark.fault("D1")
async def test_work_that_a_deadlock_undid_is_done_again(db: Database) -> None:
    first, second = await make.user(db), await make.user(db)
    both = asyncio.Barrier(2)
    runs = 0

    async def crossed(tx: Nouns, one: User, other: User) -> None:
        nonlocal runs
        runs += 1
        await tx.users.update(one.id, username=f"run {runs}")
        if runs <= 2:
            await both.wait()
        await tx.users.update(other.id, username=f"run {runs}")

    await asyncio.gather(
        db.run(lambda tx: crossed(tx, first, second)), db.run(lambda tx: crossed(tx, second, first))
    )
    assert runs == 3


def test_the_example_of_the_developers_page_runs(database_url: str) -> None:
    block = re.findall(r"```python\n(import asyncio.*?)```", PAGE.read_text(), re.DOTALL)[0]
    program = re.sub(r'open\("[^"]+"\)', f"open({database_url!r})", block)
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(program, "python.md", "exec"), {})  # noqa: S102 -- our own page
    assert printed.getvalue() == "Nelly True\n"


def test_public_names_are_there_and_others_are_not() -> None:
    for name in slimy_dal.__all__:
        assert getattr(slimy_dal, name) is not None
    with pytest.raises(AttributeError, match="has no attribute"):
        _ = slimy_dal.nothing
