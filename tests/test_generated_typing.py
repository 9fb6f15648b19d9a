"""Tests that type checkers see the exact types of generated code, and refuse what does not fit them."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
CALLERS = ROOT / "tests" / "typing" / "callers.py"
QUERIES = ROOT / "slimy_dal" / "queries"


def run(*command: str | Path) -> tuple[str, int]:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, check=False, capture_output=True, text=True
    )
    return done.stdout.strip(), done.returncode


def test_mypy_sees_what_callers_see() -> None:
    answer, code = run("mypy", "--strict", "--no-error-summary", CALLERS, QUERIES)
    assert (answer, code) == ("", 0)


def test_pyright_sees_what_callers_see(tmp_path: Path) -> None:
    config = tmp_path / "pyrightconfig.json"
    settings = {
        "include": [str(CALLERS), str(QUERIES)],
        "extraPaths": [str(ROOT)],
        "typeCheckingMode": "strict",
        "reportUnnecessaryTypeIgnoreComment": "error",
        # Rows come from the driver as they are: their values are typed by the class they fill.
        "reportUnknownArgumentType": False,
        "reportUnknownVariableType": False,
        "reportUnknownMemberType": False,
        "reportMissingTypeStubs": False,
    }
    config.write_text(json.dumps(settings))
    answer, code = run("pyright", "--project", config)
    assert code == 0, answer


def test_a_wrong_type_in_generated_code_is_seen(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text(
        "from typing import assert_type\n"
        "from slimy_dal.engine.statement import Executor\n"
        "from slimy_dal.queries import memberships\n\n\n"
        "async def call(db: Executor) -> None:\n"
        "    assert_type(await memberships.count_members(db, guild_id=1), int | None)\n"
    )
    answer, code = run("mypy", "--strict", wrong)
    assert "Expression is of type" in answer
    assert code == 1
