"""Whatever is wrong in what is sent gets one clear problem document, and changes nothing."""

import gzip
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
import pytest

from service.app import GROUPS, endpoints
from service.endpoint import Endpoint
from service.inputs import Foreign
from tests.service.conftest import Caller, People
from tests.service.test_discord import GUILD, MEMBER, USER

FUTURE = "2040-01-01T00:00:00Z"
MISSING = "01945f8e-6a54-7b0e-8d3c-2f1a5b6c7d8e"
SNOWFLAKE = "197038439483310086"
TABLES: tuple[LiteralString, ...] = (
    *("users", "guilds", "user_guilds", "sessions", "api_keys"),
    *("user_preferences", "guild_feature_flags", "guild_settings", "guild_personalities"),
    *("code_reports", "club_member_metrics", "club_member_latest"),
    *("club_analyses", "club_analysis_images", "club_metrics"),
    *("screenshot_analyses", "screenshot_data", "screenshot_tags", "screenshot_insights"),
    *("screenshot_recommendations", "screenshot_comparisons"),
    *("conversations", "chat_messages", "stats", "audit_logs"),
)

PERSONALITY = {
    "preset": "jester",
    "systemPrompt": "a",
    "temperature": 1.5,
    "topP": 0.5,
    "tone": "serious",
    "formality": "formal",
    "humor": False,
    "emojis": False,
}
IMAGE = {"imageUrl": "https://a.example/b.png", "originalName": "b.png", "fileSize": 5}
METRIC_VALUE = {"value": [1, {"a": "b"}], "unit": "c", "category": "d"}
METRIC = {"name": "a", **METRIC_VALUE}
DATA_VALUE = {"dataType": "number", "value": 7.5, "category": "b", "confidence": 0.5}
DATA_POINT = {"key": "a", **DATA_VALUE}
TAG = {"tag": "a", "category": "b"}
INSIGHT = {
    "type": "a",
    "priority": "low",
    "title": "b",
    "description": "c",
    "confidence": 1,
    "actionable": True,
}
RECOMMENDATION = {
    "type": "a",
    "priority": "low",
    "title": "b",
    "description": "c",
    "impact": "high",
    "effort": "medium",
    "actionable": False,
}
ANALYSIS = {"title": "a", "summary": "b", "confidence": 0}
SCREENSHOT = {**ANALYSIS, "screenshotType": "c", "description": "d"}

MESSAGE = {"text": "a", "role": "assistant", "adminOnly": True}

STAT = {"type": "a", "value": 5, "userId": "{member}", "guildId": "7000"}
LOG = {
    "action": "a.b",
    "resourceType": "c",
    "resourceId": "d",
    "userId": "{member}",
    "details": {"e": [None]},
    "ipAddress": "192.0.2.7",
    "userAgent": "f",
    "sessionId": MISSING,
    "requestId": "g",
    "success": False,
    "errorMessage": "h",
}

GOOD: Mapping[str, Any] = {
    "stats_record": STAT,
    "stats_record_many": {"stats": [STAT]},
    "audit_logs_record": LOG,
    "conversations_create": {"guildId": "7000", "title": "a", "personalityMode": "b"},
    "conversations_change": {"title": "a", "personalityMode": None},
    "chat_messages_create_in_conversation": MESSAGE,
    "chat_messages_create_in_guild": {
        "userId": "{member}",
        "conversationId": "{conversation_id}",
        **MESSAGE,
    },
    "chat_messages_create_many": {
        "messages": [{"userId": "{member}", "guildId": "7000", **MESSAGE}]
    },
    "chat_messages_change": {"text": "a", "adminOnly": True},
    "club_analyses_create": {
        "userId": "{member}",
        **ANALYSIS,
        "images": [IMAGE],
        "metrics": [METRIC],
    },
    "club_analyses_change": ANALYSIS,
    "club_analysis_images_add_many": {"images": [IMAGE]},
    "club_metrics_replace": {"metrics": [METRIC]},
    "club_metrics_put": METRIC_VALUE,
    "screenshot_analyses_create": {
        **SCREENSHOT,
        "imageUrl": "https://a.example/b.png",
        "processingTimeMs": 5,
        "modelUsed": "e",
        "rawResponse": {"f": [None]},
        "data": [DATA_POINT],
        "tags": [TAG],
        "insights": [INSIGHT],
        "recommendations": [RECOMMENDATION],
    },
    "screenshot_analyses_change": SCREENSHOT,
    "screenshot_data_put": DATA_VALUE,
    "screenshot_data_put_many": {"data": [DATA_POINT]},
    "screenshot_tags_put": {"category": "b"},
    "screenshot_insights_add_many": {"insights": [INSIGHT]},
    "screenshot_recommendations_add_many": {"recommendations": [RECOMMENDATION]},
    "screenshot_comparisons_create": {
        "analysisId": "{screenshot_id}",
        "otherId": "{other_id}",
        "comparisonType": "a",
        "summary": "b",
        "insights": [None, {"c": 1}],
    },
    "users_put_by_discord": {"username": "a", "globalName": "b", "avatar": "c", "email": "d@e"},
    "users_change": {"username": "a", "globalName": None, "avatar": "c", "email": "d@e"},
    "users_set_last_active_guild": {"guildId": "7000"},
    "users_put_discord_tokens": {"accessToken": "a", "refreshToken": "b", "expiresAt": FUTURE},
    "sessions_create": {"userId": "{member}", "expiresAt": FUTURE},
    "guilds_create": {"id": SNOWFLAKE, "name": "a", "icon": "b", "ownerId": "{member}"},
    "guilds_put": {"name": "a", "icon": "b", "ownerId": "{member}"},
    "guilds_change": {"name": "a", "icon": "b", "ownerId": "{member}"},
    "guilds_merge_settings": {"a": "b"},
    "guilds_replace_settings": {"a": "b"},
    "memberships_add": {"userId": "{stranger}", "roles": ["member"]},
    "memberships_set_roles": {"roles": ["admin"]},
    "memberships_add_many": {"entries": [{"userId": "{stranger}", "roles": ["member"]}]},
    "memberships_set_roles_many": {"entries": [{"userId": "{member}", "roles": ["admin"]}]},
    "memberships_remove_many": {"userIds": ["{member}"]},
    "api_keys_create": {"name": "a", "scopes": ["guilds:read"], "expiresAt": FUTURE},
    "api_keys_rotate": {"overlapHours": 1, "expiresAt": FUTURE},
    "user_preferences_change": {"theme": "dark", "language": "de", "chatPersonality": "jester"},
    "user_preferences_replace": {
        "theme": "dark",
        "language": "de",
        "notifications": False,
        "chatPersonality": "jester",
    },
    "guild_feature_flags_change": {
        "colorPrimary": "#5865F2",
        "badgeStyle": "pill",
        "ensembleOcr": True,
        "secondApprover": True,
        "askManus": True,
        "publicStats": False,
    },
    "guild_settings_change": {
        "sheetId": "a-b_c",
        "sheetTab": "a",
        "viewMode": "latest",
        "allowPublic": True,
        "screenshotChannelId": SNOWFLAKE,
        "uploadsEnabled": False,
        "notes": "a",
    },
    "guild_personalities_change": PERSONALITY,
    "guild_personalities_replace": PERSONALITY,
    "code_reports_create": {
        "code": "SLIME",
        "reason": "expired",
        "details": "a",
        "reporterId": "{member}",
    },
    "code_reports_review": {"status": "verified", "reviewerId": "{admin}"},
    "club_members_ingest": {
        "observedAt": "2026-01-31T12:00:00Z",
        "members": [{"memberKey": "a", "name": "A", "simPower": 1, "totalPower": None}],
    },
    "discord_put_user": USER,
    "discord_put_guild": GUILD,
    "discord_put_member": {**MEMBER, "user": {"username": "a"}, "permissions": "8"},
}
"""A body for each route that takes one, which would change something."""

WITH_BODY = {
    endpoint.route.operation_id: endpoint
    for endpoint in endpoints(GROUPS)
    if endpoint.body is not None
}
FREE = {"guilds_merge_settings", "guilds_replace_settings"}
"""Their body is an object of the caller's own: its fields are whatever they are."""

WITHOUT_USER = {"audit_logs_record", "stats_record"}
"""What happens without anybody doing it."""

NOT_SNOWFLAKES: tuple[Any, ...] = (
    *("9223372036854775808", "0", "-1", "01", "1.0", " 1", "1e3", "", "٣", "1\n"),
    *(197038439483310086, 1.5, True, None, [], {}),
)
NOT_TIMES: tuple[Any, ...] = (
    *(
        "2040-01-01T00:00:00",
        "2040-01-01",
        "2040-02-30T00:00:00Z",
        "now",
        "",
        "2040-01-01 00:00:00Z",
    ),
    *("10000-01-01T00:00:00Z", "0000-01-01T00:00:00Z", 1700000000, 1.5, True, [], {}),
)
NOT_IDS: tuple[Any, ...] = (
    "x",
    MISSING[:-1],
    MISSING + "0",
    "{" + MISSING + "}",
    MISSING.replace("-", ""),
    5,
    1.5,
    [],
)
NOT_TEXT: tuple[Any, ...] = (5, 1.5, True, [], {}, "x" * 5000, "")
NOT_WORDS: tuple[Any, ...] = ("surprise", "", 5, 1.5, True, None, [], {})
NOT_FLAGS: tuple[Any, ...] = ("true", "", 1, 0, 1.5, None, [], {})
NOT_NUMBERS: tuple[Any, ...] = ("0.5", "", True, None, [], {}, -0.001, 2.001)
NOT_POWERS: tuple[Any, ...] = (-1, 2**53, 1.5, "1", True, [], {})
NOT_KINDS: tuple[Any, ...] = ("", "Club", "1a", "a b", "a\n", "x" * 65, 5, True, None, [], {})
NOT_SIZES: tuple[Any, ...] = (-1, 2**53, 1.5, "1", True, None, [], {})
NOT_SHARES: tuple[Any, ...] = (-0.001, 1.001, "0.5", "", True, [], {})
NOT_LISTS: tuple[Any, ...] = ({}, None, "x", 5)
NOT_ROLES: tuple[Any, ...] = ([], ["emperor"], ["member", "member"], "member", [5], [None], {}, 5)


def without_each(entry: Mapping[str, Any], optional: str = "") -> Iterator[list[Any]]:
    """Lists of entries, each without one of the fields that must be there."""
    for name in set(entry) - set(optional.split()):
        yield [{key: value for key, value in entry.items() if key != name}]


def with_each(entry: Mapping[str, Any], wrong: Mapping[str, tuple[Any, ...]]) -> Iterator[Any]:
    """What is no list of such entries, and lists of entries that have one wrong field."""
    yield from (*NOT_LISTS, [5], [None], [[]], [{}], [{**entry, "surprise": 1}])
    for name, values in wrong.items():
        for value in values:
            yield [{**entry, name: value}]


WRONG: Mapping[str, tuple[Any, ...]] = {
    "type": (*NOT_TEXT, None),
    "stats": (
        *without_each({"type": "a", "value": 5}),
        *with_each(
            {"type": "a", "value": 5},
            {
                "type": (*NOT_TEXT, None),
                "value": (None, "x" * 8200),
                "userId": NOT_IDS,
                "guildId": tuple(value for value in NOT_SNOWFLAKES if value is not None),
                "timestamp": (*NOT_TIMES, "2014-01-01T00:00:00Z"),
            },
        ),
        [{"type": "a", "value": 5}] * 10_001,
    ),
    "action": (*NOT_TEXT, None, "!", "a b.", ".", "ä"),
    "resourceType": (*NOT_TEXT, None, "!", "..", "ä"),
    "resourceId": NOT_TEXT,
    "ipAddress": (5, True, [], {}, "", "x", "1.2.3", "1.2.3.4.5", "10.0.0.0/8", ":::"),
    "userAgent": NOT_TEXT,
    "sessionId": NOT_IDS,
    "requestId": NOT_TEXT,
    "success": NOT_FLAGS,
    "errorMessage": NOT_TEXT,
    "text": (*NOT_TEXT[:-2], "", None, "x" * 32_001),
    "role": NOT_WORDS,
    "adminOnly": NOT_FLAGS,
    "personalityMode": ("", "Club", "1a", "a b", "a\n", "x" * 51, 5, True, [], {}),
    "conversationId": NOT_IDS,
    "messages": (
        *([], {}, None, "x", [5], [{}], [None], [{"text": "a"}], [{"userId": MISSING}]),
        *([{"userId": MISSING, "text": wrong}] for wrong in (*NOT_TEXT[:-2], "", None)),
        *([{"userId": wrong, "text": "a"}] for wrong in (*NOT_IDS, None)),
        *([{"userId": MISSING, "text": "a", "role": wrong}] for wrong in NOT_WORDS),
        *([{"userId": MISSING, "text": "a", "adminOnly": wrong}] for wrong in NOT_FLAGS),
        *([{"userId": MISSING, "text": "a", "createdAt": wrong}] for wrong in NOT_TIMES),
        [{"userId": MISSING, "text": "a"}] * 1001,
    ),
    "title": NOT_TEXT,
    "summary": (*NOT_TEXT[:-2], "", None, "x" * 20_001),
    "description": (*NOT_TEXT[:-2], None, "x" * 4001),
    "confidence": NOT_SHARES,
    "imageUrl": (*NOT_TEXT, None),
    "processingTimeMs": NOT_SIZES,
    "modelUsed": (*NOT_TEXT, None),
    "rawResponse": (5, 1.5, "{}", True, None),
    "screenshotType": NOT_KINDS,
    "comparisonType": NOT_KINDS,
    "analysisId": (*NOT_IDS, None),
    "otherId": (*NOT_IDS, None),
    "category": (*NOT_TEXT, None, "x" * 65),
    "unit": NOT_TEXT,
    "dataType": NOT_WORDS,
    "value": (None, "x" * 16_400),
    "images": (
        *without_each(IMAGE),
        *with_each(
            IMAGE, {"imageUrl": (*NOT_TEXT, None), "originalName": NOT_TEXT, "fileSize": NOT_SIZES}
        ),
        [IMAGE] * 51,
    ),
    "metrics": (
        *without_each(METRIC, "unit"),
        *with_each(
            METRIC,
            {
                "name": (*NOT_TEXT, None, "x" * 101),
                "value": (None, "x" * 16_400),
                "unit": NOT_TEXT,
                "category": (*NOT_TEXT, None),
            },
        ),
        [METRIC] * 501,
    ),
    "data": (
        *without_each(DATA_POINT, "confidence"),
        *with_each(
            DATA_POINT,
            {
                "key": (*NOT_TEXT, None),
                "dataType": (*NOT_WORDS, "string", "boolean", "date", "array", "object"),
                "value": (None, "5", True, [], {}),
                "category": (*NOT_TEXT, None),
                "confidence": NOT_SHARES,
            },
        ),
        [{**DATA_POINT, "dataType": "string", "value": "x" * 16_400}],
        [DATA_POINT] * 1001,
    ),
    "tags": (
        *without_each(TAG),
        *with_each(TAG, {"tag": (*NOT_TEXT, None, "x" * 65), "category": (*NOT_TEXT, None)}),
        [TAG] * 101,
    ),
    # In a comparison these are whatever they are.
    "insights": NOT_LISTS,
    "recommendations": (
        *without_each(RECOMMENDATION, "actionable"),
        *with_each(
            RECOMMENDATION,
            {
                "type": NOT_KINDS,
                "priority": NOT_WORDS,
                "title": (*NOT_TEXT, None),
                "description": (*NOT_TEXT, None),
                "impact": NOT_WORDS,
                "effort": NOT_WORDS,
                "actionable": NOT_FLAGS,
            },
        ),
        [RECOMMENDATION] * 101,
    ),
    "guildId": tuple(value for value in NOT_SNOWFLAKES if value is not None),
    "id": NOT_SNOWFLAKES,
    "owner_id": tuple(value for value in NOT_SNOWFLAKES if value is not None),
    "expiresAt": NOT_TIMES,
    "joined_at": NOT_TIMES,
    "userId": (*NOT_IDS, None),
    "ownerId": NOT_IDS,
    "username": NOT_TEXT,
    "globalName": NOT_TEXT,
    "global_name": NOT_TEXT,
    "avatar": NOT_TEXT,
    "icon": NOT_TEXT,
    "name": (*NOT_TEXT, None),
    "email": (*NOT_TEXT, "nobody", "@b", "a@", "a b@c", "a@b@c"),
    "accessToken": (*NOT_TEXT, None, "with space", "é"),
    "refreshToken": (*NOT_TEXT, "with space"),
    "permissions": (*(5, 1.5, "-1", "0x8", "", "٣", "9" * 41),),
    "scopes": ([], ["everything"], ["guilds:read", "guilds:read"], "guilds:read", None, [5], {}),
    "overlapHours": (-1, 721, 0.5, "1", True, None, [], {}),
    "entries": ([], {}, None, "x", [5], [{}], [None]),
    "userIds": ([], {}, None, "x", [5], [None], [MISSING] * 1001),
    "user": (5, "x", [], True),
    "theme": NOT_WORDS,
    "badgeStyle": NOT_WORDS,
    "viewMode": NOT_WORDS,
    "preset": NOT_WORDS,
    "tone": NOT_WORDS,
    "formality": NOT_WORDS,
    "reason": NOT_WORDS,
    "status": (*NOT_WORDS, "pending"),
    "notifications": NOT_FLAGS,
    "ensembleOcr": NOT_FLAGS,
    "secondApprover": NOT_FLAGS,
    "askManus": NOT_FLAGS,
    "publicStats": NOT_FLAGS,
    "allowPublic": NOT_FLAGS,
    "uploadsEnabled": NOT_FLAGS,
    "humor": NOT_FLAGS,
    "emojis": NOT_FLAGS,
    "temperature": NOT_NUMBERS,
    "topP": (*NOT_NUMBERS, 1.001),
    "language": (*NOT_TEXT, None, "EN", "e", "engl", "en_US", "en-", "en\n", "en-123456789"),
    "chatPersonality": NOT_TEXT,
    "colorPrimary": (*NOT_TEXT, "red", "#fff", "5865f2", "#5865fg", "#5865f2\n", "#5865f2ff"),
    "sheetId": (*NOT_TEXT, "a b", "https://docs.google.com/spreadsheets/d/a", "a\n", "x" * 129),
    "sheetTab": NOT_TEXT,
    "screenshotChannelId": tuple(value for value in NOT_SNOWFLAKES if value is not None),
    "notes": NOT_TEXT,
    "systemPrompt": (*(value for value in NOT_TEXT if value != "x" * 5000), "x" * 8001),
    "code": (*NOT_TEXT, None, "a b", "a\n", "a\tb", "\u00a0", "a\u0085", "x" * 101),
    "details": NOT_TEXT,
    "reporterId": NOT_IDS,
    "reviewerId": NOT_IDS,
    "observedAt": (*NOT_TIMES, None, "1999-12-31T23:59:59Z", "2100-01-01T00:00:00Z"),
    "members": (
        *([], {}, None, "x", [5], [{}], [None], [{"memberKey": "a"}], [{"name": "a"}]),
        [{"memberKey": "a", "name": "A"}, {"memberKey": "a", "name": "B"}],
        *([{"memberKey": wrong, "name": "A"}] for wrong in (*NOT_TEXT, None, "x" * 101)),
        *([{"memberKey": "a", "name": wrong}] for wrong in (*NOT_TEXT, None, "x" * 101)),
        *(
            [{"memberKey": "a", "name": "A", power: wrong}]
            for power in ("simPower", "totalPower")
            for wrong in NOT_POWERS
        ),
        [{"memberKey": f"{number}", "name": "A"} for number in range(1001)],
    ),
}
"""What each field must not be."""


@dataclass(frozen=True)
class Case:
    """One thing to send that must be refused."""

    name: str
    data: bytes
    status: int
    code: str
    pointer: str | None = None
    kind: str = "application/json"


def dumped(value: Any) -> bytes:
    return json.dumps(value).encode()


def unreadable(good: Any) -> Iterator[Case]:
    """Bodies that are refused before their meaning is looked at."""
    text = dumped(good)
    first = next(iter(good))
    yield Case("nothing", b"", 400, "malformed_json")
    yield Case("half", text[:-1], 400, "malformed_json")
    yield Case("two values", text + text, 400, "malformed_json")
    yield Case("not UTF-8", b'{"a": "\xff"}', 400, "malformed_json")
    yield Case("UTF-16", json.dumps(good).encode("utf-16"), 400, "malformed_json")
    yield Case("byte order mark", b"\xef\xbb\xbf" + text, 400, "malformed_json")
    yield Case("comment", b"/* a */" + text, 400, "malformed_json")
    yield Case("raw control character", b'{"a": "\x01"}', 400, "malformed_json")
    for number in (b"NaN", b"Infinity", b"-Infinity", b"1e999", b"9" * 31, b"0." + b"3" * 40):
        field = b'{"%s": %s}' % (first.encode(), number)
        yield Case(f"number {number[:9]!r}", field, 400, "unacceptable_json", f"/{first}")
    twice = text[:-1] + b', "%s": null}' % first.encode()
    yield Case("duplicate key", twice, 400, "unacceptable_json", f"/{first}")
    deep = b'{"a": ' + b"[" * 64 + b"]" * 64 + b"}"
    yield Case("65 levels", deep, 400, "unacceptable_json", "")
    very_deep = b"[" * 60_000
    yield Case("60000 levels", very_deep, 400, "unacceptable_json", "")
    for escape in (b"\\u0000", b"\\ud800", b"\\udc00\\ud800"):
        field = b'{"%s": "a%s"}' % (first.encode(), escape)
        yield Case(f"escape {escape!r}", field, 400, "unacceptable_json", f"/{first}")
        yield Case(f"key with {escape!r}", b'{"a%s": 1}' % escape, 400, "unacceptable_json", "")
    for kind in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin-1",
    ):
        yield Case(f"as {kind}", text, 415, "unsupported_media_type", kind=kind)


def misshapen(endpoint: Endpoint, good: Any) -> Iterator[Case]:
    """Bodies that are JSON, but not what the route takes."""
    for value in ([], [good], "x", 5, 1.5, True, None):
        yield Case(f"body {value!r:.9}", dumped(value), 422, "validation_failed", "")
    if endpoint.route.operation_id in FREE:
        return
    foreign = isinstance(endpoint.body_type, type) and issubclass(endpoint.body_type, Foreign)
    if not foreign:
        more = {**good, "surprise": 1, "a/b~c": 2}
        yield Case("unknown field", dumped(more), 422, "validation_failed", "/surprise")
    known = {place[1] for place in endpoint.places.values() if place[0] == "body"}
    for field in known & set(good):
        for value in wrong_for(endpoint, field):
            name = f"{field}={value!r:.20}"
            yield Case(name, dumped({**good, field: value}), 422, "validation_failed", f"/{field}")


def wrong_for(endpoint: Endpoint, field: str) -> tuple[Any, ...]:
    if field == "roles":
        if endpoint.route.operation_id == "discord_put_member":
            return (["x"], [5], [None], None, {}, "1")
        return NOT_ROLES
    if (endpoint.route.operation_id, field) == ("audit_logs_record", "details"):
        return (5, 1.5, True, [], "x", None, {"a": "x" * 65_600})
    if field == "userId" and endpoint.route.operation_id in WITHOUT_USER:
        return NOT_IDS
    if field in WRONG:
        return WRONG[field]
    raise AssertionError(f"nothing is known to be wrong for {field}: add it to WRONG")


def state(database_url: str) -> list[Any]:
    with psycopg.connect(database_url) as connection:
        return [
            connection.execute(f"SELECT t::text FROM slimy.{table} AS t ORDER BY 1").fetchall()
            for table in TABLES
        ]


def path_of(endpoint: Endpoint, people: People) -> str:
    ids = {
        "user_id": people.ids["member"],
        "guild_id": people.guild_id,
        "discord_id": "80351110224678912",
        **people.things,
    }
    return endpoint.route.path.format(**ids)


def filled(value: Any, people: People) -> Any:
    text = json.dumps(value)
    for name, found in (*people.ids.items(), *people.things.items()):
        text = text.replace(f"{{{name}}}", str(found))
    return json.loads(text)


def test_every_route_with_a_body_is_tried() -> None:
    assert set(GOOD) == set(WITH_BODY)


@pytest.mark.parametrize("operation", GOOD)
async def test_bad_bodies_are_refused_and_change_nothing(
    service: Caller, people: People, database_url: str, operation: str
) -> None:
    endpoint = WITH_BODY[operation]
    path, good = path_of(endpoint, people), filled(GOOD[operation], people)
    before = state(database_url)
    for case in (*unreadable(good), *misshapen(endpoint, good)):
        headers = {"Content-Type": case.kind}
        answer = await service.call(endpoint.route.method, path, data=case.data, headers=headers)
        assert (answer.status, answer.code) == (case.status, case.code), (case.name, answer.content)
        if case.pointer is not None:
            first = answer.pointers[0] if answer.pointers else None
            assert first is not None, case.name
            assert (first == case.pointer) or first.startswith(case.pointer + "/"), (
                case.name,
                first,
            )
    assert state(database_url) == before
    # The control: what all of these were variations of does change something.
    answer = await service.call(endpoint.route.method, path, good)
    assert answer.status < 300, answer.content
    assert state(database_url) != before


@pytest.mark.parametrize("operation", GOOD)
@pytest.mark.fault("V8")
async def test_a_body_beyond_the_limit_is_refused_with_and_without_a_length(
    service: Caller, people: People, database_url: str, operation: str
) -> None:
    endpoint = WITH_BODY[operation]
    path, limit = path_of(endpoint, people), endpoint.route.body_limit
    data = dumped(filled(GOOD[operation], people)) + b" " * limit
    before = state(database_url)
    whole = await service.call(endpoint.route.method, path, data=data)
    assert (whole.status, whole.code) == (413, "payload_too_large")

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(data), 65536):
            yield data[start : start + 65536]

    streamed = await service.call(endpoint.route.method, path, data=pieces())
    assert (streamed.status, streamed.code) == (413, "payload_too_large")
    assert state(database_url) == before


BAD_PATH = {
    "user_id": ("x", "5", MISSING[:-1], MISSING.replace("-", ""), "%00", "1.5"),
    "guild_id": (
        "9223372036854775808",
        "0",
        "-1",
        "01",
        "1.5",
        "x",
        "%00",
        "1e3",
        "99999999999999999999999",
    ),
    "discord_id": ("9223372036854775808", "0", "-1", "01", "1.5", "x", "%00", "NaN"),
    "session_id": ("x",),
    "key_id": ("x",),
    "permission": ("manage_everything", "%00"),
    "code": (),
    "report_id": ("x", "5", MISSING[:-1]),
    "member_key": ("%00", "a%00", "x" * 101),
    "analysis_id": ("x", "5", MISSING[:-1]),
    "image_id": ("x",),
    "name": ("%00", "a%00", "x" * 101),
    "screenshot_id": ("x", "5", MISSING[:-1]),
    "other_id": ("x",),
    "key": ("%00", "a%00", "x" * 101),
    "tag": ("%00", "a%00", "x" * 65),
    "insight_id": ("x",),
    "recommendation_id": ("x",),
    "comparison_id": ("x", "5", MISSING[:-1]),
    "conversation_id": ("x", "5", MISSING[:-1]),
    "message_id": ("x", "5", MISSING[:-1]),
}


async def test_ids_in_addresses_are_refused_by_name(
    service: Caller, people: People, database_url: str
) -> None:
    good = {
        "user_id": people.ids["member"],
        "guild_id": 7000,
        "discord_id": 5,
        "code": "x",
        "session_id": MISSING,
        "key_id": MISSING,
        "permission": "manage_guild",
        **people.things,
    }
    before = state(database_url)
    tried = 0
    for endpoint in endpoints(GROUPS):
        for name in endpoint.route.path_names:
            for value in BAD_PATH[name]:
                path = endpoint.route.path.format(**{**good, name: value})
                answer = await service.call(endpoint.route.method, path, data=b"{}")
                assert (answer.status, answer.code) == (400, "invalid_parameter"), path
                assert answer.pointers == [name]
                tried += 1
    assert tried > 100
    assert state(database_url) == before


LISTS = (
    *("/v1/users", "/v1/users?search=a", "/v1/guilds", "/v1/guilds?search=a", "/v1/api-keys"),
    *("/v1/users/{member}/guilds", "/v1/users/{member}/sessions"),
    *("/v1/guilds/7000/members", "/v1/guilds/7000/members?search=a"),
    *("/v1/deleted-guilds", "/v1/code-reports", "/v1/code-reports?status=pending&sort=oldest"),
    *("/v1/users/{member}/code-reports", "/v1/guilds/7000/club-members"),
    *("/v1/guilds/7000/club-members:by-total-power", "/v1/guilds/7000/club-members:by-sim-power"),
    "/v1/guilds/7000/club-members/nelly/history",
    *("/v1/guilds/7000/analyses", "/v1/guilds/7000/analyses?search=a&sort=oldest"),
    *("/v1/guilds/7000/analyses:trend?metric=power", "/v1/users/{member}/analyses"),
    *("/v1/users/{member}/analyses?search=a", "/v1/analyses/{analysis_id}/images"),
    *("/v1/analyses/{analysis_id}/metrics", "/v1/screenshots?screenshotType=club_roster"),
    *("/v1/users/{member}/screenshots", "/v1/users/{member}/screenshots:trend?key=count"),
    *("/v1/screenshots/{screenshot_id}/data", "/v1/screenshots/{screenshot_id}/tags"),
    *("/v1/screenshots/{screenshot_id}/insights", "/v1/users/{member}/screenshot-insights"),
    "/v1/screenshots/{screenshot_id}/recommendations",
    "/v1/users/{member}/screenshot-recommendations",
    *("/v1/stats", "/v1/guilds/7000/stats?type=a", "/v1/audit-logs"),
    *("/v1/users/{member}/conversations", "/v1/users/{member}/conversations?guildId=7000"),
    *("/v1/users/{member}/deleted-conversations", "/v1/users/{member}/messages?sort=oldest"),
    *("/v1/conversations/{conversation_id}/messages", "/v1/guilds/7000/messages"),
    *("/v1/guilds/7000/messages?adminOnly=true", "/v1/guilds/7000/messages?adminOnly=include"),
    *("/v1/screenshots/{screenshot_id}/comparisons", "/v1/users/{member}/screenshot-comparisons"),
)


def test_every_list_is_tried() -> None:
    tried = {
        path.partition("?")[0]
        .replace("{member}", "{user_id}")
        .replace("7000", "{guild_id}")
        .replace("nelly", "{member_key}")
        for path in LISTS
    }
    assert tried == {endpoint.route.path for endpoint in endpoints(GROUPS) if endpoint.is_page}


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.fault("V9", "V10", "V13")
async def test_forged_cursors_and_wrong_queries_are_refused(
    service: Caller, people: People, path: str
) -> None:
    path = filled(path, people)
    mark = "&" if "?" in path else "?"
    foreign = (await service.get("/v1/users?limit=1")).json["nextCursor"]
    other = (await service.get("/v1/guilds/7000/members?limit=1")).json["nextCursor"]
    forged = ["AAAA", "A" * 60, foreign[:-2], foreign[:-1] + ("A" if foreign[-1] != "A" else "B")]
    forged += [foreign] if path != "/v1/users" else []
    forged += [other] if path != "/v1/guilds/7000/members" else []
    for cursor in forged:
        answer = await service.get(f"{path}{mark}cursor={cursor}")
        assert (answer.status, answer.code) == (400, "invalid_cursor"), cursor
        assert answer.pointers == ["cursor"]
    for query, name in (
        *(
            (f"limit={value}", "limit")
            for value in ("0", "201", "-1", "1.5", "x", "", "1e1", "%00", "٣")
        ),
        *((f"cursor={value}", "cursor") for value in ("", "a%20b", "%00", "A" * 2000)),
        ("limit=1&limit=2", "limit"),
    ):
        answer = await service.get(f"{path}{mark}{query}")
        assert (answer.status, answer.code, answer.pointers) == (
            400,
            "invalid_parameter",
            [name],
        ), query
    unknown = await service.get(f"{path}{mark}offset=5")
    assert (unknown.status, unknown.code, unknown.pointers) == (
        400,
        "unknown_parameter",
        ["offset"],
    )


async def test_searches_that_cannot_be_looked_up_are_refused_or_find_nothing(
    service: Caller,
) -> None:
    for search in ("%00", "", "a" * 101):
        assert (await service.get(f"/v1/users?search={search}")).pointers == ["search"]
    for search in ("%27", "%26%7C%21%28", "%5C", ":*", "%3A%2A", "%F0%9F%94%A5", "a%27b"):
        answer = await service.get(f"/v1/users?search={search}")
        assert (answer.status, answer.json["data"]) == (200, [])


async def test_a_problem_never_repeats_a_value(service: Caller) -> None:
    secret = "hunter2-hunter2"
    bodies: list[Any] = [
        {"username": {"a": secret}},
        {"email": secret},
        {"avatar": secret * 500},
        {"username": [secret]},
        secret,
    ]
    for body in bodies:
        answer = await service.put("/v1/users/by-discord/5", body)
        assert answer.status == 422
        assert secret.encode() not in answer.content
    for path in (f"/v1/users/by-discord/{secret}", f"/v1/users?limit={secret}"):
        assert secret.encode() not in (await service.get(path)).content
    wrong = await service.bearing(f"slimy_{secret}").get("/v1/users")
    assert secret.encode() not in wrong.content


async def test_missing_references_are_refused_by_field(service: Caller, people: People) -> None:
    before_path = f"/v1/users/{people.ids['member']}/last-active-guild"
    for answer, pointer in (
        (await service.put(before_path, {"guildId": "5"}), "/guildId"),
        (
            await service.post("/v1/guilds", {"id": "5", "name": "a", "ownerId": MISSING}),
            "/ownerId",
        ),
        (await service.patch("/v1/guilds/7000", {"ownerId": MISSING}), "/ownerId"),
    ):
        assert (answer.status, answer.code, answer.pointers) == (
            422,
            "missing_reference",
            [pointer],
        )


@pytest.mark.fault("V8")
async def test_compressed_bodies_count_by_what_they_become(service: Caller) -> None:
    path, headers = "/v1/users/by-discord/5", {"Content-Encoding": "gzip"}
    good = await service.put(path, data=gzip.compress(b'{"username": "a"}'), headers=headers)
    assert good.json["username"] == "a"
    bomb = await service.put(path, data=gzip.compress(b" " * 50_000_000), headers=headers)
    assert (bomb.status, bomb.code) == (413, "payload_too_large")
    broken = await service.put(path, data=b"not gzip at all", headers=headers)
    assert (broken.status, broken.code) == (400, "malformed_json")
    half = gzip.compress(b'{"username": "b"}')[:20]
    cut = await service.put(path, data=half, headers=headers)
    assert (cut.status, cut.code) == (400, "malformed_json")
