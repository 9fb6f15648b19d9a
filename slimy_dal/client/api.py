"""Generated from the routes of the service by `slimy client`; do not edit."""

from slimy_dal.client.nouns.api_keys import ApiKeys
from slimy_dal.client.nouns.audit_logs import AuditLogs
from slimy_dal.client.nouns.chat_messages import ChatMessages
from slimy_dal.client.nouns.club_analyses import ClubAnalyses
from slimy_dal.client.nouns.club_analysis_images import ClubAnalysisImages
from slimy_dal.client.nouns.club_members import ClubMembers
from slimy_dal.client.nouns.club_metrics import ClubMetrics
from slimy_dal.client.nouns.code_reports import CodeReports
from slimy_dal.client.nouns.conversations import Conversations
from slimy_dal.client.nouns.discord import Discord
from slimy_dal.client.nouns.docs import Docs
from slimy_dal.client.nouns.exports import Exports
from slimy_dal.client.nouns.guild_feature_flags import GuildFeatureFlags
from slimy_dal.client.nouns.guild_personalities import GuildPersonalities
from slimy_dal.client.nouns.guild_settings import GuildSettings
from slimy_dal.client.nouns.guilds import Guilds
from slimy_dal.client.nouns.health import Health
from slimy_dal.client.nouns.memberships import Memberships
from slimy_dal.client.nouns.screenshot_analyses import ScreenshotAnalyses
from slimy_dal.client.nouns.screenshot_comparisons import ScreenshotComparisons
from slimy_dal.client.nouns.screenshot_data import ScreenshotData
from slimy_dal.client.nouns.screenshot_insights import ScreenshotInsights
from slimy_dal.client.nouns.screenshot_recommendations import ScreenshotRecommendations
from slimy_dal.client.nouns.screenshot_tags import ScreenshotTags
from slimy_dal.client.nouns.sessions import Sessions
from slimy_dal.client.nouns.stats import Stats
from slimy_dal.client.nouns.user_preferences import UserPreferences
from slimy_dal.client.nouns.users import Users
from slimy_dal.client.transport import Transport


class Client(Transport):
    """Every call of the service, by noun."""

    @property
    def api_keys(self) -> ApiKeys:
        """What services prove themselves with."""
        return ApiKeys(self)

    @property
    def audit_logs(self) -> AuditLogs:
        """Who did what, for good."""
        return AuditLogs(self)

    @property
    def chat_messages(self) -> ChatMessages:
        """What was said, by people and to them."""
        return ChatMessages(self)

    @property
    def club_analyses(self) -> ClubAnalyses:
        """What was read out of images of a guild's club."""
        return ClubAnalyses(self)

    @property
    def club_analysis_images(self) -> ClubAnalysisImages:
        """The images that club analyses are made from."""
        return ClubAnalysisImages(self)

    @property
    def club_members(self) -> ClubMembers:
        """Powers of club members, as they were read from screenshots."""
        return ClubMembers(self)

    @property
    def club_metrics(self) -> ClubMetrics:
        """Figures that were read out of club analyses."""
        return ClubMetrics(self)

    @property
    def code_reports(self) -> CodeReports:
        """Gift codes that do not do what they say."""
        return CodeReports(self)

    @property
    def conversations(self) -> Conversations:
        """People's talks with the assistant."""
        return Conversations(self)

    @property
    def discord(self) -> Discord:
        """Discord's own objects, taken as Discord sends them."""
        return Discord(self)

    @property
    def docs(self) -> Docs:
        """This document, and what each problem means."""
        return Docs(self)

    @property
    def exports(self) -> Exports:
        """All there is, oldest first, as lines of JSON (`Accept: application/x-ndjson`) or as CSV
        (`text/csv`).
        """
        return Exports(self)

    @property
    def guild_feature_flags(self) -> GuildFeatureFlags:
        """What guilds have switched on, and how their pages look."""
        return GuildFeatureFlags(self)

    @property
    def guild_personalities(self) -> GuildPersonalities:
        """How the bot speaks in guilds."""
        return GuildPersonalities(self)

    @property
    def guild_settings(self) -> GuildSettings:
        """Where guilds' results go, and who sees them."""
        return GuildSettings(self)

    @property
    def guilds(self) -> Guilds:
        """Discord servers."""
        return Guilds(self)

    @property
    def health(self) -> Health:
        """For those who run the service."""
        return Health(self)

    @property
    def memberships(self) -> Memberships:
        """Who belongs to which guild, and with what authority."""
        return Memberships(self)

    @property
    def screenshot_analyses(self) -> ScreenshotAnalyses:
        """What was read out of single screenshots of users."""
        return ScreenshotAnalyses(self)

    @property
    def screenshot_comparisons(self) -> ScreenshotComparisons:
        """What changed between two screenshots of a user."""
        return ScreenshotComparisons(self)

    @property
    def screenshot_data(self) -> ScreenshotData:
        """Values that were read out of screenshots."""
        return ScreenshotData(self)

    @property
    def screenshot_insights(self) -> ScreenshotInsights:
        """What screenshots show."""
        return ScreenshotInsights(self)

    @property
    def screenshot_recommendations(self) -> ScreenshotRecommendations:
        """What screenshots say to do."""
        return ScreenshotRecommendations(self)

    @property
    def screenshot_tags(self) -> ScreenshotTags:
        """Words that screenshots are found by."""
        return ScreenshotTags(self)

    @property
    def sessions(self) -> Sessions:
        """Logged-in visits of users."""
        return Sessions(self)

    @property
    def stats(self) -> Stats:
        """What happened, with a value each."""
        return Stats(self)

    @property
    def user_preferences(self) -> UserPreferences:
        """How users want to be served."""
        return UserPreferences(self)

    @property
    def users(self) -> Users:
        """People known by their Discord account."""
        return Users(self)
