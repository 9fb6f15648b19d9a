"""Rules about waivers; what they find is found where waivers are held against findings."""

from collections.abc import Iterable

from slimy_dal.schema.lint.rule import Hit, Subject, rule

GROUP = "Waivers"


@rule(
    "waiver-unused",
    GROUP,
    "warning",
    why="A waiver that waives nothing hides the next finding of its kind.",
    instead="Take the line out.",
)
@rule(
    "waiver-without-reason",
    GROUP,
    "error",
    why="Without a reason nobody can say later whether it still holds, so it waives nothing.",
    instead="`-- allow: RULE: reason`.",
)
@rule(
    "waiver-unknown-rule",
    GROUP,
    "error",
    why="A waiver for a rule that is not there waives nothing.",
    instead="Write the rule as this page does.",
)
def _found_elsewhere(subject: Subject) -> Iterable[Hit]:  # noqa: ARG001 -- every rule is asked alike
    return ()
