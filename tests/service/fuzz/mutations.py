"""Makes one request of a seed and a number: a right one of some route, and then wrong in some way, or in none."""

import gzip
import json
import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from service.endpoint import Endpoint
from tests.service.conftest import People
from tests.service.test_bad_input import GOOD, filled

TEXTS = (
    *(
        "",
        " ",
        "\x00",
        "a\x00b",
        "\ud83d",
        "\U0001f525" * 40,
        "é" * 300,
        "'; DROP TABLE users; --",
        "%",
        "%%",
    ),
    *("null", "true", "-1", "0", "1e309", "NaN", "Infinity", "9" * 30, "9223372036854775808", "٣"),
    *(
        "../../etc/passwd",
        "a" * 4000,
        "(a+)+$" + "a" * 50,
        "\u202e\u0000",
        "\r\nX-Injected: 1",
        "{}",
        "[]",
    ),
    *(
        "2026-11-21T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "-infinity",
        "epoch",
        "١٢",
        "\\",
        "a:*&b|!c",
        "\u2028",
    ),
)
VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        1.5,
        2**31,
        2**53,
        2**63,
        -(2**63) - 1,
        2**64,
        1e308,
        [],
        {},
        [[]],
        [None],
    ),
    *({"a": {"b": [1, None, "c"]}}, "x" * 70_000, [0] * 2000, {"": ""}, {"a" * 500: 1}),
)
KINDS = ("path", "query", "query", "header", "header", "body", "body", "body", "method")
RIGHT: dict[str, Sequence[str]] = {
    "limit": ("1", "2", "200"),
    "sort": ("newest", "oldest"),
    "search": ("a", "nelly", "b c"),
    "since": ("2026-01-01T00:00:00Z",),
    "until": ("2030-01-01T00:00:00Z",),
    "guildId": ("7000",),
}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
HEADERS: tuple[tuple[str, Sequence[str]], ...] = (
    (
        "If-Match",
        (
            "*",
            '"x"',
            'W/"x"',
            '"2026-11-21T00:00:00.000000Z"',
            "x",
            '"a", "b"',
            "",
            '"' + "a" * 900 + '"',
        ),
    ),
    ("If-None-Match", ("*", '"x"', 'W/"x", "y"', "x", ",", '"é"', '"' + "a" * 900 + '"')),
    ("Idempotency-Key", ("a", "b", "c", "", " ", "é", "k" * 255, "k" * 256, '"quoted"')),
    ("X-Acting-User", ("{owner}", "{member}", "{stranger}", "5", "", "{owner}, {member}")),
    (
        "Accept",
        (
            "text/csv",
            "application/x-ndjson",
            "text/html",
            "*/*;q=0",
            "a/b;q=2",
            "",
            "application/json;q=0.1",
        ),
    ),
    ("Accept-Encoding", ("gzip", "gzip;q=0", "br", "*;q=0.5", "identity;q=0", "gzip;q=x", "")),
    (
        "Content-Type",
        (
            "text/plain",
            "application/json; charset=latin-1",
            "application/x-ndjson",
            "",
            "a",
            "a/b/c",
        ),
    ),
    ("Content-Encoding", ("gzip", "deflate", "br", "gzip, gzip", "identity", "", "x" * 100)),
    (
        "Prefer",
        (
            "return=minimal",
            "handling=strict, x=y",
            "count=exact",
            "max-affected=0",
            "wait=1",
            "=",
            "return",
        ),
    ),
    ("X-Request-Id", ("good-id-12345", "short", "a" * 200, "bad id", "é" * 10)),
    (
        "traceparent",
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "00-0-0-0", "ff-", "é"),
    ),
    ("tracestate", ("a=b", "a" * 2000, "=", "é=é")),
    ("X-Forwarded-For", ("127.0.0.1", "not an address", "1.2.3.4, 5.6.7.8", "::1")),
    ("Range", ("bytes=0-1", "bytes=-1", "rows=1")),
    ("Expect", ("100-continue", "200-ok")),
    ("Cookie", ("a=b", "a" * 4000)),
    ("User-Agent", ("", "é", "a" * 3000)),
)


@dataclass
class Sent:
    """One request, and what was done to it."""

    number: int
    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes | None
    caller: str
    how: list[str] = field(default_factory=list)

    @property
    def content(self) -> bytes:
        """The request in bytes; its framing is always right, as only its meaning is in question."""
        lines = [f"{self.method} {self.target} HTTP/1.1", "Host: fuzz"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.body is not None:
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + (self.body or b"")


@dataclass(frozen=True)
class World:
    """What requests are about, and who may send them."""

    people: People
    tokens: dict[str, str]
    endpoints: Sequence[Endpoint]


class Maker:
    """Makes the requests of one seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def make(self, number: int, world: World) -> Sent:
        """Return the request of a number."""
        rng = random.Random(f"{self._seed}:{number}")
        endpoint = rng.choice(world.endpoints)
        if endpoint.route.method == "DELETE" and rng.random() < 0.7:
            # Or soon nothing would be left to be wrong about.
            endpoint = rng.choice(world.endpoints)
        made = _Draft(endpoint, world.people)
        for _ in range(rng.choice((0, 1, 1, 1, 2, 3))):
            made.spoil(rng, rng.choice(KINDS))
        caller = "all" if rng.random() < 0.75 else rng.choice([*world.tokens])
        if caller != "all":
            made.how.append("caller")
        if world.tokens[caller]:
            made.headers.append(("Authorization", f"Bearer {world.tokens[caller]}"))
        data = None if made.body is None else _encoded(rng, made.body, made.headers)
        how = made.how or ["right"]
        return Sent(number, made.method, made.target, made.headers, data, caller, how)


class _Draft:
    """A right request on its way to becoming a wrong one."""

    def __init__(self, endpoint: Endpoint, people: People) -> None:
        self._endpoint, self._people = endpoint, people
        self.how: list[str] = []
        self.method: str = endpoint.route.method
        self.names = {name: _known(name, people) for name in endpoint.route.path_names}
        examples, asked = endpoint.examples, endpoint.query_names
        self.query = [(name, text) for name, text in examples.items() if name in asked]
        self.headers = [("Content-Type", "application/json")]
        self.body = _good(endpoint, people)

    @property
    def target(self) -> str:
        names = {name: _quoted(text) for name, text in self.names.items()}
        pairs = "&".join(f"{_quoted(name)}={_quoted(text)}" for name, text in self.query)
        return self._endpoint.route.path.format(**names) + (f"?{pairs}" if pairs else "")

    def spoil(self, rng: random.Random, kind: str) -> None:
        if kind == "path" and self.names:
            self.names[rng.choice([*self.names])] = _other(rng, self._people)
        elif kind == "query":
            self.query += _query(rng, self._endpoint)
        elif kind == "header":
            self.headers = _headers(rng, self.headers, self._people)
        elif kind == "body" and self.body is not None:
            self.body = _mutated(rng, self.body)
        elif kind == "method":
            self.method = rng.choice(METHODS)
        else:
            return
        self.how.append(kind)


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="surrogatepass")


def _known(name: str, people: People) -> str:
    known = {"user_id": people.ids["member"], "guild_id": people.guild_id}
    known |= {"session_id": people.ids["owner"], "permission": "view_members", "code": "not_found"}
    return str({**known, "discord_id": 80351110224678912, **people.things}[name])


def _other(rng: random.Random, people: People) -> str:
    known = [str(one) for one in (*people.ids.values(), *people.things.values(), people.guild_id)]
    return rng.choice((*known, *TEXTS))


def _query(rng: random.Random, endpoint: Endpoint) -> list[tuple[str, str]]:
    known = sorted(endpoint.query_names)
    name = rng.choice((*known * 4, "limit", "offset", "", "é"))
    value = rng.choice(RIGHT.get(name, ("true", "a")) if rng.random() < 0.6 else TEXTS)
    return [(name, value)] * (1 if rng.random() < 0.9 else 2)


def _headers(
    rng: random.Random, headers: list[tuple[str, str]], people: People
) -> list[tuple[str, str]]:
    name, values = rng.choice(HEADERS)
    value = rng.choice(values)
    for role, found in people.ids.items():
        value = value.replace(f"{{{role}}}", str(found))
    kept = [one for one in headers if one[0] != name or rng.random() < 0.1]
    return [*kept, (name, value)]


def _good(endpoint: Endpoint, people: People) -> Any:
    if endpoint.body is None:
        return None
    text = json.dumps(filled(GOOD[endpoint.route.operation_id], people))
    return json.loads(text.replace('"7000"', f'"{people.guild_id}"'))


def _mutated(rng: random.Random, body: Any) -> Any:
    """Change one place of a JSON value: its type, its name, how often it is there, or whether it is."""
    if not isinstance(body, dict | list) or not body or rng.random() < 0.15:
        return rng.choice((*VALUES, *TEXTS))
    if isinstance(body, list):
        place = rng.randrange(len(body))
        made = [*body[:place], _mutated(rng, body[place]), *body[place + 1 :]]
        return made * rng.choice((1, 1, 1, 2, 30))
    name = rng.choice(sorted(body))
    choice = rng.random()
    if choice < 0.15:
        return {key: value for key, value in body.items() if key != name}
    if choice < 0.3:
        return {**body, rng.choice(TEXTS): rng.choice(VALUES)}
    return {**body, name: _mutated(rng, body[name])}


def _encoded(rng: random.Random, body: Any, headers: list[tuple[str, str]]) -> bytes:
    data = json.dumps(body, ensure_ascii=rng.random() < 0.8).encode("utf-8", "surrogatepass")
    spoilt = rng.random()
    if spoilt < 0.02:
        data = data[: rng.randrange(len(data) + 1)]
    elif spoilt < 0.04:
        place = rng.randrange(len(data))
        data = data[:place] + rng.randbytes(1) + data[place + 1 :]
    elif spoilt < 0.06:
        marked, twice = b"\xef\xbb\xbf" + data, data[:-1] + b',"a":1,"a":1}'
        data = rng.choice((marked, twice, data + data, b"", data + b"\x00", b"[" * 500))
    coding = next((value for name, value in headers if name == "Content-Encoding"), "")
    if coding == "gzip" and rng.random() < 0.7:
        return gzip.compress(data, mtime=0)[: None if rng.random() < 0.8 else -3]
    return zlib.compress(data) if coding == "deflate" and rng.random() < 0.7 else data
