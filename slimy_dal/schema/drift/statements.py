"""One statement of a script that mends a database: when it comes, and why somebody has to look at it first."""

from dataclasses import dataclass
from enum import IntEnum

from slimy_dal.schema.catalog.things import Fact

__all__ = ["Rank", "Statement", "literal", "named"]


class Rank(IntEnum):
    """The order of a script: what leans on other things goes first and comes last."""

    REVOKE = 5
    UNHOOK = 10
    DROP_VIEW = 20
    DROP_KEY = 29
    DROP_PART = 30
    DROP_COLUMN = 40
    DROP = 50
    DROP_TYPE = 60
    DROP_HOME = 70
    HOME = 100
    MAKE = 110
    ALTER = 120
    COLUMN = 130
    ALTER_COLUMN = 140
    UNIQUE = 150
    CHECK = 151
    KEY = 152
    INDEX = 160
    VIEW = 170
    VIEW_PART = 175
    HOOK = 180
    PUBLISH = 185
    GRANT = 190
    COMMENT = 195
    AFTER = 200
    """Outside of the transaction, each by itself: what would hold a lock for long inside it."""
    BY_HAND = 300


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement; `danger` says why it is commented out, `order` sorts those of one rank."""

    rank: Rank
    sql: str
    order: int = 0
    danger: str | None = None


def literal(text: Fact) -> str:
    """Return a text as SQL writes it."""
    return "'" + str(text).replace("'", "''") + "'"


def named(option: str) -> str:
    """Return `name=value`, as catalogues keep options, as SQL writes it."""
    name, _, value = option.partition("=")
    return f"{name} = {literal(value)}"
