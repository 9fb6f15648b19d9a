"""Cuts a statement where its variable parts go, and checks that its directives fit it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from slimy_dal.compiler.clauses import Clauses, clauses, comma_list, word_of
from slimy_dal.compiler.directives import suggestion
from slimy_dal.compiler.lexer import Token, tokens
from slimy_dal.compiler.query import Directive, Query, QueryFileError
from slimy_dal.compiler.variants.read import (
    COLUMN,
    Condition,
    Order,
    Wrong,
    order_items,
    read_filter,
    read_sort,
)

__all__ = ["Selection", "optional_names", "problems", "selection"]

SETS = ("union", "intersect", "except")
BEHIND_WHERE = ("group", "having", "window", "order", "limit", "offset", "fetch", "for", *SETS)
OF_A_PAGE = frozenset({"from", "where", "group", "having", "order", "limit"})
MOST_FILTERS = 10
"""Each doubles the number of statements that may be composed and kept."""
ENDS = "a page ends in `ORDER BY ... LIMIT :row_limit`"


@dataclass(frozen=True, slots=True)
class Selection:
    """A SELECT with filters, and orders where it is a page: its text in the pieces that stay.

    `inserted` is where in the statement conditions go, `ordered` where the items of its ORDER BY
    stand; `joint` is the word in front of the first added condition.
    """

    filters: tuple[Condition, ...]
    sorts: tuple[Order, ...]
    joint: str
    inserted: int
    ordered: tuple[int, int] | None


class _Misfit(Exception):
    """What is wrong with a statement for its directives, at an offset of its text."""

    def __init__(self, message: str, hint: str | None = None, at: int | Directive = 0) -> None:
        super().__init__(message)
        self.message, self.hint, self.at = message, hint, at

    def error(self, query: Query) -> QueryFileError:
        place = self.at.location if isinstance(self.at, Directive) else query.location(self.at)
        return QueryFileError(place, self.message, self.hint, query.name)


def optional_names(directives: Sequence[Directive]) -> tuple[str, ...]:
    """Return the names of the parameters that filters have, which the statement itself does not."""
    read = (read_filter(d, "") for d in directives if d.key == "filter")
    return tuple(f.name for f in read if isinstance(f, Condition) and not f.flag)


def selection(query: Query) -> Selection | None:
    """Return where the variable parts of a query go, None where it has no filter and no sort.

    The query has been loaded without errors.
    """
    found, errors = _selection(query)
    if errors:
        raise errors[0]
    return found


def problems(query: Query) -> list[QueryFileError]:
    """Return what is wrong with the filters and sorts of a query."""
    return list(_selection(query)[1])


@lru_cache(1 << 10)
def _selection(query: Query) -> tuple[Selection | None, tuple[QueryFileError, ...]]:
    """Cut a query, once for all of its shapes, which ask again and again."""
    read = [
        (read_filter if directive.key == "filter" else read_sort)(directive, query.name)
        for directive in query.directives
        if directive.key in {"filter", "sort"}
    ]
    if not read:
        return None, ()
    filters = tuple(one for one in read if isinstance(one, Condition))
    sorts = tuple(one for one in read if isinstance(one, Order))
    errors = [one for one in read if isinstance(one, QueryFileError)]
    errors += [wrong.error(query) for wrong in _names(query, filters, sorts)]
    if errors:
        return None, tuple(errors)
    try:
        return _fit(query, filters, sorts), ()
    except _Misfit as misfit:
        return None, (misfit.error(query),)


def _names(query: Query, filters: Sequence[Condition], sorts: Sequence[Order]) -> Iterator[_Misfit]:
    seen: set[str] = set()
    every: list[Condition | Order] = [*filters, *sorts]
    for one in every:
        key = f"{one.directive.key} {one.name}"
        if key in seen:
            yield _Misfit(
                f"a second {one.directive.key} is named `{one.name}`", None, one.directive
            )
        seen.add(key)
    for condition in filters:
        if condition.name in query.parameters:
            message = f"filter `{condition.name}` has the name of a parameter of the statement"
            hint = "the statement always needs that one; name the filter's otherwise"
            yield _Misfit(message, hint, condition.directive)
    if len(filters) > MOST_FILTERS:
        hint = f"the {MOST_FILTERS} that are used most, and queries of their own for the others"
        yield _Misfit(f"{len(filters)} filters", hint, filters[MOST_FILTERS].directive)


def _fit(query: Query, filters: tuple[Condition, ...], sorts: tuple[Order, ...]) -> Selection:
    read = clauses(tokens(query.sql))
    if read is None or read.verb != "select":
        raise _Misfit("filters and sorts need a SELECT at the top of the statement")
    if (united := next((c for c in read.found if c.word in SETS), None)) is not None:
        message = f"filters and sorts need one SELECT: {united.word.upper()} has two"
        raise _Misfit(message, "put it into a WITH and select from that", united.start)
    where = read.get("where")
    if where is not None:
        _no_or(where.body)
        inserted = where.body[-1].end if where.body else where.start
    else:
        inserted = read.before(*BEHIND_WHERE)
    joint = "WHERE" if where is None else "AND"
    if not sorts:
        return Selection(filters, (), joint, inserted, None)
    order = _page(query, read, sorts[0])
    items = _select_list(read)
    placed = tuple(replace(s, places=tuple(_places(s, items))) for s in sorts)
    return Selection(filters, placed, joint, inserted, order)


def _no_or(condition: Sequence[Token]) -> None:
    depth = 0
    for token in condition:
        depth += (token.text in {"(", "["}) - (token.text in {")", "]"})
        if depth == 0 and word_of(token) == "or":
            hint = "put what OR joins into parentheses"
            raise _Misfit("a filter's AND would bind closer than this OR", hint, token.start)


def _page(query: Query, read: Clauses, default: Order) -> tuple[int, int]:
    """Return where the items of ORDER BY stand in a statement that is a page."""
    order, limit = read.get("order"), read.get("limit")
    other = next((c for c in read.found if c.word not in OF_A_PAGE), None)
    if other is not None:
        raise _Misfit(f"a page has no {other.word.upper()}", ENDS, other.start)
    if order is None or not order.body or limit is None or read.found[-1] is not limit:
        raise _Misfit(f"sort `{default.name}`: {ENDS}", None, default.directive)
    last = f"${len(query.parameters)}"
    mentions = [token.text for token in tokens(query.sql) if token.text == last]
    if [token.text for token in limit.body] != [last] or len(mentions) != 1:
        message = "LIMIT needs a parameter of its own, which stands nowhere else"
        raise _Misfit(message, ENDS, limit.start)
    try:
        columns, descending = order_items(order.body)
    except Wrong as wrong:
        raise _Misfit(f"ORDER BY: {wrong.message}", wrong.hint, order.start) from wrong
    if (_folded(columns), descending) != (_folded(default.columns), default.descending):
        message = f"this ORDER BY is not that of the first sort, `{default.name}`"
        raise _Misfit(message, "the text is the first page in the default order", order.start)
    return order.body[0].start, order.body[-1].end


def _select_list(read: Clauses) -> list[list[str]]:
    head = list(read.head)
    if head and word_of(head[0]) in {"distinct", "all"}:
        if len(head) > 1 and word_of(head[1]) == "on":
            raise _Misfit("a page cannot be DISTINCT ON: its rows would change with the key", None)
        head = head[1:]
    if (window := _window(head)) is not None:
        message = "a window function would see the rows behind the cursor only"
        raise _Misfit(message, "compute it in a WITH", window.start)
    items = comma_list(head)
    for item in items:
        if item[-1].text == "*":
            raise _Misfit("a page lists its columns: `*` hides where the sort keys stand")
    return [[word_of(token) for token in item] for item in items]


def _window(head: Sequence[Token]) -> Token | None:
    """Return the OVER of a select list's own window function; those of a query inside are its own."""
    inside: list[bool] = []
    for before, token in pairwise(head):
        if before.text in {"(", "["}:
            inside.append(any(inside[-1:]) or word_of(token) in {"select", "with", "values"})
        elif before.text in {")", "]"}:
            inside.pop()
            if word_of(token) == "over" and not any(inside[-1:]):
                return token
    return None


def _places(sort: Order, items: Sequence[Sequence[str]]) -> Iterator[int]:
    """Yield where in the select list the columns of a sort stand."""
    plain = {
        "".join(item[:COLUMN]): place
        for place, item in reversed(list(enumerate(items)))
        if _is_plain(item)
    }
    for column, key in zip(sort.columns, _folded(sort.columns), strict=True):
        if key not in plain:
            hint = suggestion(key, list(plain)) or "the cursor is made of the page's own rows"
            message = f"sort `{sort.name}`: `{column}` does not stand in the select list as it is"
            raise _Misfit(message, hint, sort.directive)
        yield plain[key]


def _folded(columns: Sequence[str]) -> list[str]:
    """Return columns as PostgreSQL compares their names: what is quoted keeps its case."""
    return ["".join(word_of(token) for token in tokens(column)) for column in columns]


def _is_plain(item: Sequence[str]) -> bool:
    """Whether an item of a select list may be a column and its label alone."""
    label = [*item[COLUMN:]]
    if label[:1] == ["as"]:
        return len(label) == len(["as", "label"])
    return not label or (len(label) == 1 and label[0] not in {"isnull", "notnull"})
