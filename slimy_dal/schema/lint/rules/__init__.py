"""All rules, entered by being imported."""

from slimy_dal.schema.lint.rule import RULES
from slimy_dal.schema.lint.rules import (
    columns,
    compatibility,
    constraints,
    conventions,
    data,
    headers,
    indexes,
    maintenance,
    security,
    transactions,
    types,
    undoing,
    waivers,
)

__all__ = [
    "RULES",
    "columns",
    "compatibility",
    "constraints",
    "conventions",
    "data",
    "headers",
    "indexes",
    "maintenance",
    "security",
    "transactions",
    "types",
    "undoing",
    "waivers",
]
