"""Reads answers off a connection, and says what is wrong with them."""

import asyncio
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import ValidationError  # type: ignore[import-untyped]
from multidict import CIMultiDict, CIMultiDictProxy

from service.catalogue import CATALOGUE
from tests.service.conftest import Answer, Documented
from tests.service.fuzz.mutations import Sent

OUTSIDE = {
    "no_such_route",
    "method_not_allowed",
    "bad_request",
    "uri_too_long",
    "headers_too_large",
}
"""Problems that belong to no operation."""
EXPECTED = {501, 503, 504}
"""What may be the service's side of it, where the document says so."""
SAMPLED = 0.05
"""Successes whose body is held against its schema; all refusals are."""


@dataclass
class Line:
    """One connection, opened again when the service has closed it."""

    address: tuple[str, int]
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None

    async def ask(self, sent: Sent) -> Answer:
        """Send a request and return its answer. Raises OSError, EOFError and TimeoutError where none comes."""
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection(*self.address)
        assert self.reader is not None
        self.writer.write(sent.content)
        async with asyncio.timeout(30):
            answer = await _answer(self.reader, sent.method)
        if answer.headers["Connection"].lower() == "close":
            self.close()
        return answer

    def close(self) -> None:
        """Hang up."""
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


async def _answer(reader: asyncio.StreamReader, method: str) -> Answer:
    while True:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")[:-2]
        status = int(first.split(" ")[1])
        if status != 100:
            break
    headers = CIMultiDict(
        [(name, value.strip()) for name, _, value in (one.partition(":") for one in lines)]
    )
    headers.setdefault("Connection", "close" if first.startswith("HTTP/1.0") else "keep-alive")
    if method == "HEAD" or status in {204, 304}:
        content = b""
    elif headers.get("Transfer-Encoding", "").lower() == "chunked":
        content = await _chunks(reader)
    else:
        content = await reader.readexactly(int(headers["Content-Length"]))
    return Answer(status, CIMultiDictProxy(headers), content)


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    found = b""
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        found += (await reader.readexactly(size + 2))[:-2]
    await reader.readuntil(b"\r\n")
    return found


class Judge:
    """Holds answers against the document."""

    def __init__(self, document: Mapping[str, Any], seed: int) -> None:
        self._documented = Documented(document)
        self._rng = random.Random(seed)

    def fault(self, sent: Sent, answer: Answer) -> str | None:
        """Return in words what is wrong with an answer; None: nothing."""
        if "X-Request-Id" not in answer.headers:
            return "no X-Request-Id"
        path = sent.target.partition("?")[0]
        method = "GET" if sent.method == "HEAD" else sent.method
        operation = self._documented.operation(method, path)
        if answer.status < 400:
            return self._success(sent, answer, operation, path)
        code, wrong = (None, None) if sent.method == "HEAD" else _problem(answer)
        return wrong or self._refusal(answer.status, code, operation)

    def _refusal(self, status: int, code: str | None, operation: Any) -> str | None:
        if code in OUTSIDE or (operation is None and code is None):
            return None
        if operation is None:
            return f"{code} where there is no operation"
        response = operation["responses"].get(str(status))
        if response is None or (status >= 500 and status not in EXPECTED):
            return f"status {status} is not to be expected"
        if code is not None and code not in self._documented.resolved(response)["x-codes"]:
            return f"{code} is not documented"
        return None

    def _success(self, sent: Sent, answer: Answer, operation: Any, path: str) -> str | None:
        if operation is None or str(answer.status) not in operation["responses"]:
            return f"status {answer.status} is not documented"
        if answer.headers.get("Content-Encoding") or self._rng.random() > SAMPLED:
            return None
        try:
            self._documented.check(sent.method, path, answer)
        except (AssertionError, ValidationError) as error:
            return f"not as documented: {str(error)[:500]}"
        return None


def _problem(answer: Answer) -> tuple[str | None, str | None]:
    """Return a problem's code, and what is wrong with the document."""
    if answer.headers.get("Content-Type") != "application/problem+json":
        return (
            None,
            f"status {answer.status} without a problem: {answer.headers.get('Content-Type')}",
        )
    document = json.loads(answer.content)
    kind = CATALOGUE.get(document["code"])
    if kind is None:
        return None, f"{document['code']} is not in the catalogue"
    if kind.status != answer.status and kind.code != "bad_request":
        return None, f"{kind.code} with status {answer.status}"
    if (
        document["requestId"] != answer.headers["X-Request-Id"]
        or document["status"] != answer.status
    ):
        return None, "the problem and its headers differ"
    return kind.code, None
