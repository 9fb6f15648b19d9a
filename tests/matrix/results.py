"""Notes what became of every test of a fault, for the page that lists them; asked for by SLIMY_FAULT_RESULTS=FILE."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

__all__ = ["pytest_collection_modifyitems", "pytest_configure"]

WORST = ("passed", "skipped", "failed")
"""Of the cases of one test, the last of these counts."""


def pytest_configure(config: pytest.Config) -> None:
    """Take notes in the process that hears of all tests."""
    path = os.environ.get("SLIMY_FAULT_RESULTS")
    if path and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Notes(Path(path)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Send each test's rows along with its result."""
    for item in items:
        for mark in item.iter_markers("fault"):
            item.user_properties += [("fault", row) for row in mark.args]


class Notes:
    """Collects results, and adds them at the end to those the file has of other tests."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tests: dict[str, dict[str, Any]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a test's call, or what kept it from being called."""
        if not any(kind == "fault" for kind, _ in report.user_properties):
            return
        if report.when != "call" and report.outcome == "passed":
            return
        name = report.nodeid.partition("[")[0]
        note = self._tests.setdefault(name, {"outcome": "passed", "seconds": 0.0, "figures": []})
        note["outcome"] = max(note["outcome"], report.outcome, key=WORST.index)
        note["seconds"] = round(note["seconds"] + report.duration, 1)
        note["figures"] += [text for kind, text in report.user_properties if kind == "figure"]

    def pytest_sessionfinish(self) -> None:
        """Write the file."""
        known = json.loads(self._path.read_text()) if self._path.exists() else {}
        merged = {**known.get("tests", {}), **self._tests}
        known["tests"] = dict(sorted(merged.items()))
        self._path.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n")
