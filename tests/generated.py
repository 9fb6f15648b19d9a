"""Descriptions made by hand and what is generated from them, for tests that need no database for it."""

import ast
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from slimy_dal.compiler.codegen import module as codegen
from slimy_dal.compiler.description import Column, Description, Origin, Parameter, PgType
from slimy_dal.compiler.queryfile import load

BIGINT = PgType(20, "bigint")
BOOL = PgType(16, "boolean")
TEXT = PgType(25, "text")
TEXTS = PgType(1009, "text[]", "array", element=TEXT)
TIMESTAMPTZ = PgType(1184, "timestamp with time zone")

ID = Column("id", BIGINT, nullable=False, identifier=True, origin=Origin("slimy", "users", "id"))
NAME = Column("name", TEXT, nullable=True)


def described(
    folder: Path,
    sql: str,
    columns: Sequence[Column] = (),
    parameters: Sequence[Parameter] = (),
    **more: Any,
) -> Description:
    """Describe the only query of a file by hand."""
    path = folder / "users.sql"
    path.write_text(sql)
    loaded = load(path)
    assert loaded.errors == ()
    return Description(loaded.queries[0], tuple(parameters), tuple(columns), **more)


def query(name: str, shape: str, body: str = "SELECT 1", directives: str = "") -> str:
    """Return the text of a query file with one query."""
    return f"-- name: {name} :{shape}\n-- What it does.\n{directives}{body};\n"


def joined(name: str, *nulled_by: int, solid: bool = True) -> Column:
    """Return a table's column that outer joins may null."""
    return Column(
        name,
        BIGINT,
        nullable=True,
        origin=Origin("slimy", "guilds", name),
        nulled_by=frozenset(nulled_by),
        solid=solid,
    )


def text_of(*descriptions: Description) -> str:
    """Return the generated module, which must have no errors."""
    module = codegen.module(descriptions)
    assert [str(error) for error in module.errors] == []
    ast.parse(module.text)
    return module.text


def complaint_of(*descriptions: Description) -> str:
    """Return the only error of the generated module."""
    module = codegen.module(descriptions)
    (error,) = module.errors
    return str(error)


def imported(folder: Path, text: str) -> ModuleType:
    """Import a generated module."""
    path = folder / "generated_users.py"
    path.write_text(text)
    spec = importlib.util.spec_from_file_location("generated_users", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
