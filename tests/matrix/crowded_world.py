"""A small, crowded database, and arguments for every named query that lead back to the same few rows of it."""

import random
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from typing import Any

from slimy_dal.engine.statement import Parameter, Statement
from tests.matrix.chance import seeded

__all__ = ["FILL", "World"]

USERS = [uuid.UUID(int=n) for n in range(1, 25)]
GUILDS = list(range(1, 5))
THINGS = [uuid.UUID(int=1000 + n) for n in range(1, 9)]
"""Conversations, analyses of both kinds, and what belongs to them: one key may name several things."""
WORDS = [f"word{n}" for n in range(8)]
START = datetime.now(UTC).replace(day=5)

FILL = """
BEGIN;
SET LOCAL session_replication_role = replica;
DO $$ DECLARE one regclass; BEGIN
    FOR one IN SELECT c.oid FROM pg_class AS c WHERE c.relnamespace = 'slimy'::regnamespace AND c.relkind IN ('r', 'p')
        AND NOT c.relispartition AND c.relname NOT LIKE 'audit%' AND c.relname NOT LIKE 'stat%'
    LOOP EXECUTE 'DELETE FROM ' || one; END LOOP;
END $$;
COMMIT;
INSERT INTO slimy.users (id, discord_id, username)
SELECT ('00000000-0000-0000-0000-' || lpad(to_hex(n), 12, '0'))::uuid, n, 'user' || n
FROM generate_series(1, 24) AS n;
INSERT INTO slimy.guilds (id, name) SELECT n, 'guild' || n FROM generate_series(1, 4) AS n;
INSERT INTO slimy.user_guilds (user_id, guild_id, roles)
SELECT u.id, g.id, CASE WHEN u.discord_id < 5 THEN '{owner}' ELSE '{member}' END::text[]
FROM slimy.users AS u CROSS JOIN slimy.guilds AS g WHERE g.id <= 4 AND u.discord_id <= 24;
INSERT INTO slimy.conversations (id, user_id, guild_id, title)
SELECT ('00000000-0000-0000-0000-' || lpad(to_hex(1000 + n), 12, '0'))::uuid,
    ('00000000-0000-0000-0000-' || lpad(to_hex(n), 12, '0'))::uuid, n % 4 + 1, 'a'
FROM generate_series(1, 8) AS n;
INSERT INTO slimy.club_analyses (id, user_id, guild_id, summary, confidence)
SELECT ('00000000-0000-0000-0000-' || lpad(to_hex(1000 + n), 12, '0'))::uuid,
    ('00000000-0000-0000-0000-' || lpad(to_hex(n), 12, '0'))::uuid, n % 4 + 1, 'a', 0.5
FROM generate_series(1, 8) AS n;
INSERT INTO slimy.screenshot_analyses (
    id, user_id, screenshot_type, image_url, title, description, summary, confidence, processing_time_ms, model_used,
    raw_response
)
SELECT ('00000000-0000-0000-0000-' || lpad(to_hex(1000 + n), 12, '0'))::uuid,
    ('00000000-0000-0000-0000-' || lpad(to_hex(n), 12, '0'))::uuid,
    'other', 'https://example.com/a.png', 'a', 'a', 'a', 0.5, 1, 'a', '{}'
FROM generate_series(1, 8) AS n;
INSERT INTO slimy.sessions (user_id, token_hash, expires_at)
SELECT u.id, sha256(gen_random_uuid()::text::bytea), now() + interval '1 hour'
FROM slimy.users AS u CROSS JOIN generate_series(1, 3) AS n WHERE u.discord_id <= 24;
INSERT INTO slimy.chat_messages (user_id, guild_id, text)
SELECT u.id, g.id, 'a' FROM slimy.users AS u CROSS JOIN slimy.guilds AS g WHERE g.id <= 4 AND u.discord_id <= 24;
"""
"""Brings back what the storm has removed: to be run as often as there is too little of it."""

LISTS: dict[str, Callable[[random.Random], dict[str, Any]]] = {
    "metrics": lambda of: {
        "name": of.choice(WORDS),
        "value": of.random(),
        "unit": None,
        "category": "power",
    },
    "images": lambda of: {
        "image_url": "https://example.com/a.png",
        "original_name": of.choice(WORDS),
        "file_size": 1,
    },
    "data": lambda of: {
        "key": of.choice(WORDS),
        "value": of.random(),
        "data_type": "number",
        "category": "power",
        "confidence": 0.5,
    },
    "tags": lambda of: {"tag": of.choice(WORDS), "category": "power"},
    "insights": lambda of: {
        "type": "trend",
        "priority": "low",
        "title": of.choice(WORDS),
        "description": "a",
        "confidence": 0.5,
        "actionable": True,
    },
    "recommendations": lambda of: {
        "type": "action",
        "priority": "low",
        "title": of.choice(WORDS),
        "description": "a",
        "impact": "a",
        "effort": "low",
        "actionable": True,
    },
}
"""An element of each parameter that is a list in JSON."""


class World:
    """Makes arguments; the same seed makes the same."""

    def __init__(self, seed: int) -> None:
        self._of = seeded(seed)

    def arguments(self, statement: Statement) -> list[Any]:
        """Return arguments for one call: of lists, as many elements in each, in any order."""
        many = self._of.randint(4, 8)
        return [self._argument(statement, parameter, many) for parameter in statement.parameters]

    def _argument(self, statement: Statement, parameter: Parameter, many: int) -> Any:
        of, name, kind = self._of, parameter.name, parameter.type
        if kind.endswith("[]"):
            return self._list(statement, parameter, many)
        if name in LISTS:
            return [
                {**LISTS[name](of), "key": word, "name": word, "tag": word}
                for word in of.sample(WORDS, many)
            ]
        if name == "conversation_id":
            return None
        if name == "stat_values":
            return list(range(many))
        if name == "version":
            return None
        return self._single(statement.name, name, kind)

    def _list(self, statement: Statement, parameter: Parameter, many: int) -> list[Any]:
        of, name = self._of, parameter.name
        if name == "roles":
            single = not statement.name.endswith("_many")
            return ["owner"] if single else of.choices(["owner", "admin", "member"], k=many)
        fixed: dict[str, Sequence[Any]] = {"user_ids": USERS, "member_keys": WORDS, "tags": WORDS}
        if name in fixed:
            return of.sample(fixed[name], many)
        kind = parameter.type.removesuffix("[]")
        if name == "conversation_ids":
            return [uuid.UUID(int=0)] * many
        if name == "ids":
            return [uuid.UUID(int=of.getrandbits(128)) for _ in range(many)]
        return [self._single(statement.name, name.removesuffix("s"), kind) for _ in range(many)]

    def _single(self, statement: str, name: str, kind: str) -> Any:  # noqa: PLR0911 -- each is one type
        of = self._of
        if kind == "uuid":
            users = statement.startswith("users.") or name in {
                "user_id",
                "owner_id",
                "reporter_id",
                "reviewer_id",
            }
            return of.choice(USERS if users else THINGS)
        if kind == "bigint":
            return {"batch_size": 6, "discord_id": of.randint(1, 24)}.get(name, of.choice(GUILDS))
        if name == "email":
            return f"{of.getrandbits(64)}@example.com"  # see test_addresses_that_change_hands
        if kind == "text":
            return of.choice(WORDS)
        if kind == "bytea":
            return of.randbytes(32)
        if kind == "timestamp with time zone":
            return START + timedelta(minutes=of.randrange(6))
        known: dict[str, Any] = {
            "boolean": of.random() < 0.5,
            "jsonb": {},
            "interval": timedelta(0),
            "integer": 1,
            "double precision": of.random(),
            "inet": IPv4Address(1),
            "date": START.date(),
        }
        return known[kind]
