"""A day's work of a service, from a narrow key of its own to that key's end.

Run it with the address of a running service and an API key that has the scope keys:admin, such as the one that
`slimy serve` shows: `python examples/days_work.py http://127.0.0.1:8080 slimy_...`
"""

import asyncio
import sys
from uuid import UUID

from slimy_dal.client import Client, Forbidden, Invalid, Unauthenticated

GUILD = 197038439483310086
NELLY = 80351110224678912


async def main(address: str, key: str) -> None:
    """Do the work, and tell of each step."""
    async with Client(address, key) as operator:
        made = await operator.api_keys.create(
            name="club bot",
            scopes=["chat:read", "chat:write", "guilds:read", "guilds:write", "users:write"],
        )
        print("key:", made.api_key.name, "may", ", ".join(made.api_key.scopes))
        async with Client(address, made.key) as bot:
            user_id = await meet(bot)
            await talk(bot, user_id)
            await read(bot)
            await meet_problems(bot, user_id)
        await renew(operator, address, made.api_key.id)


async def meet(bot: Client) -> UUID:
    """Make sure that a user and a guild are known; doing it twice is doing it once."""
    nelly = await bot.users.put_by_discord(NELLY, username="nelly", global_name="Nelly")
    again = await bot.users.put_by_discord(NELLY, username="nelly")
    print("user:", nelly.id, again.global_name, "| made once:", nelly.id == again.id)
    guild = await bot.guilds.put(GUILD, name="Discord Testers", owner_id=nelly.id)
    print("guild:", guild.id, guild.name)
    return nelly.id


async def talk(bot: Client, user_id: UUID) -> None:
    """Say five things, one of them twice: the Idempotency-Key makes it one message."""
    for number in range(1, 6):
        said = await bot.chat_messages.create_in_guild(
            GUILD, user_id=user_id, text=f"line {number}"
        )
        print("said:", said.id, said.text)
    twice = [
        await bot.chat_messages.create_in_guild(
            GUILD, user_id=user_id, text="once", idempotency_key=f"once-{user_id}"
        )
        for _ in range(2)
    ]
    print("said twice, kept once:", twice[0].id == twice[1].id)


async def read(bot: Client) -> None:
    """Read what was said: page by page, one after the other, and all of it as an export."""
    pages = bot.chat_messages.list_of_guild(GUILD, sort="oldest", limit=4).pages()
    async for page in pages:
        print("page:", ", ".join(message.text for message in page.data))
    rows = [row async for row in bot.exports.messages(GUILD)]
    print("exported:", len(rows), "messages, and the proof that these are all")


async def meet_problems(bot: Client, user_id: UUID) -> None:
    """Ask for what is wrong and for what this key may not: the problem says what to do about it."""
    try:
        await bot.chat_messages.create_in_guild(GUILD, user_id=user_id, text="")
    except Invalid as problem:
        [error] = problem.errors
        print("refused:", problem.status, problem.code, error.pointer, error.detail)
    try:
        await bot.users.list_users()
    except Forbidden as problem:
        print("refused:", problem.status, problem.code, "|", problem.detail)


async def renew(operator: Client, address: str, key_id: UUID) -> None:
    """Put a new key in the place of the old one, which stays good for an hour; then withdraw both."""
    new = await operator.api_keys.rotate(key_id, overlap_hours=1)
    async with Client(address, new.key) as bot:
        print("rotated:", (await bot.guilds.get(GUILD)).name, "is still there")
        await operator.api_keys.revoke(new.api_key.id)
        await operator.api_keys.revoke(key_id)
        try:
            await bot.guilds.get(GUILD)
        except Unauthenticated as problem:
            print("revoked:", problem.status, problem.code)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
