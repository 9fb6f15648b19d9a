"""Says which Python type a PostgreSQL type has: the one the driver gives and takes, exactly."""

from collections.abc import Callable

from slimy_dal.compiler.codegen.names import Names
from slimy_dal.compiler.description import PgType

TYPES = "slimy_dal.engine.types"

# Types above this OID are the user's or an extension's; the driver takes the text of those it has
# no codec for. Below it, a type without codec cannot be read at all.
FIRST_USER_OID = 16384

_STR = ("builtins", "str")
_INT = ("builtins", "int")
_FLOAT = ("builtins", "float")
_SCALARS: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("smallint", "integer", "bigint", "oid", "xid", "xid8", "cid", "pg_lsn"), _INT),
    **dict.fromkeys(("real", "double precision"), _FLOAT),
    **dict.fromkeys(("text", "character varying", "character", "bpchar", "name", "citext"), _STR),
    **dict.fromkeys(("money", "tsvector", "tsquery", "jsonpath", "xml", "aclitem"), _STR),
    **dict.fromkeys(("macaddr", "macaddr8", "refcursor", "regclass", "regcollation"), _STR),
    **dict.fromkeys(("regconfig", "regdictionary", "regnamespace", "regoper", "regoperator"), _STR),
    **dict.fromkeys(("regproc", "regprocedure", "regrole", "regtype", "unknown", "cstring"), _STR),
    "numeric": ("decimal", "Decimal"),
    "boolean": ("builtins", "bool"),
    "bytea": ("builtins", "bytes"),
    "char": ("builtins", "bytes"),
    "uuid": ("uuid", "UUID"),
    "date": ("datetime", "date"),
    "time without time zone": ("datetime", "time"),
    "time with time zone": ("datetime", "time"),
    "timestamp without time zone": ("datetime", "datetime"),
    "timestamp with time zone": ("datetime", "datetime"),
    "interval": ("datetime", "timedelta"),
    "json": (TYPES, "Json"),
    "jsonb": (TYPES, "Json"),
    "bit": (TYPES, "BitString"),
    "bit varying": (TYPES, "BitString"),
    "box": (TYPES, "Box"),
    "circle": (TYPES, "Circle"),
    "line": (TYPES, "Line"),
    "lseg": (TYPES, "LineSegment"),
    "path": (TYPES, "Path"),
    "point": (TYPES, "Point"),
    "polygon": (TYPES, "Polygon"),
}
_NETWORKS = {
    # The driver gives an interface for what has a prefix, an address for what has none.
    "inet": ("IPv4Address", "IPv4Interface", "IPv6Address", "IPv6Interface"),
    "cidr": ("IPv4Network", "IPv6Network"),
}


def _snapshot(names: Names) -> str:
    row, number = names.use("builtins", "tuple"), names.use(*_INT)
    return f"{row}[{number}, {number}, {row}[{number}, ...]]"


_TUPLES: dict[str, Callable[[Names], str]] = {
    "void": lambda _: "None",
    "tid": lambda n: f"{n.use('builtins', 'tuple')}[{n.use(*_INT)}, {n.use(*_INT)}]",
    "record": lambda n: f"{n.use('builtins', 'tuple')}[{n.use('typing', 'Any')}, ...]",
    "pg_snapshot": _snapshot,
    "txid_snapshot": _snapshot,
}


def plain(pg: PgType) -> PgType:
    """Return what a domain is made of, and any other type itself: the driver sees no domains."""
    while pg.kind == "domain" and pg.base is not None:
        pg = pg.base
    return pg


def engine_type(pg: PgType) -> str:
    """Return the name of the type by which the engine checks arguments: domains are looked through."""
    pg = plain(pg)
    if pg.kind == "array" and pg.element is not None:
        return f"{engine_type(pg.element)}[]"
    return pg.name


def bare_name(pg: PgType) -> str:
    """Return a type's name without schema and quotes."""
    return pg.name.rpartition(".")[2].strip('"')


def python_type(pg: PgType, names: Names, *, alias: str | None = None, given: bool = False) -> str:
    """Return the annotation of a value of a type, importing what it needs.

    `alias` names the Literal of an enum-like type (of the elements of an array); `given` says that
    the value goes in: an array is then any sequence. A type that the driver cannot read is `object`
    and noted in `names.problems`.
    """
    pg = plain(pg)
    if pg.kind == "array" and pg.element is not None:
        element = python_type(pg.element, names, alias=alias, given=given)
        sequence = ("collections.abc", "Sequence") if given else ("builtins", "list")
        return f"{names.use(*sequence)}[{element}]"
    if alias is not None:
        return alias
    if pg.kind == "range":
        return names.use(TYPES, "Range")
    if pg.kind == "multirange":
        sequence = ("collections.abc", "Sequence") if given else ("builtins", "list")
        return f"{names.use(*sequence)}[{names.use(TYPES, 'Range')}]"
    if pg.kind == "composite":
        return names.use("slimy_dal.engine.statement", "Row")
    return _scalar(pg, names)


def _scalar(pg: PgType, names: Names) -> str:
    name = bare_name(pg)
    if name in _SCALARS:
        return names.use(*_SCALARS[name])
    if name in _NETWORKS:
        return " | ".join(names.use("ipaddress", part) for part in _NETWORKS[name])
    if name in _TUPLES:
        return _TUPLES[name](names)
    if pg.kind == "base" and pg.oid >= FIRST_USER_OID:
        return names.use(*_STR)
    names.problems.append(f"type `{pg.name}` has no form in Python: cast it, to text for example")
    return names.use("builtins", "object")
