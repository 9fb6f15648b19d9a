"""Random statements of all shapes that decide how many rows there are: joins, groups, limits, subqueries."""

import random

TABLES = {
    "a": ("id", "k", "v"),
    "b": ("x", "y", "z"),
    "c": ("n", "m", "o"),
    "later": ("id", "w"),
    "parent": ("id", "w"),
    "parts": ("id", "r", "w"),
    "nulls": ("u", "w"),
    "seen": ("id", "k", "y"),
    "once": ("z",),
    "kept": ("id", "w"),
}
JOINS = ("INNER JOIN", "INNER JOIN", "LEFT JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN")

Item = tuple[str, list[str]]


class Generator:
    """Makes statements; `columns` of the last one says how many result columns it has."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._aliases = 0
        self.columns = 0

    def statement(self) -> str:
        """Return a statement over integers, with parameters written as in query files."""
        self._aliases = 0
        if self._chance.random() < 0.15:
            return self._write()
        query, columns = self._query(2)
        self.columns = len(columns)
        return query

    def _alias(self) -> str:
        self._aliases += 1
        return f"t{self._aliases}"

    def _query(self, depth: int) -> tuple[str, list[str]]:
        chance = self._chance
        if depth and chance.random() < 0.15:
            return self._operation(depth)
        text, columns = self._from(depth)
        where = self._where(columns, depth)
        picked = chance.sample(columns, k=min(len(columns), chance.choice((1, 2, 3))))
        names = [f"c{n}" for n in range(len(picked))]
        listed = ", ".join(f"{c} AS {n}" for c, n in zip(picked, names, strict=True))
        kind = chance.random()
        if kind < 0.12:
            listed += ", count(*) AS total"
            tail = f" GROUP BY {', '.join(picked)}"
            names.append("total")
        elif kind < 0.2:
            return f"SELECT max({picked[0]}) AS c0 FROM {text}{where}", ["c0"]
        else:
            distinct = chance.choice(("", "", "", "DISTINCT ", f"DISTINCT ON ({picked[0]}) "))
            listed, tail = distinct + listed, ""
        limit = chance.choice(("", "", "", "", " LIMIT 1", " LIMIT 2", " OFFSET 1"))
        return f"SELECT {listed} FROM {text}{where}{tail}{limit}", names

    def _operation(self, depth: int) -> tuple[str, list[str]]:
        sides = []
        for _ in range(2):
            query, columns = self._query(depth - 1)
            sides.append(f"SELECT s.{columns[0]} AS c0 FROM ({query}) AS s")
        word = self._chance.choice(("UNION", "UNION ALL", "INTERSECT", "INTERSECT ALL", "EXCEPT"))
        return f"{sides[0]} {word} {sides[1]}", ["c0"]

    def _item(self, depth: int, outer: list[str]) -> Item:
        chance, alias = self._chance, self._alias()
        kind = chance.random()
        if depth and kind < 0.2:
            query, columns = self._query(depth - 1)
            return f"({query}) AS {alias}", [f"{alias}.{c}" for c in columns]
        if depth and outer and kind < 0.3:
            table = chance.choice(sorted(TABLES))
            names = TABLES[table]
            inner = f"SELECT * FROM {table} AS i WHERE i.{names[0]} = {chance.choice(outer)}"
            limit = chance.choice(("", " LIMIT 1"))
            return f"LATERAL ({inner}{limit}) AS {alias}", [f"{alias}.{c}" for c in names]
        if kind < 0.35:
            rows = chance.choice(("(1, 2)", "(1, 2), (1, 3)"))
            return f"(VALUES {rows}) AS {alias} (p, q)", [f"{alias}.p", f"{alias}.q"]
        if kind < 0.4:
            return f"unnest(:ints::int[]) AS {alias} (e)", [f"{alias}.e"]
        table = chance.choice(sorted(TABLES))
        return f"{table} AS {alias}", [f"{alias}.{c}" for c in TABLES[table]]

    def _from(self, depth: int) -> Item:
        text, columns = self._item(depth, [])
        for _ in range(self._chance.choice((0, 0, 1, 1, 2))):
            word = self._chance.choice(JOINS)
            outer = columns if word in {"INNER JOIN", "LEFT JOIN"} else []
            other, more = self._item(depth, outer)
            if word in {"INNER JOIN", "FULL JOIN"}:
                on = f"{self._chance.choice(columns)} = {self._chance.choice(more)}"
            else:
                on = self._condition([*columns, *more], depth, more)
            if word != "FULL JOIN" and self._chance.random() < 0.5:
                on += f" AND {self._condition(more, depth, columns)}"
            text, columns = f"{text} {word} {other} ON {on}", [*columns, *more]
        return text, columns

    def _where(self, columns: list[str], depth: int) -> str:
        count = self._chance.choice((0, 1, 2, 2, 3, 4))
        parts = [self._condition(columns, depth, columns) for _ in range(count)]
        return f" WHERE {' AND '.join(parts)}" if parts else ""

    def _condition(  # noqa: PLR0911 -- one return per kind of condition
        self, left: list[str], depth: int, right: list[str]
    ) -> str:
        chance, column = self._chance, self._chance.choice(left)
        kind = chance.random()
        if kind < 0.45:
            return f"{column} = {chance.choice((':i', '1', '2', '1::bigint'))}"
        if kind < 0.7:
            return f"{column} = {chance.choice(right)}"
        if kind < 0.76:
            return f"{column} = ANY(:ints)"
        if kind < 0.8:
            return f"({column} = 1 OR {chance.choice(right)} = 2)"
        if kind < 0.84:
            return f"{column} IS NOT DISTINCT FROM {chance.choice((':i', chance.choice(right)))}"
        if kind < 0.9 and depth:
            table = chance.choice(sorted(TABLES))
            name = TABLES[table][0]
            inner = f"SELECT max(i.{name}) FROM {table} AS i"
            return f"{column} = ({inner}{chance.choice(('', f' WHERE i.{name} < {column}'))})"
        if kind < 0.95 and depth:
            table = chance.choice(sorted(TABLES))
            name = TABLES[table][0]
            limit = chance.choice(("", f" ORDER BY i.{name} LIMIT 1"))
            return f"{column} IN (SELECT i.{name} FROM {table} AS i WHERE i.{name} = 1{limit})"
        return f"{column} IS {chance.choice(('', 'NOT '))}NULL"

    def _write(self) -> str:
        chance = self._chance
        table = chance.choice(("a", "b", "c", "later", "parent", "parts", "nulls"))
        columns = [f"w.{c}" for c in TABLES[table]]
        other, more = self._item(1, [])
        where = self._where([*columns, *more], 1)
        listed = ", ".join(chance.sample(columns, k=chance.choice((1, 2))))
        self.columns = listed.count(",") + 1
        if chance.random() < 0.5:
            return f"DELETE FROM {table} AS w USING {other}{where} RETURNING {listed}"
        name = TABLES[table][-1]
        value = chance.choice(("1", f"w.{name}", f"w.{TABLES[table][0]}"))
        return f"UPDATE {table} AS w SET {name} = {value} FROM {other}{where} RETURNING {listed}"
