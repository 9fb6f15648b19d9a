"""How callers read from replicas: what they send to be shown the past, and what a write gives them to read after it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from service import metrics
from service.problems import Refusal, in_parameter
from slimy_dal import queries as generated
from slimy_dal.engine.errors import InvalidValue, SlimyError
from slimy_dal.engine.position import Position

if TYPE_CHECKING:
    from service.routes import Call, Route
    from service.state import State
    from slimy_dal.domain.database import Nouns

HEADER: Final = "X-Read-After"
ANY: Final = "any"
PATTERN: Final = r"^(any|[0-9a-f]{1,16}-[0-9a-f]{1,16}-[0-9a-f]{1,16})$"
DESCRIPTION: Final = (
    f"Lets a replica answer, which shows all that was there at a write whose answer had this `{HEADER}`, and maybe no "
    f"more; with `{ANY}`, the past of no particular moment. Without the header the primary answers."
)
TOLD: Final = "Send it with what you read next: a replica that answers then shows this change."


def is_for(route: "Route") -> bool:
    """Say whether a replica may answer: a route that reads, all of whose queries are declared for replicas."""
    named = route.queries
    return route.method == "GET" and bool(named) and all(_declared(name) for name in named)


def _declared(name: str) -> bool:
    noun, _, query = name.partition(".")
    declared: bool = getattr(getattr(generated, noun), query.upper()).replica
    return declared


def reading(call: "Call") -> "Nouns | None":
    """Return the database as a caller may read it from replicas, None where they did not ask for that.

    Raises Refusal("invalid_header").
    """
    sent = call.request.headers.getall(HEADER, ())
    if not sent:
        return None
    try:
        after = None if [*sent] == [ANY] else Position.parse(",".join(sent))
    except InvalidValue:
        detail = f"must be what the answer to a write had, or `{ANY}`"
        entry = in_parameter("header", HEADER, "invalid_header", detail)
        raise Refusal("invalid_header", f"{HEADER} {detail}", [entry]) from None
    return call.state.db.reading(after)


async def told(call: "Call") -> dict[str, str]:
    """Return what the answer to a write says, where there are replicas: how far one must be to show it.

    Where the primary does not say it, neither does the answer: the write is done all the same.
    """
    db = call.state.db
    if not db.replicas.all:
        return {}
    try:
        return {HEADER: str(await db.position(db.pool.settings.replica_wait))}
    except SlimyError:
        return {}


def warnings(state: "State") -> Iterator[str]:
    """Yield which replicas get no reads, and why."""
    for replica in state.db.replicas.all:
        if replica.state != "ready":
            yield f"the replica {replica.name} gets no reads: {MEANINGS[replica.state]}"


MEANINGS: Final = {
    "lagging": "it is too far behind",
    "primary": "it takes writes",
    "foreign": "it is of another cluster or database than the primary",
    "diverged": "it is on another timeline than the primary",
    "unproven": "the primary has not answered yet, so nobody knows whose replica it is",
    "away": "it does not answer",
}


def lines(state: "State") -> Iterator[str]:
    """Yield how the replicas stand as Prometheus reads it; of several workers each has its own view of them."""
    found = state.db.replicas.snapshot()
    each = [(_labels(state, one["name"]), one) for one in found["replicas"]]
    if not each:
        return
    name, text = "slimy_replica_ready", "Whether a replica gets reads."
    yield from metrics.family(name, "gauge", text)
    for labels, one in each:
        yield metrics.sample(name, {**labels, "state": one["state"]}, int(one["state"] == "ready"))
    for key, text in (
        ("lag_seconds", "For how long the primary has had what a replica does not show."),
        ("lag_bytes", "How much of the primary's log a replica does not show."),
    ):
        yield from metrics.family(f"slimy_replica_{key}", "gauge", text)
        for labels, one in each:
            if one[key] is not None:
                yield metrics.sample(f"slimy_replica_{key}", labels, one[key])
    name, text = "slimy_replica_reads_total", "Reads that a replica answered."
    yield from metrics.family(name, "counter", text)
    for labels, one in each:
        yield metrics.sample(name, labels, one["reads"])
    name = "slimy_replica_elsewhere_total"
    text = "Reads asked of replicas that the primary answered, by the reason."
    yield from metrics.family(name, "counter", text)
    for reason, count in found["elsewhere"].items():
        yield metrics.sample(name, {"reason": reason}, count)


def _labels(state: "State", name: str) -> dict[str, str]:
    return (
        {"replica": name}
        if state.worker is None
        else {"replica": name, "worker": str(state.worker)}
    )
