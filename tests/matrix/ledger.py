"""The table that writers under faults write to, and how many they are; the book is that of slimy_dal.testing."""

import os

from slimy_dal.engine.statement import Parameter, Statement
from slimy_dal.testing import Ledger, Verdict

__all__ = ["ALL", "INSERT", "TABLE", "Ledger", "Verdict", "writes"]

TABLE = "CREATE TABLE public.kept (id bigint NOT NULL)"
"""Without a key on purpose: a write that is made twice stands there twice."""

INSERT = Statement(
    name="kept.add",
    sql="INSERT INTO public.kept (id) VALUES ($1)",
    parameters=(Parameter("id", "bigint"),),
    writes=True,
)
ALL = Statement(name="kept.all", sql="SELECT id FROM public.kept", columns=("id",))


def writes(default: int) -> int:
    """Return how many writes a scenario makes: few in a test, 100,000 in a soak (SLIMY_SOAK_WRITES)."""
    return int(os.environ.get("SLIMY_SOAK_WRITES", default))
