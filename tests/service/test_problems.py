"""What a problem means: every one has a page, in two forms, whose advice is what its documents say."""

import json
import re
from html import unescape
from typing import Any

import pytest

from service.app import STATE, create_app
from service.catalogue import ADVICE, CATALOGUE, Kind
from service.problems import example
from service.settings import Settings
from slimy_dal.domain.database import Database
from tests.service.conftest import Caller
from tests.service.leaks import leaks

JSON = {"Accept": "application/json"}
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
AGAIN = {408: "same", 429: "after", 504: "after"}


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=CATALOGUE)
async def test_a_problem_is_explained_to_browsers_and_to_programs(
    anyone: Caller, kind: Kind
) -> None:
    page = await anyone.get(f"/problems/{kind.code}", headers=BROWSER)
    text = unescape(re.sub(r"<[^>]+>", "", page.content.decode()))
    for said in (kind.title, kind.cause, kind.remedy, ADVICE[kind.retry], kind.detail):
        assert said in text
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    told = await anyone.get(f"/problems/{kind.code}", headers=JSON)
    document = told.json
    assert told.headers["Vary"].startswith("Accept,")
    assert (document["cause"], document["remedy"]) == (kind.cause, kind.remedy)
    assert document["advice"] == ADVICE[document["retry"]]
    assert document["retryable"] == document["example"]["retryable"] == kind.retryable
    assert document["example"]["type"] == f"/problems/{kind.code}"
    assert document["example"]["status"] == document["status"] == kind.status


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=CATALOGUE)
def test_advice_says_a_cause_and_a_remedy_and_agrees_with_the_status(kind: Kind) -> None:
    for said in (kind.title, kind.cause, kind.remedy, kind.detail):
        assert len(said) > 10
    for said in (kind.cause, kind.remedy):
        assert said.endswith(".")
    assert kind.retryable == (kind.retry in {"same", "after"})
    if (expected := AGAIN.get(kind.status)) is not None:
        assert kind.retry == expected
    elif kind.status != 503:
        assert kind.retry == ("after" if kind.code == "idempotency_in_progress" else "never")
    # What the entries of `errors` are is not left to the example.
    assert len(example(kind).errors) == len(kind.errors)


async def test_the_list_of_problems_leads_to_each_in_both_forms(anyone: Caller) -> None:
    page = (await anyone.get("/problems")).content.decode()
    assert re.findall(r'href="problems/(\w+)"', page) == list(CATALOGUE)
    listed = (await anyone.get("/problems", headers=JSON)).json
    assert [entry["code"] for entry in listed] == list(CATALOGUE)
    assert (await anyone.get("/problems/nothing")).code == "not_found"


@pytest.mark.parametrize(
    "text",
    [
        'duplicate key value violates unique constraint "users_email_key"',
        "SELECT u.id FROM slimy.users AS u",
        "/usr/lib/python3/asyncpg/connection.py:12",
        "could not connect to 127.0.0.1",
        "rows of user_guilds still refer to it",
    ],
)
def test_what_every_problem_of_these_tests_is_searched_for_would_be_found(text: str) -> None:
    assert leaks(text)


def linked(document: dict[str, Any]) -> set[str]:
    responses = document["components"]["responses"].values()
    return {
        code
        for found in responses
        for code in re.findall(r"\(problems/(\w+)\)", found["description"])
    }


async def test_the_openapi_document_leads_to_every_problem_that_it_names(
    settings: Settings, db: Database
) -> None:
    document = json.loads(create_app(settings, db)[STATE].document)
    assert document["externalDocs"]["url"] == "/problems"
    responses = document["components"]["responses"].values()
    named = {code for found in responses for code in found["x-codes"]}
    assert linked(document) == named <= set(CATALOGUE)
    # What comes before there is a route, or where nothing is found, is of no operation; and of no foreign key of today
    # do rows stay behind when what they belong to goes.
    outside = {"bad_request", "no_such_route", "method_not_allowed", "still_referenced"}
    outside |= {"uri_too_long", "headers_too_large"}
    assert set(CATALOGUE) - named == outside
    for found in responses:
        waits = any(CATALOGUE[code].retry == "after" for code in found["x-codes"])
        assert ("Retry-After" in found["headers"]) == waits, found["x-codes"]
