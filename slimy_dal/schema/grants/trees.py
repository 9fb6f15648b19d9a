"""Gets the analysed trees of a function's statements, with its parameters and variables in their places."""

from typing import Any

from slimy_dal.compiler.nodetree import parse
from slimy_dal.engine.driver import Connection
from slimy_dal.engine.errors import SlimyError
from slimy_dal.schema.grants.bodies import Body, Unreadable

__all__ = ["tree_of"]

# A temporary function of the same name, because a body may say `its_name.parameter`.
HEAD = "CREATE FUNCTION pg_temp.{name} ({parameters}) RETURNS void LANGUAGE sql BEGIN ATOMIC {text}\n;\nEND"
BODY = """\
SELECT p.prosqlbody::text AS body
FROM pg_catalog.pg_proc AS p
WHERE p.proname = $1 AND p.pronamespace = pg_catalog.pg_my_temp_schema()"""


async def tree_of(connection: Connection, function: Any, body: Body) -> list[Any]:
    """Return the trees of what a function runs; inside a transaction that is rolled back.

    `function` is a row of `grants_functions`. Raises Unreadable where the server does not take a statement alone.
    """
    if function["tree"]:
        return [parse(function["tree"])]
    found = []
    parameters = ", ".join(part for part in (function["arguments"], *body.variables) if part)
    for text in body.statements:
        await connection.execute("SAVEPOINT slimy_body")
        try:
            await connection.execute(
                HEAD.format(name=_quoted(function["name"]), parameters=parameters, text=text)
            )
            rows = await connection.fetch(BODY, function["name"])
            found.append(parse(rows[0]["body"]))
        except SlimyError as error:
            reason = error.server_message or error.message
            raise Unreadable(f"`{' '.join(text.split())[:60]}`: {reason}") from error
        finally:
            await connection.execute("ROLLBACK TO slimy_body; RELEASE slimy_body")
    return found


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
