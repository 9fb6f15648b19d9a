"""Databases for tests: a template that is migrated once, and clones of it in milliseconds."""

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slimy_dal.engine import embedded

if TYPE_CHECKING:
    from pytest_postgresql.janitor import DatabaseJanitor

__all__ = ["Databases", "newest_major"]

MAJORS = (18, 17, 16, 15)
DEFAULT_PORT = 5432
IN_USE = "55006"

_numbers = itertools.count(1)


def newest_major() -> int:
    """Return the newest version of PostgreSQL that this machine has. Raises EmbeddedServerError where it has none."""
    for major in MAJORS[:-1]:
        try:
            embedded.binaries(major)
        except embedded.EmbeddedServerError:
            continue
        return major
    embedded.binaries(MAJORS[-1])
    return MAJORS[-1]


@dataclass(frozen=True)
class Databases:
    """The databases of one server; `host` may be the folder of its socket.

    Needs pytest-postgresql, whose janitor makes and drops them. Names are of this process: test runs and their workers
    can share a server.
    """

    host: str
    port: int = DEFAULT_PORT
    user: str = "postgres"
    password: str | None = None

    def dsn(self, name: str) -> str:
        """Return the connection string of a database."""
        login = f"{self.user}:{self.password}" if self.password else self.user
        if self.host.startswith("/"):
            port = "" if self.port == DEFAULT_PORT else f"&port={self.port}"
            return f"postgresql://{login}@/{name}?host={self.host}{port}"
        return f"postgresql://{login}@{self.host}:{self.port}/{name}"

    def janitor(self, name: str, template: str | None) -> "DatabaseJanitor":
        """Return who makes and drops a database: from a template, or, with None, a template."""
        # At the first use: proxies and pairs work without it.
        from pytest_postgresql.janitor import DatabaseJanitor  # noqa: PLC0415

        return DatabaseJanitor(
            user=self.user,
            password=self.password,
            host=self.host,
            port=self.port,
            dbname=name,
            template_dbname=template,
            as_template=template is None,
        )

    @contextmanager
    def template(self, prepare: Callable[[str], object]) -> Iterator[str]:
        """Make a database, let `prepare(dsn)` fill it, and give its name for the time of a `with` block."""
        name = _fresh("template")
        maker = self.janitor(name, None)
        maker.drop()
        with maker:
            prepare(self.dsn(name))
            yield name

    @contextmanager
    def clone(self, template: str = "template1") -> Iterator[str]:
        """Make a copy of a database that nobody uses, and give its connection string; it is dropped afterwards.

        Sessions that are still open are ended then.
        """
        name = _fresh("test")
        maker = self.janitor(name, template)
        maker.drop()
        maker.init()
        try:
            yield self.dsn(name)
        finally:
            _drop(maker)


def _drop(maker: "DatabaseJanitor") -> None:
    try:
        maker.drop()
    except Exception as error:
        if getattr(error, "sqlstate", None) != IN_USE:
            raise
        maker.drop()  # somebody was logging in while all were ended, as poolers do: now it is seen


def _fresh(kind: str) -> str:
    return f"slimy_{kind}_{os.getpid()}_{next(_numbers)}"
