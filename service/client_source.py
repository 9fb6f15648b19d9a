"""Writes the typed client from the routes themselves: a class for each noun, a method for each operation."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from inspect import Parameter, signature
from keyword import iskeyword
from typing import Any, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic.alias_generators import to_camel

from service.app import GROUPS, endpoints
from service.client_modules import HEAD, Noun, api, module, shapes
from service.client_types import Types, argument, fields, texts
from service.endpoint import Endpoint
from service.inputs import Foreign
from service.openapi import who
from service.routes import Route
from slimy_dal.compiler.codegen.format import docstring, string, wrapped
from slimy_dal.engine.types import Page

PAGES = "text/html"
"""Pages for people are no calls."""
LINES = "application/x-ndjson"
"""As many rows as there are, one on each line."""

Parameters = dict[str, str]


@dataclass
class _Call:
    """What a method takes, and how it passes it on."""

    positional: Parameters = field(default_factory=dict)
    named: Parameters = field(default_factory=dict)
    passed: list[str] = field(default_factory=list)

    def add(self, where: Parameters, name: str, text: str, route: Route) -> None:
        if name in {*self.positional, *self.named, "self"} or iskeyword(name):
            raise TypeError(f"{route.operation_id}: a method cannot take {name} (twice)")
        where[name] = text


def write() -> dict[str, str]:
    """Return the generated modules of the client, by file name."""
    nouns, types = _nouns(), Types()
    modules = {f"nouns/{noun.name}.py": module(_class(noun, types)) for noun in nouns}
    return {
        "api.py": api(nouns),
        "nouns/__init__.py": HEAD,
        **modules,
        "shapes.py": shapes(types),
    }


def _nouns() -> list[Noun]:
    found: dict[str, Noun] = {}
    for group in GROUPS:
        for endpoint in endpoints([group]):
            if endpoint.route.media == PAGES:
                continue
            name = endpoint.route.handler.__module__.rpartition(".")[2]
            found.setdefault(name, Noun(name, group.description)).endpoints.append(endpoint)
    return sorted(found.values(), key=lambda noun: noun.name)


def _class(noun: Noun, types: Types) -> str:
    operations = "".join(_operation(endpoint, types) for endpoint in noun.endpoints)
    methods = "\n".join(_method(endpoint, types) for endpoint in noun.endpoints)
    doc = docstring(textwrap.fill(noun.doc, 92, break_long_words=False), 4)
    head = f"class {noun.title}(Noun):\n{doc}\n    __slots__ = ()\n\n"
    return f"{operations}\n\n{head}{methods}"


def _constant(endpoint: Endpoint) -> str:
    return f"_{endpoint.route.operation_id.upper()}"


def _result(endpoint: Endpoint, types: Types) -> str:
    """Return the type of an operation's answer."""
    route = endpoint.route
    if route.media == "text/plain":
        return "str"
    if route.media == LINES:
        return types.text(route.shape) if route.shape else "dict[str, Json]"
    source = route.shape or endpoint.result
    if source is None or source is type(None):
        return "None"
    if get_origin(source) is Page:
        return f"Page[{types.text(get_args(source)[0])}]"
    return types.answer(source)


def _operation(endpoint: Endpoint, types: Types) -> str:
    route, result = endpoint.route, _result(endpoint, types)
    items = [string(route.operation_id), string(route.method), string(route.path), result]
    body = endpoint.body_type
    places = [] if body is None or _is_foreign(body) else sorted({*texts(body)})
    if places:
        items.append(f"texts=({', '.join(_tuple(place) for place in places)},)")
    if route.media != "application/json":
        items.append(f"media={string(route.media)}")
    return wrapped(f"{_constant(endpoint)} = Operation[{result}](", items, ")") + "\n"


def _tuple(words: Sequence[str]) -> str:
    inner = ", ".join(string(word) for word in words)
    return f"({inner},)" if len(words) == 1 else f"({inner})"


def _method(endpoint: Endpoint, types: Types) -> str:
    route = endpoint.route
    call, result = _taken(endpoint, types), _result(endpoint, types)
    arguments = ["self", *(f"{name}: {text}" for name, text in call.positional.items())]
    if call.named:
        arguments += ["*", *(f"{name}: {text}" for name, text in call.named.items())]
    passed = [_constant(endpoint), *call.passed]
    head, tail = f"async def {route.handler.__name__}(", f") -> {result}:"
    does = "return await self._transport.call("
    if endpoint.is_page:
        head, tail = head.removeprefix("async "), f") -> {result.replace('Page[', 'Pages[', 1)}:"
        does, passed = "return Pages(", ["self._transport", *passed]
    elif route.media == LINES:
        head, tail = head.removeprefix("async "), f") -> Lines[{result}]:"
        does, passed = "return Lines(", ["self._transport", *passed]
    body = wrapped(does, passed, ")", indent=8)
    return f"{wrapped(head, arguments, tail, indent=4)}\n{_doc(route)}{body}\n"


def _doc(route: Route) -> str:
    paragraphs = [f"{route.summary}.", route.description, who(route.policy)]
    filled = [textwrap.fill(text, 92, break_long_words=False) for text in paragraphs if text]
    return docstring("\n\n".join(filled), 8)


def _taken(endpoint: Endpoint, types: Types) -> _Call:
    route, call = endpoint.route, _Call()
    hints = get_type_hints(route.handler, include_extras=True)
    known = signature(route.handler).parameters
    for name in route.path_names:
        call.add(call.positional, name, types.text(hints[name]), route)
    if endpoint.path is not None:
        call.passed.append(_mapping("path", [(name, name) for name in route.path_names]))
    if endpoint.body is not None:
        call.passed.append(_body(endpoint, types, call))
    query = [name for name in known if to_camel(name) in endpoint.query_names]
    for name in query:
        call.add(call.named, name, _asked(types, known[name], hints[name]), route)
    if query:
        call.passed.append(_mapping("query", [(to_camel(name), name) for name in query]))
    if route.takes_key:
        call.add(call.named, "idempotency_key", "str | None = None", route)
        call.passed.append("key=idempotency_key or new_key()")
    if route.versioned:
        call.add(call.named, "if_match", "str | None = None", route)
        call.passed.append("if_match=if_match")
    if route.affects is not None:
        call.add(call.named, "max_affected", "int | None = None", route)
        call.passed.append("max_affected=max_affected")
    if route.counts is not None:
        call.add(call.named, "count", 'Literal["exact", "estimated"] | None = None', route)
        call.passed.append("count=count")
    # What must be given stands first.
    call.named = dict(sorted(call.named.items(), key=lambda item: " = " in item[1]))
    return call


def _asked(types: Types, parameter: Parameter, annotation: Any) -> str:
    """Return a query parameter's type; what is left out has the service's default."""
    text = types.text(annotation, is_sent=True)
    if parameter.default is Parameter.empty:
        return text
    return f"{text.removesuffix(' | None')} | None = None"


def _mapping(name: str, items: Sequence[tuple[str, str]]) -> str:
    # In one piece, because `wrapped` breaks between arguments only.
    inner = ", ".join(f"{string(sent)}: {given}" for sent, given in items)
    line = f"{name}={{{inner}}}"
    if len(line) <= 100 - 13:
        return line
    lines = "".join(f"                {string(sent)}: {given},\n" for sent, given in items)
    return f"{name}={{\n{lines}            }}"


def _body(endpoint: Endpoint, types: Types, call: _Call) -> str:
    """Take the body's fields as parameters of their own, and return how they are passed on."""
    body, route = endpoint.body_type, endpoint.route
    if _is_foreign(body):
        call.add(call.positional, "body", "Mapping[str, Json]", route)
        return "body=dict(body)"
    if not (isinstance(body, type) and issubclass(body, BaseModel)):
        name = route.body_is or "body"
        call.add(call.positional, name, types.text(body, is_sent=True), route)
        return f"body=dict({name})"
    names = []
    for name, _, info, annotation in fields(body):
        call.add(call.named, name, argument(types, info, annotation, prefix="shapes."), route)
        names.append(f"{name}={name}")
    types.text(body)
    line = f"body=shapes.{body.__name__}({', '.join(names)})"
    if len(line) <= 100 - 13:
        return line
    lines = "".join(f"                {name},\n" for name in names)
    return f"body=shapes.{body.__name__}(\n{lines}            )"


def _is_foreign(body: Any) -> bool:
    return isinstance(body, type) and issubclass(body, Foreign)
