"""How a write is done: once for its key, with its audit row, within its caller's bounds, all in one transaction."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from service import audits, idempotency_keys
from service.routes import Call, Route
from slimy_dal.domain.database import Nouns

Work = Callable[[], Awaitable[web.StreamResponse]]


class _Undone(Exception):
    def __init__(self, response: web.StreamResponse) -> None:
        super().__init__()
        self.response = response


async def done(call: Call, route: Route, body: Any, work: Work) -> web.StreamResponse:
    """Return the response of `work`: its own, or, for a key that was used before, the one it had then.

    Raises what `work` raises, and Refusal for a key that cannot be honoured; nothing is kept then.
    """
    key = idempotency_keys.key_of(call, route)

    async def effect() -> web.StreamResponse:
        response = await work()
        if route.audit:
            await audits.record(call, route, body, response)
        if call.prefer.rolls_back:
            raise _Undone(response)
        return response

    try:
        if key is not None:
            return await idempotency_keys.once(call, key, effect)
        if route.audit or call.prefer.needs_transaction:
            return await _in_one(call, effect)
        return await effect()
    except _Undone as undone:
        call.afterwards.clear()
        return undone.response


async def _in_one(call: Call, effect: Work) -> web.StreamResponse:
    """Return the response of `effect`, done in one transaction, and done again where a deadlock undid it."""

    async def attempt(db: Nouns) -> web.StreamResponse:
        call.nouns = db
        call.afterwards.clear()
        return await effect()

    try:
        return await call.state.db.run(attempt)
    finally:
        call.nouns = None
