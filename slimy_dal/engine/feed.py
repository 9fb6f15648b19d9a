"""Hands records to the driver and knows whether it took the last: only then is the end of a COPY sent."""

from asyncio import WriteTransport
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Sequence
from typing import Any

__all__ = ["Feed"]


class Feed:
    """The `records` of one COPY; `ended` says that all were taken, and that the end may have gone out after them."""

    def __init__(
        self,
        records: Iterable[Sequence[Any]] | AsyncIterable[Sequence[Any]],
        line: WriteTransport,
    ) -> None:
        self.ended = False
        self._line = line
        self.records = (
            self._later(records) if isinstance(records, AsyncIterable) else self._now(records)
        )

    def _now(self, records: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        yield from records
        self._end()

    async def _later(self, records: AsyncIterable[Sequence[Any]]) -> AsyncIterator[Sequence[Any]]:
        async for record in records:
            yield record
        self._end()

    def _end(self) -> None:
        # A line that is closing and has nothing left to send takes no more: the end gets no further than to it.
        self.ended = not self._line.is_closing() or self._line.get_write_buffer_size() > 0
