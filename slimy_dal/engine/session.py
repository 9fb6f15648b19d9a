"""One server session as the pool sees it: preparing, cancelling, coming back to rest, being lost.

Works on the driver's connection object, which it is given; below that object's public methods it uses a few names
the driver keeps to itself (`_protocol`, the prepared statement's state), because the public wrappers cost more than
the rest of a call. The driver's version is pinned, and tests/test_driver.py fails when one of these names moves.
"""

# ruff: noqa: ASYNC109, SLF001 -- a timeout here also cancels on the server; private names: see above

import asyncio
import math
import time
from collections.abc import AsyncIterable, Callable, Iterable, Sequence
from typing import Any

from slimy_dal.engine.classify import classify, ended
from slimy_dal.engine.errors import ConnectionLost, InternalError, SlimyError
from slimy_dal.engine.feed import Feed, Sending
from slimy_dal.engine.notice import Notice
from slimy_dal.engine.origin import NOWHERE
from slimy_dal.engine.pooler import Pooler
from slimy_dal.engine.prepared import Preparing
from slimy_dal.engine.pulse import Address
from slimy_dal.engine.statement import Statement
from slimy_dal.engine.tenant import OWN_RIGHT, Tenant, become

__all__ = ["Session"]

NEVER = math.inf
NOTHING = "SELECT"
"""Asks for no column: a server must answer it, and the driver cannot read the answer to an empty statement."""
FAR = 86400.0
"""Seconds; a simple query takes no "never", and the pool's own watch is always nearer."""


class Session(Preparing):
    """One session.

    `states` holds what was prepared on it, `tenant_states` what was prepared for tenants: the server would plan a
    statement anew each time that its role changes. `tenant` is for whom the open transaction runs just now, None by
    the session's own right; `deadline` is the moment at which its running call is over, `expired` says that this moment
    came; `running` is that call's statement, begun at `since`, `owner` the task whose transaction is open, `evicted`
    says that the call was cancelled to make room; `retire` that the pool is to let it go (from `retire_at` on),
    `pending` that a statement was prepared for a call that was then refused, `doubtful` that a commit may be missing on
    the standby, `lost` that it ended. `sound` is false as soon as any of them asks for more than handing it to the next
    caller. `origin` is where it leads, `fellows` are all sessions of its pool, `generation` tells those that were
    replaced together.
    """

    __slots__ = (
        "_cancelling",
        "_forever",
        "_listeners",
        "_on_lost",
        "_protocol",
        "_sending",
        "bind_execute",
        "deadline",
        "doubtful",
        "evicted",
        "expired",
        "generation",
        "idle_since",
        "lost",
        "opened_at",
        "origin",
        "owner",
        "pending",
        "retire",
        "retire_at",
        "running",
        "since",
        "sound",
    )

    def __init__(self, raw: Any, forever: object, pooler: Pooler = "off") -> None:
        super().__init__(raw, pooler)
        self._forever = forever
        self._protocol = raw._protocol
        self.bind_execute = self._protocol.bind_execute
        self.opened_at = self.idle_since = time.monotonic()
        self.retire_at = self.deadline = NEVER
        self.sound = True
        self.running: Statement | None = None
        self.since = self.opened_at
        self.owner: asyncio.Task[Any] | None = None
        self.retire = self.expired = self.evicted = self.doubtful = self.lost = self.pending = False
        self.generation = 0
        self.origin = NOWHERE
        self._cancelling: asyncio.Future[None] | None = None
        self._sending = Sending()
        self._listeners: list[Callable[[Notice], None]] = []
        self._on_lost: Callable[[Any], None] | None = None
        raw.add_termination_listener(self._ended)
        raw.add_log_listener(self._noticed)

    @property
    def pid(self) -> int:
        """The backend's process id."""
        return int(self._raw.get_server_pid())

    @property
    def address(self) -> Address:
        """The other end of its line."""
        found: Address = self._raw._transport.get_extra_info("peername")
        return found

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open on the server, sound or failed."""
        return bool(self._protocol.is_in_transaction())

    @property
    def busy(self) -> bool:
        """Whether a cancelled statement has not been answered yet."""
        return self._cancelling is not None or bool(self._protocol._is_cancelling())

    @property
    def restless(self) -> bool:
        """Whether the server is still at what this session was last used for."""
        return self.expired or self.busy or self.in_transaction or self.pending

    @property
    def usable(self) -> bool:
        """Whether the session is alive as far as this side knows."""
        return not self.lost and not self._raw.is_closed()

    def when_lost(self, callback: Callable[[Any], None] | None) -> None:
        """Call back once when the session ends."""
        self._on_lost = callback

    async def command(self, sql: str) -> str:
        """Run BEGIN, COMMIT and the like; raises what the driver raises, for the caller to judge."""
        status: str = await self._protocol.query(sql, FAR)
        return status

    async def become(self, tenant: Tenant | None) -> None:
        """Let the rest of the open transaction run for a tenant, or by the session's own right."""
        self.tenant = "unknown"
        await self.command(OWN_RIGHT if tenant is None else become(tenant))
        self.tenant = tenant

    async def bind_execute_many(self, state: Any, arguments: Sequence[Sequence[Any]]) -> None:
        """Run a statement for each sequence of arguments, all or none."""
        await self._sending.wait(
            self._protocol.bind_execute_many(state, arguments, "", self._forever, False)  # noqa: FBT003
        )

    async def fetch_more(self, state: Any, portal: str, limit: int) -> tuple[list[Any], bool]:
        """Return the next rows of a portal, and whether they were its last."""
        rows, _, done = await self._protocol.execute(state, portal, limit, True, self._forever)  # noqa: FBT003
        return rows, done

    async def copy_in(
        self,
        table: tuple[str, str],
        columns: tuple[str, ...],
        records: Iterable[Sequence[Any]] | AsyncIterable[Sequence[Any]],
    ) -> int:
        """Load records by binary COPY and return their number.

        Raises ConnectionLost where the session ended before the end of the records was sent: nothing is kept then.
        """
        feed = Feed(records, self._raw._transport)
        try:
            status: str = await self._sending.wait(
                self._raw.copy_records_to_table(
                    table[1],
                    schema_name=table[0],
                    columns=columns,
                    records=feed.records,
                    timeout=self._forever,
                )
            )
        except Exception:
            if feed.ended or self.usable:
                raise
            words = "the connection broke before all was sent; nothing was kept"
            raise ConnectionLost(words) from None
        return int(status.rpartition(" ")[2])

    def expire(self) -> None:
        """End the running call's time: first ask the server to cancel it, the second time cut the line.

        The request is sent beside the driver's own bookkeeping, so that the call still receives
        the server's answer: a write that was faster than its cancellation is reported as done.
        """
        if self.expired or not self.usable:
            self.drop()
            return
        self.expired = True
        self.sound = False
        self._cancelling = asyncio.get_running_loop().create_future()
        self._raw._cancel_current_command(self._cancelling)

    def evict(self) -> None:
        """Ask the server to cancel the running call, so that others get the connection; nothing is cut for it."""
        if not self.expired and self.usable:
            self.evicted = True
            self.expire()

    async def rest(self, timeout: float) -> bool:
        """Wait until a cancelled call is over on the server too; False if the session must be dropped."""
        try:
            async with asyncio.timeout(timeout):
                if self._cancelling is not None:
                    await asyncio.shield(self._cancelling)
                    self._cancelling = None
                await self._protocol._wait_for_cancellation(timeout)
        except Exception:  # noqa: BLE001 -- whatever it is, the session is not to be trusted
            return False
        self.expired = False
        return self.usable

    async def come_to_rest(self, timeout: float) -> None:
        """Wait for the cancellation of a call that was faster, or cut the line: what comes next would be hit by it."""
        self.evicted = False
        if not await self.rest(timeout):
            self.drop()

    async def settle(self, timeout: float, *, ask: bool = False, undo: str = "ROLLBACK") -> bool:
        """Bring the session back to rest, `undo` what is open; False if it must be dropped, or is mute when asked."""
        try:
            async with asyncio.timeout(timeout):
                if (self.expired or self.busy) and not await self.rest(timeout):
                    return False
                if self.in_transaction:
                    await self.command(undo)
                elif ask or self.pending:
                    # What was prepared and not run is over with the next command.
                    await self.command(NOTHING)
                self.pending = False
        except Exception:  # noqa: BLE001 -- as above
            return False
        return self.usable

    def drop(self) -> None:
        """Cut the connection at once."""
        self.lost, self.sound = True, False
        if self._sending:
            self._raw._transport.abort()  # the driver's call must find the line to end in its own words
        else:
            self._raw.terminate()

    def failure(self, error: BaseException, statement: Statement | None = None) -> SlimyError:
        """Return the error of our tree for what the driver raised."""
        if ended(error):
            self.drop()  # or the next caller would get it
        if statement is None:
            failure = classify(error)
        else:
            names = tuple(parameter.name for parameter in statement.parameters)
            failure = classify(error, query=statement.name, parameters=names, reading=True)
        if isinstance(failure, InternalError) and failure.sqlstate is None and not self.usable:
            # The driver stumbles over what is left of a session that ended under it.
            return ConnectionLost("the connection broke", query=failure.query)
        return failure

    def _ended(self, _: Any) -> None:
        self.lost, self.sound = True, False
        self._sending.stop()
        if self._on_lost is not None:
            self._on_lost(self)

    def _noticed(self, _: Any, message: Any) -> None:
        # After a cancelled wait for a synchronous standby the server reports success with a warning only.
        if message.server_source_function == "SyncRepWaitForLSN":
            self.doubtful, self.sound = True, False
        for listener in self._listeners:
            listener(Notice.of(message))
