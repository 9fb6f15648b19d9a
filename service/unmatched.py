"""Requests for which there is no route: the path is not known, or not with that method."""

from typing import Final, NoReturn

from aiohttp import web

from service.routes import Call

PATH: Final = "/{anything:.*}"
"""The last of all routes: what no other one takes."""


async def refuse(call: Call) -> NoReturn:
    """Raise what aiohttp raises where nothing is at the address, or nothing with that method."""
    request, allowed = call.request, set[str]()
    for resource in request.app.router.resources():
        if resource.canonical != "/{anything}":
            allowed |= (await resource.resolve(request))[1]
    if allowed:
        raise web.HTTPMethodNotAllowed(request.method, allowed)
    raise web.HTTPNotFound
