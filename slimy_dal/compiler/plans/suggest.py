"""Tries indexes for a finding on an empty copy of the database, and says which one the planner takes."""

from dataclasses import dataclass

from slimy_dal.compiler.plans import relations, rules
from slimy_dal.compiler.plans.explain import Plans, Unplanned, explain
from slimy_dal.compiler.plans.ground import Ground
from slimy_dal.compiler.plans.judged import Judged
from slimy_dal.compiler.plans.relations import Name, Relations
from slimy_dal.compiler.plans.wishes import candidates, quoted
from slimy_dal.compiler.scale.declared import Scale
from slimy_dal.compiler.scale.pretend import Pretended, pretend
from slimy_dal.engine.driver import Connection
from slimy_dal.engine.errors import SlimyError

__all__ = ["candidates", "helpful"]


async def helpful(
    place: Ground,
    scale: Scale,
    finding: rules.Finding,
    known: Relations,
    *,
    seeds: bool = False,
) -> str | None:
    """Return the candidate that the planner takes and that ends the finding, tried on a copy; None if none does."""
    tried = candidates(finding, known)
    if not tried or finding.plans is None:
        return None
    async with place.copy() as trial:
        made = {}
        for number, sql in enumerate(tried):
            try:
                made[await _made(trial, sql, number)] = sql
            except SlimyError:  # an expression that is not immutable, a type without such an index
                if not trial.usable:
                    raise
        if not made:
            return None
        seen = await pretend(trial, place.server.data, scale, seeds=seeds)
        return await _Trial(trial, scale, seen, finding).best(made)


async def _made(connection: Connection, sql: str, number: int) -> Name:
    """Make an index on an empty table, under a name of its own; return that."""
    name = f"slimy_candidate_{number}"
    await connection.execute(f"CREATE INDEX {name} ON{sql.partition(' ON')[2]}")
    known = await relations.read(connection)
    return next(key for key in known.indexes if key[1] == name)


@dataclass(frozen=True, slots=True)
class _Trial:
    connection: Connection
    scale: Scale
    seen: Pretended
    finding: rules.Finding

    async def best(self, made: dict[Name, str]) -> str | None:
        """Let the planner choose, and drop what it took without use, until it took what helps or nothing."""
        remaining, second = dict(made), None
        while remaining:
            taken, left = await self.judged()
            chosen = [key for key in remaining if key in taken]
            if chosen and self.finding.rule not in left:
                if not left:
                    return made[chosen[0]]
                second = second or made[chosen[0]]
            if not chosen:
                break
            for key in chosen:
                del remaining[key]
                await self.connection.execute(f"DROP INDEX {quoted(key[0])}.{quoted(key[1])}")
        return second

    async def judged(self) -> tuple[set[Name], set[str]]:
        """Return the indexes that the plans use now, and the rules that they break."""
        known = await relations.read(self.connection)
        judged = Judged(known, float(self.scale.settings.get("random_page_cost", "4")))
        try:
            plans = await self.planned()
        except Unplanned:
            return set(), {self.finding.rule}
        await judged.look(self.connection, plans)
        limits = rules.Limits(self.scale.page, self.scale.array, self.scale.big)
        left = {one.rule for one in rules.examine([plans], judged, limits)}
        nodes = [node for plan in plans.possible for node in plan.root.walk() if node.index]
        used = {key for key in known.indexes if key[1] in {node.index for node in nodes}}
        return {known.indexes[key].root for key in used}, left

    async def planned(self) -> Plans:
        """Plan the statement of the finding again."""
        assert self.finding.plans is not None  # noqa: S101 -- asked by `helpful`
        return await explain(
            self.connection,
            self.finding.plans.description,
            self.seen,
            page=self.scale.page,
            label=self.finding.plans.label,
        )
