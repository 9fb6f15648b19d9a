"""The prepared statements of one session: under which names and texts, and for how long."""

# ruff: noqa: SLF001 -- as in session.py, which this is a part of

import itertools
import secrets
from typing import TYPE_CHECKING, Any, Literal

from slimy_dal.engine.pooler import Pooler, renew, text_of
from slimy_dal.engine.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Collection

    from slimy_dal.engine.tenant import Tenant

__all__ = ["Preparing"]

FAR = 86400.0
"""Seconds; preparing takes no "never", and the pool's own watch is always nearer."""

MOST_PREPARED = 1000
"""Per session; a statement composed at run time has many shapes, the oldest give way."""


class Preparing:
    """What a session has prepared; `raw` is the driver's connection."""

    __slots__ = (
        "_numbers",
        "_pooler",
        "_raw",
        "_token",
        "fellows",
        "states",
        "tenant",
        "tenant_states",
    )

    def __init__(self, raw: Any, pooler: Pooler) -> None:
        self._raw = raw
        self._pooler: Pooler = pooler
        # Like no other session's anywhere: where a pooler gives a session of the server to many, a name that two
        # of them use would be somebody else's statement.
        self._token = secrets.token_hex(4)
        self._numbers = itertools.count(1)
        self.states: dict[Statement, Any] = {}
        self.tenant_states: dict[Statement, Any] = {}
        self.tenant: Tenant | Literal["unknown"] | None = None
        self.fellows: Collection[Preparing] = (self,)

    @property
    def shared(self) -> bool:
        """Whether a session runs what others prepared, and what it prepared itself on other sessions of the server."""
        return self._pooler == "prepared"

    async def state_of(self, statement: Statement) -> Any:
        """Return the driver's prepared form of a statement, preparing it on first use; the pool's watch ends that."""
        states = self.states if self.tenant is None else self.tenant_states
        state = states.get(statement)
        if state is not None:
            return state
        if len(states) >= MOST_PREPARED:
            self._forget(next(iter(states)))
        sql, name = statement.sql, f"slimy_{self._token}_{next(self._numbers):x}"
        if self._pooler == "plain":
            name = ""
        elif self.shared:
            sql = text_of(sql)
        state = await self._raw._get_statement(sql, FAR, named=name, use_cache=False)
        state.attach()
        # What is parsed anew at each call must be described anew too, or a migration would let it be misread.
        if name:
            states[statement] = state
        return state

    def forget(self, statement: Statement) -> None:
        """Drop the prepared forms that the pool's sessions have of a statement; they are made anew when needed.

        What made one of them void, a migration, did so to all: who tries again must not meet the next.
        """
        if self.shared:
            known = [states.get(statement) for states in (self.states, self.tenant_states)]
            for text in [state.query for state in known if state] or [text_of(statement.sql)]:
                renew(statement.sql, text)
        for session in (self, *self.fellows):
            session._forget(statement)

    def _forget(self, statement: Statement) -> None:
        for states in (self.states, self.tenant_states):
            state = states.pop(statement, None)
            if state is not None:
                state.detach()
                self._raw._maybe_gc_stmt(state)
