"""What a route is: data about one method on one path, from which its checks and its documentation follow."""

import math
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, get_origin

from aiohttp import web

from service import proxies
from service.admission import Priority
from service.auth import Policy
from service.calls import DomainCall, asked, calls_of, queries_of
from service.limits import RateClass
from service.prefer import NONE, Preferences
from service.principals import Principal
from service.totals import Counts
from service.traces import Trace
from slimy_dal.engine.types import UNSET, Page, Unset

if TYPE_CHECKING:
    import asyncio

    from service.state import State
    from slimy_dal.domain.database import Nouns

T = TypeVar("T")

Handler = Callable[..., Awaitable[Any]]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

DEFAULT_BODY = 128 * 1024
TEXT_BODY = 512 * 1024
"""Room for the longest text with each of its characters escaped."""
LARGE_BODY = 1024 * 1024
BULK_BODY = 4 * 1024 * 1024

OPERATIONS = "operations"
"""The tag of what is asked by those who run the service."""


@dataclass(slots=True, eq=False)
class Call:
    """One request on its way through a handler."""

    request: web.Request
    state: "State"
    request_id: str
    trace: Trace
    task: "asyncio.Task[Any]"
    """Where it is worked on."""
    principal: Principal | None = None
    ends: float = math.inf
    """When its time is over, by the monotonic clock."""
    late: bool = False
    """It was cancelled because its time was over."""
    code: str | None = None
    """The code of the problem that it is answered with."""
    reading: bool = False
    """The body is still on its way."""
    sent: bytes = b""
    """The body as it came, before any compression."""
    by_line: bool = False
    """The body came as entries, one on each line."""
    told: dict[str, str] = field(default_factory=dict)
    """Headers that the answer has to have, whatever it is."""
    version: datetime | Unset = UNSET
    """The version that alone may be changed, where the caller named one."""
    prefer: Preferences = field(default_factory=lambda: NONE)
    """What its caller would rather have."""
    nouns: "Nouns | None" = None
    """Those of the transaction that the handler's work is a part of."""
    about: str | None = None
    """What an audited call is about, where neither its path nor its answer's Location ends in that."""
    details: dict[str, Any] = field(default_factory=dict)
    """What the audit row says beyond who, where and which fields."""
    afterwards: list[Callable[[], Awaitable[Any]]] = field(default_factory=list)
    """What is done once the transaction has ended well."""
    bound: "tuple[Nouns, Nouns] | None" = None
    """What `db` was made from, and what it is."""

    @property
    def remote(self) -> str | None:
        """The caller's address, as far as it is known."""
        return proxies.origin(self.request, self.state.proxies)

    @property
    def db(self) -> "Nouns":
        """The database as the caller may reach it: for a user, and a key bound to guilds, there is nothing else in it.

        Each call is on its own, or all are in one transaction where there is one.
        """
        nouns = self.unbound
        tenant = None if self.principal is None else self.principal.tenant
        if tenant is None:
            return nouns
        if self.bound is None or self.bound[0] is not nouns:
            self.bound = (nouns, nouns.bound_to(tenant))
        return self.bound[1]

    @property
    def unbound(self) -> "Nouns":
        """The database by the service's own right: to find out what the caller may, and what the service does itself.

        A handler that does anything else by it says why.
        """
        return self.nouns or self.state.db


@dataclass(frozen=True, slots=True)
class Created(Generic[T]):
    """What a handler returns when it made something: the thing, and where it is."""

    value: T
    location: str


@dataclass(frozen=True, slots=True)
class Versioned(Generic[T]):
    """What a handler returns for a thing that does not itself say which version it is."""

    value: T
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Route:
    """One method on one path. Its handler's signature says what comes in and what goes out.

    Parameters of the handler after `call`: those in the path template come from the path, `body` is the
    body, all others are query parameters.
    """

    method: Method
    path: str
    handler: Handler
    policy: Policy
    tag: str
    problems: tuple[str, ...] = ()
    """Codes it can answer with beyond those that follow from its policy, parameters and body."""
    body_limit: int = DEFAULT_BODY
    body_example: Any = None
    examples: Mapping[str, str] = field(default_factory=dict)
    """Parameters whose example is not the one that their name has everywhere."""
    body_is: str = ""
    """The domain's name of what the whole body is, where it is one free value."""
    media: str = "application/json"
    """What it answers with; anything but JSON is made by the handler itself."""
    also_media: tuple[str, ...] = ()
    """What else it answers with, where the caller would rather have that."""
    versioned: bool = False
    """Whether its handler compares `call.version`, which `If-Match` asks for, in the statement that changes."""
    keeps_answer: bool = True
    """Whether the answer of a POST may be kept for a request repeated with its Idempotency-Key: no secret is in it."""
    audit: str = ""
    """The name under which calls are kept in the audit log, such as `guild.settings.update`; the thing's kind and what
    was done to it."""
    entries: Literal["", "each", "all"] = ""
    """How a bulk call takes its entries: each for itself with a result of its own, or all of them or none."""
    counts: Counts | None = None
    """How its list is counted, for callers who prefer to know how long that is."""
    affects: Callable[[Any], int] | None = None
    """Tells from what its handler returns how many things it changed."""
    shape: Any = None
    """The published type, where the handler makes its own response."""

    @property
    def operation_id(self) -> str:
        """The name generated clients give the call: module and handler, `users_get`."""
        module = self.handler.__module__.rpartition(".")[2]
        return f"{module}_{self.handler.__name__}"

    @property
    def summary(self) -> str:
        """The first sentence of the handler's docstring."""
        return self._documentation()[0]

    @property
    def description(self) -> str:
        """The rest of the handler's docstring."""
        return self._documentation()[1]

    def _documentation(self) -> tuple[str, str]:
        text = self.handler.__doc__ or ""
        summary, _, rest = text.strip().partition("\n")
        lines = [line.strip() for line in rest.strip().splitlines()]
        return summary.rstrip("."), "\n".join(lines).strip()

    @property
    def rate_class(self) -> RateClass:
        """Which of its caller's rates a call counts against."""
        if self.policy.public:
            return "none"
        if self.method == "GET":
            return "read"
        return "bulk" if self.body_limit >= LARGE_BODY else "write"

    @property
    def calls(self) -> tuple[DomainCall, ...]:
        """The calls of the domain that its handler and its count may make, read from their code."""
        counting = () if self.counts is None else calls_of(self.counts.count)
        return tuple(dict.fromkeys((*calls_of(self.handler), *counting)))

    @property
    def asked(self) -> tuple[DomainCall, ...]:
        """The calls of the domain that find out whether a session may."""
        return asked(self.policy)

    @property
    def queries(self) -> tuple[str, ...]:
        """The named queries that those may run: `guilds.get`."""
        return queries_of(self.calls)

    @property
    def priority(self) -> Priority:
        """How urgent it is when not all can be done: see `admission`."""
        if self.tag == OPERATIONS:
            return "vital"
        if self.rate_class == "bulk" or self.also_media:
            return "bulk"
        if self.method != "GET":
            return "write"
        returned = self.handler.__annotations__.get("return")
        return "list" if get_origin(returned) is Page else "small"

    @property
    def takes_key(self) -> bool:
        """Whether it honours an Idempotency-Key."""
        return self.method == "POST" and self.keeps_answer and not self.policy.public

    @property
    def path_names(self) -> tuple[str, ...]:
        """The parameters in the path template, in order."""
        return tuple(re.findall(r"{(\w+)}", self.path))


class Routes:
    """The routes of one noun, gathered by decorators."""

    def __init__(self, tag: str, description: str) -> None:
        self.tag = tag
        self.description = description
        self._routes: list[Route] = []

    def __iter__(self) -> Iterator[Route]:
        return iter(self._routes)

    def route(
        self, method: Method, path: str, policy: Policy, *problems: str, **details: Any
    ) -> Callable[[Handler], Handler]:
        """Return a decorator that makes a route of a handler; `details` are the fields of Route."""

        def add(handler: Handler) -> Handler:
            made = Route(method, path, handler, policy, self.tag, problems, **details)
            self._routes.append(made)
            return handler

        return add


def pattern(path: str, paths: frozenset[str]) -> str:
    """Return aiohttp's form of a path template, in which a parameter never swallows a sibling's fixed word.

    `/users/{user_id}` would take `/users/by-email` for an id, and answer for methods that path does not have.
    """
    segments = path.split("/")
    for position, segment in enumerate(segments):
        if not segment.startswith("{"):
            continue
        siblings = {
            other.split("/")[position]
            for other in paths
            if len(other.split("/")) == len(segments)
            and other.split("/")[:position] == segments[:position]
        }
        fixed = sorted(re.escape(word) for word in siblings if not word.startswith("{"))
        refused = f"(?!(?:{'|'.join(fixed)})(?:/|$))" if fixed else ""
        segments[position] = f"{segment[:-1]}:{refused}[^/]+}}"
    return "/".join(segments)
