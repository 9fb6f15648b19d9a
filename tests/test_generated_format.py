"""Tests that generated text is in its final form: a formatter would change nothing."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from slimy_dal.compiler.codegen import module as codegen
from slimy_dal.compiler.description import Column, Parameter, Use
from tests.generated import ID, NAME, TEXT, described, joined, query, text_of

LONG_DOC = "-- name: z :exec\n-- " + "A sentence of its own. " * 4 + "Abc.\nSELECT 1"
WIDE = [Column(f"a_rather_long_column_name_{i}", TEXT, nullable=True) for i in range(6)]


def test_generated_text_is_formatted_as_the_formatter_would(tmp_path: Path) -> None:
    parameters = [Parameter(f"a_rather_long_parameter_{i}", TEXT, nullable=True) for i in range(6)]
    asked = ", ".join(f":{p.name}" for p in parameters)
    wide_group = [joined(f"a_group.a_rather_long_column_name_{i}", 1) for i in range(6)]
    roles = replace(NAME, name="role", choices=tuple(f"a_rather_long_choice_{i}" for i in range(6)))
    uses = tuple(Use("slimy", "users", column.name, "text", notnull=False) for column in WIDE)
    columns = ", ".join(p.name for p in parameters)
    one_parameter = parameters[:1]
    insert = "INSERT INTO slimy.users (name) VALUES (:a_rather_long_parameter_0)"
    text = text_of(
        described(tmp_path, query("a", "one", f"SELECT {asked}"), [*WIDE, *wide_group], parameters),
        described(tmp_path, query("b", "scalar", f"SELECT {asked}"), [roles], parameters),
        described(
            tmp_path,
            query("c", "many", directives="-- returns: User\n"),
            [ID, *wide_group],
            uses=uses,
        ),
        described(tmp_path, query("d", "opt", directives="-- deprecated: no\n"), [ID], uses=uses),
        described(tmp_path, query("e", "batch", insert), (), one_parameter, uses=uses[:2]),
        described(
            tmp_path,
            query("f", "copyfrom", insert),
            (),
            one_parameter,
            writes=frozenset({("slimy", "users")}),
        ),
        described(tmp_path, query("g", "exec"), [ID]),
        described(tmp_path, LONG_DOC),
        described(
            tmp_path,
            query("x", "copyfrom", f"INSERT INTO slimy.users ({columns}) VALUES ({asked})"),
            (),
            parameters,
            writes=frozenset({("slimy", "users")}),
        ),
        *(
            described(
                tmp_path,
                query(f"y{width}", "one"),
                [ID, *(joined(f"n.{'c' * width}_{i}") for i in range(8))],
            )
            for width in range(1, 12)
        ),
    )
    path = tmp_path / "users.py"
    path.write_text(text)
    ruff = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length=100", "--diff"]
    done = subprocess.run([*ruff, path], check=False, capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("", 0)
    package = tmp_path / "__init__.py"
    package.write_text(codegen.package(["users", "guilds"]))
    done = subprocess.run([*ruff, package], check=False, capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("", 0)
