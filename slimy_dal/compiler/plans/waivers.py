"""Holds findings against the waivers of their queries, and waivers against the findings they are for."""

from collections.abc import Iterable, Iterator, Sequence

from slimy_dal.compiler.cardinality import rules as cardinality_rules
from slimy_dal.compiler.description import Description
from slimy_dal.compiler.plans.rules import Finding
from slimy_dal.compiler.query import Query

__all__ = ["unbounded", "unneeded", "unwaived"]


def _waived(query: Query) -> dict[str, str]:
    """Return the rules that a query waives, each with its reason."""
    pairs = (d.value.partition(":") for d in query.directives if d.key == "allow")
    return {rule.strip(): reason.strip() for rule, _, reason in pairs}


def unbounded(descriptions: Iterable[Description]) -> Iterator[Finding]:
    """Find lists that nothing cuts: no LIMIT, no unique key, no array whose entries are looked up."""
    for one in descriptions:
        if one.query.shape == "many" and one.bound is None and not one.query.directive("page"):
            why = f": {one.rows_because[0].text}" if one.rows_because else ""
            yield Finding(
                "unbounded",
                one.query,
                f"it returns however many rows there are{why}",
                "end it in LIMIT, or say how many there can be: `page: 1000`",
            )


def unwaived(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that no waiver is for."""
    return [one for one in findings if one.rule not in _waived(one.query)]


def unneeded(
    queries: Sequence[Query],
    findings: Iterable[Finding],
    counted: Iterable[cardinality_rules.Finding],
) -> Iterator[str]:
    """Say which waivers waive nothing: what they were for is gone, and so should they be."""
    needed = {(one.query.full_name, one.rule) for one in findings}
    needed |= {(one.query.full_name, one.rule) for one in counted if one.waiver is not None}
    for query in queries:
        for directive in query.directives:
            rule = directive.value.partition(":")[0].strip()
            if directive.key == "allow" and (query.full_name, rule) not in needed:
                yield f"{directive.location}: {query.full_name}: `allow: {rule}` waives nothing; take it out"
