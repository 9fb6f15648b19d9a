"""Derives the indexes that could end a finding, from what its plan asks of each table."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from slimy_dal.compiler.plans import rules
from slimy_dal.compiler.plans.conditions import Comparison, column_of, columns, comparisons
from slimy_dal.compiler.plans.plan import CONDITIONS, SCANS, Node
from slimy_dal.compiler.plans.relations import Name, Relations

__all__ = ["candidates", "quoted"]

MOST = 4
LONGEST_NAME = 63
RANGES = frozenset({"<", "<=", ">", ">="})
CONTAINS = frozenset({"@@", "@>", "<@", "&&"})
NO_INDEX_HELPS = frozenset({"rows", "unbounded", "partitions"})
ITSELF = frozenset({"seq-scan", "filter"})
"""Rules whose finding is about the very table of its node."""
PLAIN = re.compile(r'\w+|"[^"]+"')
CALL = re.compile(r"\w+\([^()]*\)")
CONSTANT = re.compile(r"'(?:[^']|'')*'(?:::[\w .\"]+)?|-?\d+(?:\.\d+)?|true|false")
DIRECTION = re.compile(r"(?: COLLATE \S+)?(?P<order>(?: DESC)?(?: NULLS (?:FIRST|LAST))?)$")
DESCENDING, NULLS_FIRST = 1, 2


@dataclass(slots=True)
class _Wish:
    """What one table is asked: the parts of an index that would answer it, all without the alias."""

    table: Name
    alias: str
    equal: list[str] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)
    ranges: list[str] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    contained: list[tuple[str, str]] = field(default_factory=list)
    constant: dict[str, str] = field(default_factory=dict)


def candidates(finding: rules.Finding, relations: Relations) -> list[str]:
    """Return CREATE INDEX statements that could end a finding, at most four, the best guess first."""
    if finding.node is None or finding.plan is None or finding.plans is None:
        return []
    if finding.rule in NO_INDEX_HELPS:
        return []
    trees = (finding.plans.generic.root, finding.plan.root)
    wishes = [_wish(node, trees, relations) for node in _scans(finding, relations)]
    lists = [list(_indexes(wish, relations)) for wish in wishes]
    mixed = [one for some in zip_longest(*lists) for one in some if one is not None]
    return list(dict.fromkeys(mixed))[:MOST]


def _scans(finding: rules.Finding, relations: Relations) -> list[Node]:
    """Return the scans a finding is about, one of each table or alias, those of the largest tables first."""
    assert finding.node is not None  # noqa: S101 -- asked by the caller
    own = [finding.node] if finding.rule in ITSELF else finding.node.walk()
    found: dict[tuple[Name, str], Node] = {}
    for node in own:
        if node.table is not None and node.kind in SCANS:
            root = relations.root(node.table)
            if root not in relations.tables:
                continue  # the server's own, which get no index of ours
            alias = node.alias if root == node.table else ""
            found.setdefault((root, alias), node)
    return sorted(
        found.values(), key=lambda node: -relations.rows(relations.root(node.table or ("", "")))
    )


def _wish(scan: Node, trees: Sequence[Node], relations: Relations) -> _Wish:
    """Collect what a statement asks of a table; the plan without values tells constants from parameters."""
    assert scan.table is not None  # noqa: S101 -- a scan of a table
    wish = _Wish(relations.root(scan.table), scan.alias)
    for place, root in enumerate(trees):
        names = _names(root, wish, relations)
        for node in root.walk():
            if node.kind == "Bitmap Index Scan":
                continue  # one arm of an OR, perhaps; the heap scan above it has the whole
            for key in CONDITIONS:
                for alias in sorted(names):
                    for one in comparisons(node.condition(key), alias):
                        _take(wish, one, names, constants=place == 0)
            if not wish.order:
                wish.order = _order(node, names)
    if not wish.order and any(node.kind == "Limit" for node in trees[-1].walk()):
        wish.order = _walked(scan, relations)
    wish.ranges = [one for one in wish.ranges if one not in wish.equal]
    return wish


def _names(root: Node, wish: _Wish, relations: Relations) -> set[str]:
    """Return the names that a plan calls the table by: of a partitioned table those of its partitions too."""
    partitioned = relations.tables[wish.table].kind == "p"
    return {
        node.alias
        for node in root.walk()
        if node.table is not None
        and relations.root(node.table) == wish.table
        and (partitioned or node.alias == wish.alias)
    } | {wish.alias}


def _take(wish: _Wish, one: Comparison, names: set[str], *, constants: bool) -> None:
    left = _unqualified(one.left, names)
    if one.operator in CONTAINS:
        wish.contained += [] if (left, one.operator) in wish.contained else [(left, one.operator)]
    elif one.operator in RANGES:
        wish.ranges += [] if left in wish.ranges else [left]
    elif one.operator == "=" and one.listed:
        wish.listed += [] if left in wish.listed else [left]
    elif one.operator in {"=", "IS NULL"}:
        wish.equal += [] if left in wish.equal else [left]
    if constants and one.operator in {"IS NULL", "IS NOT NULL"}:
        wish.constant[left] = f"{_key(left)} {one.operator}"
    elif constants and one.operator == "=" and CONSTANT.fullmatch(one.right) and not one.listed:
        wish.constant[left] = _equality(left, one.right)


def _equality(left: str, right: str) -> str:
    if right in {"true", "false"} and PLAIN.fullmatch(left):
        return left if right == "true" else f"NOT {left}"
    return f"{_key(left)} = {right.removesuffix('::text')}"


def _order(node: Node, names: set[str]) -> list[str]:
    """Return the leading columns of a sort that are the table's own, with their directions."""
    found: list[str] = []
    for item in map(str, node.raw.get("Sort Key", ())):
        direction = DIRECTION.search(item)
        expression = item[: direction.start()] if direction else item
        used = {alias for alias, _ in columns(expression)}
        if not used or not used <= names:
            break
        order = direction["order"] if direction else ""
        found.append(_key(_unqualified(expression, names)) + order)
    return found


def _walked(scan: Node, relations: Relations) -> list[str]:
    """Return the order of the index that a scan walks, as the scan walks it."""
    index = relations.indexes.get(((scan.table or ("", ""))[0], scan.index or ""))
    if index is None or index.method != "btree":
        return []
    backwards = scan.raw.get("Scan Direction") == "Backward"
    found = []
    for key, (option, _, _) in zip(index.keys, index.order, strict=False):
        descending = bool(option & DESCENDING) != backwards
        first = bool(option & NULLS_FIRST) != backwards
        nulls = "" if first == descending else f" NULLS {'FIRST' if first else 'LAST'}"
        found.append(f"{key}{' DESC' if descending else ''}{nulls}")
    return found


def _unqualified(expression: str, names: set[str]) -> str:
    plain = column_of(expression)
    if plain is not None:
        return plain[1] if re.fullmatch(r"[a-z_][a-z0-9_]*", plain[1]) else f'"{plain[1]}"'
    listed = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    text = re.sub(rf'(?<![\w."\'])"?(?:{listed})"?\.(?=[\w"])', "", expression)
    return re.sub(r"\((\w+)\)::", r"\1::", text)


def _key(expression: str) -> str:
    """Return an expression as a key of CREATE INDEX: in brackets, where it is neither a column nor a call."""
    if PLAIN.fullmatch(expression) or CALL.fullmatch(expression):
        return expression
    return f"({expression})"


def _indexes(wish: _Wish, relations: Relations) -> Iterator[str]:
    """Return the indexes that would answer what a table is asked, the best guess first."""
    for left, _ in wish.contained:
        yield _create(wish.table, [_key(left)], relations, method="gin")
    equal = [_key(one) for one in wish.equal]
    ranges = [_key(one) for one in wish.ranges]
    listed = [_key(one) for one in wish.listed if one not in wish.equal]
    order = [one for one in wish.order if _column(one) not in equal]
    tails = (
        [order, [*listed, *order], ranges, [*listed, *ranges]] if order else [[*listed, *ranges]]
    )
    open_keys = [one for one in equal if one not in {_key(name) for name in wish.constant}]
    predicate = " AND ".join(wish.constant.values())
    for place, tail in enumerate(tails):
        if keys := [*equal, *tail]:
            yield _create(wish.table, keys, relations)
        keys = [*open_keys, *tail]
        if place == 0 and predicate and (keys or equal):
            yield _create(wish.table, keys or equal, relations, predicate=predicate)
    for left, _ in wish.contained:  # what GIN does not take: ranges and shapes
        yield _create(wish.table, [_key(left)], relations, method="gist")


def _column(item: str) -> str:
    return re.sub(r"(?: DESC)?(?: NULLS (?:FIRST|LAST))?$", "", item)


def _create(
    table: Name,
    keys: Sequence[str],
    relations: Relations,
    *,
    method: str = "",
    predicate: str = "",
) -> str:
    keys = list(dict.fromkeys(keys))
    words = [part for key in keys for part in re.findall(r"\w+", _words(_column(key)))]
    stem = "_".join([table[1], *words])[: LONGEST_NAME - 6]
    name, number = f"{stem}_idx", 1
    while (table[0], name) in relations.indexes:
        number += 1
        name = f"{stem}_idx{number}"
    using = f" USING {method}" if method else ""
    where = f" WHERE {predicate}" if predicate else ""
    return f"CREATE INDEX {quoted(name)} ON {quoted(table[0])}.{quoted(table[1])}{using} ({', '.join(keys)}){where}"


def _words(key: str) -> str:
    """Return a key without literals and casts, which make no name."""
    return re.sub(r"'(?:[^']|'')*'|::[\w ]+(?:\[\])?", " ", key)


def quoted(name: str) -> str:
    """Return a name as SQL has it, in quotes where it needs them."""
    return name if re.fullmatch(r"[a-z_][a-z0-9_]*", name) else '"' + name.replace('"', '""') + '"'
