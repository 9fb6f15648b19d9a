"""The schema as the migrations before tell it: which tables there are, since when, and what is known of them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from slimy_dal.schema.lint.acts import Act

__all__ = ["Catalog", "Constraint", "Table"]


@dataclass(frozen=True, slots=True)
class Constraint:
    """A constraint; `columns` of a CHECK are those it proves to be not null."""

    kind: str
    columns: tuple[str, ...]
    to: str
    valid: bool
    at: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `run` is the one it was made in, -1 for one that no migration was seen to make."""

    name: str
    run: int
    kind: str = "table"
    temporary: bool = False
    parent: str = ""
    partitioned: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)
    constraints: Mapping[str, Constraint] = field(default_factory=dict)
    indexes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unique: frozenset[str] = frozenset()
    """Its unique indexes that are not partial."""
    policies: frozenset[str] = frozenset()
    triggers: frozenset[str] = frozenset()
    row_security: bool = False


@dataclass(slots=True)
class Catalog:
    """What is known; tables are never changed in place, so that a copy costs little."""

    tables: dict[str, Table] = field(default_factory=dict)
    things: dict[tuple[str, str], int] = field(default_factory=dict)
    """Functions, types, schemas, views and the like: kind and name, and the run they were made in."""
    comments: set[tuple[str, str]] = field(default_factory=set)
    steady: set[str] = field(default_factory=set)
    """Functions that were declared STABLE or IMMUTABLE."""
    definers: dict[str, bool] = field(default_factory=dict)
    """Functions that run as their owner, and whether their search_path is set."""

    def copy(self) -> "Catalog":
        """Return a catalog that can go its own way."""
        return Catalog(
            dict(self.tables),
            dict(self.things),
            set(self.comments),
            set(self.steady),
            dict(self.definers),
        )

    def table_of_index(self, index: str) -> str:
        """Return the table that an index belongs to; empty where it is not known."""
        bare = index.rpartition(".")[2]
        return next(
            (
                one.name
                for one in self.tables.values()
                if index in one.indexes or bare in one.constraints
            ),
            "",
        )

    def runs_of(self, name: str) -> list[int]:
        """Return the runs in which things of a name were made: views, sequences, types."""
        return [run for (_, made), run in self.things.items() if made == name]

    def apply(self, acts: Iterable[Act], run: int) -> None:
        """Take in what a migration of that run does."""
        for act in acts:
            effect = EFFECTS.get(act.does)
            if effect is not None:
                effect(self, act, run)
            elif act.does.startswith("create_"):
                self.things[act.does.removeprefix("create_"), act.name] = run
            elif act.does.startswith("drop_"):
                self.things.pop((act.does.removeprefix("drop_"), act.name), None)

    def change(self, name: str, change: Callable[[Table], Table]) -> None:
        """Put another table in the place of one; one that is not known is taken to be old."""
        self.tables[name] = change(self.tables.get(name, Table(name, -1)))


def _create(catalog: Catalog, act: Act, run: int) -> None:
    if "if_not_exists" in act.marks and act.on in catalog.tables:
        return
    parent = catalog.tables.get(act.to) if "partition" in act.marks else None
    columns = parent.columns if parent else {}
    temporary = "temporary" in act.marks
    kind = act.does.removeprefix("create_")
    policies = parent.policies if parent else frozenset()
    catalog.tables[act.on] = Table(
        act.on,
        run,
        kind,
        temporary,
        act.to,
        "partitioned" in act.marks,
        columns,
        policies=policies,
    )


def _drop(catalog: Catalog, act: Act, _run: int) -> None:
    catalog.tables.pop(act.name, None)


def _add_column(catalog: Catalog, act: Act, _run: int) -> None:
    catalog.change(act.on, lambda one: replace(one, columns={**one.columns, act.name: act.to}))


def _drop_column(catalog: Catalog, act: Act, _run: int) -> None:
    def change(one: Table) -> Table:
        columns = {name: kind for name, kind in one.columns.items() if name != act.name}
        indexes = {name: on for name, on in one.indexes.items() if act.name not in on}
        return replace(one, columns=columns, indexes=indexes)

    catalog.change(act.on, change)


def _add_constraint(catalog: Catalog, act: Act, _run: int) -> None:
    table = catalog.tables.get(act.on, Table(act.on, -1))
    kind = next(
        one
        for one in ("check", "primary", "unique", "exclude", "foreign", "not_null")
        if one in act.marks
    )
    bare = act.on.rpartition(".")[2]
    name = act.name or f"{bare}_{'_'.join((*act.columns, kind))}#{len(table.constraints)}"
    columns = act.columns or table.indexes.get(_beside(act.on, act.text), ())
    made = Constraint(kind, columns, act.to, "not_valid" not in act.marks, act.at)
    indexes = dict(table.indexes)
    if kind in {"primary", "unique", "exclude"}:
        indexes.pop(_beside(act.on, act.text), None)
        indexes[_beside(act.on, name)] = columns
    constraints = {**table.constraints, name: made}
    catalog.tables[act.on] = replace(table, constraints=constraints, indexes=indexes)


def _beside(table: str, name: str) -> str:
    """Return an index's name with its table's schema."""
    schema = table.rpartition(".")[0]
    return f"{schema}.{name}" if schema else name


def _drop_constraint(catalog: Catalog, act: Act, _run: int) -> None:
    def change(one: Table) -> Table:
        left = {name: rule for name, rule in one.constraints.items() if name != act.name}
        gone = _beside(act.on, act.name)
        indexes = {name: on for name, on in one.indexes.items() if name != gone}
        return replace(one, constraints=left, indexes=indexes)

    catalog.change(act.on, change)


def _validate(catalog: Catalog, act: Act, _run: int) -> None:
    table = catalog.tables.get(act.on)
    known = table.constraints.get(act.name) if table else None
    if table and known:
        valid = {**table.constraints, act.name: replace(known, valid=True)}
        catalog.tables[act.on] = replace(table, constraints=valid)


def _create_index(catalog: Catalog, act: Act, _run: int) -> None:
    def change(one: Table) -> Table:
        name = act.name or _beside(act.on, f"#{len(one.indexes)}")
        partial = "partial" in act.marks
        unique = {name} if "unique" in act.marks and "filtered" not in act.marks else set()
        indexes = {**one.indexes, name: ("",) if partial else act.columns}
        return replace(one, indexes=indexes, unique=one.unique | unique)

    catalog.change(act.on, change)


def _drop_index(catalog: Catalog, act: Act, _run: int) -> None:
    table = catalog.table_of_index(act.name)
    if table:
        known = catalog.tables[table]
        left = {k: v for k, v in known.indexes.items() if k != act.name}
        catalog.tables[table] = replace(known, indexes=left, unique=known.unique - {act.name})


def _set_type(catalog: Catalog, act: Act, run: int) -> None:
    _add_column(catalog, act, run)


def _row_security(catalog: Catalog, act: Act, _run: int) -> None:
    catalog.change(act.on, lambda one: replace(one, row_security=act.does == "enable_rls"))


def _policy(catalog: Catalog, act: Act, _run: int) -> None:
    if act.does == "create_policy":
        catalog.change(act.on, lambda one: replace(one, policies=one.policies | {act.name}))
    else:
        catalog.change(act.on, lambda one: replace(one, policies=one.policies - {act.name}))


def _trigger(catalog: Catalog, act: Act, _run: int) -> None:
    if act.does == "create_trigger":
        catalog.change(act.on, lambda one: replace(one, triggers=one.triggers | {act.name}))
    else:
        catalog.change(act.on, lambda one: replace(one, triggers=one.triggers - {act.name}))


def _rename(catalog: Catalog, act: Act, _run: int) -> None:
    if act.marks & {"table", "matview"} and act.on in catalog.tables:
        new = act.to if "." in act.to else _beside(act.on, act.to)
        catalog.tables[new] = replace(catalog.tables.pop(act.on), name=new)
    elif "column" in act.marks and act.on in catalog.tables:
        table = catalog.tables[act.on]
        columns = {act.to if k == act.name else k: v for k, v in table.columns.items()}
        catalog.tables[act.on] = replace(table, columns=columns)
    elif "index" in act.marks and (table_name := catalog.table_of_index(act.name)):
        table = catalog.tables[table_name]
        new = _beside(table_name, act.to)
        indexes = {new if k == act.name else k: v for k, v in table.indexes.items()}
        catalog.tables[table_name] = replace(table, indexes=indexes)


def _create_function(catalog: Catalog, act: Act, run: int) -> None:
    catalog.things["function", act.name] = run
    if "steady" in act.marks:
        catalog.steady.add(act.name)
    if "definer" in act.marks:
        catalog.definers[act.name] = "search_path" in act.marks


def _alter_function(catalog: Catalog, act: Act, _run: int) -> None:
    if "definer" in act.marks or (act.name in catalog.definers and "search_path" in act.marks):
        paths = "search_path" in act.marks or catalog.definers.get(act.name, False)
        catalog.definers[act.name] = paths


def _comment(catalog: Catalog, act: Act, _run: int) -> None:
    if "nothing" not in act.marks:
        catalog.comments.add((act.to, act.name))


EFFECTS: Mapping[str, Callable[[Catalog, Act, int], None]] = {
    "create_table": _create,
    "create_matview": _create,
    "drop_table": _drop,
    "drop_matview": _drop,
    "add_column": _add_column,
    "drop_column": _drop_column,
    "add_constraint": _add_constraint,
    "drop_constraint": _drop_constraint,
    "validate": _validate,
    "create_index": _create_index,
    "drop_index": _drop_index,
    "set_type": _set_type,
    "enable_rls": _row_security,
    "disable_rls": _row_security,
    "create_policy": _policy,
    "drop_policy": _policy,
    "create_trigger": _trigger,
    "drop_trigger": _trigger,
    "rename": _rename,
    "create_function": _create_function,
    "alter_function": _alter_function,
    "comment": _comment,
}
