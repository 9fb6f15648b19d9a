"""Logins that tests sign in with: what the service and its domain do, they do as a member of slimy_app."""

import re

import psycopg

SERVICE = "slimy_test_service"
"""Signs in as the service does in production: a member of slimy_app, and of nothing else."""


def signed_in(url: str, login: str = SERVICE) -> str:
    """The address of a database, for somebody else; with the password of whoever the address was for."""
    return re.sub(r"^postgresql://[^:@/]+", f"postgresql://{login}", url)


def make_login(url: str, login: str, role: str) -> None:
    """Make a login that is a member of a role, where there is none."""
    with psycopg.connect(url, autocommit=True) as connection:
        password = connection.info.password
        try:
            connection.execute(f"CREATE ROLE {login} LOGIN IN ROLE {role}")
        except psycopg.errors.DuplicateObject:
            return
        if password:
            connection.execute(
                psycopg.sql.SQL("ALTER ROLE {} PASSWORD {}").format(
                    psycopg.sql.Identifier(login), psycopg.sql.Literal(password)
                )
            )
