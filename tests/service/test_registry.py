"""A route that lacks anything its callers rely on is not served: each lack is planted here."""

import json
from typing import Any

import pytest
from aiohttp import web

from service.app import STATE, endpoints
from service.auth import PUBLIC, Policy
from service.inputs import Body, Id
from service.routes import Call, Route, Routes
from tests.service.test_examples import NOT_KEPT, Example

READ = Policy("users:read")


class Sent(Body):
    """What is sent."""

    a: int


def planted(
    handler: Any, method: Any = "GET", path: str = "/x", *problems: str, **details: Any
) -> Routes:
    routes = Routes("x", "X.")
    routes.route(method, path, details.pop("policy", READ), *problems, **details)(handler)
    return routes


async def complete(call: Call, *, user_id: Id, key: str) -> None:
    """Lack nothing."""


async def silent(call: Call) -> None:
    pass


async def sending(call: Call, *, body: Sent) -> None:
    """Take a body."""


async def asking(call: Call, *, surprise: str) -> None:
    """Take what nothing is known of."""


def test_a_route_that_lacks_nothing_is_served() -> None:
    [endpoint] = endpoints([planted(complete, path="/x/{user_id}")])
    assert (endpoint.route.rate_class, endpoint.page) == ("read", "none")


@pytest.mark.parametrize(
    ("routes", "lack"),
    [
        (planted(silent), "no docstring"),
        (planted(sending, "POST"), "its body has no example"),
        (planted(asking), "surprise has no example"),
        (
            planted(complete, path="/x/{user_id}", examples={"other": "1"}),
            r"does not take: \['other'",
        ),
        (planted(complete, "GET", "/x/{user_id}", "nothing"), "nothing"),
    ],
)
def test_a_route_that_tells_its_callers_too_little_is_refused(routes: Routes, lack: str) -> None:
    with pytest.raises(ValueError, match=lack):
        endpoints([routes])


def test_a_route_without_a_policy_cannot_be_written() -> None:
    with pytest.raises(TypeError, match="policy"):
        Routes("x", "X.").route("GET", "/x")  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="names who may"):
        Policy()


@pytest.mark.parametrize(("policy", "rate"), [(READ, "none"), (PUBLIC, "read")])
def test_a_route_without_a_rate_class_is_refused(
    monkeypatch: pytest.MonkeyPatch, policy: Policy, rate: str
) -> None:
    monkeypatch.setattr(Route, "rate_class", rate)
    with pytest.raises(ValueError, match="rate class"):
        endpoints([planted(complete, path="/x/{user_id}", policy=policy)])


def test_every_operation_shows_what_to_send_and_what_comes_back(app: web.Application) -> None:
    document = json.loads(app[STATE].document)
    for path, found in document["paths"].items():
        for method, operation in found.items():
            where = f"{method.upper()} {path}"
            for parameter in operation["parameters"]:
                assert not parameter["required"] or parameter["example"], where
            if "requestBody" in operation:
                assert operation["requestBody"]["content"]["application/json"]["example"], where
            example = Example(method, path, operation)
            is_shown = example.media in {"application/json", "application/x-ndjson"}
            if is_shown and example.name not in NOT_KEPT:
                content = example.success[1]["content"][example.media]
                assert content["example"] is not None, where
