"""Finds where in the text of a statement the nodes of its tree were written."""

from collections.abc import Iterator
from functools import cached_property, lru_cache

from slimy_dal.compiler.lexer import LexError, Token, tokens
from slimy_dal.compiler.nodetree import Node, walk

__all__ = ["Places", "first_mention"]

END_OF_LIST = frozenset(
    (
        *("from", "where", "group", "having", "window", "order", "limit", "offset", "fetch"),
        *("for", "into", "union", "intersect", "except"),
    )
)
BEFORE_JOIN = frozenset(["natural", "inner", "left", "right", "full", "outer", "cross"])


class Places:
    """The places of one statement; `shift` is how many bytes stand before it in what was analysed.

    From PostgreSQL 17 on the tree of a stored function has no positions, and joins never have one:
    those are found by counting the words JOIN of the text in the order of the tree.
    """

    def __init__(self, sql: str, statement: Node, shift: int = 0) -> None:
        self._sql = sql
        self._statement = statement
        self._shift = shift

    def node(self, node: Node) -> int | None:
        """Return the offset of a node in characters, None where it is not known."""
        place = node.get("location", -1)
        if not isinstance(place, int) or place < self._shift:
            return None
        place -= self._shift
        if self._sql.isascii():
            return place if place < len(self._sql) else None
        raw = self._sql.encode()
        return len(raw[:place].decode("utf-8", "ignore")) if place < len(raw) else None

    def join(self, query: Node, number: int) -> int | None:
        """Return the offset of the join with that number in a query."""
        return self._joins.get((id(query), number))

    def column(self, number: int, count: int) -> int | None:
        """Return the offset of a result column in the select list, where that lists `count` of them."""
        items = self._items
        return items[number - 1] if len(items) == count else None

    @cached_property
    def _items(self) -> list[int]:
        return _list_items(_read(self._sql))

    @cached_property
    def _joins(self) -> dict[tuple[int, int], int]:
        found = list(_joins_of(self._statement))
        words = list(_words(self._sql))
        if len(found) != len(words):
            return {}
        return dict(zip(found, words, strict=True))


def first_mention(sql: str, parameter: int) -> int | None:
    """Return the offset of the first mention of a parameter."""
    written = f"${parameter}"
    return next((token.start for token in _read(sql) if token.text == written), None)


@lru_cache(maxsize=8)
def _read(sql: str) -> list[Token]:
    try:
        return [token for token in tokens(sql) if not token.silent]
    except LexError:
        return []


def _list_items(read: list[Token]) -> list[int]:
    """Return where the items of the outermost select list or RETURNING begin."""
    items: list[int] = []
    depth = 0
    is_item = is_listing = False
    for token in read:
        word = token.text.lower() if token.kind == "word" else token.text
        if depth == 0 and word in {"select", "returning"} and (not items or word == "returning"):
            is_item = is_listing = True
            items = []
            continue
        if depth == 0 and is_listing and (word in END_OF_LIST or word == ";"):
            is_listing = False
        if is_listing and is_item and word not in {"distinct", "all"}:
            items.append(token.start)
            is_item = False
        depth += (word in {"(", "["}) - (word in {")", "]"})
        is_item = is_item or (depth == 0 and word == ",")
    return items


def _words(sql: str) -> Iterator[int]:
    """Yield where each join begins: at LEFT of LEFT OUTER JOIN."""
    read = _read(sql)
    for number, token in enumerate(read):
        if token.kind == "word" and token.text.lower() == "join":
            first = number
            while first and read[first - 1].text.lower() in BEFORE_JOIN:
                first -= 1
            yield read[first].start


def _joins_of(query: Node) -> Iterator[tuple[int, int]]:
    """Yield the joins of a query and of those inside it, in the order of the text."""
    for cte in query["cteList"] or ():
        yield from _joins_of(cte["ctequery"])
    entries = query["targetList"] or ()
    yield from _inside([entry for entry in entries if not entry["resjunk"]])
    if query["setOperations"] is not None:
        for entry in query["rtable"]:
            if entry.get("subquery") is not None:
                yield from _joins_of(entry["subquery"])
    elif query["jointree"] is not None:
        for item in query["jointree"]["fromlist"] or ():
            yield from _from_item(query, item)
        yield from _inside(query["jointree"]["quals"])
    yield from _inside(query["havingQual"])
    yield from _inside([entry for entry in entries if entry["resjunk"]])
    yield from _inside([query["limitCount"], query["limitOffset"], query["returningList"]])


def _from_item(query: Node, item: Node) -> Iterator[tuple[int, int]]:
    if item.kind == "JOINEXPR":
        yield from _from_item(query, item["larg"])
        yield (id(query), item["rtindex"])
        yield from _from_item(query, item["rarg"])
        yield from _inside(item["quals"])
        return
    entry = query["rtable"][item["rtindex"] - 1]
    if entry.get("subquery") is not None:
        yield from _joins_of(entry["subquery"])
    else:
        yield from _inside([entry.get("functions"), entry.get("values_lists")])


def _inside(value: object) -> Iterator[tuple[int, int]]:
    """Yield the joins of the outermost subqueries in expressions."""
    covered: set[int] = set()
    for node in walk(value):
        if node.kind == "QUERY" and id(node) not in covered:
            covered.update(id(inner) for inner in walk(node) if inner.kind == "QUERY")
            yield from _joins_of(node)
