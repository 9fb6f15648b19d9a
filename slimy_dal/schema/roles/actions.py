"""Lists what somebody might try: in each table, and in the database and the server around it."""

from dataclasses import dataclass
from typing import Final

__all__ = ["ACTIONS", "IN_EACH_TABLE", "OWNER", "ROLES", "Action", "Seat"]

OWNER: Final = "slimy_owner"


@dataclass(frozen=True, slots=True)
class Seat:
    """How one acts in a role: as a login that is a member of `through`, after SET ROLE where `becomes` says so."""

    role: str
    through: str
    becomes: bool = False


ROLES: Final = (
    Seat("slimy_owner", "slimy_migrator", becomes=True),
    Seat("slimy_migrator", "slimy_migrator"),
    Seat("slimy_app", "slimy_app"),
    Seat("slimy_visitor", "slimy_app", becomes=True),
    Seat("slimy_readonly", "slimy_readonly"),
    Seat("slimy_retention", "slimy_retention", becomes=True),
)


@dataclass(frozen=True, slots=True)
class Action:
    """Something to try, rolled back behind it. `took` asks whether it happened, where the server only warns.

    `alone` is for what no transaction may hold: if it were let through, it would stay.
    """

    words: str
    sql: str
    took: str = ""
    alone: bool = False


IN_EACH_TABLE: Final = (
    Action("TRUNCATE", "TRUNCATE {table} CASCADE"),
    Action("DROP TABLE", "DROP TABLE {table} CASCADE"),
    Action("ALTER TABLE", "ALTER TABLE {table} ADD COLUMN tried integer"),
    Action("CREATE INDEX", "CREATE INDEX ON {table} ((1))"),
    Action("CREATE TRIGGER", "CREATE TRIGGER tried BEFORE UPDATE ON {table} {trigger}"),
    Action("DISABLE TRIGGER", "ALTER TABLE {table} DISABLE TRIGGER USER"),
    Action("DISABLE ROW LEVEL SECURITY", "ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"),
    Action("CREATE POLICY", "CREATE POLICY tried ON {table} USING (TRUE)"),
    Action("COMMENT ON", "COMMENT ON TABLE {table} IS 'tried'"),
    Action("LOCK IN ACCESS EXCLUSIVE MODE", "LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"),
    Action(
        "GRANT to others",
        "GRANT SELECT ON {table} TO public",
        "SELECT EXISTS (SELECT FROM pg_class AS c, aclexplode(c.relacl) AS g"
        " WHERE c.oid = '{table}'::regclass AND g.grantee = 0)",
    ),
)
"""`{trigger}` is how a trigger names its function."""


def _become(role: str) -> Action:
    return Action(f"SET ROLE {role}", f"SET LOCAL ROLE {role}")


ACTIONS: Final = (
    Action("change an audit log", "UPDATE slimy.audit_logs SET action = 'tried'"),
    Action("delete audit logs", "DELETE FROM slimy.audit_logs"),
    Action("change a statistic", "UPDATE slimy.stats SET type = 'tried'"),
    Action("delete statistics", "DELETE FROM slimy.stats"),
    Action("read Discord's tokens", "SELECT discord_access_token FROM slimy.users"),
    Action("read hashes of sessions", "SELECT token_hash FROM slimy.sessions"),
    Action("read hashes of API keys", "SELECT secret_hash FROM slimy.api_keys"),
    Action("read answers kept for repetition", "SELECT body FROM slimy.idempotency_keys"),
    Action("write into counts", "INSERT INTO slimy.stat_deltas (type) SELECT 'a' WHERE FALSE"),
    Action("go around a table by its month", "SELECT FROM {month}"),
    Action("make months", "SELECT slimy.make_partitions('slimy.stats', '2031-01-01', 1)"),
    Action("run a function of the schema", "SELECT slimy.uuid_v7()"),
    *(_become(seat.role) for seat in ROLES),
    _become("{superuser}"),
    Action("SET SESSION AUTHORIZATION", "SET LOCAL SESSION AUTHORIZATION {superuser}"),
    Action("create a table in the schema", "CREATE TABLE slimy.tried ()"),
    Action("create a function in the schema", "CREATE FUNCTION slimy.tried() RETURNS int RETURN 1"),
    Action("create a type in the schema", "CREATE TYPE slimy.tried AS ENUM ('a')"),
    Action("create a table in public", "CREATE TABLE public.tried ()"),
    Action("create a schema", "CREATE SCHEMA tried"),
    Action("create a temporary table", "CREATE TEMP TABLE tried ()"),
    Action("drop the schema", "DROP SCHEMA slimy CASCADE"),
    Action("drop an extension", "DROP EXTENSION plpgsql CASCADE"),
    Action("create a language", "CREATE LANGUAGE tried HANDLER plpgsql_call_handler"),
    Action("create an event trigger", "CREATE EVENT TRIGGER tried ON ddl_command_end {trigger}"),
    Action("create a publication", "CREATE PUBLICATION tried FOR ALL TABLES"),
    Action("create a role", "CREATE ROLE tried"),
    Action("change a role", "ALTER ROLE slimy_retention SUPERUSER"),
    Action("grant a role", "GRANT slimy_owner TO slimy_readonly"),
    Action("drop a role", "DROP ROLE slimy_retention"),
    Action(
        "change default privileges",
        "ALTER DEFAULT PRIVILEGES FOR ROLE slimy_owner GRANT ALL ON TABLES TO public",
    ),
    Action("own what is another's", "REASSIGN OWNED BY slimy_owner TO CURRENT_USER"),
    Action("create a database", "CREATE DATABASE tried", alone=True),
    Action("change the database", "ALTER DATABASE {database} SET work_mem = '1MB'"),
    Action("ALTER SYSTEM", "ALTER SYSTEM SET work_mem = '1MB'", alone=True),
    Action("SET session_replication_role", "SET LOCAL session_replication_role = replica"),
    Action(
        "SET row_security off and read", "SET LOCAL row_security = off; SELECT FROM slimy.users"
    ),
    Action("COPY FROM PROGRAM", "COPY slimy.code_reports (code) FROM PROGRAM 'true'"),
    Action("COPY TO PROGRAM", "COPY (SELECT 1) TO PROGRAM 'true'"),
    Action("COPY FROM a file", "COPY slimy.code_reports (code) FROM '/dev/null'"),
    Action("read a file", "SELECT pg_read_file('PG_VERSION')"),
    Action("list a folder", "SELECT pg_ls_dir('.')"),
    Action("import a file", "SELECT lo_import('/dev/null')"),
    Action("read password hashes", "SELECT rolpassword FROM pg_authid"),
    Action("read pg_hba.conf", "SELECT * FROM pg_hba_file_rules"),
    Action("read the server's log settings", "SHOW log_directory"),
    Action(
        "see what others run",
        "SELECT 1",
        "SELECT EXISTS (SELECT FROM pg_stat_activity"
        " WHERE pid = {other} AND query != '<insufficient privilege>')",
    ),
    Action("cancel others' statements", "SELECT pg_cancel_backend({other})"),
    Action("end others' sessions", "SELECT pg_terminate_backend({other})"),
    Action("reload the configuration", "SELECT pg_reload_conf()"),
    Action("make a checkpoint", "CHECKPOINT"),
)
"""`{month}` is a partition, `{other}` a superuser's session, `{database}` and `{superuser}` names."""
