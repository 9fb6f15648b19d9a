"""The one made-up world that all examples are about, so that each may be sent, and answers may be shown (SPEC H1)."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

USER: Final = "01945f8e-6a54-7b0e-8d3c-2f1a5b6c7d8e"
"""Nelly, a member of the guild."""
OWNER: Final = "01945f8e-6a55-7c1f-9e4d-3a2b6c7d8e9f"
NEWCOMER: Final = "01945f8e-6a56-7d20-8f5e-4b3c7d8e9fa0"
"""A user who is in no guild yet."""
DISCORD_ID: Final = "80351110224678912"
"""Nelly's."""
SESSION: Final = "01945f8e-6a57-7e31-906f-5c4d8e9fa0b1"

GUILD: Final = "197038439483310086"
NEW_GUILD: Final = "381870553235193857"
"""A guild that is not known yet."""
DELETED_GUILD: Final = "613425648685547541"

CONVERSATION: Final = "01945f8e-6a58-7f42-8170-6d5e9fa0b1c2"
DELETED_CONVERSATION: Final = "01945f8e-6a59-7053-9281-7e6fa0b1c2d3"
MESSAGE: Final = "01945f8e-6a5a-7164-8392-8f70b1c2d3e4"
REPORT: Final = "01945f8e-6a5b-7275-94a3-9081c2d3e4f5"

ANALYSIS: Final = "01945f8e-6a5c-7386-85b4-a192d3e4f506"
IMAGE: Final = "01945f8e-6a5d-7497-96c5-b2a3e4f50617"
SCREENSHOT: Final = "01945f8e-6a5e-75a8-87d6-c3b4f5061728"
LATER_SCREENSHOT: Final = "01945f8e-6a5f-76b9-98e7-d4c506172839"
INSIGHT: Final = "01945f8e-6a60-77ca-89f8-e5d61728394a"
RECOMMENDATION: Final = "01945f8e-6a61-78db-9a09-f6e728394a5b"
COMPARISON: Final = "01945f8e-6a62-79ec-8b1a-07f8394a5b6c"

KEY: Final = "01945f8e-6a63-7afd-9c2b-18094a5b6c7d"
STAT: Final = "01945f8e-6a64-7b0e-8d3c-291a5b6c7d8e"
AUDIT_LOG: Final = "01945f8e-6a65-7c1f-9e4d-3a2b6c7d8e9f"

PARAMETERS: Final[Mapping[str, str]] = {
    "user_id": USER,
    "discord_id": DISCORD_ID,
    "session_id": SESSION,
    "guild_id": GUILD,
    "permission": "manage_members",
    "member_key": "nelly",
    "conversation_id": CONVERSATION,
    "message_id": MESSAGE,
    "report_id": REPORT,
    "analysis_id": ANALYSIS,
    "image_id": IMAGE,
    "name": "totalPower",
    "screenshot_id": SCREENSHOT,
    "other_id": LATER_SCREENSHOT,
    "key": "memberCount",
    "tag": "roster",
    "insight_id": INSIGHT,
    "recommendation_id": RECOMMENDATION,
    "comparison_id": COMPARISON,
    "key_id": KEY,
    "code": "not_found",
    "email": "nelly@discord.com",
    "metric": "totalPower",
    "screenshot_type": "club_roster",
    "since": "2026-01-01T00:00:00Z",
    "until": "2026-02-01T00:00:00Z",
    "type": "message.length",
    "bucket": "day",
}
"""What stands in paths, and in queries where it must."""


@cache
def answers() -> Mapping[str, Any]:
    """Return what each operation answered its example with, by operation id.

    A test sends every example, holds the answers against these, and writes them anew when it is asked to.
    """
    found: dict[str, Any] = json.loads((files("service") / "examples.json").read_text("utf-8"))
    return found
