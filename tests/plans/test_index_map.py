"""Every index has queries that use it, says so truly, and does what no other index does."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from slimy_dal.compiler import queryfile
from slimy_dal.compiler.describe import describe
from slimy_dal.compiler.description import Description
from slimy_dal.compiler.plans import relations
from slimy_dal.compiler.plans.changes import indexes_read
from slimy_dal.compiler.plans.explain import Plans, Unplanned, explain, explained
from slimy_dal.compiler.plans.indexmap import IndexFinding, examine, serves, table, to_json, uses
from slimy_dal.compiler.plans.plan import tree
from slimy_dal.compiler.plans.relations import Name, Relations
from slimy_dal.compiler.scale.model import Scale, read, uniform
from slimy_dal.compiler.scale.pretend import pretend
from slimy_dal.compiler.variants.check import prove_shapes
from slimy_dal.engine import embedded
from tests.plans.pretending import MIGRATIONS, OWN_MODEL, database

QUERIES = """
-- name: find :opt
-- An order.
SELECT o.id, o.customer_id FROM public.orders AS o WHERE o.id = :id;

-- name: of_customer :many
-- The newest orders of a customer.
SELECT o.id, o.placed_at FROM public.orders AS o
WHERE o.customer_id = :customer_id ORDER BY o.placed_at DESC LIMIT :row_limit;

-- name: leave :execrows
-- Forgets a customer.
DELETE FROM public.customers WHERE id = :id;

-- name: place :exec
-- Takes an order once.
INSERT INTO public.orders (id, customer_id, reference) VALUES (:id, :customer_id, :reference)
ON CONFLICT (reference) WHERE reference IS NOT NULL DO NOTHING;
"""

SCHEMA = """
CREATE TABLE public.customers (
    id bigint NOT NULL,
    CONSTRAINT customers_pkey PRIMARY KEY (id)
);

CREATE TABLE public.orders (
    id bigint NOT NULL,
    customer_id bigint NOT NULL,
    placed_at timestamptz NOT NULL DEFAULT now(),
    reference text,
    CONSTRAINT orders_pkey PRIMARY KEY (id),
    CONSTRAINT orders_customer_id_fkey FOREIGN KEY (customer_id)
    REFERENCES public.customers (id) ON DELETE CASCADE
);

CREATE INDEX orders_customer_idx ON public.orders (customer_id, placed_at DESC);

CREATE UNIQUE INDEX orders_reference_key ON public.orders (reference)
WHERE reference IS NOT NULL;

COMMENT ON INDEX public.customers_pkey IS 'serves shop.leave, shop.place';
COMMENT ON INDEX public.orders_pkey IS 'serves shop.find';
COMMENT ON INDEX public.orders_customer_idx IS 'serves shop.of_customer, shop.leave';
COMMENT ON INDEX public.orders_reference_key IS 'serves shop.place; a reference is told once';
"""

PARTITIONED = """
CREATE TABLE public.people (id bigint CONSTRAINT people_pkey PRIMARY KEY);
CREATE TABLE public.visits (
    id bigint NOT NULL,
    person_id bigint NOT NULL REFERENCES public.people ON DELETE CASCADE,
    seen_at timestamptz NOT NULL,
    CONSTRAINT visits_pkey PRIMARY KEY (id, seen_at)
) PARTITION BY RANGE (seen_at);
CREATE TABLE public.visits_old PARTITION OF public.visits
FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE public.visits_rest PARTITION OF public.visits DEFAULT;
CREATE INDEX visits_person_idx ON public.visits (person_id);
CREATE INDEX visits_seen_idx ON public.visits (seen_at);
COMMENT ON INDEX public.people_pkey IS 'serves shop.erase';
COMMENT ON INDEX public.visits_pkey IS 'serves shop.visit';
COMMENT ON INDEX public.visits_person_idx IS 'serves shop.erase';
"""
VISITS = """
-- name: visit :exec
-- Notes a visit.
INSERT INTO public.visits (id, person_id, seen_at) VALUES (:id, :person_id, :seen_at);

-- name: of_visit :many
-- Who came.
SELECT v.person_id FROM public.visits AS v WHERE v.id = :id LIMIT 10;

-- name: erase :execrows
-- Forgets a person.
DELETE FROM public.people WHERE id = :id;
"""
Used = dict[str, set[str]]


@dataclass
class Map:
    """What was found out about a schema's indexes; `used` by their names alone."""

    used: Used
    findings: list[IndexFinding]
    relations: Relations
    found: dict[Name, set[str]]

    def of(self, index: str) -> list[IndexFinding]:
        return [finding for finding in self.findings if finding.index[1] == index]


@asynccontextmanager
async def planned(
    server: embedded.Server, queries: Path, scale: Scale, schema: str, template: str = "template1"
) -> AsyncIterator[tuple[Relations, dict[Name, set[str]], set[str]]]:
    """The indexes of a database that pretends to be large, and who uses them."""
    async with database(server, schema, template) as connection:
        loaded = queryfile.load(queries)
        assert not loaded.errors
        described = await describe(connection, loaded.queries)
        good = [one for one in described if isinstance(one, Description)]
        assert len(good) == len(described), described
        shapes = (await prove_shapes(connection, good)).shapes
        seen = await pretend(connection, server.data, scale)
        found = await relations.read(connection)
        every: list[Plans] = []
        for label, one in [*(("", d) for d in good), *((s.label, d) for s, d in shapes)]:
            with suppress(Unplanned):  # a utility has no plan
                every.append(await explain(connection, one, seen, page=scale.page, label=label))
        names = {query.full_name for query in loaded.queries}
        yield found, await uses(connection, every, found), names


async def mapped(server: embedded.Server, place: Path, schema: str, queries: str = QUERIES) -> Map:
    one_by_one = sorted(part.strip() for part in queries.split("-- name: ") if part.strip())
    (place / "shop.sql").write_text("".join(f"-- name: {one}\n\n" for one in one_by_one))
    folder = place / "migrations"
    folder.mkdir()
    (folder / "0001_shop.sql").write_text(schema)
    (folder / "0001_shop.rollback.sql").write_text("DROP INDEX public.orders_customer_idx;")
    async with planned(server, place / "shop.sql", uniform(1_000_000), schema) as (
        seen,
        found,
        names,
    ):
        used = {name: users for (_, name), users in found.items()}
        return Map(used, examine(found, seen, names, folder), seen, found)


async def test_a_schema_whose_indexes_all_serve_has_no_findings(
    pretender: embedded.Server, tmp_path: Path
) -> None:
    seen = await mapped(pretender, tmp_path, SCHEMA)
    assert seen.findings == []
    assert seen.used == {
        "customers_pkey": {"shop.leave", "shop.place"},
        "orders_customer_idx": {"shop.of_customer", "shop.leave"},
        "orders_pkey": {"shop.find", "shop.place"},
        "orders_reference_key": {"shop.place"},
    }


async def test_an_index_that_no_query_uses_is_found_where_it_is_made(
    pretender: embedded.Server, tmp_path: Path
) -> None:
    schema = SCHEMA + (
        "\nCREATE INDEX orders_placed_idx\n    ON public.orders (placed_at);\n"
        "COMMENT ON INDEX public.orders_placed_idx IS 'serves shop.of_customer';\n"
    )
    (finding,) = (await mapped(pretender, tmp_path, schema)).findings
    assert (finding.problem, finding.index) == ("unused", ("public", "orders_placed_idx"))
    line = schema[: schema.index("CREATE INDEX orders_placed")].count("\n") + 1
    assert str(finding) == (
        f"{tmp_path / 'migrations' / '0001_shop.sql'}:{line}:14: public.orders_placed_idx:"
        " no query uses it, though its comment names shop.of_customer;"
        " take it away: DROP INDEX public.orders_placed_idx"
    )


async def test_an_index_that_begins_another_is_redundant(
    pretender: embedded.Server, tmp_path: Path
) -> None:
    schema = SCHEMA + (
        "CREATE INDEX orders_short_idx ON public.orders (customer_id);"
        "COMMENT ON INDEX public.orders_short_idx IS 'serves shop.leave';"
    )
    seen = await mapped(pretender, tmp_path, schema)
    (finding,) = [one for one in seen.findings if one.problem == "redundant"]
    assert finding.index == ("public", "orders_short_idx")
    assert "public.orders_customer_idx (customer_id, placed_at)" in finding.message
    assert "DROP INDEX public.orders_short_idx" in finding.help


async def test_other_directions_predicates_and_promises_make_no_index_redundant(
    pretender: embedded.Server, tmp_path: Path
) -> None:
    schema = SCHEMA + (
        "CREATE INDEX other_1 ON public.orders (customer_id DESC);"
        "CREATE INDEX other_2 ON public.orders (customer_id) WHERE placed_at IS NULL;"
        "CREATE UNIQUE INDEX other_3 ON public.orders (customer_id);"
        "CREATE INDEX other_4 ON public.orders (customer_id) INCLUDE (reference);"
        "CREATE INDEX other_5 ON public.orders USING hash (customer_id);"
        "CREATE INDEX other_6 ON public.orders (reference text_pattern_ops, id);"
        "CREATE INDEX other_7 ON public.orders (reference);"
        'CREATE INDEX other_8 ON public.orders (reference COLLATE "C");'
    )
    seen = await mapped(pretender, tmp_path, schema)
    assert [one for one in seen.findings if one.problem == "redundant"] == []


async def test_a_unique_index_that_lets_one_null_in_is_not_the_redundant_one(
    pretender: embedded.Server, tmp_path: Path
) -> None:
    schema = SCHEMA + (
        "CREATE UNIQUE INDEX orders_loose ON public.orders (placed_at, reference);"
        "CREATE UNIQUE INDEX orders_strict ON public.orders (placed_at, reference) NULLS NOT DISTINCT;"
    )
    seen = await mapped(pretender, tmp_path, schema)
    redundant = [one.index[1] for one in seen.findings if one.problem == "redundant"]
    assert redundant == ["orders_loose"]


async def test_of_two_equal_indexes_one_is_redundant(
    pretender: embedded.Server, tmp_path: Path
) -> None:
    schema = SCHEMA + (
        "CREATE UNIQUE INDEX customers_again ON public.customers (id);"
        "CREATE INDEX orders_again ON public.orders (id);"
        "CREATE INDEX orders_twice ON public.orders (id, reference);"
        "CREATE INDEX orders_two ON public.orders (id, reference);"
    )
    seen = await mapped(pretender, tmp_path, schema)
    redundant = [one.index[1] for one in seen.findings if one.problem == "redundant"]
    assert redundant == ["customers_again", "orders_again", "orders_two"]


async def test_a_false_comment_is_found_with_the_line_that_puts_it_right(
    pretender: embedded.Server, tmp_path: Path
) -> None:
    schema = SCHEMA.replace(
        "'serves shop.of_customer, shop.leave'",
        "'serves shop.of_customer, shop.find, shop.leaf; the customer''s own'",
    )
    (finding,) = (await mapped(pretender, tmp_path, schema)).findings
    assert finding.problem == "comment"
    assert "names shop.find, which does not use it" in finding.message
    assert "no such query (did you mean shop.leave?)" in finding.message
    assert "used by shop.leave, shop.of_customer" in finding.message
    assert finding.help == (
        "write COMMENT ON INDEX public.orders_customer_idx IS"
        " 'serves shop.of_customer, shop.leave; the customer''s own'"
    )


async def test_an_index_may_serve_a_function_that_looks_into_its_table(
    pretender: embedded.Server, tmp_path: Path
) -> None:
    made = """
        ALTER TABLE public.orders ADD COLUMN note text;
        CREATE INDEX orders_note_idx ON public.orders (note);
        COMMENT ON INDEX public.orders_note_idx IS 'serves public.noted';
        CREATE FUNCTION public.noted(wanted text) RETURNS bigint LANGUAGE plpgsql STABLE AS
        $$ BEGIN RETURN (SELECT count(*) FROM public.{} AS o WHERE note = wanted); END $$;
    """
    for name, findings in (("orders", 0), ("customers", 1)):
        place = tmp_path / name
        place.mkdir()
        schema = SCHEMA + made.format(name)
        found = (await mapped(pretender, place, schema)).of("orders_note_idx")
        assert len(found) == findings, found
        assert all("no query uses it" in one.message for one in found)


async def test_an_index_must_say_whom_it_serves(pretender: embedded.Server, tmp_path: Path) -> None:
    schema = SCHEMA.replace(
        "COMMENT ON INDEX public.orders_pkey IS 'serves shop.find';", ""
    ).replace("'serves shop.leave, shop.place'", "'The key of customers.'")
    silent, other = (await mapped(pretender, tmp_path, schema)).findings[::-1]
    assert "no comment says" in silent.message
    assert silent.help.endswith(
        "COMMENT ON INDEX public.orders_pkey IS 'serves shop.find, shop.place'"
    )
    assert "does not say which queries it serves: The key of customers." in other.message
    line = SCHEMA[: SCHEMA.index("CONSTRAINT customers_pkey")].count("\n") + 1
    assert f"0001_shop.sql:{line}:16: public.customers_pkey" in str(other)


async def test_a_cascade_uses_the_indexes_of_children_and_of_their_children(
    pretender: embedded.Server, tmp_path: Path
) -> None:
    schema = SCHEMA + (
        "CREATE TABLE public.lines (order_id bigint REFERENCES public.orders ON DELETE CASCADE,"
        " chosen_id bigint REFERENCES public.orders ON DELETE SET NULL, amount int);"
        "CREATE INDEX lines_order_idx ON public.lines (order_id);"
        "CREATE INDEX lines_chosen_idx ON public.lines (chosen_id) WHERE chosen_id IS NOT NULL;"
        "CREATE INDEX lines_amount_idx ON public.lines (amount);"
    )
    seen = await mapped(pretender, tmp_path, schema)
    assert seen.used["lines_order_idx"] == {"shop.leave"}
    assert seen.used["lines_chosen_idx"] == {"shop.leave"}
    assert seen.used["lines_amount_idx"] == set()
    assert "shop.leave" not in seen.used["orders_pkey"]  # a NULL has no parent to look for


async def test_a_foreign_key_looks_for_children_when_the_key_of_their_parent_is_set(
    pretender: embedded.Server, tmp_path: Path
) -> None:
    queries = QUERIES + (
        "-- name: renumber :execrows\n-- Gives a customer another number.\n"
        "UPDATE public.customers SET id = :new WHERE id = :id;\n"
        "-- name: refer :execrows\n-- Tells the reference of an order.\n"
        "UPDATE public.orders SET reference = :to WHERE id = :id;\n"
    )
    used = (await mapped(pretender, tmp_path, SCHEMA, queries)).used
    assert "shop.renumber" in used["orders_customer_idx"]
    assert "shop.renumber" in used["customers_pkey"]
    assert used["orders_reference_key"] == {"shop.place", "shop.refer"}
    assert "shop.refer" not in used["orders_customer_idx"] | used["customers_pkey"]


async def test_a_foreign_key_that_no_row_is_given_looks_for_no_parent(
    pretender: embedded.Server, tmp_path: Path
) -> None:
    schema = SCHEMA + (
        "ALTER TABLE public.orders ADD COLUMN adviser_id bigint REFERENCES public.advisers;"
        "ALTER TABLE public.orders ADD COLUMN shop_id bigint DEFAULT 1 REFERENCES public.shops;"
    )
    parents = "".join(
        f"CREATE TABLE public.{name} (id bigint PRIMARY KEY);" for name in ("advisers", "shops")
    )
    seen = await mapped(pretender, tmp_path, parents + schema)
    assert seen.used["shops_pkey"] == {"shop.place"}
    (finding,) = seen.of("advisers_pkey")
    assert finding.problem == "unused"
    assert f"{tmp_path / 'migrations' / '0001_shop.sql'}:1:21" in str(finding)


async def test_an_index_of_partitions_counts_as_the_one_of_their_table(
    pretender: embedded.Server, tmp_path: Path
) -> None:
    seen = await mapped(pretender, tmp_path, PARTITIONED, VISITS)
    assert seen.used == {
        "people_pkey": {"shop.erase", "shop.visit"},
        "visits_person_idx": {"shop.erase"},
        "visits_pkey": {"shop.visit", "shop.of_visit"},
        "visits_seen_idx": set(),
    }
    assert [str(one.index[1]) for one in seen.findings] == ["visits_seen_idx"]


async def test_the_partition_key_may_be_what_children_are_found_by(
    pretender: embedded.Server, tmp_path: Path
) -> None:
    schema = SCHEMA + (
        "CREATE TABLE public.visits (customer_id bigint REFERENCES public.customers"
        " ON DELETE CASCADE) PARTITION BY HASH (customer_id);"
        "CREATE TABLE public.visits_0 PARTITION OF public.visits"
        " FOR VALUES WITH (MODULUS 2, REMAINDER 0);"
        "CREATE TABLE public.visits_1 PARTITION OF public.visits"
        " FOR VALUES WITH (MODULUS 2, REMAINDER 1);"
        "CREATE INDEX visits_customer_idx ON public.visits (customer_id);"
    )
    seen = await mapped(pretender, tmp_path, schema)
    assert seen.used["visits_customer_idx"] == {"shop.leave"}


async def test_children_that_follow_their_parent_keep_their_own_promises(
    pretender: embedded.Server, tmp_path: Path
) -> None:
    schema = SCHEMA + (
        "CREATE TABLE public.cards (code text, customer_id bigint REFERENCES public.customers"
        " ON UPDATE CASCADE ON DELETE SET NULL);"
        "CREATE UNIQUE INDEX cards_customer_key ON public.cards (code) WHERE customer_id > 0;"
        "CREATE INDEX cards_customer_idx ON public.cards (customer_id);"
    )
    queries = QUERIES + (
        "-- name: renumber :execrows\n-- Gives a customer another number.\n"
        "UPDATE public.customers SET id = :new WHERE id = :id;\n"
    )
    used = (await mapped(pretender, tmp_path, schema, queries)).used
    assert used["cards_customer_idx"] == {"shop.leave", "shop.renumber"}
    assert used["cards_customer_key"] == {"shop.leave", "shop.renumber"}


async def test_a_plan_reads_the_index_that_it_finds_rows_in_conflict_by(
    pretender: embedded.Server,
) -> None:
    async with database(pretender, SCHEMA) as connection:
        insert = "INSERT INTO public.orders VALUES (1, 1) ON CONFLICT (id) DO NOTHING"
        assert indexes_read(tree(await explained(connection, insert))) == {
            ("public", "orders_pkey")
        }


async def test_a_merge_may_do_what_its_branches_say(
    pretender: embedded.Server, tmp_path: Path
) -> None:
    queries = QUERIES + (
        "-- name: tidy :execrows\n-- Forgets one customer, or meets one.\n"
        "MERGE INTO public.customers AS c USING (SELECT :id::bigint AS id) AS n ON c.id = n.id"
        " WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (id) VALUES (n.id);\n"
    )
    used = (await mapped(pretender, tmp_path, SCHEMA, queries)).used
    assert "shop.tidy" in used["orders_customer_idx"]
    assert "shop.tidy" in used["customers_pkey"]


async def test_the_last_migration_that_makes_an_index_is_its_place(
    pretender: embedded.Server, tmp_path: Path
) -> None:
    schema = SCHEMA.replace("COMMENT ON INDEX", "-- COMMENT ON INDEX")
    seen = await mapped(pretender, tmp_path, schema)
    later = tmp_path / "migrations" / "0010_later.sql"
    later.write_text(
        "DROP INDEX public.orders_customer_idx;\n"
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_customer_idx ON ONLY public.orders (id);\n"
        "ALTER INDEX public.some_name RENAME TO orders_reference_key;\n"
        "ALTER TABLE public.orders ADD CONSTRAINT orders_pkey PRIMARY KEY (id);\n"
        "CREATE INDEX customers_pkey ON elsewhere.customers (id);\n"
        "ALTER TABLE public.customers DROP CONSTRAINT customers_pkey;\n"
    )
    findings = examine(seen.found, seen.relations, [], later.parent)
    places = {one.index[1]: one.location for one in findings}
    assert {name: (Path(at.path).name, at.line) for name, at in places.items() if at} == {
        "customers_pkey": ("0001_shop.sql", 4),
        "orders_customer_idx": ("0010_later.sql", 2),
        "orders_pkey": ("0010_later.sql", 4),
        "orders_reference_key": ("0010_later.sql", 3),
    }
    assert str(examine(seen.found, seen.relations, [], None)[0]).startswith("public.customers_pkey")


async def test_an_index_that_is_not_valid_is_found(
    pretender: embedded.Server, tmp_path: Path
) -> None:
    schema = PARTITIONED + "CREATE INDEX visits_lone_idx ON ONLY public.visits (id, person_id);"
    seen = await mapped(pretender, tmp_path, schema, VISITS)
    (finding,) = seen.of("visits_lone_idx")
    assert finding.problem == "invalid"
    assert "needs one on every partition" in finding.help


async def test_the_bookkeeping_of_migrations_needs_no_query(
    pretender: embedded.Server, tmp_path: Path
) -> None:
    schema = SCHEMA + "CREATE TABLE public.schema_migrations (version text PRIMARY KEY);"
    seen = await mapped(pretender, tmp_path, schema)
    assert seen.findings == []
    assert "schema_migrations_pkey" not in to_json(seen.found, seen.relations)


async def test_the_map_is_data_and_a_table_for_readers(
    pretender: embedded.Server, tmp_path: Path
) -> None:
    seen = await mapped(pretender, tmp_path, SCHEMA)
    document = json.loads(to_json(seen.found, seen.relations))
    assert [one["name"] for one in document["indexes"]] == sorted(seen.used)
    assert document["indexes"][-1] == {
        "schema": "public",
        "name": "orders_reference_key",
        "table": "public.orders",
        "definition": (
            "CREATE UNIQUE INDEX orders_reference_key ON public.orders USING btree (reference)"
            " WHERE (reference IS NOT NULL)"
        ),
        "unique": True,
        "predicate": "(reference IS NOT NULL)",
        "serves": ["shop.place"],
        "used_by": ["shop.place"],
    }
    assert table(seen.found, seen.relations).splitlines()[-5:-2] == [
        "public.orders_pkey: unique btree on public.orders (id)",
        "    serves   shop.find",
        "    used by  shop.place",
    ]


def test_a_comment_names_queries_and_may_go_on_in_free_words() -> None:
    assert serves("serves a.b, c.d") == ("a.b", "c.d")
    assert serves("serves a.b;\n and who asks") == ("a.b",)
    for other in (None, "", "a.b", "serves everybody", "serves a.b and c.d", "serves a.b,"):
        assert serves(other) == ()


@pytest.mark.slow
async def test_our_own_indexes_all_serve_whom_they_say(pretender: embedded.Server) -> None:
    queries, scale = MIGRATIONS.parent / "queries", read(OWN_MODEL)
    async with planned(pretender, queries, scale, "SELECT 1", "migrated") as (seen, found, names):
        assert len(found) > 15
        assert [str(one) for one in examine(found, seen, names, MIGRATIONS)] == []
        assert "users.delete" in found["slimy", "sessions_user_id_idx"]
        assert "guilds.delete" in found["slimy", "users_last_active_guild_id_idx"]
