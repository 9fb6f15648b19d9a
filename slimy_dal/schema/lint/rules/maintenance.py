"""Rules about commands that lock, empty or rebuild tables."""

from collections.abc import Iterator

from slimy_dal.schema.lint.rule import Hit, Subject, hit, rule

GROUP = "Maintenance"


@rule(
    "lock-table",
    GROUP,
    "error",
    lock="the one it names",
    eases=True,
    why="LOCK TABLE keeps a lock to the end of the transaction, whatever the statements after it take.",
    instead="Leave locking to the statements; where order matters, take the weakest mode that does.",
)
def _lock(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts("lock"):
        yield hit(act, f"{act.on} is locked in {act.to} mode until the migration ends")


@rule(
    "truncate",
    GROUP,
    "error",
    lock="ACCESS EXCLUSIVE",
    replaces=("ban-truncate-cascade",),
    why="TRUNCATE forgets all rows, with CASCADE those of other tables too, and shows an empty table to "
    "transactions that began before.",
    instead="Delete in batches, or detach a partition and drop it in a contract migration.",
)
def _truncate(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts("truncate"):
        if subject.is_old(act.on):
            more = " and of all tables that refer to it" if "cascade" in act.marks else ""
            yield hit(act, f"all rows of {act.on}{more} are lost")


@rule(
    "refresh-not-concurrent",
    GROUP,
    "warning",
    lock="ACCESS EXCLUSIVE",
    eases=True,
    why="REFRESH MATERIALIZED VIEW keeps readers of the view out until its query has ended.",
    instead="REFRESH MATERIALIZED VIEW CONCURRENTLY, which needs a unique index on the view.",
)
def _refresh(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts("refresh"):
        if not act.marks & {"concurrently", "empty"}:
            yield hit(act, f"readers of {act.on} wait")


@rule(
    "vacuum-full",
    GROUP,
    "error",
    lock="ACCESS EXCLUSIVE",
    eases=True,
    replaces=("prefer-repack",),
    why="VACUUM FULL and CLUSTER write the table anew while nobody can read or write it.",
    instead="Plain VACUUM; to give space back, pg_repack or a new table filled in batches.",
)
def _vacuum(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts("vacuum", "cluster"):
        if act.does == "cluster" or "full" in act.marks:
            yield hit(act, f"{act.on or 'every table'} is written anew under the lock")


@rule(
    "trigger-on-existing-table",
    GROUP,
    "warning",
    lock="SHARE ROW EXCLUSIVE",
    eases=True,
    why="CREATE TRIGGER waits for all writers, and from then on each of their rows pays for the function.",
    instead="Make it alone in its migration, its function short; say in a waiver what it costs a write.",
)
def _trigger(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts("create_trigger"):
        yield hit(act, f"every write of {act.on} runs {act.to}() from now on")


@rule(
    "triggers-disabled",
    GROUP,
    "error",
    lock="SHARE ROW EXCLUSIVE",
    why="DISABLE TRIGGER switches rules off for everybody who writes meanwhile; ALL takes the foreign keys too.",
    instead="Let the function of the trigger look at a setting of the session, set by the migration alone.",
)
def _disable(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts("disable_all_triggers", "disable_trigger"):
        what = act.name or "all triggers"
        yield hit(act, f"{what} of {act.on}: rows written meanwhile are not checked")
