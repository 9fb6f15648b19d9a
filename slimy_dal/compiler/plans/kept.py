"""Keeps plans as texts beside the queries: one file per noun, the same bytes on every machine."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from slimy_dal.compiler.plans.explain import Plan, Plans
from slimy_dal.compiler.plans.plan import CONDITIONS, Node
from slimy_dal.compiler.plans.text import PARTITION, lines, named, title

__all__ = ["say", "texts"]

HEAD = "# Plans of sql/queries/{noun}.sql at the size of sql/scale.toml; `slimy plans --write` makes this file.\n"


def texts(plans: Iterable[Plans]) -> dict[str, str]:
    """Return the text of every file by its name: a section for each query, in alphabetical order."""
    nouns: dict[str, dict[str, list[Plans]]] = {}
    for one in plans:
        query = one.description.query
        nouns.setdefault(query.noun, {}).setdefault(query.name, []).append(one)
    return {
        f"{noun}.txt": HEAD.format(noun=noun)
        + "".join(_section(f"{noun}.{name}", some) for name, some in sorted(queries.items()))
        for noun, queries in sorted(nouns.items())
    }


def _section(name: str, plans: Sequence[Plans]) -> str:
    """Return a query's plans; those of equal structure stand once, under all their names."""
    groups: dict[str, tuple[list[str], Plans, Plan]] = {}
    for one in plans:
        for plan in one.possible:
            label = plan.label if not one.label else f"{one.label}: {plan.label}"
            names, _, _ = groups.setdefault(_structure(plan.root), ([], one, plan))
            names.append(label)
    text = f"\n{name}\n{'=' * len(name)}\n"
    for names, one, plan in groups.values():
        if len(groups) > 1 or len(plans) > 1:
            text += "".join(f"[{label}]\n" for label in _short(names))
        text += "\n".join(lines(plan.root, say(one, plan))) + "\n"
    return text


def _short(labels: Sequence[str]) -> Iterator[str]:
    """Join the labels of one shape: `newest, after: no values; common values`."""
    shapes: dict[str, list[str]] = {}
    for label in labels:
        shape, found, values = label.rpartition(": ")
        shapes.setdefault(f"{shape}{found}", []).append(values)
    for shape, some in shapes.items():
        yield f"{shape}{'; '.join(some)}"


def _structure(root: Node) -> str:
    """Return what makes two plans the same: their nodes, indexes and kinds of conditions, partitions aside."""
    parts = []
    for depth, node in _walk(root, 0):
        kinds = [key for key in CONDITIONS if node.condition(key)]
        parts.append(f"{depth} {PARTITION.sub('', title(node))} {kinds}")
    return "\n".join(parts)


def _walk(node: Node, depth: int) -> Iterator[tuple[int, Node]]:
    yield depth, node
    for child in node.children:
        yield from _walk(child, depth + 1)


def say(plans: Plans, plan: Plan) -> Callable[[str], str]:
    """Return what writes conditions with the query's names, also for the values a plan was made with."""
    names = plans.description.query.parameters
    return partial(named, parameters=names, literals=_literals(names, plan))


def _literals(names: Sequence[str], plan: Plan) -> Mapping[str, str]:
    found: dict[str, list[str]] = {}
    for name, text in zip(names, plan.texts or (), strict=False):
        # The server writes an array without the quotes that its entries do not need.
        for written in {text, text.replace('"', "")}:
            found.setdefault(written, []).append(name)
    return {text: "/".join(some) for text, some in found.items()}
