"""Generated from the routes of the service by `slimy client`; do not edit."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Literal, TypeAlias
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from slimy_dal.client.values import Answer, Json, Part, Sent, Snowflake

Permission: TypeAlias = Literal["manage_guild", "manage_members", "view_members"]
Role: TypeAlias = Literal["owner", "admin", "moderator", "member"]
Scope: TypeAlias = Literal[
    "analyses:read",
    "analyses:write",
    "audit-logs:read",
    "audit-logs:write",
    "chat:read",
    "chat:write",
    "club-members:read",
    "club-members:write",
    "code-reports:read",
    "code-reports:write",
    "guilds:read",
    "guilds:write",
    "keys:admin",
    "members:read",
    "members:write",
    "screenshots:read",
    "screenshots:write",
    "sessions:read",
    "sessions:write",
    "stats:read",
    "stats:write",
    "users:act",
    "users:read",
    "users:write",
]


class ApiKey(Part, frozen=True, kw_only=True):
    """One api key."""

    id: UUID
    public_id: str
    name: str
    scopes: list[Scope]
    guild_ids: list[Snowflake] | None
    expires_at: datetime | None
    revoked_at: datetime | None
    created_at: datetime


class NewApiKey(Answer, frozen=True, kw_only=True):
    """A key just made, with the only copy of its text; its repr does not show it."""

    api_key: ApiKey
    key: str

    def __repr__(self) -> str:
        return "NewApiKey(...)"


class ApiKeyRequest(Sent, frozen=True, kw_only=True):
    """A key to make."""

    name: str
    """Who will use it; shown in lists and logs."""
    scopes: Sequence[Scope]
    guild_ids: Sequence[Snowflake] | None | UnsetType = UNSET
    """The only guilds it reaches; null for all."""
    expires_at: datetime | None | UnsetType = UNSET
    """Must be in the future; null for never."""


class Rotation(Sent, frozen=True, kw_only=True):
    """How a key is replaced."""

    overlap_hours: int | UnsetType = UNSET
    """Hours in which the old key stays good."""
    expires_at: datetime | None | UnsetType = UNSET
    """Must be in the future; null for never."""


class AuditLog(Answer, frozen=True, kw_only=True):
    """One audit log."""

    id: UUID
    timestamp: datetime
    user_id: UUID | None
    action: str
    resource_type: str
    resource_id: str | None
    details: Json
    ip_address: str | None
    user_agent: str | None
    session_id: UUID | None
    request_id: str | None
    success: bool
    error_message: str | None


class ActionTotal(Part, frozen=True, kw_only=True):
    """One action total."""

    action: str
    entries: int
    failures: int


class AuditTotals(Answer, frozen=True, kw_only=True):
    """What was logged in a period; the success rate is None where nothing was."""

    total: int
    successful: int
    failed: int
    success_rate: float | None
    by_action: list[ActionTotal]


class LogToKeep(Sent, frozen=True, kw_only=True):
    """An action to log."""

    action: str
    """Words with dots between them, spelled in lower case: `ClubAnalysis:Create` is
    `club_analysis.create`.
    """
    resource_type: str
    """Words with dots between them, spelled in lower case: `ClubAnalysis:Create` is
    `club_analysis.create`.
    """
    resource_id: str | None | UnsetType = UNSET
    user_id: UUID | None | UnsetType = UNSET
    """Who did it; null where nobody did."""
    details: Mapping[str, Json] | UnsetType = UNSET
    ip_address: str | None | UnsetType = UNSET
    """An IPv4 or IPv6 address."""
    user_agent: str | None | UnsetType = UNSET
    session_id: UUID | None | UnsetType = UNSET
    request_id: str | None | UnsetType = UNSET
    """The request it was done in; this one where left out."""
    success: bool | UnsetType = UNSET
    error_message: str | None | UnsetType = UNSET
    """Why it failed; null where it did not."""
    timestamp: datetime | None | UnsetType = UNSET
    """When it was done; now where left out."""


class Message(Answer, frozen=True, kw_only=True):
    """One message."""

    id: UUID
    conversation_id: UUID | None
    guild_id: Snowflake | None
    user_id: UUID
    role: Literal["user", "assistant", "system"]
    text: str
    admin_only: bool
    created_at: datetime
    updated_at: datetime


class AuthoredMessageAuthor(Part, frozen=True, kw_only=True):
    """A part of a row of 4 queries."""

    id: UUID
    discord_id: Snowflake
    username: str | None
    global_name: str | None
    avatar: str | None


class AuthoredMessage(Answer, frozen=True, kw_only=True):
    """One authored message."""

    id: UUID
    conversation_id: UUID | None
    guild_id: Snowflake | None
    role: Literal["user", "assistant", "system"]
    text: str
    admin_only: bool
    created_at: datetime
    updated_at: datetime
    author: AuthoredMessageAuthor


class MessageIds(Answer, frozen=True, kw_only=True):
    """The ids of the messages that were kept, in the order in which they were sent."""

    ids: list[UUID]


class NewMessageOfConversation(Sent, frozen=True, kw_only=True):
    """A message in a conversation, by its person or, with another role, for them."""

    text: str
    role: Literal["user", "assistant", "system"] | UnsetType = UNSET
    admin_only: bool | UnsetType = UNSET
    """Only for the admins of the guild the conversation is held in."""


class NewMessageOfGuild(Sent, frozen=True, kw_only=True):
    """A message in a guild."""

    text: str
    role: Literal["user", "assistant", "system"] | UnsetType = UNSET
    admin_only: bool | UnsetType = UNSET
    """Only for the guild's admins."""
    user_id: UUID
    """Who says it, or for whom it is; in a user's session, nobody but themselves."""
    conversation_id: UUID | None | UnsetType = UNSET
    """A conversation of that user, held in this guild."""


class EntryOfBatch(Sent, frozen=True, kw_only=True):
    """One message of many."""

    user_id: UUID
    text: str
    role: Literal["user", "assistant", "system"] | UnsetType = UNSET
    conversation_id: UUID | None | UnsetType = UNSET
    guild_id: Snowflake | None | UnsetType = UNSET
    """Where left out, the guild of the conversation, if it is in one."""
    admin_only: bool | UnsetType = UNSET
    created_at: datetime | None | UnsetType = UNSET
    """When it was said, from 2015 on; now where left out."""


class NewMessages(Sent, frozen=True, kw_only=True):
    """Messages to keep: all of them, or none."""

    messages: Sequence[EntryOfBatch]


class MessageChanges(Sent, frozen=True, kw_only=True):
    """What to change of a message; a field that is left out stays as it is."""

    text: str | UnsetType = UNSET
    admin_only: bool | UnsetType = UNSET


class ClubAnalysisSummary(Part, frozen=True, kw_only=True):
    """One club analysis summary."""

    id: UUID
    guild_id: Snowflake
    user_id: UUID
    title: str | None
    summary: str
    confidence: float
    created_at: datetime
    updated_at: datetime


class ClubAnalysisImage(Part, frozen=True, kw_only=True):
    """One club analysis image."""

    id: UUID
    image_url: str
    original_name: str
    file_size: int
    uploaded_at: datetime


class ClubMetric(Answer, frozen=True, kw_only=True):
    """One club metric."""

    name: str
    value: Json
    unit: str | None
    category: str


class ClubAnalysis(Answer, frozen=True, kw_only=True):
    """An analysis with its images, in the order they were uploaded, and its metrics by name."""

    id: UUID
    guild_id: Snowflake
    user_id: UUID
    title: str | None
    summary: str
    confidence: float
    created_at: datetime
    updated_at: datetime
    images: list[ClubAnalysisImage]
    metrics: list[ClubMetric]


class ImageOfAnalysis(Sent, frozen=True, kw_only=True):
    """An image that an analysis is made from. It stays where it lies: nothing is fetched."""

    image_url: str
    original_name: str
    file_size: int
    """In bytes."""


class MetricOfAnalysis(Sent, frozen=True, kw_only=True):
    """A figure with its name."""

    value: Json
    """Any JSON value but null; at most 16 KiB."""
    category: str
    unit: str | None | UnsetType = UNSET
    name: str


class NewClubAnalysis(Sent, frozen=True, kw_only=True):
    """An analysis with its images and metrics; each name of a metric stands there once."""

    user_id: UUID
    """Who had it made; in a user's session, nobody but themselves."""
    title: str | None | UnsetType = UNSET
    summary: str
    confidence: float
    """How sure the model is of it, from 0 to 1."""
    images: Sequence[ImageOfAnalysis] | UnsetType = UNSET
    metrics: Sequence[MetricOfAnalysis] | UnsetType = UNSET


class ClubAnalysisChanges(Sent, frozen=True, kw_only=True):
    """What to change of an analysis; a field that is left out stays as it is, null erases the
    title.
    """

    title: str | None | UnsetType = UNSET
    summary: str | UnsetType = UNSET
    confidence: float | UnsetType = UNSET
    """How sure the model is of it, from 0 to 1."""


class AddedImages(Answer, frozen=True, kw_only=True):
    """The images that were added."""

    images: list[ClubAnalysisImage]


class ImagesToAdd(Sent, frozen=True, kw_only=True):
    """Images to add to an analysis."""

    images: Sequence[ImageOfAnalysis]


class Ingested(Answer, frozen=True, kw_only=True):
    """How many observations are new or changed; the others were known already."""

    changed: int


class ClubMember(Answer, frozen=True, kw_only=True):
    """One club member."""

    guild_id: Snowflake
    member_key: str
    name: str
    sim_power: int | None
    total_power: int | None
    last_seen_at: datetime


class RankedByTotalPower(Part, frozen=True, kw_only=True):
    """One ranked by total power."""

    guild_id: Snowflake
    member_key: str
    name: str
    sim_power: int | None
    total_power: int
    last_seen_at: datetime


class RankedBySimPower(Part, frozen=True, kw_only=True):
    """One ranked by sim power."""

    guild_id: Snowflake
    member_key: str
    name: str
    sim_power: int
    total_power: int | None
    last_seen_at: datetime


class Observation(Part, frozen=True, kw_only=True):
    """One observation."""

    observed_at: datetime
    name: str
    sim_power: int | None
    total_power: int | None
    sim_power_change_percent: float | None
    total_power_change_percent: float | None


class ObservedClubMember(Sent, frozen=True, kw_only=True):
    """A member as it was read."""

    member_key: str
    """The member's name as it is read, made regular by the reader."""
    name: str
    """The name as it was shown."""
    sim_power: int | None | UnsetType = UNSET
    """Up to 2^53 - 1, which every reader of JSON can hold; null if not readable."""
    total_power: int | None | UnsetType = UNSET
    """Up to 2^53 - 1, which every reader of JSON can hold; null if not readable."""


class ObservedClub(Sent, frozen=True, kw_only=True):
    """What was read of a whole club at one moment."""

    observed_at: datetime
    members: Sequence[ObservedClubMember]


class KeptMetrics(Answer, frozen=True, kw_only=True):
    """The figures of an analysis, by name."""

    metrics: list[ClubMetric]


class PastMetric(Part, frozen=True, kw_only=True):
    """One past metric."""

    analysis_id: UUID
    value: Json
    unit: str | None
    category: str
    confidence: float
    created_at: datetime


class MetricsToKeep(Sent, frozen=True, kw_only=True):
    """The figures that an analysis has from now on; each name stands there once."""

    metrics: Sequence[MetricOfAnalysis]


class MetricValue(Sent, frozen=True, kw_only=True):
    """What a figure is."""

    value: Json
    """Any JSON value but null; at most 16 KiB."""
    category: str
    unit: str | None | UnsetType = UNSET


class CodeReport(Answer, frozen=True, kw_only=True):
    """One code report."""

    id: UUID
    code: str
    reason: Literal["expired", "invalid", "duplicate", "other"]
    details: str | None
    status: Literal["pending", "verified", "rejected"]
    reporter_id: UUID | None
    reviewer_id: UUID | None
    reviewed_at: datetime | None
    created_at: datetime
    updated_at: datetime


class NewCodeReport(Sent, frozen=True, kw_only=True):
    """What is wrong with a gift code."""

    code: str
    """The gift code as it was written: upper and lower case are told apart."""
    reason: Literal["expired", "invalid", "duplicate", "other"]
    details: str | None | UnsetType = UNSET
    reporter_id: UUID | None | UnsetType = UNSET
    """Who says so; in a user's session they do, and it may be left out."""


class Review(Sent, frozen=True, kw_only=True):
    """What a reviewer found out about a report."""

    status: Literal["verified", "rejected"]
    """`verified`: the reporter is right, the code does not work."""
    reviewer_id: UUID | None | UnsetType = UNSET


class Conversation(Answer, frozen=True, kw_only=True):
    """One conversation."""

    id: UUID
    user_id: UUID
    guild_id: Snowflake | None
    title: str | None
    personality_mode: str | None
    last_message_at: datetime | None
    created_at: datetime
    updated_at: datetime


class DeletedConversation(Part, frozen=True, kw_only=True):
    """One deleted conversation."""

    id: UUID
    guild_id: Snowflake | None
    title: str | None
    deleted_at: datetime
    created_at: datetime


class NewConversation(Sent, frozen=True, kw_only=True):
    """A conversation to begin, in private or in a guild."""

    guild_id: Snowflake | None | UnsetType = UNSET
    """The guild it is held in; null for one in private."""
    title: str | None | UnsetType = UNSET
    personality_mode: str | None | UnsetType = UNSET
    """How the assistant talks here: one lower-case word."""


class ConversationChanges(Sent, frozen=True, kw_only=True):
    """What to change of a conversation; a field that is left out stays as it is, null erases it."""

    title: str | None | UnsetType = UNSET
    personality_mode: str | None | UnsetType = UNSET
    """How the assistant talks here: one lower-case word."""


class User(Answer, frozen=True, kw_only=True):
    """One user."""

    id: UUID
    discord_id: Snowflake
    username: str | None
    global_name: str | None
    avatar: str | None
    email: str | None
    last_active_guild_id: Snowflake | None
    created_at: datetime
    updated_at: datetime


class Guild(Answer, frozen=True, kw_only=True):
    """One guild."""

    id: Snowflake
    name: str
    icon: str | None
    owner_id: UUID | None
    settings: Json
    member_count: int
    message_count: int
    created_at: datetime
    updated_at: datetime


class Membership(Answer, frozen=True, kw_only=True):
    """One membership."""

    user_id: UUID
    guild_id: Snowflake
    roles: list[Role]
    joined_at: datetime
    updated_at: datetime


class FeatureFlags(Answer, frozen=True, kw_only=True):
    """A guild's feature flags; `updated_at` is None while all of them are the defaults."""

    guild_id: Snowflake
    color_primary: str | None
    badge_style: Literal["rounded", "square", "pill"]
    ensemble_ocr: bool
    second_approver: bool
    ask_manus: bool
    public_stats: bool
    updated_at: datetime | None


class FlagChanges(Sent, frozen=True, kw_only=True):
    """What to change of a guild's flags; a field that is left out stays as it is."""

    color_primary: str | None | UnsetType = UNSET
    """null for the platform's own colour."""
    badge_style: Literal["rounded", "square", "pill"] | UnsetType = UNSET
    ensemble_ocr: bool | UnsetType = UNSET
    """Read each screenshot with several engines and let them vote."""
    second_approver: bool | UnsetType = UNSET
    """Ask a second person before an analysis is published."""
    ask_manus: bool | UnsetType = UNSET
    """Let members put questions to the Manus assistant."""
    public_stats: bool | UnsetType = UNSET
    """Whether people outside the guild may see its statistics."""


class PersonalityPreset(Part, frozen=True, kw_only=True):
    """One personality preset."""

    preset: str
    system_prompt: str | None
    temperature: float
    top_p: float
    tone: str
    formality: str
    humor: bool
    emojis: bool


class PersonalityPresets(Answer, frozen=True, kw_only=True):
    """Every preset with what it says, by name."""

    data: list[PersonalityPreset]


class Personality(Answer, frozen=True, kw_only=True):
    """How the bot speaks in a guild; `updated_at` is None while nothing was chosen."""

    guild_id: Snowflake
    preset: Literal["default", "helper", "jester", "scholar"]
    system_prompt: str | None
    temperature: float
    top_p: float
    tone: Literal["neutral", "friendly", "playful", "serious"]
    formality: Literal["casual", "neutral", "formal"]
    humor: bool
    emojis: bool
    updated_at: datetime | None


class PersonalityChanges(Sent, frozen=True, kw_only=True):
    """What to change of a personality.

    A field that is left out stays as it is; where a preset is given, it becomes what that says.
    """

    system_prompt: str | None | UnsetType = UNSET
    """What the model is told before every conversation."""
    temperature: float | UnsetType = UNSET
    """0 always says the likeliest, 2 is close to noise."""
    top_p: float | UnsetType = UNSET
    """Share of the likeliest words that is drawn from."""
    tone: Literal["neutral", "friendly", "playful", "serious"] | UnsetType = UNSET
    formality: Literal["casual", "neutral", "formal"] | UnsetType = UNSET
    humor: bool | UnsetType = UNSET
    emojis: bool | UnsetType = UNSET
    preset: Literal["default", "helper", "jester", "scholar"] | UnsetType = UNSET
    """Replaces everything by its own, except what is given beside it."""


class PersonalityChoice(Sent, frozen=True, kw_only=True):
    """A preset, and what is to be other than it says."""

    system_prompt: str | None | UnsetType = UNSET
    """What the model is told before every conversation."""
    temperature: float | UnsetType = UNSET
    """0 always says the likeliest, 2 is close to noise."""
    top_p: float | UnsetType = UNSET
    """Share of the likeliest words that is drawn from."""
    tone: Literal["neutral", "friendly", "playful", "serious"] | UnsetType = UNSET
    formality: Literal["casual", "neutral", "formal"] | UnsetType = UNSET
    humor: bool | UnsetType = UNSET
    emojis: bool | UnsetType = UNSET
    preset: Literal["default", "helper", "jester", "scholar"]
    """Says what is left out."""


class Settings(Answer, frozen=True, kw_only=True):
    """A guild's settings; `updated_at` is None while all of them are the defaults."""

    guild_id: Snowflake
    sheet_id: str | None
    sheet_tab: str | None
    view_mode: Literal["baseline", "latest"]
    allow_public: bool
    screenshot_channel_id: Snowflake | None
    uploads_enabled: bool
    notes: str | None
    updated_at: datetime | None


class GuildSettingsChanges(Sent, frozen=True, kw_only=True):
    """What to change of a guild's settings; a field that is left out stays as it is, null takes one
    back.
    """

    sheet_id: str | None | UnsetType = UNSET
    """Key of the Google sheet that results go to; not its address."""
    sheet_tab: str | None | UnsetType = UNSET
    """Tab of that sheet; null for the first one."""
    view_mode: Literal["baseline", "latest"] | UnsetType = UNSET
    """What pages show: against the baseline, or the latest."""
    allow_public: bool | UnsetType = UNSET
    """Whether people outside the guild may see its pages."""
    screenshot_channel_id: Snowflake | None | UnsetType = UNSET
    uploads_enabled: bool | UnsetType = UNSET
    """Whether members may send screenshots."""
    notes: str | None | UnsetType = UNSET
    """For the guild's admins."""


class GuildSummary(Part, frozen=True, kw_only=True):
    """One guild summary."""

    id: Snowflake
    name: str
    icon: str | None
    owner_id: UUID | None
    member_count: int
    message_count: int
    created_at: datetime
    updated_at: datetime


class DeletedGuild(Part, frozen=True, kw_only=True):
    """One deleted guild."""

    id: Snowflake
    name: str
    icon: str | None
    owner_id: UUID | None
    deleted_at: datetime
    purge_started_at: datetime | None


class NewGuild(Sent, frozen=True, kw_only=True):
    """A guild to create."""

    name: str
    icon: str | None | UnsetType = UNSET
    """Discord's hash of the picture, or an address."""
    owner_id: UUID | None | UnsetType = UNSET
    """Our id of the user who owns the guild."""
    id: Snowflake


class GuildDetails(Sent, frozen=True, kw_only=True):
    """A guild's details. In an upsert, a field that is left out stays as it is; null erases it."""

    name: str
    icon: str | None | UnsetType = UNSET
    """Discord's hash of the picture, or an address."""
    owner_id: UUID | None | UnsetType = UNSET
    """Our id of the user who owns the guild."""


class GuildChanges(Sent, frozen=True, kw_only=True):
    """What to change of a guild; a field that is left out stays as it is."""

    name: str | UnsetType = UNSET
    icon: str | None | UnsetType = UNSET
    """Discord's hash of the picture, or an address."""
    owner_id: UUID | None | UnsetType = UNSET
    """Our id of the user who owns the guild."""


class Alive(Answer, frozen=True, kw_only=True):
    """The process answers."""

    status: Literal["ok"]


class Ready(Answer, frozen=True, kw_only=True):
    """Requests can be answered."""

    status: Literal["ready"]
    server_version: str | None
    pool: Literal["free", "busy"]
    migration: str | None
    pending: list[str]
    warnings: list[str]


class MemberUser(Part, frozen=True, kw_only=True):
    """A part of a row of `list_members`."""

    id: UUID
    discord_id: Snowflake
    username: str | None
    global_name: str | None
    avatar: str | None


class Member(Part, frozen=True, kw_only=True):
    """One member."""

    roles: list[Role]
    joined_at: datetime
    user: MemberUser


class MemberCount(Answer, frozen=True, kw_only=True):
    """A number of members, up to 10,000."""

    count: int


class PermissionAnswer(Answer, frozen=True, kw_only=True):
    """Whether a user has a permission in a guild."""

    permission: Permission
    allowed: bool


class EntryResult(Part, frozen=True, kw_only=True):
    """What became of one entry of a bulk call, in the order of the entries.

    `code` is None where it was done, else one of: already_exists, unknown_user, not_a_member, last_owner,
    duplicate_entry, invalid_roles; `detail` says it in words.
    """

    user_id: UUID
    ok: bool
    code: str | None
    detail: str | None


class BulkResults(Answer, frozen=True, kw_only=True):
    """What became of each entry, in their order; an entry that failed did not stop the others."""

    results: list[EntryResult]


class NewMember(Sent, frozen=True, kw_only=True):
    """A user and the roles to give."""

    user_id: UUID
    roles: Sequence[Role] | UnsetType = UNSET


class NewRoles(Sent, frozen=True, kw_only=True):
    """The roles a member has from now on."""

    roles: Sequence[Role]


class NewMembers(Sent, frozen=True, kw_only=True):
    """Users to add, each with roles."""

    entries: Sequence[NewMember]


class RolesOfMember(Sent, frozen=True, kw_only=True):
    """A member and the roles to give."""

    user_id: UUID
    roles: Sequence[Role]


class MemberRoles(Sent, frozen=True, kw_only=True):
    """Members and the roles each has from now on."""

    entries: Sequence[RolesOfMember]


class FormerMembers(Sent, frozen=True, kw_only=True):
    """Members to remove."""

    user_ids: Sequence[UUID]


class ScreenshotAnalysisSummary(Part, frozen=True, kw_only=True):
    """One screenshot analysis summary."""

    id: UUID
    user_id: UUID
    screenshot_type: str
    image_url: str
    title: str
    description: str
    summary: str
    confidence: float
    processing_time_ms: int
    model_used: str
    created_at: datetime
    updated_at: datetime


class ScreenshotDataPoint(Answer, frozen=True, kw_only=True):
    """One screenshot data point."""

    key: str
    value: Json
    data_type: Literal["array", "boolean", "date", "number", "object", "string"]
    category: str
    confidence: float | None


class ScreenshotTag(Answer, frozen=True, kw_only=True):
    """One screenshot tag."""

    tag: str
    category: str


class ScreenshotInsight(Part, frozen=True, kw_only=True):
    """One screenshot insight."""

    id: UUID
    type: str
    priority: Literal["low", "medium", "high"]
    title: str
    description: str
    confidence: float
    actionable: bool
    created_at: datetime


class ScreenshotRecommendation(Part, frozen=True, kw_only=True):
    """One screenshot recommendation."""

    id: UUID
    type: str
    priority: Literal["low", "medium", "high"]
    title: str
    description: str
    impact: Literal["low", "medium", "high"]
    effort: Literal["low", "medium", "high"]
    actionable: bool
    created_at: datetime


class ScreenshotAnalysis(Answer, frozen=True, kw_only=True):
    """An analysis with its data points by key, its tags, and its insights and recommendations as
    they were made.
    """

    id: UUID
    user_id: UUID
    screenshot_type: str
    image_url: str
    title: str
    description: str
    summary: str
    confidence: float
    processing_time_ms: int
    model_used: str
    raw_response: Json
    created_at: datetime
    updated_at: datetime
    data: list[ScreenshotDataPoint]
    tags: list[ScreenshotTag]
    insights: list[ScreenshotInsight]
    recommendations: list[ScreenshotRecommendation]


class DataPointOfScreenshot(Sent, frozen=True, kw_only=True):
    """A data point with its key."""

    data_type: Literal["array", "boolean", "date", "number", "object", "string"]
    value: Json
    """Any JSON value but null; at most 16 KiB."""
    category: str
    confidence: float | None | UnsetType = UNSET
    """How sure the model is of it, from 0 to 1."""
    key: str


class TagOfScreenshot(Sent, frozen=True, kw_only=True):
    """A tag."""

    category: str
    tag: str


class InsightOfScreenshot(Sent, frozen=True, kw_only=True):
    """Something that a screenshot shows."""

    type: str
    """One lower-case word."""
    priority: Literal["low", "medium", "high"]
    title: str
    description: str
    confidence: float
    """How sure the model is of it, from 0 to 1."""
    actionable: bool | UnsetType = UNSET


class RecommendationOfScreenshot(Sent, frozen=True, kw_only=True):
    """Something that a screenshot says to do."""

    type: str
    """One lower-case word."""
    priority: Literal["low", "medium", "high"]
    title: str
    description: str
    impact: Literal["low", "medium", "high"]
    effort: Literal["low", "medium", "high"]
    actionable: bool | UnsetType = UNSET
    """Whether it can be followed as it stands."""


class NewScreenshotAnalysis(Sent, frozen=True, kw_only=True):
    """An analysis with all that was read out of the screenshot; each key and each tag stands there
    once.
    """

    screenshot_type: str
    """One lower-case word."""
    image_url: str
    """Where the screenshot lies; nothing is fetched from there."""
    title: str
    description: str | UnsetType = UNSET
    summary: str
    confidence: float
    """How sure the model is of it, from 0 to 1."""
    processing_time_ms: int
    """How long the analysis took, in milliseconds."""
    model_used: str
    raw_response: Json
    """What the model answered, before it was read."""
    data: Sequence[DataPointOfScreenshot] | UnsetType = UNSET
    tags: Sequence[TagOfScreenshot] | UnsetType = UNSET
    insights: Sequence[InsightOfScreenshot] | UnsetType = UNSET
    recommendations: Sequence[RecommendationOfScreenshot] | UnsetType = UNSET


class ScreenshotAnalysisChanges(Sent, frozen=True, kw_only=True):
    """What to change of an analysis; a field that is left out stays as it is."""

    screenshot_type: str | UnsetType = UNSET
    """One lower-case word."""
    title: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    summary: str | UnsetType = UNSET
    confidence: float | UnsetType = UNSET
    """How sure the model is of it, from 0 to 1."""


class ScreenshotComparison(Answer, frozen=True, kw_only=True):
    """One screenshot comparison."""

    id: UUID
    user_id: UUID
    analysis_id_1: UUID
    analysis_id_2: UUID
    comparison_type: str
    summary: str
    trend: Literal["down", "mixed", "stable", "up"] | None
    differences: Json
    insights: Json
    created_at: datetime


class ScreenshotComparisonSummary(Part, frozen=True, kw_only=True):
    """One screenshot comparison summary."""

    id: UUID
    user_id: UUID
    analysis_id_1: UUID
    analysis_id_2: UUID
    comparison_type: str
    summary: str
    trend: Literal["down", "mixed", "stable", "up"] | None
    created_at: datetime


class Difference(Part, frozen=True, kw_only=True):
    """One difference."""

    key: str
    category: str
    kind: str
    first_value: Json | None
    second_value: Json | None
    change: Json | None
    change_percent: Json | None


class Differences(Answer, frozen=True, kw_only=True):
    """The data points in which two analyses differ, by key; at most 1000."""

    differences: list[Difference]


class NewScreenshotComparison(Sent, frozen=True, kw_only=True):
    """Two different analyses of one user, in either order."""

    analysis_id: UUID
    other_id: UUID
    comparison_type: str
    """One lower-case word."""
    summary: str
    insights: Sequence[Json] | UnsetType = UNSET
    """What follows from it; where it is left out, the largest rise and the largest fall."""


class PutData(Answer, frozen=True, kw_only=True):
    """The data points that were added or corrected."""

    data: list[ScreenshotDataPoint]


class PastDataPoint(Part, frozen=True, kw_only=True):
    """One past data point."""

    analysis_id: UUID
    screenshot_type: str
    value: Json
    data_type: Literal["array", "boolean", "date", "number", "object", "string"]
    category: str
    confidence: float | None
    created_at: datetime


class DataToPut(Sent, frozen=True, kw_only=True):
    """Data points to add or correct; each key stands there once."""

    data: Sequence[DataPointOfScreenshot]


class DataValue(Sent, frozen=True, kw_only=True):
    """What a data point is; a date is written as a string."""

    data_type: Literal["array", "boolean", "date", "number", "object", "string"]
    value: Json
    """Any JSON value but null; at most 16 KiB."""
    category: str
    confidence: float | None | UnsetType = UNSET
    """How sure the model is of it, from 0 to 1."""


class AddedInsights(Answer, frozen=True, kw_only=True):
    """The insights that were added."""

    insights: list[ScreenshotInsight]


class UserInsight(Part, frozen=True, kw_only=True):
    """One user insight."""

    analysis_id: UUID
    screenshot_type: str
    analysed_at: datetime
    id: UUID
    type: str
    priority: Literal["low", "medium", "high"]
    title: str
    description: str
    confidence: float
    actionable: bool
    created_at: datetime


class InsightsToAdd(Sent, frozen=True, kw_only=True):
    """Insights to add to a screenshot."""

    insights: Sequence[InsightOfScreenshot]


class AddedRecommendations(Answer, frozen=True, kw_only=True):
    """The recommendations that were added."""

    recommendations: list[ScreenshotRecommendation]


class UserRecommendation(Part, frozen=True, kw_only=True):
    """One user recommendation."""

    analysis_id: UUID
    screenshot_type: str
    analysed_at: datetime
    id: UUID
    type: str
    priority: Literal["low", "medium", "high"]
    title: str
    description: str
    impact: Literal["low", "medium", "high"]
    effort: Literal["low", "medium", "high"]
    actionable: bool
    created_at: datetime


class RecommendationsToAdd(Sent, frozen=True, kw_only=True):
    """Recommendations to add to a screenshot."""

    recommendations: Sequence[RecommendationOfScreenshot]


class TagDetails(Sent, frozen=True, kw_only=True):
    """What kind of word a tag is."""

    category: str


class Session(Part, frozen=True, kw_only=True):
    """One session."""

    id: UUID
    user_id: UUID
    expires_at: datetime
    created_at: datetime


class NewSession(Answer, frozen=True, kw_only=True):
    """A session just opened, with the only copy of its token; its repr does not show it."""

    session: Session
    token: str

    def __repr__(self) -> str:
        return "NewSession(...)"


class OpenSessionRowUser(Part, frozen=True, kw_only=True):
    """A part of a row of `find_by_token`."""

    id: UUID
    discord_id: Snowflake
    username: str | None
    global_name: str | None
    avatar: str | None
    email: str | None
    last_active_guild_id: Snowflake | None
    created_at: datetime
    updated_at: datetime


class OpenSession(Answer, frozen=True, kw_only=True):
    """One open session."""

    id: UUID
    expires_at: datetime
    created_at: datetime
    user: OpenSessionRowUser


class Purged(Answer, frozen=True, kw_only=True):
    """How many ended sessions were removed, and whether there may be more of them."""

    ended: int
    more_left: bool


class EndedSessions(Answer, frozen=True, kw_only=True):
    """How many sessions were ended."""

    ended: int


class SessionRequest(Sent, frozen=True, kw_only=True):
    """For whom a session is opened, and until when."""

    user_id: UUID
    expires_at: datetime


class Stat(Answer, frozen=True, kw_only=True):
    """One stat."""

    id: UUID
    timestamp: datetime
    user_id: UUID | None
    guild_id: Snowflake | None
    type: str
    value: Json


class RecordedStats(Answer, frozen=True, kw_only=True):
    """How many statistics were recorded."""

    recorded: int


class TypeTotal(Part, frozen=True, kw_only=True):
    """One type total."""

    type: str
    entries: int
    numbers: int
    total: Decimal
    average: Decimal | None
    lowest: Decimal | None
    highest: Decimal | None


class TypeTotals(Answer, frozen=True, kw_only=True):
    """Totals of a period, by type."""

    data: list[TypeTotal]


class TimeBucket(Part, frozen=True, kw_only=True):
    """One time bucket."""

    bucket_start: datetime
    entries: int
    numbers: int
    total: Decimal
    average: Decimal | None
    lowest: Decimal | None
    highest: Decimal | None


class TimeTotals(Answer, frozen=True, kw_only=True):
    """Totals of a type, by time."""

    data: list[TimeBucket]


class StatToRecord(Sent, frozen=True, kw_only=True):
    """A statistic to record."""

    type: str
    """What it is a statistic of."""
    value: Json
    """Any JSON value but null, at most 8 KiB; numbers are what is totalled."""
    user_id: UUID | None | UnsetType = UNSET
    guild_id: Snowflake | None | UnsetType = UNSET
    timestamp: datetime | None | UnsetType = UNSET
    """When it happened; now where left out."""


class StatsToRecord(Sent, frozen=True, kw_only=True):
    """Statistics to record: all of them, or none."""

    stats: Sequence[StatToRecord]


class Preferences(Answer, frozen=True, kw_only=True):
    """A user's preferences; `updated_at` is None while all of them are the defaults."""

    user_id: UUID
    theme: Literal["light", "dark", "auto"]
    language: str
    notifications: bool
    chat_personality: str | None
    updated_at: datetime | None


class PreferencesChanges(Sent, frozen=True, kw_only=True):
    """What to change of a user's preferences; a field that is left out stays as it is."""

    theme: Literal["light", "dark", "auto"] | UnsetType = UNSET
    language: str | UnsetType = UNSET
    """A BCP 47 tag, such as `en` or `pt-BR`."""
    notifications: bool | UnsetType = UNSET
    chat_personality: str | None | UnsetType = UNSET
    """Mode the bot speaks in; null for the guild's own."""


class AllPreferences(Sent, frozen=True, kw_only=True):
    """Everything a user may prefer."""

    theme: Literal["light", "dark", "auto"]
    language: str
    """A BCP 47 tag, such as `en` or `pt-BR`."""
    notifications: bool
    chat_personality: str | None
    """Mode the bot speaks in; null for the guild's own."""


class UserGuildRowGuild(Part, frozen=True, kw_only=True):
    """A part of a row of `list_guilds`."""

    id: Snowflake
    name: str
    icon: str | None
    owner_id: UUID | None
    created_at: datetime
    updated_at: datetime


class UserGuild(Part, frozen=True, kw_only=True):
    """One user guild."""

    roles: list[Role]
    joined_at: datetime
    guild: UserGuildRowGuild


class Profile(Sent, frozen=True, kw_only=True):
    """What Discord tells about a person. A field that is left out stays as it is; null erases it."""

    username: str | None | UnsetType = UNSET
    global_name: str | None | UnsetType = UNSET
    avatar: str | None | UnsetType = UNSET
    """Discord's hash of the picture, or an address."""
    email: str | None | UnsetType = UNSET


class LastActiveGuild(Sent, frozen=True, kw_only=True):
    """The guild a user was last active in; null for none."""

    last_active_guild_id: Snowflake | None = msgspec.field(name="guildId")


class DiscordTokensRequest(Sent, frozen=True, kw_only=True):
    """What Discord's OAuth gave for a user. Encrypted before it is stored; never shown again."""

    access_token: str
    refresh_token: str | None | UnsetType = UNSET
    expires_at: datetime | None | UnsetType = UNSET

    def __repr__(self) -> str:
        return "DiscordTokensRequest(...)"
