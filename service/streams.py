"""Answers without an end in sight: sent piece by piece as fast as they are read, with a proof of their end."""

import asyncio
import csv
import io
import logging
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from aiohttp import web

from service import logs, representation, wire
from service.problems import Refusal
from service.routes import Call
from slimy_dal.engine.errors import SlimyError

NDJSON: Final = "application/x-ndjson"
CSV: Final = "text/csv"
PIECE: Final = 64 * 1024
"""Bytes handed to the connection at once: what a reader who pauses leaves in memory, beside one page of rows."""

BUSY_FOR: Final = "5"
"""Seconds after which an export is worth another try."""

Pages = AsyncGenerator[Sequence[Any], None]


@dataclass(frozen=True, slots=True)
class Form:
    """How rows are written."""

    media: str
    suffix: str
    head: Callable[[wire.Shape], bytes]
    rows: Callable[[wire.Shape, Sequence[Any]], bytes]
    end: Callable[[int], bytes]
    """The last line; without it, the stream was cut."""


def _lines(shape: wire.Shape, rows: Sequence[Any]) -> bytes:
    return b"".join(shape.encode(row) + b"\n" for row in rows)


def _csv_head(shape: wire.Shape) -> bytes:
    return _csv([[field.encode_name for field in msgspec.structs.fields(shape.type)]])


def _csv_rows(shape: wire.Shape, rows: Sequence[Any]) -> bytes:
    # By way of JSON, so that both forms say the same of ids, times and all the rest.
    return _csv(
        [_cell(value) for value in msgspec.json.decode(shape.encode(row)).values()] for row in rows
    )


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else wire.encode(value).decode()


def _csv(rows: Any) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


FORMS: Final = (
    Form(NDJSON, "ndjson", lambda _: b"", _lines, lambda rows: b'{"end":true,"rows":%d}\n' % rows),
    Form(CSV, "csv", _csv_head, _csv_rows, lambda rows: b"#end,%d\r\n" % rows),
)


def chosen(accept: str) -> Form:
    """Return the form that an Accept header likes best. Raises Refusal("not_acceptable")."""
    media = representation.preferred(accept, [form.media for form in FORMS])
    if media is None:
        detail = f"this comes as {' or '.join(form.media for form in FORMS)}"
        raise Refusal("not_acceptable", detail)
    return next(form for form in FORMS if form.media == media)


class Stream(web.StreamResponse):
    """All rows of an export. What goes wrong on the way breaks the connection off: it never looks like an end."""

    def __init__(self, call: Call, form: Form, shape: wire.Shape, pages: Pages, name: str) -> None:
        super().__init__(
            headers={
                "Content-Type": f"{form.media}; charset=utf-8",
                "Content-Disposition": f'attachment; filename="{name}.{form.suffix}"',
                "Vary": "Accept, Accept-Encoding, Authorization",
            }
        )
        request = call.request
        if request.method != "HEAD" and representation.takes_gzip(
            request.headers.get("Accept-Encoding", "")
        ):
            self.enable_compression(web.ContentCoding.gzip)
        self._call, self._form, self._shape, self._pages = call, form, shape, pages
        self._rows = 0
        self.ended: Callable[[], None] = _nobody
        """Called once nothing more is sent: until then, it is a request under way."""

    async def prepare(self, request: web.BaseRequest) -> Any:
        """Send the headers."""
        try:
            return await super().prepare(request)
        except BaseException:
            self.ended()
            raise

    async def write_eof(self, data: bytes = b"") -> None:
        """Send everything: aiohttp calls it when the headers are out, and no request's deadline runs any more."""
        try:
            await self._send_all(data)
        finally:
            self.ended()

    async def _send_all(self, data: bytes) -> None:
        settings, started = self._call.state.settings, time.perf_counter()
        async with aclosing(self._pages):
            if self._call.request.method == "HEAD":
                await super().write_eof(data)
                return
            problem = None
            try:
                async with asyncio.timeout(settings.export_timeout):
                    await self._send(settings.reader_patience)
            except SlimyError as error:
                problem = f"{type(error).__name__}: {error.message}"
            except TimeoutError:
                problem = "it took too long, or its reader did"
            logs.event(
                logging.INFO if problem is None else logging.WARNING,
                "an export ended" if problem is None else f"an export was cut off: {problem}",
                requestId=self._call.request_id,
                rows=self._rows,
                milliseconds=round((time.perf_counter() - started) * 1000),
            )
        if problem is None:
            await super().write_eof(data)
        elif (transport := self._call.request.transport) is not None:
            transport.abort()

    async def _send(self, patience: float) -> None:
        form, shape = self._form, self._shape
        await self._piece_by_piece(form.head(shape), patience)
        async for rows in self._pages:
            await self._piece_by_piece(form.rows(shape, rows), patience)
            self._rows += len(rows)
        await self._piece_by_piece(form.end(self._rows), patience)

    async def _piece_by_piece(self, data: bytes, patience: float) -> None:
        for start in range(0, len(data), PIECE):
            async with asyncio.timeout(patience):
                await self.write(data[start : start + PIECE])


def _nobody() -> None:
    """Be told of the end where nobody asked for it."""


async def stream(call: Call, row: Any, pages: Pages, name: str) -> Stream:
    """Return the answer that sends all pages. The first is read at once: what fails then is a problem as ever.

    Raises Refusal for more exports than are sent at once, and for an Accept header that no form satisfies.
    """
    form, state = chosen(", ".join(call.request.headers.getall("Accept", ()))), call.state
    if state.exports >= state.settings.max_exports:
        detail = "as many exports as this process sends at once are under way"
        raise Refusal("overloaded", detail, headers={"Retry-After": BUSY_FOR})
    counted = _counted(call, pages)
    first = await anext(counted)
    return Stream(call, form, wire.shape(row), _beginning_with(first, counted), name)


async def _counted(call: Call, pages: Pages) -> Pages:
    call.state.exports += 1
    try:
        async with aclosing(pages):
            async for page in pages:
                yield page
    finally:
        call.state.exports -= 1


async def _beginning_with(first: Sequence[Any], rest: Pages) -> Pages:
    async with aclosing(rest):
        yield first
        async for page in rest:
            yield page
