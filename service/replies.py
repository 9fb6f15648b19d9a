"""Makes the response of what a handler returned, by the type that its signature promises."""

from typing import Any, get_args, get_origin

from aiohttp import web

from service import representation, wire
from service.bodies import JSON
from service.routes import Created, Versioned
from slimy_dal.engine.types import Page


class Reply:
    """Makes the response of one thing."""

    status = 200

    def __init__(self, shape: wire.Shape | None) -> None:
        self.shape = shape

    def make(self, request: web.Request, value: Any) -> web.StreamResponse:  # noqa: ARG002 -- pages need it
        """Return the response of a value."""
        assert self.shape is not None  # noqa: S101 -- only _Own and _Nothing have none
        body = self.shape.encode(value)
        headers = {"ETag": representation.tag(value, body)}
        return web.Response(body=body, content_type=JSON, headers=headers)


class _Nothing(Reply):
    status = 204

    def make(self, request: web.Request, value: Any) -> web.StreamResponse:  # noqa: ARG002
        return web.Response(status=204)


class _Own(Reply):
    def make(self, request: web.Request, value: Any) -> web.StreamResponse:  # noqa: ARG002
        response: web.StreamResponse = value
        return response


class _Made(Reply):
    status = 201

    def make(self, request: web.Request, value: Any) -> web.StreamResponse:  # noqa: ARG002
        assert self.shape is not None  # noqa: S101 -- Created[T] has a T
        body = self.shape.encode(value.value)
        headers = {"Location": value.location, "ETag": representation.tag(value.value, body)}
        return web.Response(status=201, body=body, content_type=JSON, headers=headers)


class _Versioned(Reply):
    def make(self, request: web.Request, value: Any) -> web.StreamResponse:  # noqa: ARG002
        assert self.shape is not None  # noqa: S101 -- Versioned[T] has a T
        body = self.shape.encode(value.value)
        headers = {"ETag": representation.tag(value, body)}
        return web.Response(body=body, content_type=JSON, headers=headers)


class Paged(Reply):
    """Makes the response of one page of a list."""

    def make(self, request: web.Request, value: Any) -> web.StreamResponse:
        """Return the response of a page, with links to those beside it."""
        response = super().make(request, value)
        links = [
            f'<{request.rel_url.update_query(cursor=cursor)}>; rel="{relation}"'
            for relation, cursor in (("next", value.next_cursor), ("prev", value.prev_cursor))
            if cursor is not None
        ]
        if links:
            response.headers["Link"] = ", ".join(links)
        return response


def reply(returns: Any, published: Any) -> Reply:
    """Return what makes the responses of a handler that returns this; `published`: the type, where it makes its own."""
    if returns is type(None) or returns is None:
        return _Nothing(None)
    if isinstance(returns, type) and issubclass(returns, web.StreamResponse):
        return _Own(wire.shape(published) if published else None)
    if get_origin(returns) is Created:
        return _Made(wire.shape(get_args(returns)[0]))
    if get_origin(returns) is Versioned:
        return _Versioned(wire.shape(get_args(returns)[0]))
    if get_origin(returns) is Page:
        return Paged(wire.page(get_args(returns)[0]))
    return Reply(wire.shape(returns))
