"""How the domain's rows look in JSON: camelCase, ids as strings, times in UTC with `Z`."""

import ipaddress
import operator
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache, reduce
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec

from service.examples import GUILD
from service.inputs import SNOWFLAKE_PATTERN
from slimy_dal.engine.types import Page, Snowflake

REFERENCE = "#/components/schemas/{name}"

Convert = Callable[[Any], Any]

_OUT_SNOWFLAKE = Annotated[
    str,
    msgspec.Meta(
        pattern=SNOWFLAKE_PATTERN,
        description="A Discord id. A string, because JSON numbers lose digits beyond 2^53.",
        examples=[GUILD],
    ),
]

NAMES = {
    "ListGuilds": "UserGuild",
    "FindByToken": "OpenSession",
    "ListPresets": "PersonalityPreset",
}
"""Rows that are named for their query, and what the domain calls them."""

_ENCODER = msgspec.json.Encoder(decimal_format="number")
"""A decimal goes out with all its digits; what a reader makes of them is the reader's."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a type looks like on the wire."""

    type: Any
    """The type whose JSON schema is published."""
    convert: Convert | None
    """Makes that type's value of a domain value; None where they are the same."""

    def encode(self, value: Any) -> bytes:
        """Return the JSON of a domain value of this shape."""
        return _ENCODER.encode(value if self.convert is None else self.convert(value))


_OUT: dict[Any, Shape] = {
    Snowflake: Shape(_OUT_SNOWFLAKE, str),
    datetime: Shape(Annotated[datetime, msgspec.Meta(tz=True)], None),
    Decimal: Shape(float, None),
    **dict.fromkeys(
        (
            ipaddress.IPv4Address,
            ipaddress.IPv4Interface,
            ipaddress.IPv6Address,
            ipaddress.IPv6Interface,
        ),
        Shape(str, str),
    ),
}


@cache
def shape(annotation: Any) -> Shape:
    """Return the wire shape of a type; raises TypeError for one that must not or cannot go out."""
    if annotation in _OUT:
        return _OUT[annotation]
    origin = get_origin(annotation)
    if origin is Annotated:
        inner = shape(get_args(annotation)[0])
        return Shape(annotation, None) if inner.convert is None else inner
    if origin in (Union, types.UnionType):
        return _union(get_args(annotation))
    if origin in (list, tuple):
        return _sequence(annotation)
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return _struct(annotation)
    if annotation in (bytes, bytearray, memoryview):
        raise TypeError(
            "bytes do not go out: what is stored as bytea here is a hash or a ciphertext"
        )
    return Shape(annotation, None)


def _union(arguments: tuple[Any, ...]) -> Shape:
    shapes = [shape(argument) for argument in arguments]
    converting = [inner for inner in shapes if inner.convert is not None]
    union = reduce(operator.or_, [inner.type for inner in shapes])
    if not converting:
        return Shape(union, None)
    absent = {types.NoneType, msgspec.UnsetType}
    present = [
        inner for argument, inner in zip(arguments, shapes, strict=True) if argument not in absent
    ]
    if len({inner.convert for inner in present}) > 1:
        raise TypeError(f"{arguments} cannot be told apart when converting ids to strings")
    convert = converting[0].convert
    assert convert is not None  # noqa: S101 -- filtered above
    return Shape(
        union, lambda value: value if value is None or value is msgspec.UNSET else convert(value)
    )


def _sequence(annotation: Any) -> Shape:
    element = shape(get_args(annotation)[0])
    convert = element.convert
    if convert is None:
        return Shape(list[element.type], None)  # type: ignore[name-defined]
    return Shape(list[element.type], lambda values: [convert(value) for value in values])  # type: ignore[name-defined]


def _struct(source: type[msgspec.Struct]) -> Shape:
    hints = get_type_hints(source, include_extras=True)
    fields = msgspec.structs.fields(source)
    shapes = [shape(hints[field.name]) for field in fields]
    converts = [
        (position, inner.convert)
        for position, inner in enumerate(shapes)
        if inner.convert is not None
    ]
    # A default that is sent all the same does not make a field optional for the reader.
    omits = source.__struct_config__.omit_defaults
    wire = msgspec.defstruct(
        public_name(source),
        [
            (field.name, inner.type, field.default)
            if omits and not field.required
            else (field.name, inner.type)
            for field, inner in zip(fields, shapes, strict=True)
        ],
        rename={field.name: field.encode_name for field in fields},
        omit_defaults=omits,
        frozen=True,
        namespace={"__doc__": source.__doc__},
    )
    if not converts:
        # The same layout: a row is encoded as it is, and only its schema is the other type's.
        return Shape(wire, None)
    return Shape(wire, _converter(wire, [field.name for field in fields], dict(converts)))


def _converter(wire: type, names: Sequence[str], converts: Mapping[int, Convert]) -> Convert:
    """Return what makes a struct of another with the same fields, written out: a loop over them takes twice as long."""
    values = [f"change_{n}(row.{x})" if n in converts else f"row.{x}" for n, x in enumerate(names)]
    known = {"wire": wire, **{f"change_{n}": change for n, change in converts.items()}}
    made: Convert = eval(f"lambda row: wire({', '.join(values)})", known)  # noqa: S307 -- names of our own fields
    return made


@cache
def page(entry: Any) -> Shape:
    """Return the shape of one page of `entry`: `{"data": […], "nextCursor": …, "prevCursor": …}`."""
    inner = shape(list[entry])
    wire = msgspec.defstruct(
        f"{public_name(entry)}Page",
        [("data", inner.type), ("next_cursor", str | None), ("prev_cursor", str | None)],
        rename="camel",
        frozen=True,
        namespace={"__doc__": "One page of a list; a cursor is null where there is no such page."},
    )
    change = inner.convert

    def convert(made: Page[Any]) -> Any:
        entries = made.items if change is None else change(made.items)
        return wire(entries, made.next_cursor, made.prev_cursor)

    return Shape(wire, convert)


def public_name(source: Any) -> str:
    """Return the name a type has in the OpenAPI document."""
    name = source if isinstance(source, str) else source.__name__
    for generated, public in NAMES.items():
        name = name.replace(generated, public)
    return name.removesuffix("Row")


def schemas(shapes: Iterable[Shape]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the JSON schema of each shape, and the components they refer to."""
    found, components = msgspec.json.schema_components(
        [made.type for made in shapes], ref_template=REFERENCE
    )
    text = msgspec.json.encode([list(found), components]).decode()
    for name in components:
        text = text.replace(f'/schemas/{name}"', f'/schemas/{public_name(name)}"')
    renamed, parts = msgspec.json.decode(text)
    public = {public_name(name): part for name, part in parts.items()}
    if len(public) != len(components):
        raise TypeError(f"two types share a public name: {sorted(components)}")
    return renamed, public


def encode(value: Any) -> bytes:
    """Return the JSON of a value that has no ids to convert."""
    return _ENCODER.encode(value)


def since_and_until(moment: datetime) -> str:
    """Return the query of a list that asks for one moment: what has no address of its own is found by its time."""
    ends = (moment, moment + timedelta(microseconds=1))
    since, until = (encode(end).decode().strip('"') for end in ends)
    return f"since={since}&until={until}"
