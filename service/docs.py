"""The pages for readers: the API's documentation, which asks nothing of the outside, and one page per problem."""

import gzip
import html
from functools import cache
from importlib.resources import files
from typing import Final

from aiohttp import web

from service import problems
from service.auth import PUBLIC
from service.catalogue import CATALOGUE, KINDS, Kind
from service.problems import Refusal
from service.representation import takes_gzip
from service.routes import Call, Routes
from slimy_dal.engine.types import Json

routes = Routes("documentation", "This document, and what each problem means.")
pages = Routes("documentation", routes.description)
"""Apart, because an operator may switch them off."""

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


@routes.route("GET", "/problems/{code}", PUBLIC, "not_found", media="text/html")
async def problem(call: Call, *, code: str) -> web.Response:
    """Explain one problem: what it means and what to do.

    The `type` of a problem document leads here.
    """
    kind = CATALOGUE.get(code)
    if kind is None:
        raise Refusal("not_found", "there is no problem of this name: see /problems")
    return _page(call, f"{kind.title} ({kind.code})", _explained(kind))


@routes.route("GET", "/problems", PUBLIC, media="text/html")
async def list_problems(call: Call) -> web.Response:
    """List every problem this service can answer with."""
    rows = "".join(
        f'<tr><td><a href="problems/{kind.code}">{kind.code}</a></td><td>{kind.status}</td>'
        f"<td>{html.escape(kind.title)}</td></tr>"
        for kind in KINDS
    )
    return _page(call, "Problems", f"<table><tr><th>code<th>status<th>meaning{rows}</table>")


def _explained(kind: Kind) -> str:
    again = (
        "The same request may succeed later." if kind.retryable else "Repeating it does not help."
    )
    return (
        f"<p>HTTP status {kind.status}. {html.escape(kind.title)}.</p>"
        f"<p>What to do: {html.escape(kind.fix)}</p><p>{again}</p>"
        f"<p>Documents of this kind come as {problems.MEDIA_TYPE}.</p>"
    )


def _page(call: Call, title: str, body: str) -> web.Response:
    del call
    text = (
        f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<h1>{html.escape(title)}</h1>{body}</html>"
    )
    return web.Response(text=text, content_type="text/html")


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
