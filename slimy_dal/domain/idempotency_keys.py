"""Idempotency keys: what a request was answered, kept in the transaction that did its work (SPEC H1)."""

import msgspec

from slimy_dal.engine.statement import Executor
from slimy_dal.queries import idempotency_keys as queries
from slimy_dal.queries.idempotency_keys import Answer

__all__ = ["Answer", "Claim", "IdempotencyKeys"]


class Claim(msgspec.Struct, frozen=True):
    """What became of an attempt to take a key."""

    is_mine: bool
    """The work is the caller's to do, in this transaction."""
    answer: Answer | None
    """What the key was answered before; None too while somebody else is at work with it."""


class IdempotencyKeys:
    """Everything about idempotency keys, over one executor: a transaction, or what they promise does not hold."""

    __slots__ = ("_executor",)

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def claim(self, caller: str, key: str, request_hash: bytes) -> Claim:
        """Take a key until the transaction ends, without waiting for whoever has it.

        Keys live for a day; `caller` is `key:<id>` or `user:<id>`, `request_hash` the SHA-256 of the request. Raises
        CheckViolated (key).
        """
        row = await queries.claim(self._executor, caller=caller, key=key, request_hash=request_hash)
        if row.is_claimed or not row.is_free:
            return Claim(row.is_claimed, None)
        return Claim(
            is_mine=False, answer=await queries.find(self._executor, caller=caller, key=key)
        )

    async def complete(
        self, caller: str, key: str, *, status: int, location: str | None, body: bytes | None
    ) -> None:
        """Keep what a claimed key was answered, at most 4 MiB. Raises CheckViolated (body)."""
        await queries.complete(
            self._executor, caller=caller, key=key, status=status, location=location, body=body
        )
