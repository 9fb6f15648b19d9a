"""Writes the statements that make what hangs on tables or stands beside them: triggers, policies, privileges."""

from collections.abc import Callable, Iterator

from slimy_dal.schema.catalog.things import Snapshot, Thing
from slimy_dal.schema.drift.statements import Rank, Statement, literal

__all__ = ["FIRES", "FIXTURES", "grant", "publication_settings", "published"]

FIRES = {"O": "ENABLE", "D": "DISABLE", "R": "ENABLE REPLICA", "A": "ENABLE ALWAYS"}
"""How a trigger, or a rule, is told when to fire."""

LAST = 2**40
"""Behind all that is sorted by oids."""

Maker = Callable[[Thing, Snapshot], Iterator[Statement]]


def _schema(thing: Thing, should: Snapshot) -> Iterator[Statement]:
    del should
    yield Statement(Rank.HOME, f"CREATE SCHEMA {thing.name}", thing.oid)


def _extension(thing: Thing, should: Snapshot) -> Iterator[Statement]:
    del should
    where, version = thing.text("schema"), literal(thing.facts["version"])
    sql = f"CREATE EXTENSION {thing.name} WITH SCHEMA {where} VERSION {version}"
    yield Statement(Rank.HOME, sql, thing.oid)


def _collation(thing: Thing, should: Snapshot) -> Iterator[Statement]:
    del should
    facts = thing.facts
    options = [f"PROVIDER = {facts['provider']}", f"LOCALE = {literal(facts['locale'])}"]
    options += [f"DETERMINISTIC = {str(facts['deterministic']).lower()}"]
    options += [f"RULES = {literal(facts['rules'])}"] if facts["rules"] else []
    yield Statement(Rank.HOME, f"CREATE COLLATION {thing.name} ({', '.join(options)})", thing.oid)


def _rule(thing: Thing, should: Snapshot) -> Iterator[Statement]:
    del should
    yield Statement(Rank.HOOK, thing.text("definition").removesuffix(";"), thing.oid)
    yield from _firing(thing, "RULE")


def _trigger(thing: Thing, should: Snapshot) -> Iterator[Statement]:
    del should
    if thing.facts["inherited"]:
        return
    yield Statement(Rank.HOOK, thing.text("definition"), thing.oid)
    yield from _firing(thing, "TRIGGER")


def _firing(thing: Thing, word: str) -> Iterator[Statement]:
    if thing.facts["enabled"] != "O":
        fires = FIRES[thing.text("enabled")]
        sql = f"ALTER TABLE {thing.parent} {fires} {word} {thing.facts['own_name']}"
        yield Statement(Rank.HOOK, sql, thing.oid)


def _policy(thing: Thing, should: Snapshot) -> Iterator[Statement]:
    del should
    facts = thing.facts
    sql = (
        f"CREATE POLICY {facts['own_name']} ON {thing.parent} AS {facts['kind_of']}"
        f" FOR {facts['command']} TO {', '.join(thing.texts('roles'))}"
    )
    if facts["using_expression"] is not None:
        sql += f"\nUSING ({facts['using_expression']})"
    if facts["check_expression"] is not None:
        sql += f"\nWITH CHECK ({facts['check_expression']})"
    yield Statement(Rank.HOOK, sql, thing.oid)


def _statistics(thing: Thing, should: Snapshot) -> Iterator[Statement]:
    del should
    yield Statement(Rank.INDEX, thing.text("definition"), thing.oid)
    if thing.facts["target"] is not None:
        sql = f"ALTER STATISTICS {thing.name} SET STATISTICS {thing.facts['target']}"
        yield Statement(Rank.VIEW, sql, thing.oid)


def published(thing: Thing) -> str:
    """Return what a publication publishes, as CREATE and ALTER PUBLICATION ... SET write it; empty for nothing."""
    parts = [f"TABLE {table}" for table in thing.texts("tables")]
    parts += [f"TABLES IN SCHEMA {schema}" for schema in thing.texts("schemas")]
    return ", ".join(parts)


def publication_settings(thing: Thing) -> str:
    """Return a publication's settings, as WITH (...) and SET (...) hold them."""
    via_root = str(thing.facts["via_root"]).lower()
    return f"publish = {literal(thing.facts['publish'])}, publish_via_partition_root = {via_root}"


def _publication(thing: Thing, should: Snapshot) -> Iterator[Statement]:
    del should
    what = "ALL TABLES" if thing.facts["all_tables"] else published(thing)
    sql = f"CREATE PUBLICATION {thing.name}{f' FOR {what}' if what else ''}"
    yield Statement(Rank.PUBLISH, f"{sql} WITH ({publication_settings(thing)})", thing.oid)


def _event_trigger(thing: Thing, should: Snapshot) -> Iterator[Statement]:
    del should
    facts = thing.facts
    tags = ", ".join(literal(tag) for tag in thing.texts("tags"))
    when = f" WHEN TAG IN ({tags})" if tags else ""
    sql = f"CREATE EVENT TRIGGER {thing.name} ON {facts['event']}{when}"
    yield Statement(Rank.PUBLISH, f"{sql} EXECUTE FUNCTION {facts['function']}()", thing.oid)
    if facts["enabled"] != "O":
        fires = FIRES[thing.text("enabled")]
        yield Statement(Rank.PUBLISH, f"ALTER EVENT TRIGGER {thing.name} {fires}", thing.oid)


def _cast(thing: Thing, should: Snapshot) -> Iterator[Statement]:
    del should
    sql = f"CREATE CAST {thing.name} {thing.facts['method']} {thing.facts['context']}"
    yield Statement(Rank.VIEW, sql.strip(), thing.oid)


def _operator(thing: Thing, should: Snapshot) -> Iterator[Statement]:
    del should
    sql = f"CREATE OPERATOR {thing.facts['own_name']} ({thing.facts['definition']})"
    yield Statement(Rank.VIEW, sql, thing.oid)


def _text_search(thing: Thing, should: Snapshot) -> Iterator[Statement]:
    del should
    what = str(thing.facts["what"]).upper()
    sql = f"CREATE TEXT SEARCH {what} {thing.name} ({thing.facts['definition']})"
    yield Statement(Rank.HOME if what == "DICTIONARY" else Rank.MAKE, sql, 0)
    chosen: dict[str, list[str]] = {}
    for one in thing.texts("mapping"):
        token, _, dictionary = one.split(" ", 2)
        chosen.setdefault(token, []).append(dictionary)
    for token, dictionaries in chosen.items():
        yield Statement(
            Rank.MAKE,
            f"ALTER TEXT SEARCH CONFIGURATION {thing.name}"
            f" ADD MAPPING FOR {token} WITH {', '.join(dictionaries)}",
            1,
        )


def _default_privilege(thing: Thing, should: Snapshot) -> Iterator[Statement]:
    del should
    facts = thing.facts
    where = f" IN SCHEMA {facts['in_schema']}" if facts["in_schema"] else ""
    option = " WITH GRANT OPTION" if facts["grantable"] else ""
    yield Statement(
        Rank.GRANT,
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {facts['for_role']}{where}"
        f" GRANT {facts['privilege']} ON {facts['objects']} TO {facts['grantee']}{option}",
    )


def grant(thing: Thing, found: Snapshot, *, give: bool) -> Statement:
    """Return the statement that gives a privilege or takes it; the owner is whoever that is on the live side."""
    facts = thing.facts
    owners = {one.name: one.text("owner") for one in found if "owner" in one.facts}
    parent = str(thing.parent)
    owner = owners.get(parent) or owners.get(parent.rpartition(".")[0]) or facts["owner_name"]
    grantee = owner if facts["grantee"] == "OWNER" else facts["grantee"]
    if not give:
        return Statement(Rank.REVOKE, f"REVOKE {facts['privilege']} FROM {grantee}")
    option = " WITH GRANT OPTION" if facts["grantable"] else ""
    return Statement(Rank.GRANT, f"GRANT {facts['privilege']} TO {grantee}{option}")


def _grant(thing: Thing, should: Snapshot) -> Iterator[Statement]:
    one = grant(thing, should, give=not thing.facts["revoked"])
    yield Statement(Rank.GRANT, one.sql)


def _comment(thing: Thing, should: Snapshot) -> Iterator[Statement]:
    sql = f"COMMENT ON {thing.name} IS {literal(thing.facts['text'])}"
    made = should.get("indexes", thing.parent)
    if made is not None and not made.facts["constraint_name"]:
        # It may have been made outside of the transaction.
        yield Statement(Rank.AFTER, sql, LAST)
    else:
        yield Statement(Rank.COMMENT, sql)


FIXTURES: dict[str, Maker] = {
    "schemas": _schema,
    "extensions": _extension,
    "collations": _collation,
    "rules": _rule,
    "triggers": _trigger,
    "policies": _policy,
    "statistics": _statistics,
    "publications": _publication,
    "event_triggers": _event_trigger,
    "casts": _cast,
    "operators": _operator,
    "text_search": _text_search,
    "default_privileges": _default_privilege,
    "grants": _grant,
    "comments": _comment,
}
