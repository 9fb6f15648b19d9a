"""Rules about who may do what."""

from collections.abc import Iterator

from slimy_dal.schema.lint.acts import Act
from slimy_dal.schema.lint.rule import Hit, Subject, hit, rule

GROUP = "Security"

TRUSTED = frozenset(
    [
        "btree_gin",
        "btree_gist",
        "citext",
        "cube",
        "dict_int",
        "fuzzystrmatch",
        "hstore",
        "intarray",
        "isn",
        "lo",
        "ltree",
        "pg_trgm",
        "pgcrypto",
        "plpgsql",
        "seg",
        "tablefunc",
        "tcn",
        "tsm_system_rows",
        "tsm_system_time",
        "unaccent",
        "uuid-ossp",
        "jsonb_plperl",
        "plperl",
    ]
)
"""Extensions that the owner of a database may make."""

SETTINGS = frozenset({"session_replication_role", "session_authorization"})

SAFE_LANGUAGES = frozenset({"sql", "plpgsql", "plperl", "pltcl", "plv8"})


@rule(
    "row-security-without-policy",
    GROUP,
    "error",
    lock="ACCESS EXCLUSIVE",
    why="Row level security without a policy shows no row to anybody but the owner and superusers: "
    "the service goes blind.",
    instead="CREATE POLICY before ENABLE ROW LEVEL SECURITY, in the same migration.",
)
def _no_policy(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts("enable_rls"):
        table = subject.after.tables.get(act.on)
        if table is not None and not table.policies:
            yield Hit(act.at, f"{act.on} has no policy", (act.on,))


@rule(
    "policy-without-row-security",
    GROUP,
    "error",
    why="A policy on a table whose row level security is off guards nothing, and looks as if it did.",
    instead="ALTER TABLE ... ENABLE ROW LEVEL SECURITY in the same migration.",
)
def _no_security(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts("create_policy"):
        table = subject.end.tables.get(act.on)
        if table is not None and not table.row_security and table.run >= 0:
            yield Hit(act.at, f"row level security of {act.on} is off")


@rule(
    "grant-to-public",
    GROUP,
    "error",
    why="PUBLIC is every role of the cluster, those of other services and those made later included.",
    instead="GRANT to the roles that need it.",
)
def _public(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts("grant"):
        creates_in_public = act.to == "schema" and set(act.columns) & {"create", "all"}
        if "public" in act.marks and not creates_in_public:
            yield Hit(
                act.at, f"{', '.join(act.columns).upper()} on {act.name or act.to} for everybody"
            )


@rule(
    "create-for-public",
    GROUP,
    "error",
    why="Whoever may CREATE in a schema on the search_path can put a function in front of "
    "yours and run as whoever calls it.",
    instead="REVOKE CREATE ON SCHEMA ... FROM PUBLIC, as PostgreSQL 15 does for new databases.",
)
def _create(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts("grant"):
        if "public" in act.marks and act.to == "schema" and set(act.columns) & {"create", "all"}:
            yield Hit(act.at, f"everybody may make things in {act.name}")


@rule(
    "security-definer-search-path",
    GROUP,
    "error",
    why="A SECURITY DEFINER function without a search_path of its own runs, as its owner, whatever the "
    "caller put in front.",
    instead="SET search_path = pg_catalog, pg_temp, with every name in the body written in full.",
)
def _definer(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts("create_function", "alter_function"):
        if "definer" in act.marks and not subject.after.definers.get(act.name, True):
            yield hit(act, f"{act.name}() runs as its owner with the caller's search_path")


OTHERS = {
    "ALTER SYSTEM": "ALTER SYSTEM changes the whole server",
    "CREATE TABLE SPACE": "CREATE TABLESPACE",
    "CREATE FDW": "CREATE FOREIGN DATA WRAPPER",
    "CREATE AM": "CREATE ACCESS METHOD",
    "CREATE OP CLASS": "CREATE OPERATOR CLASS",
    "CREATE OP FAMILY": "CREATE OPERATOR FAMILY",
    "CREATE SUBSCRIPTION": "CREATE SUBSCRIPTION",
    "LOAD": "LOAD of a library",
}


@rule(
    "needs-superuser",
    GROUP,
    "warning",
    why="The role that migrates should be no superuser, and on a managed server nobody is.",
    instead="Have it done once by whoever sets the database up, and say so in the documentation.",
)
def _superuser(subject: Subject) -> Iterator[Hit]:
    for act in subject.acts():
        reason = next((said for applies, said in _powers(act) if applies), "")
        if reason:
            yield Hit(act.at, reason)


def _powers(act: Act) -> Iterator[tuple[bool, str]]:
    """Yield whether an act needs a superuser, and for what."""
    makes_function = act.does == "create_function"
    roles = act.does in {"create_role", "alter_role"}
    extension = act.does == "create_extension" and act.name not in TRUSTED
    yield extension, f"the extension {act.name} is not a trusted one"
    yield act.does == "create_event_trigger", "event triggers are for superusers"
    yield roles and bool(act.columns), f"only a superuser gives {' '.join(act.columns).upper()}"
    yield (
        act.does == "copy" and bool(act.marks & {"program", "file"}),
        "COPY with a file or program of the server",
    )
    yield makes_function and "leakproof" in act.marks, "LEAKPROOF"
    yield makes_function and act.to.lower() not in SAFE_LANGUAGES, f"functions in {act.to}"
    yield act.does == "set" and act.name in SETTINGS, f"SET {act.name}"
    yield act.does == "other" and act.name in OTHERS, OTHERS.get(act.name, "")
