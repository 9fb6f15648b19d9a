"""The rows that the examples of the document are about, with the ids and times that stand there."""

# ruff: noqa: FBT003 -- rows stand here by position, as COPY takes them

from datetime import UTC, date, datetime, timedelta
from ipaddress import IPv4Address
from uuid import UUID

from service import examples as e
from slimy_dal.domain.api_keys import SCOPES
from slimy_dal.domain.database import Database
from slimy_dal.engine.secrets import token_hash
from slimy_dal.engine.statement import Executor, Statement
from slimy_dal.queries import (
    api_keys,
    audit_logs,
    chat_messages,
    club_analyses,
    club_analysis_images,
    club_members,
    club_metrics,
    code_reports,
    conversations,
    guild_feature_flags,
    guild_personalities,
    guild_settings,
    guilds,
    memberships,
    screenshot_analyses,
    screenshot_comparisons,
    screenshot_data,
    screenshot_insights,
    screenshot_recommendations,
    screenshot_tags,
    sessions,
    stats,
    user_preferences,
    users,
)

THEN = datetime(2026, 1, 30, 12, 0, 0, 123456, tzinfo=UTC)
LATER = THEN + timedelta(hours=1)
DISTANT = datetime(2099, 1, 1, tzinfo=UTC)

PUBLIC_ID, SECRET = "a" * 12, "b" * 43
CALLERS_KEY = f"slimy_{PUBLIC_ID}_{SECRET}"
CALLERS_SESSION = "c" * 43

EMPTY = Statement(
    "example_world.empty",
    """
DO $$
BEGIN
    -- What is append only lets nobody else remove anything.
    SET LOCAL ROLE slimy_retention;
    EXECUTE (
        SELECT 'TRUNCATE ' || string_agg(c.oid::regclass::text, ', ')
        FROM pg_class AS c
        WHERE c.relnamespace = 'slimy'::regnamespace AND c.relkind IN ('r', 'p')
            AND NOT c.relispartition
    );
    RESET ROLE;
END
$$
""",
    writes=True,
)


GRANT = Statement(
    "example_world.grant",
    "GRANT TRUNCATE ON ALL TABLES IN SCHEMA slimy TO slimy_retention",
    writes=True,
)


async def prepare(db: Database) -> None:
    """Make a new database ready to be filled, with room for the month of the examples."""
    await db.partitions.make(1, first=date(2026, 1, 1))
    await db.pool.execute(GRANT)


async def fill(db: Database) -> None:
    """Bring all tables to the state that the examples are about."""
    async with db.pool.transaction() as tx:
        await tx.execute(EMPTY)
        await _people(tx)
        await _choices(tx)
        await _talks(tx)
        await _clubs(tx)
        await _screenshots(tx)
        await _events(tx)


async def _people(tx: Executor) -> None:
    names = ((e.USER, "nelly"), (e.OWNER, "anton"), (e.NEWCOMER, "mina"))
    user = users.LoadItem(
        UUID(e.USER), int(e.DISCORD_ID), *(None,) * 9, created_at=THEN, updated_at=THEN
    )
    await users.load(
        tx,
        [
            user._replace(
                id=UUID(one),
                discord_id=int(e.DISCORD_ID) + number,
                username=name,
                global_name=name.title(),
                email=f"{name}@discord.com",
            )
            for number, (one, name) in enumerate(names)
        ],
    )
    guild = guilds.LoadItem(
        int(e.GUILD),
        "Discord Testers",
        None,
        UUID(e.OWNER),
        {"language": "de"},
        deleted_at=None,
        purge_started_at=None,
        created_at=THEN,
        updated_at=THEN,
    )
    deleted = guild._replace(id=int(e.DELETED_GUILD), name="Former Testers", deleted_at=LATER)
    await guilds.load(tx, [guild, deleted])
    member = memberships.LoadItem(UUID(e.USER), int(e.GUILD), ["member"], THEN, THEN)
    owner = member._replace(user_id=UUID(e.OWNER), roles=["owner"], joined_at=LATER)
    await memberships.load(tx, [member, owner])
    session = sessions.LoadItem(
        UUID(e.SESSION), UUID(e.USER), token_hash(CALLERS_SESSION), DISTANT, THEN
    )
    await sessions.load(tx, [session])
    key = api_keys.LoadItem(
        UUID(e.KEY),
        "d" * 12,
        token_hash("e" * 43),
        "reporting",
        ["guilds:read"],
        guild_ids=None,
        expires_at=None,
        revoked_at=None,
        created_at=THEN,
        updated_at=THEN,
    )
    callers = key._replace(
        id=UUID(int=UUID(e.KEY).int + 1),
        public_id=PUBLIC_ID,
        secret_hash=token_hash(SECRET),
        name="everything",
        scopes=SCOPES,
        created_at=LATER,
    )
    await api_keys.load(tx, [key, callers])


async def _choices(tx: Executor) -> None:
    user, guild = UUID(e.USER), int(e.GUILD)
    preferences = user_preferences.LoadItem(user, "light", "en", True, None, THEN, THEN)
    await user_preferences.load(tx, [preferences])
    flags = guild_feature_flags.LoadItem(
        guild, "#5865f2", "rounded", True, False, False, True, THEN, THEN
    )
    await guild_feature_flags.load(tx, [flags])
    settings = guild_settings.LoadItem(
        guild, None, None, "baseline", False, None, True, "Ask Anton.", THEN, THEN
    )
    await guild_settings.load(tx, [settings])
    personality = guild_personalities.LoadItem(
        guild, "jester", None, 1.2, 0.9, "playful", "casual", True, True, THEN, THEN
    )
    await guild_personalities.load(tx, [personality])
    report = code_reports.LoadItem(
        UUID(e.REPORT), "SLIME2023", "expired", None, "pending", user, None, None, THEN, THEN
    )
    await code_reports.load(tx, [report])


async def _talks(tx: Executor) -> None:
    user, guild = UUID(e.USER), int(e.GUILD)
    talk = conversations.LoadItem(
        UUID(e.CONVERSATION), user, guild, "Roster of January", "analyst", None, THEN, THEN
    )
    deleted = talk._replace(id=UUID(e.DELETED_CONVERSATION), title="Old", deleted_at=LATER)
    await conversations.load(tx, [talk, deleted])
    text = "Who is our strongest member?"
    message = chat_messages.LoadItem(
        UUID(e.MESSAGE), talk.id, guild, user, "user", text, False, THEN, THEN
    )
    await chat_messages.load(tx, [message])


async def _clubs(tx: Executor) -> None:
    user, guild = UUID(e.USER), int(e.GUILD)
    power = (1_100_000, 3_300_000)
    seen = club_members.LoadItem(guild, "nelly", THEN, "Nelly", *power)
    await club_members.load_latest(
        tx, [club_members.LoadLatestItem(guild, "nelly", "Nelly", *power, THEN, THEN)]
    )
    await club_members.load(tx, [seen])
    analysis = club_analyses.LoadItem(
        UUID(e.ANALYSIS), guild, user, "January", "Grown by four members.", 0.93, THEN, THEN
    )
    await club_analyses.load(tx, [analysis])
    image = club_analysis_images.LoadItem(
        analysis.id, UUID(e.IMAGE), "https://cdn.discordapp.com/1.png", "1.png", 482133, THEN
    )
    await club_analysis_images.load(tx, [image])
    metric = club_metrics.LoadItem(analysis.id, "totalPower", 1_250_000, "power", "strength")
    await club_metrics.load(tx, [metric])


async def _screenshots(tx: Executor) -> None:
    shot = screenshot_analyses.LoadItem(
        UUID(e.SCREENSHOT),
        UUID(e.USER),
        "club_roster",
        "https://cdn.discordapp.com/attachments/1/2/roster.png",
        "Roster of December",
        "The first page of the member list.",
        "44 members.",
        0.97,
        1830,
        "vision-1",
        {"members": 44},
        THEN,
        THEN,
    )
    later = shot._replace(
        id=UUID(e.LATER_SCREENSHOT), title="Roster of January", created_at=LATER, updated_at=LATER
    )
    await screenshot_analyses.load(tx, [shot, later])
    size = screenshot_data.LoadItem(shot.id, "memberCount", 44, "number", "size", 0.98)
    await screenshot_data.load(tx, [size, size._replace(analysis_id=later.id, value=48)])
    await screenshot_tags.load(tx, [screenshot_tags.LoadItem(shot.id, "roster", "game")])
    insight = screenshot_insights.LoadItem(
        shot.id, UUID(e.INSIGHT), "growth", "high", "Growing", "Two are new.", 0.9, False, THEN
    )
    await screenshot_insights.load(tx, [insight])
    advice = screenshot_recommendations.LoadItem(
        *(shot.id, UUID(e.RECOMMENDATION), "recruiting", "medium", "Recruit", "There is room."),
        *("medium", "low", True, THEN),
    )
    await screenshot_recommendations.load(tx, [advice])
    difference = {"key": "memberCount", "before": 44, "after": 48, "change": 4}
    compared = screenshot_comparisons.LoadItem(
        *(UUID(e.COMPARISON), shot.user_id, shot.id, later.id, "size", "Four more members."),
        *("up", [difference], [], LATER),
    )
    await screenshot_comparisons.load(tx, [compared])


async def _events(tx: Executor) -> None:
    user, guild = UUID(e.USER), int(e.GUILD)
    stat = stats.LoadItem(UUID(e.STAT), THEN, user, guild, "message.length", 42)
    await stats.load(tx, [stat])
    row = audit_logs.LoadItem(
        *(UUID(e.AUDIT_LOG), THEN, user, "club_analysis.create", "club_analysis", e.ANALYSIS),
        *({"images": 1}, IPv4Address("192.0.2.7"), "slimy-bot/2.1", None, "5cd3804b60ef4098"),
        *(True, None),
    )
    await audit_logs.load(tx, [row])
