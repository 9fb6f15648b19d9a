"""Exports: as many rows as there are, one line of JSON each, and a last line that proves the end."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, Generic, TypeVar

import msgspec

from slimy_dal.client.problems import Lost, Unreadable
from slimy_dal.client.request import Operation
from slimy_dal.client.transport import Transport

T = TypeVar("T")


class _End(msgspec.Struct, forbid_unknown_fields=True):
    end: bool
    rows: int


class Lines(Generic[T]):
    """The rows of an export, read as they come. It is never asked for twice by itself.

    Iterating ends where all rows came; it raises Lost where the service or the wire broke off before.
    """

    __slots__ = ("_given", "_operation", "_transport")

    def __init__(self, transport: Transport, operation: Operation[T], **given: Any) -> None:
        self._transport = transport
        self._operation = operation
        self._given = given

    async def __aiter__(self) -> AsyncIterator[T]:
        rest, rows = b"", 0
        async with aclosing(self._transport.stream(self._operation, **self._given)) as pieces:
            async for piece in pieces:
                *lines, rest = (rest + piece).split(b"\n")
                for line in lines:
                    if _end(line) == rows:
                        return
                    yield self._row(line)
                    rows += 1
        raise Lost(f"{self._operation.id}: cut off after {rows} rows", request_id="")

    def _row(self, line: bytes) -> T:
        try:
            return self._operation.decode(line, {})
        except msgspec.MsgspecError as error:
            text = f"{self._operation.id}: a line is not what this release of the client knows"
            raise Unreadable(text, request_id="") from error


def _end(line: bytes) -> int | None:
    """Return how many rows a last line speaks of; None for a row."""
    if not line.startswith(b'{"end":'):
        return None
    try:
        found = msgspec.json.decode(line, type=_End)
    except msgspec.MsgspecError:
        return None
    return found.rows
