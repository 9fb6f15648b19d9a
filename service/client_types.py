"""Writes the types of what goes in and out as Python for the client: structs of its own, ids as whole numbers."""

import re
import types
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from inspect import cleandoc
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec
from pydantic import BaseModel, JsonValue, WithJsonSchema
from pydantic.fields import FieldInfo

from service.wire import public_name
from slimy_dal.compiler.codegen.format import docstring, string, wrapped
from slimy_dal.domain.api_keys import Scope
from slimy_dal.domain.memberships import Permission, Role
from slimy_dal.engine.types import Snowflake

ALIASES: dict[Any, str] = {Permission: "Permission", Role: "Role", Scope: "Scope"}
"""Choices that callers will want to name in their own signatures."""

Place = tuple[str, ...]

_WORDS: dict[Any, str] = {
    **{kind: kind.__name__ for kind in (str, int, float, bool, datetime, Decimal, UUID)},
    **dict.fromkeys((IPv4Address, IPv6Address, IPv4Interface, IPv6Interface), "str"),
    Any: "Json",
    JsonValue: "Json",
    types.NoneType: "None",
    msgspec.UnsetType: "UnsetType",
}
_QUERY = re.compile(r"A row of ")
_SECRET = re.compile(r"token$|secret")


class Types:
    """The types met so far, by name."""

    def __init__(self) -> None:
        self.structs: dict[str, str] = {}
        self._sources: dict[str, Any] = {}
        self._answers: set[str] = set()

    def answer(self, annotation: Any) -> str:
        """Return the text of a whole answer's type, which will carry its entity tag."""
        if _is_struct(annotation):
            self._answers.add(public_name(annotation))
        return self.text(annotation)

    def text(self, annotation: Any, *, prefix: str = "shapes.", is_sent: bool = False) -> str:
        """Return a type as Python; raises TypeError for one that has no meaning to a client."""
        if (word := _word(annotation)) is not None:
            return word
        if annotation in ALIASES:
            return prefix + ALIASES[annotation]
        if not get_args(annotation):
            return prefix + self._struct(annotation)
        return self._made_of(annotation, prefix, is_sent=is_sent)

    def _made_of(self, annotation: Any, prefix: str, *, is_sent: bool) -> str:
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin is Literal:
            return f"Literal[{', '.join(string(word) for word in arguments)}]"
        inner = [
            ""
            if one is ... or (origin is Annotated and position)
            else self.text(one, prefix=prefix, is_sent=is_sent)
            for position, one in enumerate(arguments)
        ]
        if origin is Annotated:
            return inner[0]
        if origin in (Union, types.UnionType):
            return _union(inner)
        if origin in (list, tuple):
            return f"{'Sequence' if is_sent else 'list'}[{inner[0]}]"
        if origin is dict:
            return f"{'Mapping' if is_sent else 'dict'}[str, {inner[1]}]"
        raise TypeError(f"the client has no type for {annotation}")

    def _struct(self, source: Any) -> str:
        if not isinstance(source, type) or not issubclass(source, msgspec.Struct | BaseModel):
            raise TypeError(f"the client has no type for {source}")
        name = public_name(source)
        if self._sources.setdefault(name, source) is not source:
            raise TypeError(f"two types are called {name}: {source} and {self._sources[name]}")
        if name not in self.structs:
            lines = _model(self, source) if issubclass(source, BaseModel) else _row(self, source)
            # Whatever it is made of has its place before it.
            self.structs[name] = "\n".join([*lines, *_repr(source)])
        return name

    def definitions(self) -> Iterator[str]:
        """Yield every struct, after those it is made of."""
        for name, text in self.structs.items():
            kind = "Sent" if issubclass(self._sources[name], BaseModel) else "Part"
            kind = "Answer" if name in self._answers else kind
            yield f"class {name}({kind}, frozen=True, kw_only=True):\n{text}\n"


def fields(model: type[BaseModel]) -> Iterator[tuple[str, str, FieldInfo, Any]]:
    """Yield each field of a body: its name, its name in JSON, the field, and its type with all its details."""
    hints = get_type_hints(model, include_extras=True)
    for name, field in model.model_fields.items():
        yield name, str(field.validation_alias or field.alias or name), field, hints[name]


def texts(annotation: Any) -> Iterator[Place]:
    """Yield the places in a body where whole numbers travel as strings."""
    if _is_text(annotation):
        yield ()
        return
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        yield from texts(arguments[0])
    elif origin in (Union, types.UnionType):
        for one in arguments:
            yield from texts(one)
    elif origin is list:
        yield from (("*", *place) for place in texts(arguments[0]))
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for _, sent, _, inner in fields(annotation):
            yield from ((sent, *place) for place in texts(inner))


def argument(types_: Types, field: FieldInfo, annotation: Any, *, prefix: str) -> str:
    """Return a body's field as a parameter's or attribute's type and default."""
    text = types_.text(annotation, prefix=prefix, is_sent=True)
    if field.is_required():
        return text
    parts = [part for part in (text,) if part] + ["UnsetType"]
    return f"{' | '.join(parts)} = UNSET"


def _model(types_: Types, source: type[BaseModel]) -> Iterator[str]:
    yield docstring(cleandoc(source.__doc__ or ""), 4)
    for name, sent, field, annotation in fields(source):
        text = argument(types_, field, annotation, prefix="")
        yield from _attribute(name, sent, text, _description(field, annotation))


def _row(types_: Types, source: type[msgspec.Struct]) -> Iterator[str]:
    doc = cleandoc(source.__doc__ or "")
    yield docstring(_of_query(source) if _QUERY.match(doc) else doc, 4)
    hints = get_type_hints(source, include_extras=True)
    for field in msgspec.structs.fields(source):
        text = types_.text(hints[field.name], prefix="")
        if source.__struct_config__.omit_defaults and not field.required:
            text += f" = {'UNSET' if field.default is msgspec.UNSET else repr(field.default)}"
        yield from _attribute(field.name, field.encode_name, text, "")


def _of_query(source: type[msgspec.Struct]) -> str:
    """Return what a row is: its own docstring speaks of queries, which its readers do not have."""
    words = re.findall(r"[A-Z]+[a-z]*", public_name(source).replace("Row", ""))
    return f"One {' '.join(words).lower()}."


def _repr(source: Any) -> Iterator[str]:
    """Keep what is shown once out of logs and tracebacks."""
    names = list(getattr(source, "model_fields", None) or source.__struct_fields__)
    is_hidden = source.__repr__ not in (msgspec.Struct.__repr__, BaseModel.__repr__)
    if is_hidden or any(_SECRET.search(name) for name in names):
        yield "\n    def __repr__(self) -> str:"
        yield f'        return "{public_name(source)}(...)"'


def _attribute(name: str, sent: str, text: str, description: str) -> Iterator[str]:
    kind, _, default = text.partition(" = ")
    if sent != _camel(name):
        options = [f"name={string(sent)}", *([f"default={default}"] if default else [])]
        yield f"    {name}: {kind} = msgspec.field({', '.join(options)})"
    else:
        yield _fitted(f"    {name}: ", kind, f" = {default}" if default else "")
    if description:
        yield docstring(description, 4).rstrip("\n")


def _fitted(head: str, kind: str, tail: str) -> str:
    """Return an annotation, its choices below each other where they are too many for a line."""
    if not kind.startswith("Literal[") or len(f"{head}{kind}{tail}") <= 100:  # noqa: PLR2004 -- columns
        return f"{head}{kind}{tail}"
    choices, closing, rest = kind.removeprefix("Literal[").partition("]")
    return wrapped(f"{head}Literal[", choices.split(", "), f"{closing}{rest}{tail}")


def _description(field: FieldInfo, annotation: Any) -> str:
    if field.description:
        return field.description
    found = [part for part in _parts(annotation) if isinstance(part, FieldInfo)]
    return next((part.description for part in found if part.description), "")


def _parts(annotation: Any) -> Iterator[Any]:
    for one in get_args(annotation):
        yield one
        yield from _parts(one)


def _word(annotation: Any) -> str | None:
    """Return the word for a type that is not made of others."""
    if _is_text(annotation):
        return "Snowflake"
    return _WORDS.get(annotation)


def _is_text(annotation: Any) -> bool:
    """Say whether it is a whole number here and a string on the wire."""
    if annotation == Snowflake:
        return True
    if get_origin(annotation) is not Annotated or get_args(annotation)[0] is not int:
        return False
    schemas = [part for part in get_args(annotation)[1:] if isinstance(part, WithJsonSchema)]
    return any((one.json_schema or {}).get("type") == "string" for one in schemas)


def _is_struct(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, msgspec.Struct)


def _union(texts_: list[str]) -> str:
    """Join the members of a union, each once, absence last."""
    order = {"None": 1, "UnsetType": 2}
    return " | ".join(sorted(dict.fromkeys(texts_), key=lambda text: order.get(text, 0)))


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)
