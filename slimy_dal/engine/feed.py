"""Sends much to a server: hands records to the driver, and knows how far it came when the line breaks."""

import asyncio
from asyncio import WriteTransport
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

__all__ = ["Feed", "Sending", "Source"]

T = TypeVar("T")


class Sending:
    """A call of the driver's that sends much, and would wait for ever for a broken line to take more."""

    def __init__(self) -> None:
        self._end: asyncio.Timeout | None = None

    def __bool__(self) -> bool:
        return self._end is not None

    async def wait(self, work: Awaitable[T]) -> T:
        """Wait for such a call. Raises ConnectionResetError after `stop`."""
        end = asyncio.timeout(None)
        try:
            async with end:
                self._end = end
                return await work
        except TimeoutError:
            if not end.expired():
                raise  # of the caller's own source
        finally:
            self._end = None
        raise ConnectionResetError

    def stop(self) -> None:
        """End the call, if there is one, in its own words where it has some."""
        end, self._end = self._end, None
        if end is not None:
            end.reschedule(0.0)


class Source:
    """The `records` of a caller; `failure` is what their iterator raised: the caller's own, not the driver's."""

    def __init__(self, records: Iterable[Sequence[Any]] | AsyncIterable[Sequence[Any]]) -> None:
        self.failure: Exception | None = None
        self.records = (
            self._later(records) if isinstance(records, AsyncIterable) else self._now(records)
        )

    def _now(self, records: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        try:
            yield from records
        except Exception as error:
            self.failure = error
            raise

    async def _later(self, records: AsyncIterable[Sequence[Any]]) -> AsyncIterator[Sequence[Any]]:
        try:
            async for record in records:
                yield record
        except Exception as error:
            self.failure = error
            raise


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
