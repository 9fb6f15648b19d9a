"""The door to everything: open a database, and reach its nouns, inside a transaction or not."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Self, TypeVar
from uuid import UUID

from slimy_dal.domain.api_keys import ApiKeys
from slimy_dal.domain.audit_logs import AuditLogs
from slimy_dal.domain.chat_messages import ChatMessages
from slimy_dal.domain.club_analyses import ClubAnalyses
from slimy_dal.domain.club_analysis_images import ClubAnalysisImages
from slimy_dal.domain.club_members import ClubMembers
from slimy_dal.domain.club_metrics import ClubMetrics
from slimy_dal.domain.code_reports import CodeReports
from slimy_dal.domain.conversations import Conversations
from slimy_dal.domain.expected import PLANS
from slimy_dal.domain.exports import Exports
from slimy_dal.domain.guild_feature_flags import GuildFeatureFlags
from slimy_dal.domain.guild_personalities import GuildPersonalities
from slimy_dal.domain.guild_settings import GuildSettings
from slimy_dal.domain.guilds import Guilds
from slimy_dal.domain.health import Health
from slimy_dal.domain.idempotency_keys import IdempotencyKeys
from slimy_dal.domain.memberships import Memberships
from slimy_dal.domain.partitions import Partitions
from slimy_dal.domain.screenshot_analyses import ScreenshotAnalyses
from slimy_dal.domain.screenshot_comparisons import ScreenshotComparisons
from slimy_dal.domain.screenshot_data import ScreenshotData
from slimy_dal.domain.screenshot_insights import ScreenshotInsights
from slimy_dal.domain.screenshot_recommendations import ScreenshotRecommendations
from slimy_dal.domain.screenshot_tags import ScreenshotTags
from slimy_dal.domain.sessions import Sessions
from slimy_dal.domain.stats import Stats
from slimy_dal.domain.user_preferences import UserPreferences
from slimy_dal.domain.users import Users
from slimy_dal.engine.bound import Bound
from slimy_dal.engine.cursors import Cursors
from slimy_dal.engine.planwatch import plan_watch
from slimy_dal.engine.pool import Pool
from slimy_dal.engine.position import Position, position
from slimy_dal.engine.proven import Proven
from slimy_dal.engine.reading import Reading
from slimy_dal.engine.replicas import Replicas
from slimy_dal.engine.secrets import Keyring, new_token
from slimy_dal.engine.settings import PoolSettings
from slimy_dal.engine.slow import SlowLog
from slimy_dal.engine.tenant import Tenant
from slimy_dal.engine.transaction import Transaction

T = TypeVar("T")


class Nouns:
    """The nouns of the domain over one executor: a pool, where each call is its own, or a transaction."""

    def __init__(
        self,
        executor: Pool | Transaction | Bound | Reading,
        cursors: Cursors,
        keyring: Keyring | None,
    ) -> None:
        self._executor = executor
        self._shared = (cursors, keyring)
        self.users = Users(executor, cursors, keyring)
        self.sessions = Sessions(executor, cursors)
        self.guilds = Guilds(executor, cursors)
        self.memberships = Memberships(executor, cursors)
        self.api_keys = ApiKeys(executor, cursors)
        self.conversations = Conversations(executor, cursors)
        self.chat_messages = ChatMessages(executor, cursors)
        self.user_preferences = UserPreferences(executor)
        self.guild_feature_flags = GuildFeatureFlags(executor)
        self.code_reports = CodeReports(executor, cursors)
        self.guild_settings = GuildSettings(executor)
        self.guild_personalities = GuildPersonalities(executor)
        self.stats = Stats(executor, cursors)
        self.audit_logs = AuditLogs(executor, cursors)
        self.club_members = ClubMembers(executor, cursors)
        self.club_analyses = ClubAnalyses(executor, cursors)
        self.club_analysis_images = ClubAnalysisImages(executor, cursors)
        self.club_metrics = ClubMetrics(executor, cursors)
        self.screenshot_analyses = ScreenshotAnalyses(executor, cursors)
        self.screenshot_comparisons = ScreenshotComparisons(executor, cursors)
        self.screenshot_data = ScreenshotData(executor, cursors)
        self.screenshot_insights = ScreenshotInsights(executor, cursors)
        self.screenshot_recommendations = ScreenshotRecommendations(executor, cursors)
        self.screenshot_tags = ScreenshotTags(executor, cursors)
        self.partitions = Partitions(executor)
        self.exports = Exports(executor)
        self.idempotency_keys = IdempotencyKeys(executor)

    @asynccontextmanager
    async def transaction(self, **options: Any) -> AsyncIterator["Nouns"]:
        """Give the nouns inside one transaction: all of it is kept, or, after an error, nothing.

        Inside a transaction it is a savepoint: what fails in it is undone alone. Options are those of
        `Pool.transaction`: isolation, readonly, deferrable, timeout.
        """
        async with self._executor.transaction(**options) as transaction:
            yield Nouns(transaction, *self._shared)

    def as_user(self, user_id: UUID, *, only: Collection[int] | None = None) -> "Nouns":
        """Give the nouns for one user: all that there is for the database is theirs and their guilds'.

        With `only`, of their guilds these. What is not theirs looks as if it did not exist; to write there is
        PermissionDenied. Of a transaction, only what is called through these nouns is for the user. Raises TypeError
        for what is no id, and for nouns that are for somebody already.
        """
        return self.bound_to(Tenant(user_id, None if only is None else frozenset(only)))

    def for_guilds(self, guild_ids: Collection[int]) -> "Nouns":
        """Give the nouns for some guilds, as `as_user` does for a user: all that is in them, and no user's own."""
        return self.bound_to(Tenant(guild_ids=frozenset(guild_ids)))

    def bound_to(self, tenant: Tenant) -> "Nouns":
        """Give the nouns for a tenant; see `as_user`."""
        executor = self._executor
        if isinstance(executor, Reading):
            return Nouns(executor.bound(tenant), *self._shared)
        if isinstance(executor, Bound) or (
            isinstance(executor, Transaction) and executor.tenant is not None
        ):
            raise TypeError("these nouns are for somebody already: ask those they were made from")
        return Nouns(Bound(executor, tenant), *self._shared)


class Database(Nouns):
    """An open database. Made by `Database.open`; one per process, used by all its tasks."""

    def __init__(self, replicas: Replicas, cursors: Cursors, keyring: Keyring | None) -> None:
        super().__init__(replicas.primary, cursors, keyring)
        self.pool = replicas.primary
        self.replicas = replicas
        self.health = Health(replicas)

    @classmethod
    def open(
        cls,
        dsn: str,
        *,
        keyring: Keyring | None = None,
        cursor_secret: bytes | None = None,
        settings: PoolSettings | None = None,
        replicas: str | None = None,
        plans: Path | None = None,
    ) -> AbstractAsyncContextManager[Self]:
        """Open a database for the time of an `async with` block.

        `keyring` encrypts Discord tokens; without one, keeping them is refused. `cursor_secret` signs page cursors;
        without one, cursors are good in this process only. `replicas` is a DSN of its own whose hosts `reading` reads
        from; they may be away. `plans` is the folder of proven plans that those of slow queries are compared with, by
        default the one that comes with the queries. Raises Unavailable when no server of `dsn` answers.
        """
        secret, proven = cursor_secret or new_token().encode(), Proven(plans or PLANS)
        return cls._open(dsn, keyring, secret, settings, replicas, proven=proven)

    @classmethod
    @asynccontextmanager
    async def _open(
        cls,
        dsn: str,
        keyring: Keyring | None,
        cursor_secret: bytes,
        settings: PoolSettings | None,
        replicas: str | None,
        *,
        proven: Proven,
    ) -> AsyncIterator[Self]:
        settings = settings or PoolSettings()
        async with plan_watch(dsn, settings, proven) as watch:
            log = SlowLog(settings.slow_query_every, watch)
            async with (
                Pool.open(dsn, settings, on_slow=log) as pool,
                Replicas.open(pool, replicas) as watched,
            ):
                yield cls(watched, Cursors(cursor_secret), keyring)

    async def position(self, seconds: float | None = None) -> Position:
        """Return the present end of the primary's log, which what was committed before is in: for `reading`.

        Its text is for whoever reads elsewhere. Raises Unavailable, and Timeout after `seconds`.
        """
        return await position(self.pool, seconds)

    def reading(self, after: Position | str | None = None) -> Nouns:
        """Give the nouns for reads that may be done by a replica: they show all that was kept at `after`.

        Without `after` they show the past, of no particular moment. What a replica cannot do in time, the primary does.
        Raises InvalidValue for an `after` that is no position; calls that write, and those whose queries are not
        declared for replicas, raise ReadOnly.
        """
        place = Position.parse(after) if isinstance(after, str) else after
        return Nouns(Reading(self.replicas, place), *self._shared)

    async def run(self, work: Callable[[Nouns], Awaitable[T]], **options: Any) -> T:
        """Run `work` with the nouns inside a transaction, and again when a deadlock or a conflict undid it.

        Whatever `work` does besides must bear being done again. Options are those of `Pool.run`: isolation,
        readonly, attempts, timeout. Raises OutcomeUnknown, and never repeats it, when the end of a commit was lost.
        """
        return await self.pool.run(
            lambda transaction: work(Nouns(transaction, *self._shared)), **options
        )
