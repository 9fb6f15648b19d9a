"""Walks through all migrations on one database: each is done, undone and done again, then all are undone and redone."""

import time
from collections.abc import Callable

from slimy_dal.schema.catalog.differences import Difference, compare
from slimy_dal.schema.catalog.reading import read
from slimy_dal.schema.connecting import Connection
from slimy_dal.schema.roundtrip import prints
from slimy_dal.schema.roundtrip.findings import Report, is_harmless
from slimy_dal.schema.roundtrip.rows import Rows
from slimy_dal.schema.steps import Script, Step, StepFailed, run

__all__ = ["Walk"]


class Walk:
    """One walk. `renew` returns a connection to an empty database, the same each time, made anew.

    From each version the next one is tried: its rollback has to leave the schema that was there before, and doing it
    again the one that it made. Only what goes wrong costs a replay from the beginning, so the time grows with the
    number of migrations and not with its square.
    """

    def __init__(
        self, renew: Callable[[], Connection], steps: list[Step], *, with_rows: bool = True
    ) -> None:
        self.renew = renew
        self.steps = steps
        self.connection = renew()
        major = self.connection.info.server_version // 10000
        self.report = Report(major, len(steps), with_rows)
        self.states = [read(self.connection)]
        self.rows = Rows()
        self.unfilled: dict[str, str] = {}
        self.told: set[tuple[str, str, str, str]] = set()

    def run(self) -> Report:
        """Walk, and return what was found; a migration that cannot be done ends it."""
        started = time.monotonic()
        for number, step in enumerate(self.steps):
            if not self._forward(number, step):
                break
            if step.down is None or step.irreversible is not None:
                self._one_way(step)
            elif self._and_back(number, step, step.down):
                self.report.undone += 1
            self._fill()
        else:
            self._all_the_way()
        tables = [name for name in self.unfilled if self.states[-1].get("tables", name)]
        self.report.tables = sum(1 for _ in self.states[-1].of("tables"))
        self.report.tables_without_rows = {name: self.unfilled[name] for name in sorted(tables)}
        self.report.seconds = time.monotonic() - started
        return self.report

    # -- one migration --------------------------------------------------------------------------

    def _forward(self, number: int, step: Step) -> bool:
        """Do a migration on tables with rows, or else on empty ones; return whether that worked."""
        self.before = prints.take(self.connection, self.states[number])
        self.is_for_empty_tables = False
        try:
            run(self.connection, step.up)
        except StepFailed as failed:
            self.before, self.is_for_empty_tables = {}, True
            try:
                self._rebuild(number)
                run(self.connection, step.up)
            except StepFailed as again:
                self.report.add(step.name, f"cannot be applied: {again}")
                return False
            # Made-up rows may be what no real row is; who applies it should still look.
            self.report.note(step.name, f"works on empty tables only, not with rows: {failed}")
        self.states.append(read(self.connection))
        return True

    def _one_way(self, step: Step) -> None:
        if step.irreversible is None:
            self.report.add(
                step.name,
                "nothing undoes it: write its rollback, or `-- irreversible: reason`",
            )
        else:
            self.report.note(
                step.name, f"is irreversible: {step.irreversible or 'no reason given'}"
            )

    def _and_back(self, number: int, step: Step, down: Script) -> bool:
        """Undo and do again, once empty-handed and once with rows in what it made; return whether all is well."""
        lost: list[str] = []
        ways = ["undone"]
        if self.report.with_rows and not self.is_for_empty_tables:
            ways.append("undone with rows in what it made")
        for when in ways:
            if when != "undone":
                self._fill(number + 1)
                self.before = prints.take(self.connection, self.states[number + 1])
            found = self._there_and_back(number, step, down, when)
            if found is None:
                self._rebuild(number + 1)
                return False
            lost += [text for text in found if text not in lost]
        if self.report.with_rows:
            self._judge(step.name, down, lost)
        return True

    def _there_and_back(self, number: int, step: Step, down: Script, when: str) -> list[str] | None:
        """Undo and do again; return what rows were lost, None where the schema is not what it was."""
        before, after = self.states[number], self.states[number + 1]
        try:
            run(self.connection, down)
        except StepFailed as failed:
            self.report.add(step.name, f"cannot be {when}: {failed}")
            return None
        restored = read(self.connection)
        differences = compare(before, restored, owners=True)
        self._tell(step.name, f"after it was {when}", differences)
        lost = []
        if when == "undone":
            lost = [
                f"apply and rollback: {text}"
                for text in prints.losses(self.before, prints.take(self.connection, restored))
            ]
        try:
            run(self.connection, step.up)
        except StepFailed as failed:
            self.report.add(step.name, f"cannot be applied again after it was {when}: {failed}")
            return None
        again = read(self.connection)
        more = compare(after, again, owners=True)
        self._tell(step.name, f"applied again after it was {when}", more)
        if when != "undone":
            found = prints.losses(self.before, prints.take(self.connection, again))
            lost = [f"rollback and apply: {text}" for text in found]
        if not all(is_harmless(one) for one in (*differences, *more)):
            return None
        # What is harmless may be otherwise by now, which was told.
        self.states[number + 1] = again
        return lost

    def _judge(self, name: str, down: Script, lost: list[str]) -> None:
        """Hold what was lost against what the rollback file says."""
        said = down.header("data")
        word, _, reason = (said or "").partition(",")
        if said is not None and (word not in {"kept", "lost"} or (word == "lost" and not reason)):
            self.report.add(name, f"`-- data: {said}` is neither `kept` nor `lost, reason`")
        elif lost and word != "lost":
            promise = "says that it keeps all data" if word == "kept" else "does not say so"
            told = "; ".join(lost[:3]) + (f"; and {len(lost) - 3} more" if len(lost) > 3 else "")  # noqa: PLR2004
            self.report.add(name, f"loses data and {promise} (`-- data: lost, reason`): {told}")
        elif word == "lost" and not lost:
            self.report.note(name, "says that it loses data, and none was seen to be lost")

    def _fill(self, number: int = -1) -> None:
        if not self.report.with_rows:
            return
        state = self.states[number]
        found = prints.take(self.connection, state)
        self.unfilled.update(self.rows.fill(self.connection, state, found))

    def _rebuild(self, number: int) -> None:
        """Make the schema of a version anew, without rows: something else stands there."""
        self.connection = self.renew()
        for step in self.steps[:number]:
            run(self.connection, step.up)
        if number < len(self.states):
            self.states[number] = read(self.connection)

    # -- all of them ----------------------------------------------------------------------------

    def _all_the_way(self) -> None:
        """Undo everything that can be undone, newest first, and do it again; each version has to be met."""
        number = len(self.steps)
        while number and (step := self.steps[number - 1]).down and step.irreversible is None:
            try:
                run(self.connection, step.down)
            except StepFailed as failed:
                self.report.add(step.name, f"cannot be undone on the way down: {failed}")
                return
            number -= 1
            self._differ(number, "on the way down, after this was undone")
        for step in self.steps[number:]:
            try:
                run(self.connection, step.up)
            except StepFailed as failed:
                self.report.add(step.name, f"cannot be applied after all was undone: {failed}")
                return
        self._differ(len(self.steps), "after all was undone and applied again")

    def _differ(self, number: int, when: str) -> None:
        """Tell how a version met on the way differs from when it was made."""
        name = self.steps[min(number, len(self.steps) - 1)].name
        self._tell(name, when, compare(self.states[number], read(self.connection), owners=True))

    def _tell(self, name: str, when: str, differences: list[Difference]) -> None:
        """Tell what was not told before: what one rollback leaves is left over after those before it too."""
        fresh = [one for one in differences if _key(one) not in self.told]
        self.told.update(_key(one) for one in fresh)
        self.report.differ(name, when, fresh)


def _key(difference: Difference) -> tuple[str, str, str, str]:
    return (difference.what, *difference.key, difference.fact)
