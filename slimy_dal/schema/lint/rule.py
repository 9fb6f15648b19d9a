"""What a rule is, what it is asked, and the list of all of them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from slimy_dal.schema.lint.acts import Act, Statement
from slimy_dal.schema.lint.files import Migration
from slimy_dal.schema.lint.known import Catalog, Table

__all__ = ["RULES", "Hit", "Rule", "Severity", "Subject", "hit", "rule"]

Severity = Literal["error", "warning", "note"]
UsedBy = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Hit:
    """A place where a rule is broken: the offset, what is wrong, the tables that suffer."""

    at: int
    message: str
    tables: tuple[str, ...] = ()


@dataclass(slots=True)
class Subject:
    """A migration, and what is known when it runs: before it, after it, and after all that run with it."""

    migration: Migration
    before: Catalog
    after: Catalog
    end: Catalog
    run: int
    earlier: Sequence[str] = ()
    """The migrations that come before it, by id, in order."""
    sources: dict[str, str] = field(default_factory=dict)
    """The migration that made each table."""
    needs: Callable[[str], frozenset[str]] = frozenset
    """All that a migration depends on, at whatever remove."""
    used_by: UsedBy = lambda _name: ()

    def acts(self, *does: str) -> Iterator[Act]:
        """Yield the migration's acts of these kinds, in order."""
        return (act for _, act in self.migration.acts(*does))

    def table(self, name: str) -> Table | None:
        """Return what is known of a table, dropped by this migration or not."""
        return self.before.tables.get(name) or self.after.tables.get(name)

    def is_new(self, name: str) -> bool:
        """Say whether nobody can be using a table yet: it was made in this run, or is temporary."""
        table = self.after.tables.get(name) or self.before.tables.get(name)
        return table is not None and (table.run == self.run or table.temporary)

    def is_old(self, name: str) -> bool:
        """Say whether a table may have rows and traffic."""
        return bool(name) and not self.is_new(name)

    def in_use(self, name: str) -> str:
        """Return the table that a name of a lock means, an index's for an index; empty where it is new."""
        of_index = self.before.table_of_index(name) or self.after.table_of_index(name)
        table = of_index or name
        made = [run for place in (self.before, self.after) for run in place.runs_of(name)]
        return table if self.is_old(table) and self.run not in made else ""

    def together(self, one: Statement, other: Statement) -> bool:
        """Say whether two statements run in one transaction."""
        return one.transaction is not None and one.transaction == other.transaction


Check = Callable[[Subject], Iterable[Hit]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: `why` and `instead` are a sentence each; `lock` is what the statement takes, empty where that is not it.

    What `eases` is of no weight on a new table and of little on a small one. A `convention` is asked
    only where a project says so. `replaces` are rules of squawk's that it stands for.
    """

    id: str
    group: str
    severity: Severity
    why: str
    instead: str
    check: Check
    lock: str = ""
    eases: bool = False
    convention: bool = False
    replaces: tuple[str, ...] = ()


RULES: dict[str, Rule] = {}


def rule(
    name: str,
    group: str,
    severity: Severity,
    *,
    why: str,
    instead: str,
    lock: str = "",
    eases: bool = False,
    convention: bool = False,
    replaces: tuple[str, ...] = (),
) -> Callable[[Check], Check]:
    """Enter a check into the list of rules."""

    def enter(check: Check) -> Check:
        if name in RULES:
            raise ValueError(f"two rules are called {name}")
        RULES[name] = Rule(
            name, group, severity, why, instead, check, lock, eases, convention, replaces
        )
        return check

    return enter


def hit(act: Act, message: str, *tables: str) -> Hit:
    """Return a hit at an act, on its table where no other is named."""
    return Hit(act.at, message, tables or ((act.on,) if act.on else ()))
