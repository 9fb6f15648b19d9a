"""Makes random statements over the tables of the cases: joins, conditions, subqueries, groups, sets, writes."""

from tests.nullability.expressions import TYPES, Column, Expressions, Select

TABLES: dict[str, dict[str, str]] = {
    "a": {
        "id": "int",
        "b_id": "int",
        "n": "int",
        "t": "text",
        "flag": "bool",
        "kind": "text",
        "checked": "int",
    },
    "b": {"id": "int", "c_id": "int", "n": "int", "t": "text"},
    "c": {"id": "int", "n": "int", "t": "text"},
    "e": {"k": "int", "v": "int", "w": "text"},
    "tree": {"id": "int", "parent": "int", "name": "text", "note": "text"},
    "v_ab": {"id": "int", "n": "int", "b_id": "int", "b_n": "int", "b_t": "text"},
    "v_nested": {"id": "int", "b_n": "int", "c_t": "text", "c_n": "int"},
    "v_filtered": {"id": "int", "n": "int", "t": "text"},
    "g": {"id": "int", "x": "int", "y": "int", "s": "int", "z": "int"},
}
WRITABLE = {"b": ("n", "c_id"), "c": ("n",), "e": ("k", "v"), "trig": ("v",)}


class Generator(Expressions):
    """Makes statements; every name it gives is new, so that nothing is ambiguous."""

    # -- tables ---------------------------------------------------------------------------------

    def item(self, outer: list[Column], depth: int) -> tuple[str, list[Column]]:
        """Return something to select from, and its columns."""
        alias = self.name()
        if self.ctes and self.chance(0.25):
            name, types = self.rng.choice(self.ctes)
            return f"{name} AS {alias}", [(f"{alias}.x{n}", kind) for n, kind in enumerate(types)]
        if depth > 0 and self.chance(0.25):
            inner = self.select(outer, depth - 1)
            listed = [(f"{alias}.x{n}", kind) for n, kind in enumerate(inner.types)]
            return f"LATERAL ({inner.sql}) AS {alias}", listed
        if self.chance(0.08):
            values = ", ".join(f"({self.literal('int')}, {self.literal('text')})" for _ in range(2))
            return f"(VALUES {values}) AS {alias} (p, q)", [
                (f"{alias}.p", "int"),
                (f"{alias}.q", "text"),
            ]
        if self.chance(0.06):
            return f"generate_series(0, {self.value('int', outer, 0)}) AS {alias} (i)", [
                (f"{alias}.i", "int")
            ]
        table = self.rng.choice(list(TABLES))
        return f"{table} AS {alias}", [
            (f"{alias}.{name}", kind) for name, kind in TABLES[table].items()
        ]

    def source(self, outer: list[Column], depth: int) -> tuple[str, list[Column]]:
        text, columns = self.item(outer, depth)
        return self.joined(text, columns, outer, depth)

    def joined(
        self,
        text: str,
        columns: list[Column],
        outer: list[Column],
        depth: int,
        *,
        parentheses: bool = False,
    ) -> tuple[str, list[Column]]:
        count = self.rng.choice((0, 0, 1, 1, 2, 3))
        for _ in range(count):
            kind = self.rng.choice(("INNER", "LEFT", "LEFT", "RIGHT", "FULL", "CROSS"))
            # A lateral item may not look at what a RIGHT or FULL join may null.
            visible = [*outer, *columns] if kind in {"INNER", "LEFT", "CROSS"} else outer
            right, more = (
                self.item(visible, depth - 1) if self.chance(0.7) else self.nested(outer, depth - 1)
            )
            both = [*columns, *more]
            on = (
                ""
                if kind == "CROSS"
                else f" ON {self.condition(kind, columns, more, [*outer, *both])}"
            )
            text, columns = f"{text} {kind} JOIN {right}{on}", both
        return (f"({text})" if parentheses and count else text), columns

    def nested(self, outer: list[Column], depth: int) -> tuple[str, list[Column]]:
        first, columns = self.item(outer, depth)
        return self.joined(first, columns, outer, depth, parentheses=True)

    def condition(
        self, kind: str, left: list[Column], right: list[Column], seen: list[Column]
    ) -> str:
        numbers = [[text for text, has in side if has == "int"] for side in (left, right)]
        if all(numbers) and (kind == "FULL" or self.chance(0.8)):
            equal = f"{self.rng.choice(numbers[0])} = {self.rng.choice(numbers[1])}"
            return (
                equal
                if kind == "FULL" or self.chance(0.7)
                else f"{equal} AND {self.value('bool', seen, 1)}"
            )
        return "1 = 1" if kind == "FULL" else self.value("bool", seen, 1)

    # -- queries --------------------------------------------------------------------------------

    def select(
        self, outer: list[Column], depth: int, types: list[str] | None = None, *, one: bool = False
    ) -> Select:
        types = types or [self.rng.choice(TYPES) for _ in range(self.rng.randrange(1, 4))]
        if depth > 0 and self.chance(0.12) and not one:
            operation = self.rng.choice(("UNION", "UNION ALL", "INTERSECT", "EXCEPT ALL"))
            left, right = self.select(outer, depth - 1, types), self.select(outer, depth - 1, types)
            return Select(f"({left.sql}) {operation} ({right.sql})", types)
        text, columns = self.source(outer, depth)
        seen = [*outer, *columns]
        where = f" WHERE {self.where(seen, outer)}" if self.chance(0.7) else ""
        if self.chance(0.15) and one:
            text = ""
        kind = self.rng.choice(("plain", "plain", "plain", "total", "group", "sets", "window"))
        make = getattr(self, f"_{kind}_columns")
        self.depth = depth
        listed, tail = make(types, columns if text else [], outer)
        sql = ", ".join(f"{value} AS x{n}" for n, value in enumerate(listed))
        source = f" FROM {text}{where}" if text else (where and f" WHERE {self.where(outer)}")
        limit = " LIMIT 1" if one else self.rng.choice(("", "", "", " LIMIT 5", " OFFSET 1"))
        distinct = "DISTINCT " if self.chance(0.08) else ""
        return Select(f"SELECT {distinct}{sql}{source}{tail}{limit}", types)

    def _plain_columns(
        self, types: list[str], columns: list[Column], outer: list[Column]
    ) -> tuple[list[str], str]:
        seen = [*columns, *columns, *outer]
        return [self.value(kind, seen, max(self.depth, 1)) for kind in types], ""

    def aggregate(self, kind: str, columns: list[Column], depth: int) -> str:
        inner = self.value(kind, columns, depth)
        some = f" FILTER (WHERE {self.value('bool', columns, 1)})" if self.chance(0.15) else ""
        if kind == "int":
            return f"{self.rng.choice(('max', 'sum', 'count', 'min'))}({inner}){some}::int"
        if kind == "text":
            return f"{self.rng.choice(('max', 'min'))}({inner}){some}"
        return f"{self.rng.choice(('bool_and', 'bool_or'))}({inner}){some}"

    def _total_columns(
        self, types: list[str], columns: list[Column], outer: list[Column]
    ) -> tuple[list[str], str]:
        listed = [self.aggregate(kind, columns, 1) for kind in types]
        having = f" HAVING {self.aggregate('bool', columns, 1)}" if self.chance(0.2) else ""
        if outer and self.chance(0.6):
            listed = [
                f"nullif({v}, {self.value(k, outer, 0)})"
                if k == "bool"
                else self._mixed(v, k, outer)
                for v, k in zip(listed, types, strict=True)
            ]
        return listed, having

    def _mixed(self, aggregate: str, kind: str, outer: list[Column]) -> str:
        other = self.value(kind, outer, 1)
        if self.chance(0.4):
            return other
        return f"({aggregate} + {other})" if kind == "int" else f"concat({aggregate}) || {other}"

    def _group_columns(
        self, types: list[str], columns: list[Column], outer: list[Column]
    ) -> tuple[list[str], str]:
        return self._grouped(types, columns, outer, ("{}",))

    def _sets_columns(
        self, types: list[str], columns: list[Column], outer: list[Column]
    ) -> tuple[list[str], str]:
        forms = (
            "ROLLUP ({})",
            "CUBE ({})",
            "GROUPING SETS (({}), ({first}))",
            "GROUPING SETS (({}), ())",
            "{first}, ROLLUP ({})",
        )
        return self._grouped(types, columns, outer, forms)

    def _grouped(
        self, types: list[str], columns: list[Column], outer: list[Column], forms: tuple[str, ...]
    ) -> tuple[list[str], str]:
        if not columns:
            return self._plain_columns(types, columns, outer)
        keys = [self.rng.choice(columns) for _ in range(self.rng.choice((1, 2)))]
        if self.chance(0.2):
            keys = [(f"coalesce({text}, {text})", kind) for text, kind in keys]
        form = self.rng.choice(forms).format(", ".join(text for text, _ in keys), first=keys[0][0])
        listed = []
        for kind in types:
            if any(has == kind for _, has in keys) and self.chance(0.6):
                listed.append(self.value(kind, [key for key in keys if key[1] == kind], 1))
            else:
                listed.append(self.aggregate(kind, columns, 1))
        having = f" HAVING {self.where(keys)}" if self.chance(0.25) else ""
        return listed, f" GROUP BY {form}{having}"

    def _window_columns(
        self, types: list[str], columns: list[Column], outer: list[Column]
    ) -> tuple[list[str], str]:
        if not columns:
            return self._plain_columns(types, columns, outer)
        frames = (
            "",
            " ROWS BETWEEN 1 PRECEDING AND CURRENT ROW",
            " ROWS BETWEEN 1 FOLLOWING AND 2 FOLLOWING",
            " GROUPS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW",
        )
        listed = []
        for kind in types:
            inner = self.value(kind, columns, 1)
            order = f"ORDER BY {self.rng.choice(columns)[0]}{self.rng.choice(frames)}"
            call = self.rng.choice(
                (
                    f"lag({inner})",
                    f"first_value({inner})",
                    f"last_value({inner})",
                    f"lead({inner}, 1, {inner})",
                    *((f"max({inner})",) if kind != "bool" else (f"bool_and({inner})",)),
                )
            )
            listed.append(f"{call} OVER ({order})")
        return listed, ""

    def statement(self) -> str:
        """Return a whole statement."""
        self.names, self.ctes, self.said = 0, [], []
        if self.chance(0.2):
            return self.write()
        parts = []
        for _ in range(self.rng.choice((0, 0, 0, 1, 2))):
            inner, name = self.select([], 1), self.name("w")
            parts.append(f"{name} AS ({inner.sql})")
            self.ctes.append((name, inner.types))
        head = f"WITH {', '.join(parts)} " if parts else ""
        return f"{head}{self.select([], 2).sql}"

    def write(self) -> str:
        table = self.rng.choice(list(WRITABLE))
        alias, columns = self.name(), {**TABLES.get(table, {"id": "int", "v": "int", "w": "int"})}
        own = [(f"{alias}.{name}", kind) for name, kind in columns.items()]
        text, more = self.source([], 1)
        seen = [*own, *more]
        where = self.where(seen)
        returned = ", ".join(
            self.value(self.rng.choice(TYPES), [*own, *own, *more], 2) for _ in range(3)
        )
        if self.chance(0.3):
            return f"DELETE FROM {table} AS {alias} USING {text} WHERE {where} RETURNING {returned}"
        sets = ", ".join(
            f"{name} = {self.value('int', seen, 1)}"
            for name in WRITABLE[table][: self.rng.randrange(1, 3)]
        )
        return (
            f"UPDATE {table} AS {alias} SET {sets} FROM {text} WHERE {where} RETURNING {returned}"
        )
