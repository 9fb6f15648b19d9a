"""The document is the service: what it says is served, and what is served is in it."""

import json
import re
from collections.abc import Iterator
from hashlib import sha256
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from aiohttp import web
from openapi_spec_validator import validate

from service import faults, problems, wire
from service.app import STATE, create_app, endpoints, groups
from service.catalogue import CATALOGUE
from service.faults import CODES
from service.settings import Settings
from slimy_dal.domain.database import Database
from slimy_dal.engine import errors
from tests.service.conftest import Caller
from tests.service.test_examples import GENERAL


@pytest.fixture
def document(app: web.Application) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(app[STATE].document)
    return loaded


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, found in document["paths"].items():
        for method, operation in found.items():
            yield method.upper(), path, operation


def test_the_document_is_openapi_3_1(document: dict[str, Any]) -> None:
    validate(document)
    assert document["openapi"] == "3.1.0"


def test_the_router_and_the_document_know_the_same_routes(
    app: web.Application, document: dict[str, Any]
) -> None:
    routed = {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None and route.method not in {"HEAD", "*"}
    }
    assert routed == {(method, path) for method, path, _ in operations(document)}


def test_every_operation_says_what_it_does_who_may_and_how_it_fails(
    document: dict[str, Any],
) -> None:
    names = []
    for method, path, operation in operations(document):
        where = f"{method} {path}"
        names.append(operation["operationId"])
        assert operation["summary"], where
        assert re.search(r"Who may: |Anyone may call it\.", operation["description"]), where
        assert "security" in operation, where
        assert {"500", "503"} <= set(operation["responses"]), where
        assert any(status.startswith("2") for status in operation["responses"]), where
        for parameter in operation["parameters"]:
            assert parameter["schema"], where
        if "requestBody" in operation:
            assert {"400", "413", "415", "422"} <= set(operation["responses"]), where
            assert operation["requestBody"]["content"]["application/json"]["example"], where
        if operation["security"]:
            assert {"401", "403", "504"} <= set(operation["responses"]), where
    assert len(names) == len(set(names))


def test_nothing_that_is_a_secret_has_a_name_in_an_answer(document: dict[str, Any]) -> None:
    allowed = {("NewSession", "token"), ("NewApiKey", "key")}
    # The name of a value that was read out of a screenshot.
    allowed |= {("ScreenshotDataPoint", "key"), ("DataPointOfScreenshot", "key")}
    allowed |= {("Difference", "key")}
    sent = set()
    for _, _, operation in operations(document):
        if "requestBody" in operation:
            text = json.dumps(operation["requestBody"])
            sent |= set(re.findall(r"#/components/schemas/(\w+)", text))
    for name, schema in document["components"]["schemas"].items():
        if name in sent:
            continue
        for field in schema.get("properties", {}):
            suspicious = re.search(r"token|secret|hash|password|^key$", field, re.IGNORECASE)
            assert not suspicious or (name, field) in allowed, (name, field)


def test_bytes_cannot_be_put_into_an_answer() -> None:
    with pytest.raises(TypeError, match="bytes"):
        wire.shape(dict[str, bytes] | bytes)


def test_every_error_of_the_engine_is_a_problem_of_the_catalogue() -> None:
    def every(kind: type[errors.SlimyError]) -> Iterator[type[errors.SlimyError]]:
        yield kind
        for child in kind.__subclasses__():
            yield from every(child)

    assert set(CODES.values()) <= set(CATALOGUE)
    vague = {kind for kind, code in CODES.items() if code == "internal"}
    for kind in every(errors.SlimyError):
        found = next(parent for parent in kind.__mro__ if parent in CODES)
        # Nothing is "internal" only because nobody thought of it.
        assert found not in vague or found is kind or kind is errors.ConstraintError, kind


def test_every_error_the_database_may_give_anywhere_is_documented_everywhere(
    document: dict[str, Any],
) -> None:
    anywhere = {"permission_denied", "disk_full", "overloaded", "unavailable", "deadline_exceeded"}
    responses = document["components"]["responses"]
    for method, path, operation in operations(document):
        if not operation["security"]:
            continue
        names = [
            found["$ref"].rpartition("/")[2]
            for found in operation["responses"].values()
            if "$ref" in found
        ]
        codes = {code for name in names for code in responses[name]["x-codes"]}
        expected = anywhere if method == "GET" else anywhere | {"busy", "outcome_unknown"}
        assert expected <= codes, (method, path, expected - codes)


@pytest.mark.parametrize(
    ("error", "status", "code", "retryable"),
    [
        (errors.OutcomeUnknown("x"), 503, "outcome_unknown", False),
        (errors.DiskFull("x"), 507, "disk_full", False),
        (errors.PoolTimeout("x"), 503, "overloaded", True),
        (errors.ConnectionLost("x"), 503, "unavailable", True),
        (errors.PermissionDenied("x"), 403, "permission_denied", False),
    ],
)
def test_only_what_may_be_repeated_says_so(
    error: errors.SlimyError, status: int, code: str, *, retryable: bool
) -> None:
    made = faults.refusal(error, {})
    assert (made.kind.status, made.code, made.kind.retryable) == (status, code, retryable)
    assert ("Retry-After" in problems.headers(made)) == retryable
    assert made.detail != "x"


async def test_the_documentation_page_asks_nothing_of_the_outside(anyone: Caller) -> None:
    page = await anyone.get("/docs")
    assert page.status == 200
    assert not re.search(rb"""(src|href)=["'](https?:)?//""", page.content)
    for asset in re.findall(rb'(?:src|href)="(docs/[^"]+)"', page.content):
        assert (await anyone.get(f"/{asset.decode()}")).status == 200
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "http" not in policy
    assert b"validatorUrl: null" in (await anyone.get("/docs/docs.js")).content


async def test_files_are_compressed_only_for_those_who_take_it(anyone: Caller) -> None:
    for accepted, compressed in (
        ("gzip", True),
        ("br;q=1, GZIP;q=0.5", True),
        ("*", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000, *", False),
        ("identity", False),
        ("", False),
    ):
        page = await anyone.call("HEAD", "/docs/docs.js", headers={"Accept-Encoding": accepted})
        assert ("Content-Encoding" in page.headers) == compressed, accepted


def test_vendored_files_are_those_of_the_lock() -> None:
    folder = files("service") / "static"
    lines = (folder / "vendor.lock").read_text().splitlines()
    locked = {line.split()[0]: line.split()[-1] for line in lines if not line.startswith("#")}
    ours = {"docs.html", "docs.js", "vendor.lock"}
    assert {entry.name for entry in folder.iterdir()} == {*locked, *ours}
    for name, digest in locked.items():
        assert sha256((folder / name).read_bytes()).hexdigest() == digest, name


async def test_the_documentation_can_be_switched_off(db: Database, settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"docs": False}), db)
    assert not [route for route in app.router.routes() if "docs" in str(route.resource)]
    assert "/docs" not in json.loads(app[STATE].document)["paths"]


def test_an_operation_id_stands_for_one_route() -> None:
    served = groups(Settings(database_url="x"))
    with pytest.raises(ValueError, match="is taken"):
        endpoints([*served, served[0]])


def test_links_lead_to_operations_and_name_their_parameters(document: dict[str, Any]) -> None:
    known = {
        operation["operationId"]: {parameter["name"] for parameter in operation["parameters"]}
        for _, _, operation in operations(document)
    }
    for _, _, operation in operations(document):
        for response in operation["responses"].values():
            for link in response.get("links", {}).values():
                assert set(link["parameters"]) <= known[link["operationId"]]


async def test_the_link_of_a_page_leads_to_the_next_one_with_the_same_filters(
    service: Caller, db: Database, document: dict[str, Any]
) -> None:
    for number in range(5):
        await db.users.find_or_create(100 + number, username=f"nelly {number}")
    await db.users.find_or_create(200, username="anton")
    address, names = "/v1/users?search=nelly&limit=2", []
    while True:
        page = await service.get(address)
        names += [user["username"] for user in page.json["data"]]
        if page.json["nextCursor"] is None:
            break
        link = document["paths"]["/v1/users"]["get"]["responses"]["200"]["links"]["nextPage"]
        found = link["parameters"]
        assert link["operationId"] == "users_list_users"
        asked = dict(parse_qsl(address.partition("?")[2]))
        values = {
            name: asked.get(name) if "$request" in said else page.json[said.rpartition("/")[2]]
            for name, said in found.items()
        }
        assert set(values) == {"search", "limit", "cursor"}
        address = f"/v1/users?{urlencode(values)}"
    assert names == [f"nelly {number}" for number in (4, 3, 2, 1, 0)]


def test_every_list_that_comes_in_pages_says_how_to_go_on(document: dict[str, Any]) -> None:
    pages = 0
    for method, path, operation in operations(document):
        links = next(v for k, v in operation["responses"].items() if k[0] == "2").get("links", {})
        assert ("nextPage" in links) == (operation["x-page"] == "keyset"), (method, path)
        pages += "nextPage" in links
    assert pages > 20


async def test_the_headers_of_refusals_are_documented(
    anyone: Caller, service: Caller, document: dict[str, Any]
) -> None:
    path = "/v1/guilds/{guild_id}"
    for caller, status, method, at, body in (
        (anyone, "401", "GET", "5", None),
        (service, "404", "GET", "5", None),
        (service, "400", "GET", "0", None),
        (service, "422", "PUT", "5", {"name": ""}),
    ):
        answer = await caller.call(method, f"/v1/guilds/{at}", body)
        assert str(answer.status) == status
        reference = document["paths"][path][method.lower()]["responses"][status]["$ref"]
        told = document["components"]["responses"][reference.rpartition("/")[2]]["headers"]
        untold = {name.lower() for name in answer.headers} - GENERAL
        assert untold <= {name.lower() for name in told}, status
        assert ("ratelimit" in untold) == (status != "401")
