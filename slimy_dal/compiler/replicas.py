"""Proves from its analysed tree that a query which is declared for replicas can run on one."""

from collections.abc import Iterator

from slimy_dal.compiler.overrides import Contradiction
from slimy_dal.compiler.query import Query
from slimy_dal.compiler.usage import Usage

__all__ = ["prove", "refuse"]

NAMES = """
    currval lastval pg_current_wal_flush_lsn pg_current_wal_insert_lsn pg_current_wal_lsn
    pg_current_xact_id pg_walfile_name pg_walfile_name_offset txid_current
"""
PRIMARY_ONLY = frozenset(NAMES.split())
"""PostgreSQL's own functions that leave nothing behind, and that a server in recovery refuses all the same."""

WAY_OUT = "leave the directive out: the primary runs it"


def prove(query: Query, usage: Usage) -> None:
    """Raise Contradiction where a query says `replica: yes` and a replica would refuse it, or it would write."""
    found = list(_against(usage))
    if query.directive("replica") is not None and found:
        refuse(query, "; ".join(found))


def refuse(query: Query, problem: str) -> None:
    """Raise Contradiction for a query that says `replica: yes`, at that line; nothing where it says no such thing."""
    directive = query.directive("replica")
    if directive is not None:
        raise Contradiction(directive.location, f"it cannot run on a replica: {problem}", WAY_OUT)


def _against(usage: Usage) -> Iterator[str]:
    for schema, table in sorted(usage.writes):
        yield f"it writes to {schema}.{table}"
    yield from sorted(usage.leaves)
    for name in sorted(usage.called & PRIMARY_ONLY):
        yield f"it calls {name}(), which only a primary answers"
    for name in sorted(usage.unlogged):
        yield f"it reads {name}, which is unlogged and so empty there"
