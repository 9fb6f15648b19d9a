"""What a caller would rather have: the `Prefer` header (RFC 7240), and what the answer says of it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from service.problems import FieldError, Refusal, in_parameter

HEADER: Final = "Prefer"
APPLIED: Final = "Preference-Applied"

RETURN: Final = "return"
COUNT: Final = "count"
MOST: Final = "max-affected"
TX: Final = "tx"

VALUES: Final[Mapping[str, re.Pattern[str]]] = {
    RETURN: re.compile("minimal|representation"),
    COUNT: re.compile("exact|estimated"),
    MOST: re.compile("[0-9]{1,9}"),
    TX: re.compile("rollback"),
}
DESCRIPTIONS: Final[Mapping[str, str]] = {
    RETURN: "`return=minimal`: no body, 204 where it would be 200",
    COUNT: "`count=exact` or `count=estimated`: the length of the whole list in `X-Total-Count`",
    MOST: "`max-affected=N`: refuse, and change nothing, where it would change more things than that",
    TX: "`tx=rollback`: answer as ever, and keep nothing",
}
STRICT: Final = (
    "`handling=strict`: refuse what is not known or cannot be done, instead of ignoring it"
)

LONGEST: Final = 1024
"""Characters of all of them together; a search for the end of what is quoted goes through the rest."""

KEPT: Final = ("ETag", "Location", "Idempotency-Replayed")
"""What an answer without its body still says."""

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_ELEMENT = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"|")+')
_PREFERENCE = re.compile(
    rf"""[ \t]*(?P<name>{_WORD})[ \t]*
    (?:=[ \t]*(?:(?:(?P<token>{_WORD})|"(?P<quoted>(?:[^"\\]|\\.)*)")[ \t]*)?)?
    (?:;(?P<parameters>.*))?\Z""",
    re.VERBOSE,
)
_ESCAPED = re.compile(r"\\(.)")


@dataclass(slots=True)
class Preferences:
    """What one request prefers of that which its route can do."""

    asked: dict[str, str] = field(default_factory=dict)
    is_strict: bool = False

    @property
    def is_minimal(self) -> bool:
        """Whether the answer needs no body."""
        return self.asked.get(RETURN) == "minimal"

    @property
    def rolls_back(self) -> bool:
        """Whether nothing of it is to be kept."""
        return TX in self.asked

    @property
    def needs_transaction(self) -> bool:
        """Whether what is done may have to be undone."""
        return TX in self.asked or MOST in self.asked

    def check_affected(self, number: int) -> None:
        """Raise Refusal("too_many_affected") where a call changed more things than its caller wants it to."""
        most = int(self.asked.get(MOST, number))
        if number > most:
            detail = (
                f"it would change {number} things, and {MOST} allows {most}; nothing was changed"
            )
            raise Refusal("too_many_affected", detail, [_entry(f"{MOST} is less than that")])

    def cannot(self, name: str, why: str) -> None:
        """Drop what cannot be done this time. Raises Refusal("invalid_header") where the caller is strict."""
        if self.is_strict:
            raise _refused(f"{name} {why}")
        del self.asked[name]

    @property
    def applied(self) -> str:
        """Which of them were followed, as the answer's header says it."""
        strict = ["handling=strict"] if self.is_strict else []
        return ", ".join([*strict, *(f"{name}={value}" for name, value in self.asked.items())])


NONE: Final = Preferences()
"""What most requests prefer."""


def of(sent: Sequence[str], known: frozenset[str]) -> Preferences:
    """Return what the `Prefer` headers of a request say about a route that can do what is `known`.

    Of a preference that stands there twice the first counts. The rest is ignored, or, with `handling=strict`, refused:
    raises Refusal("invalid_header").
    """
    text = ",".join(sent)
    if len(text) > LONGEST:
        raise _refused(f"has more than {LONGEST} characters")
    found: dict[str, str | None] = {}
    wrong = []
    for element in _ELEMENT.findall(text):
        match = _PREFERENCE.match(element)
        if match is not None:
            quoted = match["quoted"]
            value = match["token"] if quoted is None else _ESCAPED.sub(r"\1", quoted)
            found.setdefault(match["name"].lower(), value and value.lower())
        elif element.strip():
            wrong.append("is not as RFC 7240 writes it")
    handling = found.pop("handling", "lenient")
    made = Preferences(is_strict=handling == "strict")
    if handling not in {"strict", "lenient"}:
        wrong.append("handling is strict or lenient")
    for name, value in found.items():
        if name not in known:
            wrong.append(f"{_shown(name)} is not known here")
        elif value is None or not VALUES[name].fullmatch(value):
            wrong.append(f"{name} has a value that is not known")
        else:
            made.asked[name] = value
    if made.is_strict and wrong:
        raise _refused(*wrong)
    return made


def follow(preferences: Preferences, response: web.StreamResponse) -> web.StreamResponse:
    """Return a response as its caller prefers it: without its body where that is not wanted."""
    bare = response
    if preferences.is_minimal and response.status in {200, 201}:
        kept = {name: response.headers[name] for name in KEPT if name in response.headers}
        bare = web.Response(status=204 if response.status == 200 else 201, headers=kept)  # noqa: PLR2004
    if applied := preferences.applied:
        bare.headers[APPLIED] = applied
    return bare


def _shown(name: str) -> str:
    """Return a preference's name as a problem may say it: the caller's text is cut."""
    return name if len(name) <= 40 else f"{name[:40]}…"  # noqa: PLR2004


def _refused(*wrong: str) -> Refusal:
    return Refusal("invalid_header", f"{HEADER}: {wrong[0]}", [_entry(one) for one in wrong[:20]])


def _entry(detail: str) -> FieldError:
    return in_parameter("header", HEADER, "invalid_header", detail)
