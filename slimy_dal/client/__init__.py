"""The typed client of the HTTP API; it knows nothing of the server.

async with Client("https://slimy.example", "slimy_...") as client:
    async for guild in client.guilds.list_guilds(search="testers"):
        ...
"""

from msgspec import UNSET

from slimy_dal.client import shapes
from slimy_dal.client.api import Client
from slimy_dal.client.lines import Lines
from slimy_dal.client.paging import Pages
from slimy_dal.client.problems import (
    AlreadyExists,
    CallFailed,
    Conflict,
    DeadlinePassed,
    FieldError,
    Forbidden,
    Invalid,
    Lost,
    NotFound,
    OutcomeUnknown,
    Problem,
    RateLimited,
    ServiceFailed,
    StaleVersion,
    Unauthenticated,
    Unavailable,
    Unreadable,
)
from slimy_dal.client.transport import new_key
from slimy_dal.client.values import Page

__all__ = [
    "UNSET",
    "AlreadyExists",
    "CallFailed",
    "Client",
    "Conflict",
    "DeadlinePassed",
    "FieldError",
    "Forbidden",
    "Invalid",
    "Lines",
    "Lost",
    "NotFound",
    "OutcomeUnknown",
    "Page",
    "Pages",
    "Problem",
    "RateLimited",
    "ServiceFailed",
    "StaleVersion",
    "Unauthenticated",
    "Unavailable",
    "Unreadable",
    "new_key",
    "shapes",
]
