"""The only place that knows asyncpg: connecting, and one session with what the pool and the compiler need of it.

Below the public methods it uses a few names that asyncpg keeps to itself (`_protocol`, the
prepared statement's state): the public wrappers around them cost more than the rest of a call.
`requirements` pins the minor version, and the tests of this module fail when one of them moves.
"""

# ruff: noqa: ASYNC109 -- a timeout here is the driver's own timer, which also cancels on the server

import asyncio
import math
import time
from collections.abc import AsyncIterable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import asyncpg
from asyncpg.protocol.protocol import NO_TIMEOUT

from slimy_dal.engine import jsontext
from slimy_dal.engine.classify import classify
from slimy_dal.engine.errors import SlimyError
from slimy_dal.engine.statement import Statement

__all__ = ["NO_TIMEOUT", "Connection", "Notice", "Prepared", "connect"]

NEVER = math.inf
MOST_PREPARED = 1000
"""Per connection; a statement composed at run time has many shapes, the oldest give way."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A message of the server that is no error: a NOTICE, WARNING or LOG line."""

    severity: str
    sqlstate: str | None
    message: str
    detail: str | None
    hint: str | None
    source: str | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the server says about a statement: type OIDs of its parameters, names and type OIDs of its columns."""

    parameters: tuple[int, ...]
    columns: tuple[tuple[str, int], ...]


class Connection:
    """One session.

    `states` holds what was prepared on it; `deadline` the moment at which its running call is over,
    `expired` that this moment came; `retire_at` when the pool lets it go, `doubtful` that a commit
    was only local. `lost` becomes true when the session ends for whatever reason.
    """

    __slots__ = (
        "_cancelling",
        "_listeners",
        "_on_lost",
        "_protocol",
        "_raw",
        "bind_execute",
        "deadline",
        "doubtful",
        "expired",
        "idle_since",
        "lost",
        "opened_at",
        "retire_at",
        "states",
    )

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._protocol = raw._protocol  # noqa: SLF001 -- see the module's docstring
        self.bind_execute = self._protocol.bind_execute
        self.states: dict[Statement, Any] = {}
        self.opened_at = self.idle_since = time.monotonic()
        self.retire_at = NEVER
        self.deadline = NEVER
        self.expired = False
        self.doubtful = False
        self.lost = False
        self._cancelling: asyncio.Future[None] | None = None
        self._listeners: list[Callable[[Notice], None]] = []
        self._on_lost: Callable[[Connection], None] | None = None
        raw.add_termination_listener(self._ended)
        raw.add_log_listener(self._noticed)

    # -- for everyone ---------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def fetch(self, sql: str, *arguments: Any, timeout: float | None = None) -> list[Any]:
        """Run one statement and return its rows."""
        try:
            rows: list[Any] = await self._raw.fetch(sql, *arguments, timeout=timeout)
        except Exception as error:  # noqa: BLE001 -- the classifier knows every kind
            raise classify(error, reading=True) from None
        return rows

    async def execute(self, sql: str, *, timeout: float | None = None) -> str:
        """Run one or more statements without parameters; return the last one's status."""
        try:
            status: str = await self._raw.execute(sql, timeout=timeout)
        except Exception as error:  # noqa: BLE001
            raise classify(error) from None
        return status

    async def prepare(self, sql: str, *, timeout: float | None = None) -> Prepared:
        """Let the server analyse a statement, without keeping it, and return its description."""
        try:
            statement = await self._raw.prepare(sql, name="", timeout=timeout)
        except Exception as error:  # noqa: BLE001
            raise classify(error) from None
        return Prepared(
            tuple(kind.oid for kind in statement.get_parameters()),
            tuple((column.name, column.type.oid) for column in statement.get_attributes()),
        )

    def add_log_listener(self, listener: Callable[[Notice], None]) -> None:
        """Call `listener` for every message of the server that is no error."""
        self._listeners.append(listener)

    def server_version(self) -> tuple[int, int]:
        """Return major and minor version."""
        version = self._raw.get_server_version()
        return (version.major, version.minor)

    async def close(self, *, timeout: float = 2.0) -> None:
        """End the session in an orderly way, or cut it after `timeout` seconds."""
        try:
            await self._raw.close(timeout=timeout)
        except Exception:  # noqa: BLE001 -- closing what is broken already is no failure
            self._raw.terminate()

    # -- for the pool ---------------------------------------------------------------------------

    @property
    def pid(self) -> int:
        """The backend's process id."""
        return int(self._raw.get_server_pid())

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open on the server, sound or failed."""
        return bool(self._protocol.is_in_transaction())

    @property
    def busy(self) -> bool:
        """Whether a cancelled statement has not been answered yet."""
        return self._cancelling is not None or bool(self._protocol._is_cancelling())  # noqa: SLF001

    @property
    def usable(self) -> bool:
        """Whether the session is alive as far as this side knows."""
        return not self.lost and not self._raw.is_closed()

    def when_lost(self, callback: "Callable[[Connection], None] | None") -> None:
        """Call back once when the session ends."""
        self._on_lost = callback

    async def state_of(self, statement: Statement, timeout: float) -> Any:
        """Return the driver's prepared form of a statement, preparing it on first use."""
        state = self.states.get(statement)
        if state is not None:
            return state
        if len(self.states) >= MOST_PREPARED:
            self.forget(next(iter(self.states)))
        state = await self._raw._get_statement(  # noqa: SLF001
            statement.sql,
            timeout,
            named=self._raw._stmt_cache_enabled,  # noqa: SLF001
            use_cache=False,
        )
        state.attach()
        self.states[statement] = state
        return state

    def forget(self, statement: Statement) -> None:
        """Drop the prepared form of a statement; it is made anew when it is needed."""
        state = self.states.pop(statement, None)
        if state is not None:
            state.detach()
            self._raw._maybe_gc_stmt(state)  # noqa: SLF001

    async def command(self, sql: str) -> str:
        """Run BEGIN, COMMIT and the like; raises what the driver raises, for the caller to judge."""
        status: str = await self._protocol.query(sql, NO_TIMEOUT)
        return status

    async def bind_execute_many(self, state: Any, arguments: Sequence[Sequence[Any]]) -> None:
        """Run a statement for each sequence of arguments, all or none."""
        await self._protocol.bind_execute_many(state, arguments, "", NO_TIMEOUT, False)  # noqa: FBT003

    async def fetch_more(self, state: Any, portal: str, limit: int) -> tuple[list[Any], bool]:
        """Return the next rows of a portal, and whether they were its last."""
        rows, _, done = await self._protocol.execute(state, portal, limit, True, NO_TIMEOUT)  # noqa: FBT003
        return rows, done

    async def copy_in(
        self,
        table: tuple[str, str],
        columns: tuple[str, ...],
        records: Iterable[Sequence[Any]] | AsyncIterable[Sequence[Any]],
    ) -> int:
        """Load records by binary COPY and return their number."""
        status = await self._raw.copy_records_to_table(
            table[1], schema_name=table[0], columns=columns, records=records, timeout=NO_TIMEOUT
        )
        return int(status.rpartition(" ")[2])

    def expire(self) -> None:
        """End the running call's time: first ask the server to cancel it, the second time cut the line.

        The request is sent beside the driver's own bookkeeping, so that the call still receives
        the server's answer: a write that was faster than its cancellation is reported as done.
        """
        if self.expired:
            self.drop()
            return
        self.expired = True
        self._cancelling = asyncio.get_running_loop().create_future()
        self._raw._cancel_current_command(self._cancelling)  # noqa: SLF001

    async def settle(self, timeout: float) -> bool:
        """Bring the session back to rest after a cancelled or failed call; False if it must be dropped."""
        try:
            async with asyncio.timeout(timeout):
                if self._cancelling is not None:
                    await asyncio.shield(self._cancelling)
                    self._cancelling = None
                await self._protocol._wait_for_cancellation(timeout)  # noqa: SLF001
                if self.usable and self.in_transaction:
                    await self.command("ROLLBACK")
        except Exception:  # noqa: BLE001 -- whatever it is, the session is not to be trusted
            return False
        self.expired = False
        return self.usable

    def drop(self) -> None:
        """Cut the connection at once."""
        self.lost = True
        self.retire_at = -NEVER
        self._raw.terminate()

    def failure(self, error: BaseException, statement: Statement | None = None) -> SlimyError:
        """Return the error of our tree for what the driver raised."""
        if statement is None:
            return classify(error)
        names = tuple(parameter.name for parameter in statement.parameters)
        return classify(error, query=statement.name, parameters=names, reading=True)

    def _ended(self, _: Any) -> None:
        self.lost = True
        self.retire_at = -NEVER
        if self._on_lost is not None:
            self._on_lost(self)

    def _noticed(self, _: Any, message: Any) -> None:
        # After a cancelled wait for a synchronous standby the server reports success with a warning only.
        if message.server_source_function == "SyncRepWaitForLSN":
            self.doubtful = True
        if self._listeners:
            notice = Notice(
                str(message.severity_en or message.severity),
                message.sqlstate,
                str(message.message),
                message.detail,
                message.hint,
                message.server_source_function,
            )
            for listener in self._listeners:
                listener(notice)


async def connect(
    dsn: str,
    *,
    timeout: float = 10.0,
    command_timeout: float | None = None,
    settings: Mapping[str, str] | None = None,
    host: str | None = None,
    port: int | None = None,
    target: str | None = None,
    named_statements: bool = True,
) -> Connection:
    """Open one session.

    `settings` are server settings for its life; `host` and `port` override those of the DSN;
    `target` asks for a kind of server ("read-write", "standby"); `named_statements=False` keeps no
    prepared statement on the server, for PgBouncer in transaction mode.
    Raises Unavailable, TooManyConnections, PermissionDenied or SchemaMismatch (no such database).
    """
    options: dict[str, Any] = {
        "host": host,
        "port": port,
        "timeout": timeout,
        "command_timeout": command_timeout,
        "server_settings": dict(settings) if settings else None,
        "target_session_attrs": target,
        "statement_cache_size": 100 if named_statements else 0,
    }
    try:
        raw = await asyncpg.connect(dsn, **options)
    except Exception as error:  # noqa: BLE001
        raise classify(error, connecting=True) from None
    for name, encoder, decoder in (
        ("jsonb", jsontext.encode_jsonb, jsontext.decode_jsonb),
        ("json", jsontext.encode_json, jsontext.decode_json),
    ):
        await raw.set_type_codec(
            name, schema="pg_catalog", format="binary", encoder=encoder, decoder=decoder
        )
    return Connection(raw)
