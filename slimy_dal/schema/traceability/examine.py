"""Holds answers against what is there: nothing open, every reference true, every left-out index served."""

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from slimy_dal.schema.traceability.known import Index, Known
from slimy_dal.schema.traceability.rows import OURS, SPEC_IDS, Answer, Item, Trace

__all__ = ["examine", "fits", "open_items"]

DECISION = re.compile(r"decision (\d{4})")
MODULE = re.compile(r"(?:slimy_dal|service)(?:\.\w+)+")
FILE = re.compile(r"(?P<path>[\w.-]+/[\w./-]*|\w+\.(?:md|toml))(?:::(?P<test>\w+))?")
INDEX_KINDS = ("indexes", "unique")
WITH_REASON = frozenset({"unasked", "replaced", "refused", "later"})


def open_items(trace: Trace) -> list[Item]:
    """Return what documents name and nothing answers."""
    return [item for item in trace.items if item not in trace.answers]


def examine(trace: Trace, known: Known) -> list[str]:
    """Return what is wrong, one line each; none when the traceability is whole and true."""
    found = [f"{item} is open: {', '.join(trace.items[item])}" for item in open_items(trace)]
    for item, answer in trace.answers.items():
        if item.group != OURS and item not in trace.items:
            found.append(f"{item} is answered, but no document names it")
        found += [f"{item}: {problem}" for problem in _problems(trace, known, item, answer)]
    return found + [f"{name}: no row says why it is there" for name in _unexplained(trace, known)]


def _problems(trace: Trace, known: Known, item: Item, answer: Answer) -> Iterator[str]:
    for reference in (*answer.references, *([item.name] if item.group == OURS else [])):
        if not _exists(reference, known):
            yield f"there is no {reference}"
    if answer.status in WITH_REASON and not (answer.note or _decided(answer)):
        yield f"{answer.status} asks for a reason"
    if answer.part and answer.part not in SPEC_IDS:
        yield f"{answer.part} is no part of the specification"
    if not answer.references and not answer.status:
        yield "it says nowhere where it is"
    is_relation = item.kind == "relations" and not answer.status
    if is_relation and not known.foreign_keys.intersection(answer.references):
        yield "a relation is a foreign key: none is named"
    yield from _misserved(trace, known, item, answer)


def _misserved(trace: Trace, known: Known, item: Item, answer: Answer) -> Iterator[str]:
    """Yield what is wrong with an answer about an index or a unique key."""
    if item.kind in INDEX_KINDS and answer.status in {"", "instead"}:
        problem = _unserved(trace, known, item, answer)
        if problem:
            yield problem
    if item.kind == "indexes" and answer.status in {"instead", "unasked"}:
        wanted = columns_of(trace, item)
        for index in known.indexes.values():
            if fits(wanted, index, known) in {"all", "begins"}:
                yield f"it is not left out: {index.name} begins with it"


def _decided(answer: Answer) -> bool:
    return any(DECISION.fullmatch(one) for one in answer.references)


def _exists(reference: str, known: Known) -> bool:
    if reference in known.names:
        return True
    if found := DECISION.fullmatch(reference):
        return any((known.root / "docs" / "decisions").glob(f"{found[1]}-*.md"))
    if MODULE.fullmatch(reference):
        return _is_python(known.root, reference)
    if found := FILE.fullmatch(reference):
        path = known.root / found["path"]
        return path.exists() and (not found["test"] or f"def {found['test']}(" in path.read_text())
    return False


def _is_python(root: Path, reference: str) -> bool:
    """Say whether a dotted name is a module of ours, or something that one defines."""
    module, _, name = reference.rpartition(".")
    for dotted, wanted in ((reference, ""), (module, name)):
        path = root.joinpath(*dotted.split("."))
        file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        if file.is_file():
            return not wanted or wanted in set(_defined(file))
    return False


def _defined(file: Path) -> Iterator[str]:
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        match node:
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                yield node.name
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name


def columns_of(trace: Trace, item: Item) -> list[str]:
    """Return our columns for the fields of an index, as `slimy.users.email`; "" where one has none."""
    found = []
    for field in item.name.split():
        answer = trace.answers.get(Item(item.group, "fields", field))
        columns = [one for one in (answer.references if answer else ()) if one.count(".") > 1]
        found.append(columns[0] if columns else "")
    return found


def _unserved(trace: Trace, known: Known, item: Item, answer: Answer) -> str | None:
    """Return why none of the named indexes does what the documents' index was for."""
    wanted = columns_of(trace, item)
    if not all(wanted):
        return "a field of it has no column of ours"
    named = [known.indexes[name] for name in answer.references if name in known.indexes]
    if not named:
        return "it names no index"
    fit = [fits(wanted, index, known) for index in named]
    if item.kind == "unique":
        good = any(i.unique and one == "all" for i, one in zip(named, fit, strict=True))
        return None if good else "no unique key of exactly these columns is named"
    return _unfit(answer, wanted[0], named[0].name, fit)


def _unfit(answer: Answer, first: str, name: str, fit: Sequence[str]) -> str | None:
    if not answer.status and not {"all", "begins"}.intersection(fit):
        return f"{name} does not begin with these columns: say `instead:`"
    if not any(fit):
        return f"{name} does not begin with {first}"
    if fit[0] == "first" and not answer.note:
        return f"{name} has the first column only: say how the rest is found"
    return None


def fits(wanted: Sequence[str], index: Index, known: Known) -> str:
    """Say how an index serves a search by columns in order.

    `all` and `begins`: they are its columns, or its first ones. `inside`: it begins with the first
    of them, and the others are compared within it. `first`: it only begins with the first of them.
    "": it does not begin with it at all.
    """
    have = [_column(index, key, known) for key in index.columns]
    need = [_in_order_of(column, known, have) for column in wanted]
    # What is compared for equality may stand in any order; a moment is what rows are sorted by.
    sort = list if any(column.endswith("_at") for column in wanted) else sorted
    if sort(have[: len(need)]) == sort(need):
        return "all" if len(have) == len(need) else "begins"
    if have[0] != need[0]:
        return ""
    return "inside" if set(need) <= set(have) else "first"


def _column(index: Index, key: str, known: Known) -> str:
    """Return the column of a key; of an expression over one column, that one."""
    names = [name for name in known.tables[index.table] if re.search(rf"\b{name}\b", key)]
    return f"{index.table}.{names[0] if len(names) == 1 else key}"


def _in_order_of(column: str, known: Known, have: Sequence[str]) -> str:
    """Return the key for created_at where that is in order of creation and stands in the index."""
    table, _, name = column.rpartition(".")
    key = f"{table}.id"
    by_key = name == "created_at" and table in known.by_time and column not in have and key in have
    return key if by_key else column


def _unexplained(trace: Trace, known: Known) -> Iterator[str]:
    """Yield tables and columns that no answer refers to: each serves something, or should go."""
    referred = {one for answer in trace.answers.values() for one in answer.references}
    referred |= set(trace.ours)
    for table, columns in known.tables.items():
        if table not in referred:
            yield table
        elif table not in trace.ours:
            every = (f"{table}.{column}" for column in columns)
            yield from (column for column in every if column not in referred)
