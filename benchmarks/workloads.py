"""The schema, the data and the four workloads that every contestant runs, with the check of what they return."""

# ruff: noqa: S608 -- the columns put into the texts are constants of this file

import random
from collections.abc import Callable
from datetime import datetime
from typing import Any

USERS, GUILDS, MESSAGES = 20_000, 500, 200_000
PAGE = 50
FIRST_ID = 100_000_000_000_000_000
BODY = "one more message about the raid, written by the benchmark"

SCHEMA = """
CREATE TABLE users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    discord_id text NOT NULL UNIQUE,
    username text NOT NULL CHECK (username <> ''),
    global_name text,
    avatar text,
    email text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE guilds (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    discord_id text NOT NULL UNIQUE,
    name text NOT NULL
);
CREATE TABLE messages (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    guild_id bigint NOT NULL REFERENCES guilds (id),
    user_id bigint NOT NULL REFERENCES users (id),
    role text NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'assistant', 'system')),
    body text NOT NULL,
    admin_only boolean NOT NULL DEFAULT false,
    meta jsonb,
    created_at timestamptz NOT NULL DEFAULT now()
);
"""

SEED = f"""
INSERT INTO users (discord_id, username, global_name, avatar, email)
SELECT ({FIRST_ID} + n)::text, 'user_' || n, 'User ' || n, md5(n::text), n || '@example.test'
FROM generate_series(1, {USERS}) AS n;
INSERT INTO guilds (discord_id, name)
SELECT ({FIRST_ID} * 2 + n)::text, 'Guild ' || n FROM generate_series(1, {GUILDS}) AS n;
INSERT INTO messages (guild_id, user_id, body, meta, created_at)
SELECT
    1 + n % {GUILDS},
    1 + (n::bigint * 7919) % {USERS},
    'Message ' || n || ' ' || repeat('words ', 1 + n % 12),
    CASE WHEN n % 7 = 0 THEN jsonb_build_object('tokens', n % 4000, 'model', 'small') END,
    now() - n * interval '1 second'
FROM generate_series(1, {MESSAGES}) AS n;
CREATE INDEX messages_newest_idx ON messages (guild_id, created_at DESC, id DESC);
VACUUM (ANALYZE, FREEZE);
"""

USER = "id, discord_id, username, global_name, avatar, email, created_at, updated_at"
MESSAGE = "id, guild_id, user_id, role, body, admin_only, meta, created_at"

SQL = {
    "w1": f"SELECT {USER} FROM users WHERE discord_id = $1",
    "w2": """
        SELECT m.id, m.guild_id, m.user_id, m.role, m.body, m.admin_only, m.meta, m.created_at,
            u.discord_id AS author_discord_id, u.username AS author_username, u.avatar AS author_avatar
        FROM messages AS m
        INNER JOIN users AS u ON m.user_id = u.id
        WHERE m.guild_id = $1
        ORDER BY m.created_at DESC, m.id DESC
        LIMIT $2
        """,
    "w3": f"INSERT INTO messages (guild_id, user_id, body) VALUES ($1, $2, $3) RETURNING {MESSAGE}",
    "w8": f"""
        INSERT INTO users AS u (discord_id, username, avatar) VALUES ($1, $2, $3)
        ON CONFLICT (discord_id) DO UPDATE
        SET username = excluded.username, avatar = excluded.avatar, updated_at = now()
        RETURNING {USER}
        """,
}

TITLES = {
    "w1": "W1 point lookup",
    "w2": "W2 page of 50",
    "w3": "W3 insert",
    "w8": "W8 upsert",
}


def arguments(workload: str, seed: int) -> Callable[[], tuple[Any, ...]]:
    """Return a source of arguments, the same for everyone with the same seed."""
    pick = random.Random(seed).randint  # noqa: S311 -- no secret
    sources: dict[str, Callable[[], tuple[Any, ...]]] = {
        "w1": lambda: (str(FIRST_ID + pick(1, USERS)),),
        "w2": lambda: (pick(1, GUILDS), PAGE),
        "w3": lambda: (pick(1, GUILDS), pick(1, USERS), BODY),
        "w8": lambda: (str(FIRST_ID + (user := pick(1, USERS))), f"user_{user}", "another-avatar"),
    }
    return sources[workload]


def check(
    workload: str, given: tuple[Any, ...], result: Any, get: Callable[[Any, str], Any]
) -> None:
    """Fail unless a contestant returned the right rows with the right types: only then is it timed."""
    if workload in {"w1", "w8"}:
        assert get(result, "discord_id") == given[0]
        assert isinstance(get(result, "id"), int)
        stamp = get(result, "created_at")
    elif workload == "w2":
        assert len(result) == PAGE
        assert all(get(row, "guild_id") == given[0] for row in result)
        assert all(isinstance(get(row, "author_username"), str) for row in result)
        assert any(isinstance(get(row, "meta"), dict) for row in result)
        stamps = [get(row, "created_at") for row in result]
        assert stamps == sorted(stamps, reverse=True)
        stamp = stamps[0]
    else:
        assert get(result, "body") == given[2]
        stamp = get(result, "created_at")
    assert isinstance(stamp, datetime)
    assert stamp.tzinfo is not None
