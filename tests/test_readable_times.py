"""Times lie between the opening of Discord and 2100: infinity, which clients cannot read, reaches no row."""

import psycopg
import pytest

from slimy_dal import Database
from tests import make

COLUMNS = [
    ("guilds", "created_at"),
    ("guilds", "deleted_at"),
    ("conversations", "created_at"),
    ("conversations", "deleted_at"),
    ("club_analyses", "created_at"),
    ("screenshot_analyses", "created_at"),
]


@pytest.mark.parametrize(("table", "column"), COLUMNS)
@pytest.mark.fault("V6")
async def test_a_time_that_clients_cannot_read_is_refused(
    db: Database, database_url: str, table: str, column: str
) -> None:
    user, guild = await make.user(db), await make.guild(db)
    await make.conversation(db, user_id=user.id)
    await make.club_analysis(db, guild.id, user.id)
    await make.screenshot(db, user.id)
    with psycopg.connect(database_url, autocommit=True) as connection:
        for time in ("infinity", "-infinity", "2014-12-31Z", "2100-01-01Z"):
            with pytest.raises(
                psycopg.errors.CheckViolation, match=f"{table}_{column}_range_check"
            ):
                connection.execute(f"UPDATE slimy.{table} SET {column} = %s", (time,))
        connection.execute(f"UPDATE slimy.{table} SET {column} = '2099-12-31Z'")
