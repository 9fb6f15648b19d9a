"""Rules about changes of columns that write the whole table anew, or that its rows refuse."""

import re
from collections.abc import Iterator

from slimy_dal.schema.lint.acts import Act
from slimy_dal.schema.lint.rule import Hit, Subject, hit, rule

GROUP = "Rewrites"
LOCK = "ACCESS EXCLUSIVE"

STEADY = frozenset(
    [
        "abs",
        "array_to_string",
        "char_length",
        "coalesce",
        "concat",
        "current_database",
        "current_setting",
        "current_user",
        "date",
        "date_part",
        "date_trunc",
        "floor",
        "format",
        "inet_client_addr",
        "json_build_object",
        "jsonb_build_array",
        "jsonb_build_object",
        "left",
        "length",
        "localtime",
        "localtimestamp",
        "lower",
        "make_date",
        "make_interval",
        "make_timestamp",
        "make_timestamptz",
        "md5",
        "now",
        "nullif",
        "pi",
        "replace",
        "right",
        "round",
        "session_user",
        "split_part",
        "statement_timestamp",
        "string_to_array",
        "substring",
        "timezone",
        "to_char",
        "to_date",
        "to_json",
        "to_jsonb",
        "to_timestamp",
        "to_tsvector",
        "transaction_timestamp",
        "trim",
        "btrim",
        "ltrim",
        "rtrim",
        "upper",
        "user",
        "array_fill",
        "int4range",
        "int8range",
        "numrange",
        "tstzrange",
        "daterange",
        "tsrange",
        "row_to_json",
    ]
)
"""Functions that give all rows of one statement the same: such a default is kept once, for all rows that are there."""

RANK = {"int2": 0, "int4": 1, "int8": 2}


def volatile_calls(subject: Subject, act: Act) -> list[str]:
    """Return the functions of a default that may differ from row to row; what nobody knows may."""
    return [one for one in act.calls if one not in STEADY and one not in subject.after.steady]


@rule(
    "volatile-default",
    GROUP,
    "error",
    lock=LOCK,
    eases=True,
    replaces=("adding-field-with-default",),
    why="A default that differs from row to row makes ADD COLUMN write the table and all its indexes anew.",
    instead="ADD COLUMN without a default, ALTER COLUMN ... SET DEFAULT for new rows, then a backfill in batches.",
)
def _default(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts("add_column"):
        volatile = volatile_calls(subject, act)
        if "added" in act.marks and "default" in act.marks and volatile:
            yield hit(act, f"{volatile[0]}() is asked for each row of {act.on} under the lock")


@rule(
    "generated-column-rewrite",
    GROUP,
    "error",
    lock=LOCK,
    eases=True,
    replaces=("adding-serial-primary-key-field",),
    why="Adding a stored generated, identity or serial column writes the table and all its indexes anew.",
    instead="A plain column, filled by a trigger and a backfill in batches; for a key, a sequence as the "
    "default of new rows.",
)
def _generated(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts("add_column"):
        kinds = sorted(act.marks & {"generated", "identity", "serial"})
        if "added" in act.marks and kinds:
            yield hit(act, f"each row of {act.on} gets its value of {act.name} under the lock")


@rule(
    "type-change-rewrite",
    GROUP,
    "error",
    lock=LOCK,
    eases=True,
    replaces=("changing-column-type",),
    why="Another type writes the table and its indexes anew, and breaks the plans of whoever is running.",
    instead="A new column of that type, kept in step by a trigger, a backfill in batches, and a switch; "
    "longer varchar and varchar to text are free.",
)
def _type(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts("set_type"):
        table = subject.before.tables.get(act.on) or subject.after.tables.get(act.on)
        old = (
            subject.before.tables[act.on].columns.get(act.name, "")
            if act.on in subject.before.tables
            else ""
        )
        if table is None or "using" in act.marks or not _is_free(old, act.to):
            yield hit(act, f"{act.on}.{act.name} becomes {act.to}{f' from {old}' if old else ''}")


def _is_free(old: str, new: str) -> bool:
    """Say whether rows of the old type may stay as they are."""
    was, then = (re.fullmatch(r"(\w+)(?:\((\d+)(?:,(\d+))?\))?", one) for one in (old, new))
    if was is None or then is None:
        return bool(old) and old == new
    if was[1] in {"varchar", "text"} and then[1] in {"varchar", "text"}:
        return then[2] is None or (was[2] is not None and int(then[2]) >= int(was[2]))
    if was[1] == then[1] == "numeric":
        wider = then[2] is None or (was[2] is not None and int(then[2]) >= int(was[2]))
        return wider and (then[2] is None or was[3] == then[3])
    if was[1] == then[1] and was[1] in {"timestamp", "timestamptz", "time", "varbit"}:
        return then[2] is None or (was[2] is not None and int(then[2]) >= int(was[2]))
    return old == new


@rule(
    "required-column",
    GROUP,
    "error",
    lock=LOCK,
    replaces=("adding-required-field",),
    why="ADD COLUMN ... NOT NULL without a default fails on the first row that is there.",
    instead="A constant default, or a nullable column, a backfill, and NOT NULL by way of a CHECK.",
)
def _required(subject: Subject) -> Iterator[Hit]:
    given = {"default", "identity", "generated", "virtual", "serial"}
    for act in subject.acts("add_column"):
        if act.marks >= {"added", "not_null"} and not act.marks & given and subject.is_old(act.on):
            yield hit(act, f"rows of {act.on} have no value for {act.name}")


@rule(
    "table-moved",
    GROUP,
    "error",
    lock=LOCK,
    eases=True,
    why="SET TABLESPACE, SET LOGGED, SET UNLOGGED and SET ACCESS METHOD copy the whole table while nobody can use it.",
    instead="A new table of the kind, filled in batches and swapped in; or pg_repack, when traffic is low.",
)
def _moved(subject: Subject) -> Iterator[Hit]:
    acts = ("set_tablespace", "set_logged", "set_unlogged", "set_access_method")
    for act in subject.acts(*acts):
        yield hit(act, f"every row of {act.on} is copied under the lock")
