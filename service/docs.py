"""The pages for readers: the API's documentation, which asks nothing of the outside, and one page per problem."""

import gzip
import html
import json
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec
from aiohttp import web

from service import problems, wire
from service.auth import PUBLIC
from service.bodies import JSON
from service.catalogue import ADVICE, CATALOGUE, KINDS, Kind, Retry
from service.problems import Problem, Refusal
from service.representation import preferred, takes_gzip
from service.routes import Call, Routes
from slimy_dal.engine.types import Json

routes = Routes("documentation", "This document, and what each problem means.")
pages = Routes("documentation", routes.description)
"""Apart, because an operator may switch them off."""

HTML: Final = "text/html"
TYPES: Final = {"js": "text/javascript", "css": "text/css", "html": "text/html"}
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Inline styles are Swagger UI's; scripts come from here only."""


@routes.route("GET", "/openapi.json", PUBLIC, shape=dict[str, Json])
async def openapi(call: Call) -> web.Response:
    """Return this document."""
    return web.Response(body=call.state.document, content_type="application/json")


class Explanation(msgspec.Struct, frozen=True, rename="camel"):
    """What a problem means, and what to do about it."""

    code: str
    status: int
    title: str
    cause: str
    remedy: str
    retry: Retry
    """Whether and how to repeat the same request: `after` is after the seconds of Retry-After, `read_first` only when
    the state shows that it was not done."""
    advice: str
    """The same in a sentence."""
    retryable: bool
    example: Problem


EXPLANATION: Final = wire.shape(Explanation)
EXPLANATIONS: Final = wire.shape(list[Explanation])


@routes.route(
    "GET",
    "/problems/{code}",
    PUBLIC,
    "not_found",
    media="text/html",
    also_media=(JSON,),
    shape=Explanation,
)
async def problem(call: Call, *, code: str) -> web.Response:
    """Explain one problem: its causes, its remedy, whether and how to repeat the request.

    The `type` of a problem document leads here. A page for browsers, JSON with `Accept: application/json`.
    """
    kind = CATALOGUE.get(code)
    if kind is None:
        raise Refusal("not_found", "there is no problem of this name: see /problems")
    if _wants_json(call):
        return _answer(EXPLANATION.encode(_explanation(kind)), JSON)
    return _page(f"{kind.title} ({kind.code})", _explained(kind))


@routes.route(
    "GET", "/problems", PUBLIC, media="text/html", also_media=(JSON,), shape=list[Explanation]
)
async def list_problems(call: Call) -> web.Response:
    """List every problem this service can answer with, as a page or as JSON."""
    if _wants_json(call):
        return _answer(EXPLANATIONS.encode([_explanation(kind) for kind in KINDS]), JSON)
    rows = "".join(
        f'<tr><td><a href="problems/{kind.code}">{kind.code}</a></td><td>{kind.status}</td>'
        f"<td>{html.escape(kind.title)}</td><td>{kind.retry}</td></tr>"
        for kind in KINDS
    )
    head = "<tr><th>code<th>status<th>meaning<th>repeat it?"
    return _page("Problems", f"<table>{head}{rows}</table>")


def _wants_json(call: Call) -> bool:
    accept = ", ".join(call.request.headers.getall("Accept", ()))
    # Whoever takes neither has still more of a page than of a refusal.
    return preferred(accept, [HTML, JSON]) == JSON


def _explanation(kind: Kind) -> Explanation:
    return Explanation(
        code=kind.code,
        status=kind.status,
        title=kind.title,
        cause=kind.cause,
        remedy=kind.remedy,
        retry=kind.retry,
        advice=ADVICE[kind.retry],
        retryable=kind.retryable,
        example=problems.example(kind),
    )


def _explained(kind: Kind) -> str:
    example = json.dumps(msgspec.to_builtins(problems.example(kind)), indent=2, ensure_ascii=False)
    parts = {"Cause": kind.cause, "What to do": kind.remedy, "Again?": ADVICE[kind.retry]}
    return (
        f"<p>HTTP status {kind.status}.</p>"
        + "".join(f"<h2>{name}</h2><p>{html.escape(text)}</p>" for name, text in parts.items())
        + f"<h2>Example ({problems.MEDIA_TYPE})</h2><pre>{html.escape(example)}</pre>"
    )


def _answer(body: bytes, media: str) -> web.Response:
    charset = "utf-8" if media == HTML else None
    return web.Response(
        body=body, content_type=media, charset=charset, headers={"Vary": "Accept, Accept-Encoding"}
    )


def _page(title: str, body: str) -> web.Response:
    text = (
        f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<h1>{html.escape(title)}</h1>{body}</html>"
    )
    return _answer(text.encode(), HTML)


@pages.route("GET", "/docs", PUBLIC, media="text/html")
async def documentation(call: Call) -> web.Response:
    """Show this document as a page."""
    return _asset(call, "docs.html")


@pages.route("GET", "/docs/swagger-ui.css", PUBLIC, media="text/css")
async def stylesheet(call: Call) -> web.Response:
    """Return the page's style."""
    return _asset(call, "swagger-ui.css")


@pages.route("GET", "/docs/swagger-ui-bundle.js", PUBLIC, media="text/javascript")
async def bundle(call: Call) -> web.Response:
    """Return the program that draws the page."""
    return _asset(call, "swagger-ui-bundle.js")


@pages.route("GET", "/docs/docs.js", PUBLIC, media="text/javascript")
async def script(call: Call) -> web.Response:
    """Return what starts that program."""
    return _asset(call, "docs.js")


@cache
def _bytes(name: str, *, compressed: bool) -> bytes:
    """Return a file of ours; compressed once, because the largest takes a tenth of a second."""
    data = (files("service") / "static" / name).read_bytes()
    return gzip.compress(data, mtime=0) if compressed else data


def _asset(call: Call, name: str) -> web.Response:
    compressed = takes_gzip(call.request.headers.get("Accept-Encoding", ""))
    headers = {
        "Content-Security-Policy": POLICY,
        "Cache-Control": "public, max-age=3600",
        "Vary": "Accept-Encoding",
    }
    if compressed:
        headers["Content-Encoding"] = "gzip"
    body, kind = _bytes(name, compressed=compressed), TYPES[name.rpartition(".")[2]]
    return web.Response(body=body, content_type=kind, charset="utf-8", headers=headers)
