"""Rules about rows that a migration writes."""

import re
from collections.abc import Iterator

from slimy_dal.compiler.lexer import LexError, tokens
from slimy_dal.schema.lint.rule import Hit, Subject, hit, rule

GROUP = "Data"

HIDDEN = re.compile(
    r"\b(alter\s+(?:table|type|index|materialized)|drop\s+(?:table|column|index|type|view|materialized|schema)"
    r"|truncate\b|create\s+(?:unique\s+)?index|update\s+\w[\w.]*\s+(?:as\s+\w+\s+)?set|delete\s+from|insert\s+into"
    r"|reindex|cluster\b|lock\s+table|refresh\s+materialized)",
    re.IGNORECASE,
)


@rule(
    "update-without-where",
    GROUP,
    "error",
    lock="ROW EXCLUSIVE, and every row",
    eases=True,
    why="UPDATE without WHERE locks every row to the end of the transaction and doubles the table.",
    instead="A backfill migration, in batches by key; a constant for all rows is a default instead.",
)
def _update(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts("update"):
        if "where" not in act.marks:
            yield hit(act, f"every row of {act.on} is written in one transaction")


@rule(
    "delete-without-where",
    GROUP,
    "error",
    lock="ROW EXCLUSIVE, and every row",
    why="DELETE without WHERE loses every row, and locks them to the end of the transaction.",
    instead="Delete in batches with a condition, or drop the table in a contract migration.",
)
def _delete(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts("delete"):
        if "where" not in act.marks and subject.is_old(act.on):
            yield hit(act, f"every row of {act.on} is deleted in one transaction")


@rule(
    "rows-in-schema-migration",
    GROUP,
    "warning",
    lock="ROW EXCLUSIVE, and every row that is written",
    eases=True,
    why="Rows written beside DDL stay locked until the migration ends: their writers wait, and it is all or nothing.",
    instead="A migration of its own with `-- phase: backfill`, in batches.",
)
def _rows(subject: Subject) -> Iterator[Hit]:
    if subject.migration.header.phase == "backfill":
        return
    for act in subject.acts("update", "delete", "insert", "copy"):
        many = "query" in act.marks if act.does == "insert" else "where" in act.marks
        if many or (act.does == "copy" and "written" in act.marks):
            yield hit(act, f"{act.does.upper()} of {act.on} in one transaction with the rest")


@rule(
    "ddl-in-do",
    GROUP,
    "warning",
    lock="whatever the block runs",
    why="What a DO block does to tables is seen by no reviewer, no linter and no plan, and differs from "
    "database to database.",
    instead="Write the statements out; where the database decides, let the block only make functions or roles.",
)
def _hidden(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts("do"):
        found = HIDDEN.search(_without_comments(act.text))
        if found:
            yield hit(act, f"{' '.join(found[0].upper().split()[:2])} inside a DO block")


def _without_comments(body: str) -> str:
    try:
        found = tokens(body)
    except LexError as error:
        found = error.readable
    return "".join(" " if token.kind.endswith("comment") else token.text for token in found)
