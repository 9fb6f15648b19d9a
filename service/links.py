"""Where each kind of answer leads: the document's links, by which people and programs find the next call."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from slimy_dal.domain.api_keys import NewApiKey
from slimy_dal.domain.chat_messages import Message
from slimy_dal.domain.club_analyses import ClubAnalysis
from slimy_dal.domain.club_members import ClubMember
from slimy_dal.domain.code_reports import CodeReport
from slimy_dal.domain.conversations import Conversation
from slimy_dal.domain.guild_feature_flags import FeatureFlags
from slimy_dal.domain.guild_personalities import Personality
from slimy_dal.domain.guild_settings import Settings
from slimy_dal.domain.guilds import Guild
from slimy_dal.domain.memberships import Membership
from slimy_dal.domain.screenshot_analyses import ScreenshotAnalysis
from slimy_dal.domain.screenshot_comparisons import ScreenshotComparison
from slimy_dal.domain.sessions import NewSession
from slimy_dal.domain.user_preferences import Preferences
from slimy_dal.domain.users import User

if TYPE_CHECKING:
    from service.endpoint import Endpoint

BODY = "$response.body#/"

USER = {"user_id": f"{BODY}id"}
GUILD = {"guild_id": f"{BODY}id"}
MEMBERSHIP = {"guild_id": f"{BODY}guildId", "user_id": f"{BODY}userId"}
OF_GUILD = {"guild_id": f"{BODY}guildId"}
OF_USER = {"user_id": f"{BODY}userId"}
CLUB_MEMBER = {**OF_GUILD, "member_key": f"{BODY}memberKey"}
REPORT = {"report_id": f"{BODY}id"}
ANALYSIS = {"analysis_id": f"{BODY}id"}
SCREENSHOT = {"screenshot_id": f"{BODY}id"}
COMPARISON = {"comparison_id": f"{BODY}id"}
COMPARED = {"screenshot_id": f"{BODY}analysisId1", "other_id": f"{BODY}analysisId2"}
CONVERSATION = {"conversation_id": f"{BODY}id"}
MESSAGE = {"message_id": f"{BODY}id"}
SESSION = {"user_id": f"{BODY}session/userId", "session_id": f"{BODY}session/id"}

LINKS: Mapping[type, Mapping[str, Mapping[str, str]]] = {
    User: {
        "users_get": USER,
        "users_change": USER,
        "users_remove": USER,
        "users_set_last_active_guild": USER,
        "users_put_discord_tokens": USER,
        "users_delete_discord_tokens": USER,
        "users_list_guilds": USER,
        "user_preferences_get": USER,
        "user_preferences_change": USER,
        "user_preferences_replace": USER,
        "code_reports_list_of_user": USER,
        "club_analyses_list_of_user": USER,
        "screenshot_analyses_create": USER,
        "screenshot_analyses_list_of_user": USER,
        "screenshot_insights_list_of_user": USER,
        "screenshot_recommendations_list_of_user": USER,
        "screenshot_comparisons_list_of_user": USER,
        "conversations_create": USER,
        "conversations_list_of_user": USER,
        "conversations_list_deleted": USER,
        "chat_messages_list_of_user": USER,
        "users_get_by_discord": {"discord_id": f"{BODY}discordId"},
        "users_get_by_email": {"email": f"{BODY}email"},
        "sessions_list_of_user": USER,
        "sessions_end_all": USER,
    },
    Guild: {
        "guilds_get": GUILD,
        "guilds_put": GUILD,
        "guilds_change": GUILD,
        "guilds_remove": GUILD,
        "guilds_get_settings": GUILD,
        "guilds_merge_settings": GUILD,
        "guilds_replace_settings": GUILD,
        "guilds_restore": GUILD,
        "guild_feature_flags_get": GUILD,
        "guild_feature_flags_change": GUILD,
        "guild_settings_get": GUILD,
        "guild_settings_change": GUILD,
        "guild_personalities_get": GUILD,
        "guild_personalities_change": GUILD,
        "guild_personalities_replace": GUILD,
        "club_members_ingest": GUILD,
        "club_members_list_members": GUILD,
        "club_members_list_by_total_power": GUILD,
        "club_members_list_by_sim_power": GUILD,
        "club_analyses_create": GUILD,
        "club_analyses_list_of_guild": GUILD,
        "chat_messages_list_of_guild": GUILD,
        "chat_messages_create_in_guild": GUILD,
        "stats_list_of_guild": GUILD,
        "memberships_list_members": GUILD,
        "memberships_count": GUILD,
        "memberships_add": GUILD,
        "memberships_add_many": GUILD,
        "memberships_set_roles_many": GUILD,
        "memberships_remove_many": GUILD,
        "discord_put_member": GUILD,
    },
    Membership: {
        "memberships_get": MEMBERSHIP,
        "memberships_set_roles": MEMBERSHIP,
        "memberships_remove": MEMBERSHIP,
        "memberships_check_permission": MEMBERSHIP,
    },
    Preferences: {"user_preferences_reset": OF_USER},
    FeatureFlags: {"guild_feature_flags_reset": OF_GUILD},
    Settings: {"guild_settings_reset": OF_GUILD},
    Personality: {"guild_personalities_reset": OF_GUILD},
    ClubMember: {"club_members_get": CLUB_MEMBER, "club_members_list_history": CLUB_MEMBER},
    CodeReport: {
        "code_reports_get": REPORT,
        "code_reports_review": REPORT,
        "code_reports_remove": REPORT,
    },
    ClubAnalysis: {
        "club_analyses_get": ANALYSIS,
        "club_analyses_change": ANALYSIS,
        "club_analyses_remove": ANALYSIS,
        "club_analysis_images_list_of_analysis": ANALYSIS,
        "club_analysis_images_add_many": ANALYSIS,
        "club_metrics_list_of_analysis": ANALYSIS,
        "club_metrics_replace": ANALYSIS,
        "club_metrics_put": ANALYSIS,
        "club_analysis_images_remove": {**ANALYSIS, "image_id": f"{BODY}images/0/id"},
        "club_metrics_remove": {**ANALYSIS, "name": f"{BODY}metrics/0/name"},
    },
    ScreenshotAnalysis: {
        "screenshot_analyses_get": SCREENSHOT,
        "screenshot_analyses_change": SCREENSHOT,
        "screenshot_analyses_remove": SCREENSHOT,
        "screenshot_data_list_of_analysis": SCREENSHOT,
        "screenshot_data_put": SCREENSHOT,
        "screenshot_data_put_many": SCREENSHOT,
        "screenshot_tags_list_of_analysis": SCREENSHOT,
        "screenshot_tags_put": SCREENSHOT,
        "screenshot_insights_list_of_analysis": SCREENSHOT,
        "screenshot_insights_add_many": SCREENSHOT,
        "screenshot_recommendations_list_of_analysis": SCREENSHOT,
        "screenshot_recommendations_add_many": SCREENSHOT,
        "screenshot_comparisons_list_of_analysis": SCREENSHOT,
        "screenshot_data_remove": {**SCREENSHOT, "key": f"{BODY}data/0/key"},
        "screenshot_tags_remove": {**SCREENSHOT, "tag": f"{BODY}tags/0/tag"},
        "screenshot_insights_remove": {**SCREENSHOT, "insight_id": f"{BODY}insights/0/id"},
        "screenshot_recommendations_remove": {
            **SCREENSHOT,
            "recommendation_id": f"{BODY}recommendations/0/id",
        },
    },
    ScreenshotComparison: {
        "screenshot_comparisons_get": COMPARISON,
        "screenshot_comparisons_remove": COMPARISON,
        "screenshot_comparisons_compare": COMPARED,
    },
    Conversation: {
        "conversations_get": CONVERSATION,
        "conversations_change": CONVERSATION,
        "conversations_remove": CONVERSATION,
        "conversations_restore": CONVERSATION,
        "chat_messages_list_of_conversation": CONVERSATION,
        "chat_messages_create_in_conversation": CONVERSATION,
    },
    Message: {
        "chat_messages_get": MESSAGE,
        "chat_messages_change": MESSAGE,
        "chat_messages_remove": MESSAGE,
    },
    NewSession: {"sessions_end": SESSION},
    NewApiKey: {"api_keys_revoke": {"key_id": f"{BODY}apiKey/id"}},
}
"""Answer type → operation → its parameters, as OpenAPI's runtime expressions."""


def links_from(endpoint: "Endpoint") -> dict[str, Any]:
    """Return the links of a route's answer: from a page to the next one, from a thing to all about it."""
    if endpoint.is_page:
        return {"nextPage": _next_page(endpoint)}
    return {
        operation: {"operationId": operation, "parameters": dict(parameters)}
        for operation, parameters in LINKS.get(endpoint.result, {}).items()
    }


def _next_page(endpoint: "Endpoint") -> dict[str, Any]:
    route = endpoint.route
    # A cursor is good for its own list and filters only, so that these go along.
    same = {name: f"$request.path.{name}" for name in route.path_names}
    same |= {name: f"$request.query.{name}" for name in sorted(endpoint.query_names)}
    parameters = {**same, "cursor": f"{BODY}nextCursor"}
    return {"operationId": route.operation_id, "parameters": parameters}
