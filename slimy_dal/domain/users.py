"""Users: people known by their Discord account, and the tokens Discord gave us for them (SPEC D1, X2)."""

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from slimy_dal.domain.search_words import checked_words
from slimy_dal.domain.versions import asked, changed, raise_stale
from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.errors import Conflict
from slimy_dal.engine.rows import checked_limit, found
from slimy_dal.engine.secrets import Keyring, KeyringError
from slimy_dal.engine.statement import Executor
from slimy_dal.engine.types import UNSET, Page, Snowflake, Unset
from slimy_dal.queries import users as queries
from slimy_dal.queries.memberships import ListGuildsRow as UserGuild
from slimy_dal.queries.users import User, UserCount

__all__ = ["DiscordTokens", "User", "UserCount", "UserWithGuilds", "Users"]

FIRST_ID: Final = UUID(int=0)
ACCESS: Final = "slimy.users.discord_access_token"
REFRESH: Final = "slimy.users.discord_refresh_token"

ERASE_STEPS: Final = (
    queries.purge_sessions,
    queries.purge_messages,
    queries.purge_conversations,
    queries.purge_club_analyses,
    queries.purge_comparisons,
    queries.purge_screenshots,
    queries.forget_reports,
    queries.forget_reviews,
)
"""Removes what a user may have very much of, a batch at each call, the sessions first: nobody goes on working."""


class DiscordTokens(msgspec.Struct, frozen=True):
    """What Discord's OAuth gave for a user, in the clear; its repr shows none of it."""

    access: str
    refresh: str | None
    expires_at: datetime | None

    def __repr__(self) -> str:
        return f"DiscordTokens(expires_at={self.expires_at!r})"


class UserWithGuilds(msgspec.Struct, frozen=True, rename="camel"):
    """A user with the guilds that they belong to, and their roles there."""

    id: UUID
    discord_id: Snowflake
    username: str | None
    global_name: str | None
    avatar: str | None
    email: str | None
    last_active_guild_id: Snowflake | None
    created_at: datetime
    updated_at: datetime
    guilds: list[UserGuild]


class Users:
    """Everything about users, over one executor."""

    __slots__ = ("_cursors", "_executor", "_keyring")

    def __init__(self, executor: Executor, cursors: Cursors, keyring: Keyring | None) -> None:
        self._executor = executor
        self._cursors = cursors
        self._keyring = keyring

    async def find_or_create(
        self,
        discord_id: int,
        *,
        username: str | Unset | None = UNSET,
        global_name: str | Unset | None = UNSET,
        avatar: str | Unset | None = UNSET,
        email: str | Unset | None = UNSET,
        version: datetime | Unset = UNSET,
    ) -> User:
        """Return the user of a Discord account, made or brought up to date in one statement; idempotent.

        A field left UNSET keeps what is known; None erases it. An email belongs to the account that has it, and is not
        taken over: Raises AlreadyExists (email) and changes nothing when another user has it, so that a sign-in asks
        again without it. With a version nobody is made: it is a change of the user who has it, and
        raises NotFound and StaleVersion. Raises CheckViolated.
        """
        if version is not UNSET:
            user = found(await self.find_by_discord_id(discord_id), "user")
            return await self.update(
                user.id,
                username=username,
                global_name=global_name,
                avatar=avatar,
                email=email,
                version=version,
            )
        return await queries.find_or_create(
            self._executor,
            discord_id=discord_id,
            username=None if username is UNSET else username,
            set_username=username is not UNSET,
            global_name=None if global_name is UNSET else global_name,
            set_global_name=global_name is not UNSET,
            avatar=None if avatar is UNSET else avatar,
            set_avatar=avatar is not UNSET,
            email=None if email is UNSET else email,
            set_email=email is not UNSET,
        )

    async def get(self, id: UUID) -> User:
        """Return a user. Raises NotFound."""
        return found(await queries.get(self._executor, id=id), "user")

    async def get_with_guilds(self, id: UUID, *, limit: int = 200) -> UserWithGuilds:
        """Return a user with their guilds, by guild id, in one statement; Discord lets nobody into more than 200.

        `memberships.list_guilds` gives the guilds that follow. Raises NotFound, InvalidValue (limit).
        """
        checked_limit(limit)
        row = await queries.get_with_guilds(self._executor, id=id, guild_limit=limit)
        return msgspec.convert(found(row, "user"), UserWithGuilds, from_attributes=True)

    async def find_by_discord_id(self, discord_id: int) -> User | None:
        """Return the user of a Discord account, or None."""
        return await queries.find_by_discord_id(self._executor, discord_id=discord_id)

    async def find_by_email(self, email: str) -> User | None:
        """Return the user of a mailbox, written in whatever case, or None."""
        return await queries.find_by_email(self._executor, email=email)

    async def update(
        self,
        id: UUID,
        *,
        username: str | Unset | None = UNSET,
        global_name: str | Unset | None = UNSET,
        avatar: str | Unset | None = UNSET,
        email: str | Unset | None = UNSET,
        version: datetime | Unset = UNSET,
    ) -> User:
        """Change the given fields; None erases one.

        With a version, that one only. Raises NotFound, StaleVersion, CheckViolated, AlreadyExists (email).
        """
        row = await queries.update(
            self._executor,
            id=id,
            username=username,
            global_name=global_name,
            avatar=avatar,
            email=email,
            version=asked(version),
        )
        return await changed(row, "user", version, lambda: self.get(id))

    async def set_last_active_guild(
        self, id: UUID, guild_id: int | None, *, version: datetime | Unset = UNSET
    ) -> User:
        """Remember the guild a user was last active in.

        Raises NotFound, also for a deleted guild, StaleVersion, or InvalidReference for an unknown one.
        """
        row = await queries.set_last_active_guild(
            self._executor, id=id, guild_id=guild_id, version=asked(version)
        )
        if row is None and version not in {UNSET, (await self.get(id)).updated_at}:
            raise_stale()
        return found(row, "guild")

    async def list(
        self, *, search: str | None = None, cursor: str | None = None, limit: int = 50
    ) -> Page[User]:
        """Return one page of users, newest first; with `search`, those with all its words in their names.

        Of more than 10,000 finds any 10,000 are paged. Raises InvalidValue for a limit outside 1 to 200, a cursor of
        another list, or a search of more than 200 characters.
        """
        if search is None:
            return await queries.list_newest(
                self._executor, self._cursors, cursor=cursor, limit=limit
            )
        return await queries.search(
            self._executor, self._cursors, words=checked_words(search), cursor=cursor, limit=limit
        )

    async def count(self, at_most: int) -> UserCount:
        """Return how many users there are, counted up to `at_most`, and by the statistics (-1: not gathered yet)."""
        return await queries.count(self._executor, at_most=at_most)

    async def delete(
        self, id: UUID, *, version: datetime | Unset = UNSET, batch_size: int = 1000
    ) -> None:
        """Erase a user with all that is theirs; reports, statistics and audit logs stay without the name.

        The data goes in batches, each its own transaction outside one of the caller's, the user last. What was stopped
        on the way is finished by the next call. Raises NotFound, and StaleVersion before anything is erased.
        """
        if version not in {UNSET, (await self.get(id)).updated_at}:
            raise_stale()
        for step in ERASE_STEPS:
            while await step(self._executor, id=id, batch_size=batch_size):
                pass
        erased = await queries.delete(self._executor, id=id, version=asked(version))
        await changed(erased or None, "user", version, lambda: self.get(id))

    async def store_tokens(self, user: User, tokens: DiscordTokens) -> None:
        """Keep a user's Discord tokens, encrypted before they leave the process; earlier ones are replaced.

        Raises NotFound, or KeyringError when the database was opened without encryption keys.
        """
        ring, row = self._ring(), str(user.discord_id)
        stored = await queries.store_tokens(
            self._executor,
            id=user.id,
            discord_id=user.discord_id,
            discord_access_token=ring.encrypt(tokens.access, column=ACCESS, row=row),
            discord_refresh_token=_sealed_refresh(ring, tokens, row),
            token_key_id=ring.current,
            token_expires_at=tokens.expires_at,
        )
        found(stored or None, "user")

    async def tokens(self, id: UUID) -> DiscordTokens | None:
        """Return a user's Discord tokens in the clear, or None. Raises KeyringError when they do not open."""
        row = await queries.find_tokens(self._executor, id=id)
        return None if row is None else self._open(row)

    async def clear_tokens(self, id: UUID) -> None:
        """Forget a user's Discord tokens. Raises NotFound."""
        found(await queries.clear_tokens(self._executor, id=id) or None, "user")

    async def reencrypt_tokens(self, key_id: str, *, batch_size: int = 500) -> int:
        """Put every token of an old key under the current one and return how many; safe to stop and start again.

        A user whose tokens change meanwhile keeps what was written. Rows that do not open are passed over; when all
        others are done, KeyringError names their users.
        """
        ring, after, changed = self._ring(), FIRST_ID, 0
        if key_id == ring.current:
            raise KeyringError(f"`{key_id}` is the current key: put the new one first")
        closed: list[UUID] = []
        while rows := await queries.list_tokens_of_key(
            self._executor, token_key_id=key_id, after_id=after, row_limit=batch_size
        ):
            for row in rows:
                try:
                    changed += await self._reencrypt(ring, row)
                except KeyringError:
                    closed.append(row.id)
            after = rows[-1].id
        if closed:
            named = ", ".join(str(user_id) for user_id in closed[:10])
            raise KeyringError(
                f"the tokens of {len(closed)} users do not open, of these first: {named}"
            )
        return changed

    async def _reencrypt(self, ring: Keyring, row: queries.Tokens) -> int:
        tokens, name = self._open(row), str(row.discord_id)
        return await queries.replace_tokens(
            self._executor,
            id=row.id,
            discord_access_token=ring.encrypt(tokens.access, column=ACCESS, row=name),
            discord_refresh_token=_sealed_refresh(ring, tokens, name),
            token_key_id=ring.current,
            old_access_token=row.discord_access_token,
            old_refresh_token=row.discord_refresh_token,
        )

    def _open(self, row: queries.Tokens) -> DiscordTokens:
        ring, name = self._ring(), str(row.discord_id)
        access, refresh = row.discord_access_token, row.discord_refresh_token
        if access is None:
            raise Conflict("the user has a key id and no access token")
        return DiscordTokens(
            access=ring.decrypt(access, column=ACCESS, row=name),
            refresh=None if refresh is None else ring.decrypt(refresh, column=REFRESH, row=name),
            expires_at=row.token_expires_at,
        )

    def _ring(self) -> Keyring:
        if self._keyring is None:
            raise KeyringError(
                "no encryption keys: open the database with a keyring to keep tokens"
            )
        return self._keyring


def _sealed_refresh(ring: Keyring, tokens: DiscordTokens, row: str) -> bytes | None:
    if tokens.refresh is None:
        return None
    return ring.encrypt(tokens.refresh, column=REFRESH, row=row)
