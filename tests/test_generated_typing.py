"""Tests that type checkers see the exact types of generated code, and refuse what does not fit them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TYPING = ROOT / "tests" / "typing"
QUERIES = ROOT / "slimy_dal" / "queries"
RIGHT = "assert_type(await memberships.count_members(db, guild_id=1, at_most=5), int)"
WRONG = "assert_type(await memberships.count_members(db, guild_id=1, at_most=5), int | None)"


def mypy(*paths: Path) -> str:
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", *map(str, paths)]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode in {0, 1}, done.stderr
    return done.stdout.strip()


def pyright(config: Path) -> tuple[int, list[str]]:
    """Return how many files were read, and what was wrong in them."""
    command = [sys.executable, "-m", "pyright", "--project", str(config), "--outputjson"]
    done = subprocess.run(
        [*command, "--pythonpath", sys.executable],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    report = json.loads(done.stdout)
    return report["summary"]["filesAnalyzed"], [d["message"] for d in report["generalDiagnostics"]]


@pytest.fixture
def wrong_callers(tmp_path: Path) -> Path:
    """The callers with one wrong expectation, to see that the checkers look at all."""
    text = (TYPING / "callers.py").read_text()
    assert RIGHT in text
    (tmp_path / "callers.py").write_text(text.replace(RIGHT, WRONG))
    config = json.loads((TYPING / "pyrightconfig.json").read_text())
    config |= {"include": ["."], "extraPaths": [str(ROOT)]}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(config))
    return tmp_path


def test_mypy_sees_what_callers_see() -> None:
    assert mypy(TYPING / "callers.py", QUERIES) == ""


def test_mypy_sees_what_callers_do_not(wrong_callers: Path) -> None:
    assert "Expression is of type" in mypy(wrong_callers / "callers.py")


def test_pyright_sees_what_callers_see() -> None:
    read, wrong = pyright(TYPING / "pyrightconfig.json")
    assert wrong == []
    assert read > len(list(QUERIES.glob("*.py")))


def test_pyright_sees_what_callers_do_not(wrong_callers: Path) -> None:
    read, wrong = pyright(wrong_callers / "pyrightconfig.json")
    assert read == 1
    assert any('"assert_type" mismatch' in message for message in wrong)
