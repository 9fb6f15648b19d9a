"""API keys over HTTP."""

import re

import psycopg

from service.app import STATE, create_app
from service.settings import Settings
from slimy_dal.domain.database import Database
from tests.service.conftest import Caller


async def test_a_key_is_shown_once_and_works(service: Caller, database_url: str) -> None:
    made = await service.post("/v1/api-keys", {"name": "reports", "scopes": ["guilds:read"]})
    assert made.status == 201
    key = made.json["key"]
    assert re.fullmatch(r"slimy_[a-z0-9]{12}_[A-Za-z0-9_-]{43}", key)
    assert (await service.bearing(key).get("/v1/guilds")).status == 200
    assert (await service.bearing(key).get("/v1/users")).code == "insufficient_scope"
    listed = await service.get("/v1/api-keys")
    assert [entry["name"] for entry in listed.json["data"]] == ["reports", "all"]
    secret = key.split("_", 2)[2]
    assert secret.encode() not in listed.content
    with psycopg.connect(database_url) as connection:
        assert secret not in str(
            connection.execute("SELECT k::text FROM slimy.api_keys AS k").fetchall()
        )


async def test_a_revoked_key_is_worthless_at_once_even_while_keys_are_remembered(
    service: Caller, db: Database, settings: Settings
) -> None:
    remembering = settings.model_copy(update={"key_cache_seconds": 60.0})
    gate = create_app(remembering, db)[STATE].gate
    made = await db.api_keys.create("short", ["keys:admin"])
    principal = await gate.principal({"Authorization": f"Bearer {made.key}"})
    await db.api_keys.revoke(made.api_key.id)
    assert await gate.principal({"Authorization": f"Bearer {made.key}"}) is principal
    gate.forget(made.api_key.id)
    assert (await service.bearing(made.key).get("/v1/api-keys")).status == 401


async def test_revoking_over_http_ends_a_remembered_key(service: Caller) -> None:
    made = (await service.post("/v1/api-keys", {"name": "a", "scopes": ["guilds:read"]})).json
    other = service.bearing(made["key"])
    assert (await other.get("/v1/guilds")).status == 200
    path = f"/v1/api-keys/{made['apiKey']['id']}"
    assert (await service.delete(path)).status == 204
    assert (await other.get("/v1/guilds")).status == 401
    assert (await service.delete(path)).status == 404


async def test_a_key_that_has_ended_is_refused(service: Caller, database_url: str) -> None:
    body = {"name": "a", "scopes": ["guilds:read"], "expiresAt": "2040-01-01T00:00:00Z"}
    key = (await service.post("/v1/api-keys", body)).json["key"]
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "UPDATE slimy.api_keys SET created_at = now() - interval '2 h', expires_at = now() - interval '1 h'"
            " WHERE name = 'a'"
        )
    assert (await service.bearing(key).get("/v1/guilds")).status == 401


async def test_a_key_cannot_end_before_it_begins(service: Caller) -> None:
    body = {"name": "a", "scopes": ["guilds:read"], "expiresAt": "2020-01-01T00:00:00Z"}
    answer = await service.post("/v1/api-keys", body)
    assert (answer.code, answer.pointers) == ("validation_failed", ["/expiresAt"])
