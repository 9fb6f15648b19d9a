"""Puts the generated classes of the client into modules, with what each must import."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import get_args

from service.client_types import ALIASES, Types
from service.endpoint import Endpoint
from slimy_dal.compiler.codegen.format import docstring, string, wrapped

HEAD = '"""Generated from the routes of the service by `slimy client`; do not edit."""\n'


@dataclass
class Noun:
    """One class of the client."""

    name: str
    doc: str
    endpoints: list[Endpoint] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The name of its class."""
        return "".join(word.title() for word in self.name.split("_"))


def shapes(types: Types) -> str:
    """Return the module of everything that is sent and answered."""
    definitions = "\n\n".join(types.definitions())
    aliases = "".join(
        wrapped(f"{name}: TypeAlias = Literal[", [string(word) for word in get_args(kind)], "]")
        + "\n"
        for kind, name in sorted(ALIASES.items(), key=lambda item: item[1])
    )
    imports = {
        "collections.abc": ["Mapping", "Sequence"],
        "datetime": ["datetime"],
        "decimal": ["Decimal"],
        "typing": ["Literal", "TypeAlias"],
        "uuid": ["UUID"],
    }
    ours = ["Answer", "Json", "Part", "Sent", "Snowflake"]
    third = "import msgspec\n" if "msgspec." in definitions else ""
    unset = [name for name in ("UNSET", "UnsetType") if name in definitions]
    third += f"from msgspec import {', '.join(unset)}\n"
    return (
        HEAD
        + f"\n{_imports(imports, aliases + definitions)}\n{third}\n"
        + f"{_imports({'slimy_dal.client.values': ours}, definitions)}\n{aliases}\n\n{definitions}"
    )


def _imports(names: dict[str, list[str]], text: str) -> str:
    lines = ""
    for module, wanted in names.items():
        used = [name for name in wanted if f"{name}[" in text or _mentions(text, name)]
        if used:
            lines += f"from {module} import {', '.join(used)}\n"
    return lines


def _mentions(text: str, name: str) -> bool:
    return any(f"{before}{name}" in text for before in (" ", "[", "("))


def module(body: str) -> str:
    """Return the module of one noun, whose class this is."""
    standard = {
        "collections.abc": ["Mapping", "Sequence"],
        "datetime": ["datetime"],
        "typing": ["Literal"],
        "uuid": ["UUID"],
    }
    third = {"msgspec": ["UNSET", "UnsetType"]}
    ours = {
        "slimy_dal.client": ["shapes"],
        "slimy_dal.client.lines": ["Lines"],
        "slimy_dal.client.noun": ["Noun"],
        "slimy_dal.client.paging": ["Pages"],
        "slimy_dal.client.request": ["Operation"],
        "slimy_dal.client.transport": ["new_key"],
        "slimy_dal.client.values": ["Json", "Page", "Snowflake"],
    }
    imports = [found for names in (standard, third, ours) if (found := _imports(names, body))]
    return "\n".join([HEAD, *imports]) + f"\n\n{body}"


def api(nouns: Sequence[Noun]) -> str:
    """Return the module of the client itself, which has all nouns."""
    ours = {f"slimy_dal.client.nouns.{noun.name}": [noun.title] for noun in nouns}
    body = _client(nouns)
    return (
        f"{HEAD}\n{_imports({**ours, 'slimy_dal.client.transport': ['Transport']}, body)}\n\n{body}"
    )


def _client(nouns: Sequence[Noun]) -> str:
    lines = ["class Client(Transport):", '    """Every call of the service, by noun."""', ""]
    for noun in nouns:
        lines += ["    @property", f"    def {noun.name}(self) -> {noun.title}:"]
        lines += [
            docstring(noun.doc.partition(". ")[0].rstrip(".") + ".", 8).rstrip("\n"),
            f"        return {noun.title}(self)",
            "",
        ]
    return "\n".join(lines)
