"""What the page for operators says of a failing database is what the code does."""

import re
from pathlib import Path

import pytest

from service.catalogue import CATALOGUE
from service.faults import code_of
from slimy_dal.engine import errors

TESTS = Path(__file__).parent.parent
PAGE = TESTS.parent / "docs" / "production.md"
MARK = re.compile(r"pytest\.mark\.fault\(([^)]*)\)")
LINE = re.compile(
    r"^\| (?P<fault>.+?) \| (?P<python>.+?) \| (?P<http>.+?) \| (?P<rows>[ABM][\dABM, ]+) \|$",
    re.MULTILINE,
)
LINES = list(
    LINE.finditer(PAGE.read_text(encoding="utf-8").partition("## When the database fails")[2])
)


def test_every_row_about_the_server_is_explained() -> None:
    named = {row for line in LINES for row in line["rows"].split(", ")}
    rows = [*(f"A{number}" for number in range(1, 21)), *(f"B{number}" for number in range(1, 14))]
    assert named == {*rows, "M10", "M11"}
    texts = [path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py")]
    marks = " ".join(mark for text in texts for mark in MARK.findall(text))
    assert named <= set(re.findall(r'"(\w+)"', marks)), "each is done by a test"


@pytest.mark.parametrize("line", LINES, ids=lambda line: line["fault"])
def test_an_error_is_the_problem_that_stands_beside_it(line: "re.Match[str]") -> None:
    told = re.findall(r"`(\d{3}) (\w+)`", line["http"])
    for status, code in told:
        assert CATALOGUE[code].status == int(status)
    words = re.findall(r"`([A-Z]\w+)`", line["python"])
    problems = {code_of(kind) for word in words if (kind := getattr(errors, word, None))}
    assert problems == {code for _, code in told} or line["http"] == "nothing" or not problems
