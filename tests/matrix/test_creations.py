"""Many create the same thing at the same moment: one of them does."""

import asyncio
from collections import Counter

import pytest

from slimy_dal.domain.database import Database
from slimy_dal.engine.errors import AlreadyExists
from tests.service.conftest import Answer, Caller, anyone, app, db, key, service, settings

__all__ = ["anyone", "app", "db", "key", "service", "settings"]

MANY = 50


@pytest.mark.fault("D15")
async def test_of_fifty_who_create_the_same_guild_one_does_and_the_others_are_told(
    service: Caller,
) -> None:
    body = {"id": "4711", "name": "Guild"}

    async def create() -> Answer:
        while (answer := await service.post("/v1/guilds", body)).status == 503:  # noqa: ASYNC110
            await asyncio.sleep(0.1)  # too many at once, on a busy machine
        return answer

    answers = await asyncio.gather(*(create() for _ in range(MANY)))
    assert Counter(answer.status for answer in answers) == {201: 1, 409: MANY - 1}
    assert {answer.code for answer in answers if answer.status == 409} == {"already_exists"}


@pytest.mark.fault("D15")
async def test_of_fifty_who_ask_for_the_same_user_all_get_the_one_that_is_made(
    db: Database,
) -> None:
    made = await asyncio.gather(*(db.users.find_or_create(4711) for _ in range(MANY)))
    assert len({one.id for one in made}) == 1
    with pytest.raises(AlreadyExists):
        await db.guilds.create((await db.guilds.create(1, name="a")).id, name="b")
