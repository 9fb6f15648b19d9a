"""What somebody should look at while a migration runs, and what to type."""

from collections.abc import Iterator, Sequence

from slimy_dal.schema.review.facts import Reviewed

__all__ = ["apply_commands", "undo_commands", "watch"]

WAITING = (
    "who waits for whom: `SELECT pid, pg_blocking_pids(pid), wait_event_type, left(query, 60) FROM"
    " pg_stat_activity WHERE cardinality(pg_blocking_pids(pid)) > 0`"
)


def watch(one: Reviewed) -> list[str]:
    """Return what to watch, the most urgent first; empty where there is nothing but the exit code."""
    return list(_watched(one))


def _watched(one: Reviewed) -> Iterator[str]:
    modes = {lock.mode for step in one.steps for lock in step.locks}
    strong = modes & {"ACCESS EXCLUSIVE", "EXCLUSIVE", "SHARE ROW EXCLUSIVE", "SHARE"}
    if strong:
        waits = one.lock_timeout or "2s"
        yield f"{WAITING}; a statement queues {waits} at most and is tried again"
    if {"create_index concurrently", "reindex concurrently"} & one.does:
        yield "progress: `SELECT phase, blocks_done, blocks_total FROM pg_stat_progress_create_index`"
    if {"update", "delete", "insert", "copy", "set_type"} & one.does and one.touches:
        yield (
            "replicas and dead rows: `replay_lag` in pg_stat_replication, `n_dead_tup` in"
            f" pg_stat_user_tables of {_listed(one.touches)}"
        )
    if {"drop_column", "drop_table", "rename", "drop_view", "drop_function"} & one.does:
        yield (
            "SQLSTATE 42703, 42P01 and 42883 in the service's log: somebody still runs the release before"
        )
    if {"enable_rls", "create_policy", "drop_policy", "grant", "revoke"} & one.does:
        yield "SQLSTATE 42501 in the service's log, and lists that come back empty"
    if "create_trigger" in one.does and one.touches:
        yield f"how long writes of {_listed(one.touches)} take, before and after"
    if {"add_constraint", "set_not_null", "validate"} & one.does and one.touches:
        yield "SQLSTATE 23502, 23503, 23505 and 23514: rows, old or new, that the new rule refuses"


def _listed(names: Sequence[str]) -> str:
    most = 3
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def apply_commands(some: Sequence[Reviewed]) -> list[str]:
    """Return the commands that apply these migrations: by our tool, or by psql."""
    last = some[-1].id
    return [
        f"slimy migrate plan --dsn DSN --to {last}      # what will run, on the database at hand",
        f"slimy migrate apply --dsn DSN --to {last}",
        "# or, without the tool:",
        f"slimy migrate plan --dsn DSN --to {last} > plan.sql",
        "psql -X -v ON_ERROR_STOP=1 -f plan.sql DSN",
        "slimy migrate status --dsn DSN",
    ]


def undo_commands(some: Sequence[Reviewed], span: int) -> list[str]:
    """Return the commands that undo them; of those that cannot be undone, why."""
    final = [one for one in some if one.undo.irreversible or not one.undo.file]
    if final:
        reasons = [one.undo.irreversible or "there is no rollback file" for one in final]
        return [f"# {one.id}: {why}" for one, why in zip(final, reasons, strict=True)]
    return [
        f"slimy migrate plan --dsn DSN --rollback {span}",
        f"slimy migrate rollback --dsn DSN --count {span}",
    ]
