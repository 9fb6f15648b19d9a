"""The page of faults: each row has a test or a reason, each mark a row, and the page is what they make."""

import json
from pathlib import Path

import pytest

from tests.matrix import page
from tests.matrix.results import Notes

ROWS = page.read_rows()
TESTS = page.marked()


def test_every_row_has_a_test_or_a_reason_and_every_mark_has_a_row() -> None:
    assert page.problems(ROWS, TESTS, page.read_results().get("tests", {})) == []


def test_rows_without_tests_marks_without_rows_and_tests_that_are_gone_are_found() -> None:
    rows = {"A1": {}, "A2": {"absent": "why"}, "A3": {"absent": "why"}, "A4": {}}
    tests = {"A1": ["a"], "A3": ["b"], "Z9": ["c"]}
    assert page.problems(rows, tests, ["a", "d"]) == [
        "d: ran in the last soak and is gone",
        "Z9: no row of the matrix, but c is marked",
        "A4: neither a test nor a reason",
        "A3: tested and said to be absent",
    ]


def test_each_group_has_a_title_and_each_row_a_fault_and_a_promise() -> None:
    assert {row[0] for row in ROWS} == set(page.groups())
    for row in ROWS.values():
        assert row["fault"]
        assert row["promise"]


@pytest.mark.parametrize(
    ("outcomes", "whole"),
    [
        (["passed", "skipped"], "passed"),
        (["passed", "failed"], "failed"),
        (["skipped"], "not run"),
        ([], "not run"),
    ],
)
def test_a_row_is_as_good_as_its_worst_test_that_ran(outcomes: list[str], whole: str) -> None:
    results = {str(number): {"outcome": outcome} for number, outcome in enumerate(outcomes)}
    assert page.result_of([*results], results) == whole
    assert page.result_of([*results, "unknown"], results) == (
        "failed" if whole == "failed" else "not run"
    )


def test_results_of_other_tests_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text(json.dumps({"soak": "yesterday", "tests": {"one": {"outcome": "passed"}}}))
    Notes(path).pytest_sessionfinish()
    assert json.loads(path.read_text()) == {
        "soak": "yesterday",
        "tests": {"one": {"outcome": "passed"}},
    }
