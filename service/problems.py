"""The document a refusal is answered with (RFC 9457), and the exception that asks for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import msgspec

from service.catalogue import CATALOGUE, Kind

MEDIA_TYPE = "application/problem+json"

Place = Literal["body", "query", "path", "header", "check"]


class FieldError(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that is wrong in what was sent; it never repeats the value."""

    code: str
    """A word for machines: `required`, `unknown_field`, `too_long`, …"""
    detail: str
    """One sentence for people."""
    place: Place = msgspec.field(name="in")
    """Which part of the request; `check` where it is about the service itself."""
    pointer: str | None = None
    """RFC 6901 pointer into the body; `` is the whole body."""
    name: str | None = None
    """The parameter or header, where it is not the body."""


class Problem(msgspec.Struct, frozen=True, rename="camel"):
    """A problem as it goes out."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str
    retryable: bool
    errors: list[FieldError]


@dataclass(slots=True)
class Refusal(Exception):
    """Ends a request with a problem of the catalogue; raised anywhere, answered by the pipeline."""

    code: str
    detail: str
    errors: Sequence[FieldError] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None
    """Only where another protocol's status is passed on; the catalogue's otherwise."""

    @property
    def kind(self) -> Kind:
        """The catalogue's entry of this problem."""
        return CATALOGUE[self.code]


RETRY_AFTER: Final = "1"
"""Seconds, where nobody knows better."""

EXAMPLE: Final = "5cd3804b60ef4098ab8f3f820d8ba805"
"""The request id of example documents."""

_encode = msgspec.json.Encoder().encode


def render(refusal: Refusal, request_id: str) -> tuple[int, bytes]:
    """Return the status and the JSON document of a refusal."""
    document = problem(refusal, request_id)
    return document.status, _encode(document)


def headers(refusal: Refusal) -> dict[str, str]:
    """Return the headers of a refusal's answer: its own, and when to come again where that helps."""
    known = {"Retry-After": RETRY_AFTER} if refusal.kind.retry == "after" else {}
    return {**known, **refusal.headers}


def example(kind: Kind) -> Problem:
    """Return a document of this kind, as pages show it."""
    errors = msgspec.convert(kind.errors, list[FieldError])
    return problem(Refusal(kind.code, kind.detail, errors), EXAMPLE)


def problem(refusal: Refusal, request_id: str) -> Problem:
    """Return the document of a refusal."""
    kind = refusal.kind
    return Problem(
        type=f"/problems/{kind.code}",
        title=kind.title,
        status=refusal.status or kind.status,
        detail=refusal.detail,
        instance=f"urn:slimy:request:{request_id}",
        code=kind.code,
        request_id=request_id,
        retryable=kind.retryable,
        errors=list(refusal.errors),
    )


def in_body(pointer: str, code: str, detail: str) -> FieldError:
    """Return an entry about a field of the body."""
    return FieldError(code=code, detail=detail, place="body", pointer=pointer)


def missing_reference(where: str, thing: str) -> Refusal:
    """Return the refusal of a body that refers, at the pointer `where`, to a thing that is not there."""
    detail = f"there is no such {thing}"
    return Refusal("missing_reference", detail, [in_body(where, "missing_reference", detail)])


def in_parameter(
    place: Literal["query", "path", "header"], name: str, code: str, detail: str
) -> FieldError:
    """Return an entry about a parameter or header."""
    return FieldError(code=code, detail=detail, place=place, name=name)


def pointer(parts: Sequence[str | int]) -> str:
    """Return the RFC 6901 pointer of a path of keys and positions."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)
