"""A schema and a route on which a test can do to the database whatever makes it raise an SQLSTATE."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from service.auth import PUBLIC
from service.catalogue import CATALOGUE
from service.inputs import Body
from service.routes import Call, Routes
from slimy_dal.domain.database import Database
from slimy_dal.engine.errors import SlimyError
from tests.ad_hoc import writes

Deed = Callable[[Database, str], Awaitable[Any]]
"""What is done with an open database, whose address is the second."""


@dataclass(frozen=True)
class Case:
    """One way to one SQLSTATE, and the problem it must become."""

    sqlstate: str
    deed: Deed
    code: str
    errors: tuple[tuple[str, str | None], ...] = ()
    """Code and pointer of each entry of `errors`."""
    family: str = ""
    """What the mapping has it under, where that is its class."""
    name: str = ""

    @property
    def id(self) -> str:
        return f"{self.sqlstate} {self.name or self.code}".strip()

    @property
    def key(self) -> str:
        return self.family or self.sqlstate


class Values(Body):
    """What is said to have been sent: columns of the schema, and of none of the tables of the product."""

    code: str = ""
    size: str = ""
    low: str = ""
    high: str = ""
    name: str = ""
    parent_id: str = ""
    period: str = ""
    at: str = ""


def routes(cases: dict[str, Case], dsn: str, raised: list[SlimyError]) -> Routes:
    """The route that does what a case says, and keeps what the engine raised for a second look."""
    made = Routes("lab", "Does what a test wants.")

    @made.route(
        "POST",
        "/lab/{case}",
        PUBLIC,
        *CATALOGUE,
        body_example={"code": "a"},
        examples={"case": "a"},
    )
    async def provoke(call: Call, *, case: str, body: Values) -> None:
        """Do what a case says."""
        del body
        try:
            await cases[case].deed(call.state.db, dsn)
        except SlimyError as error:
            raised.append(error)
            raise

    return made


def sql(text: str) -> Deed:
    """Run one statement that may write."""

    async def deed(db: Database, dsn: str) -> None:
        del dsn
        await db.pool.execute(writes(text))

    return deed


def raising(state: str) -> str:
    return f"DO $$ BEGIN RAISE EXCEPTION 'Geheim4711' USING ERRCODE = '{state}'; END $$"
