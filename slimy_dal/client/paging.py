"""Lists that come in pages: one page when awaited, every entry when iterated over."""

from collections.abc import AsyncIterator, Generator, Mapping
from typing import Any, Generic, TypeVar

from slimy_dal.client.problems import Unreadable
from slimy_dal.client.request import Operation
from slimy_dal.client.transport import Transport
from slimy_dal.client.values import Page

T = TypeVar("T")


class Pages(Generic[T]):
    """A list of the service.

    `await` gives one page, `async for` every entry from there on, `.pages()` every page. One page at a time is in
    memory, whatever the length of the list.
    """

    __slots__ = ("_count", "_operation", "_path", "_query", "_transport")

    def __init__(
        self,
        transport: Transport,
        operation: Operation[Page[T]],
        *,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, Any],
        count: str | None = None,
    ) -> None:
        self._transport = transport
        self._operation = operation
        self._path = path
        self._query = query
        self._count = count

    def __await__(self) -> Generator[Any, None, Page[T]]:
        return self._page(self._query["cursor"]).__await__()

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for entry in page.data:
                yield entry

    async def pages(self) -> AsyncIterator[Page[T]]:
        """Yield this page and all after it."""
        cursor: str | None = self._query["cursor"]
        while True:
            page = await self._page(cursor)
            yield page
            if page.next_cursor is None:
                return
            if page.next_cursor == cursor:
                # A list that never ends would be read for ever.
                raise Unreadable(f"{self._operation.id}: a page leads to itself", request_id="")
            cursor = page.next_cursor

    async def _page(self, cursor: str | None) -> Page[T]:
        query = {**self._query, "cursor": cursor}
        return await self._transport.call(
            self._operation, path=self._path, query=query, count=self._count
        )
