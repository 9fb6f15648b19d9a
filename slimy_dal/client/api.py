"""Generated from the routes of the service by `slimy client`; do not edit."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from slimy_dal.client import shapes
from slimy_dal.client.lines import Lines
from slimy_dal.client.noun import Noun
from slimy_dal.client.paging import Pages
from slimy_dal.client.request import Operation
from slimy_dal.client.transport import Transport, new_key
from slimy_dal.client.values import Json, Page, Snowflake


_API_KEYS_LIST_KEYS = Operation[Page[shapes.ApiKey]](
    "api_keys_list_keys",
    "GET",
    "/v1/api-keys",
    Page[shapes.ApiKey],
)
_API_KEYS_CREATE = Operation[shapes.NewApiKey](
    "api_keys_create",
    "POST",
    "/v1/api-keys",
    shapes.NewApiKey,
    texts=(("guildIds", "*"),),
)
_API_KEYS_ROTATE = Operation[shapes.NewApiKey](
    "api_keys_rotate",
    "POST",
    "/v1/api-keys/{key_id}/rotate",
    shapes.NewApiKey,
)
_API_KEYS_REVOKE = Operation[None]("api_keys_revoke", "DELETE", "/v1/api-keys/{key_id}", None)


class ApiKeys(Noun):
    """What services prove themselves with."""

    __slots__ = ()

    def list_keys(
        self,
        *,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.ApiKey]:
        """List API keys, newest first, revoked ones among them. Their secrets are not kept.

        Who may: an API key with the scope `keys:admin`.
        """
        return Pages(self._transport, _API_KEYS_LIST_KEYS, query={"cursor": cursor, "limit": limit})

    async def create(
        self,
        *,
        name: str,
        scopes: Sequence[shapes.Scope],
        guild_ids: Sequence[Snowflake] | None | UnsetType = UNSET,
        expires_at: datetime | None | UnsetType = UNSET,
    ) -> shapes.NewApiKey:
        """Make an API key.

        Its text is shown this once: only a hash of its secret is kept.

        Who may: an API key with the scope `keys:admin`.
        """
        return await self._transport.call(
            _API_KEYS_CREATE,
            body=shapes.ApiKeyRequest(
                name=name,
                scopes=scopes,
                guild_ids=guild_ids,
                expires_at=expires_at,
            ),
        )

    async def rotate(
        self,
        key_id: UUID,
        *,
        overlap_hours: int | UnsetType = UNSET,
        expires_at: datetime | None | UnsetType = UNSET,
    ) -> shapes.NewApiKey:
        """Make a key in the place of another, with its name, scopes and guilds.

        The old one stays good for `overlapHours`, so that whoever has it can change over. The new
        one's text is shown this once.

        Who may: an API key with the scope `keys:admin`.
        """
        return await self._transport.call(
            _API_KEYS_ROTATE,
            path={"key_id": key_id},
            body=shapes.Rotation(overlap_hours=overlap_hours, expires_at=expires_at),
        )

    async def revoke(self, key_id: UUID) -> None:
        """Withdraw an API key at once and for good.

        Who may: an API key with the scope `keys:admin`.
        """
        return await self._transport.call(_API_KEYS_REVOKE, path={"key_id": key_id})


_AUDIT_LOGS_LIST_LOGS = Operation[Page[shapes.AuditLog]](
    "audit_logs_list_logs",
    "GET",
    "/v1/audit-logs",
    Page[shapes.AuditLog],
)
_AUDIT_LOGS_RECORD = Operation[shapes.AuditLog](
    "audit_logs_record",
    "POST",
    "/v1/audit-logs",
    shapes.AuditLog,
)
_AUDIT_LOGS_TOTAL = Operation[shapes.AuditTotals](
    "audit_logs_total",
    "GET",
    "/v1/audit-logs:totals",
    shapes.AuditTotals,
)


class AuditLogs(Noun):
    """Who did what, for good."""

    __slots__ = ()

    def list_logs(
        self,
        *,
        user_id: UUID | None = None,
        action: str | None = None,
        resource_type: str | None = None,
        resource_id: str | None = None,
        success: bool | None = None,
        request_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.AuditLog]:
        """List audit logs that have everything asked for, newest first.

        `since` is part of the time asked for, `until` is not. `requestId` is asked for alone: what
        was logged in one request is a handful.

        Who may: an API key with the scope `audit-logs:read`.
        """
        return Pages(
            self._transport,
            _AUDIT_LOGS_LIST_LOGS,
            query={
                "userId": user_id,
                "action": action,
                "resourceType": resource_type,
                "resourceId": resource_id,
                "success": success,
                "requestId": request_id,
                "since": since,
                "until": until,
                "cursor": cursor,
                "limit": limit,
            },
        )

    async def record(
        self,
        *,
        action: str,
        resource_type: str,
        resource_id: str | None | UnsetType = UNSET,
        user_id: UUID | None | UnsetType = UNSET,
        details: Mapping[str, Json] | UnsetType = UNSET,
        ip_address: str | None | UnsetType = UNSET,
        user_agent: str | None | UnsetType = UNSET,
        session_id: UUID | None | UnsetType = UNSET,
        request_id: str | None | UnsetType = UNSET,
        success: bool | UnsetType = UNSET,
        error_message: str | None | UnsetType = UNSET,
        timestamp: datetime | None | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> shapes.AuditLog:
        """Log one action of a service's own; it stays for good.

        Who may: an API key with the scope `audit-logs:write`.
        """
        return await self._transport.call(
            _AUDIT_LOGS_RECORD,
            body=shapes.LogToKeep(
                action=action,
                resource_type=resource_type,
                resource_id=resource_id,
                user_id=user_id,
                details=details,
                ip_address=ip_address,
                user_agent=user_agent,
                session_id=session_id,
                request_id=request_id,
                success=success,
                error_message=error_message,
                timestamp=timestamp,
            ),
            key=idempotency_key or new_key(),
        )

    async def total(self, *, since: datetime, until: datetime) -> shapes.AuditTotals:
        """Count what was logged in a period: all, what failed, and each action.

        Exact to the last commit. The success rate is null where nothing was logged.

        Who may: an API key with the scope `audit-logs:read`.
        """
        return await self._transport.call(_AUDIT_LOGS_TOTAL, query={"since": since, "until": until})


_CHAT_MESSAGES_LIST_OF_CONVERSATION = Operation[Page[shapes.Message]](
    "chat_messages_list_of_conversation",
    "GET",
    "/v1/conversations/{conversation_id}/messages",
    Page[shapes.Message],
)
_CHAT_MESSAGES_CREATE_IN_CONVERSATION = Operation[shapes.Message](
    "chat_messages_create_in_conversation",
    "POST",
    "/v1/conversations/{conversation_id}/messages",
    shapes.Message,
)
_CHAT_MESSAGES_LIST_OF_GUILD = Operation[Page[shapes.AuthoredMessage]](
    "chat_messages_list_of_guild",
    "GET",
    "/v1/guilds/{guild_id}/messages",
    Page[shapes.AuthoredMessage],
)
_CHAT_MESSAGES_CREATE_IN_GUILD = Operation[shapes.Message](
    "chat_messages_create_in_guild",
    "POST",
    "/v1/guilds/{guild_id}/messages",
    shapes.Message,
)
_CHAT_MESSAGES_CREATE_MANY = Operation[shapes.MessageIds](
    "chat_messages_create_many",
    "POST",
    "/v1/messages:batch",
    shapes.MessageIds,
    texts=(("messages", "*", "guildId"),),
)
_CHAT_MESSAGES_LIST_OF_USER = Operation[Page[shapes.Message]](
    "chat_messages_list_of_user",
    "GET",
    "/v1/users/{user_id}/messages",
    Page[shapes.Message],
)
_CHAT_MESSAGES_GET = Operation[shapes.AuthoredMessage](
    "chat_messages_get",
    "GET",
    "/v1/messages/{message_id}",
    shapes.AuthoredMessage,
)
_CHAT_MESSAGES_CHANGE = Operation[shapes.Message](
    "chat_messages_change",
    "PATCH",
    "/v1/messages/{message_id}",
    shapes.Message,
)
_CHAT_MESSAGES_REMOVE = Operation[None](
    "chat_messages_remove",
    "DELETE",
    "/v1/messages/{message_id}",
    None,
)


class ChatMessages(Noun):
    """What was said, by people and to them."""

    __slots__ = ()

    def list_of_conversation(
        self,
        conversation_id: UUID,
        *,
        sort: Literal["newest", "oldest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.Message]:
        """List what was said in a conversation, oldest first, or newest first with `sort=newest`.

        In a user's session, what is for a guild's admins only is among it for an owner or admin of
        that guild.

        Who may: an API key with the scope `chat:read`, or the session of the user whose it is.
        """
        return Pages(
            self._transport,
            _CHAT_MESSAGES_LIST_OF_CONVERSATION,
            path={"conversation_id": conversation_id},
            query={"sort": sort, "cursor": cursor, "limit": limit},
        )

    async def create_in_conversation(
        self,
        conversation_id: UUID,
        *,
        text: str,
        role: Literal["user", "assistant", "system"] | UnsetType = UNSET,
        admin_only: bool | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> shapes.Message:
        """Say something in a conversation.

        A user's session says it as `user`; what the assistant and the system say comes from
        services. Messages with `adminOnly` need a guild, and in a session the role owner or admin
        there.

        Who may: an API key with the scope `chat:write`, or the session of the user whose it is.
        """
        return await self._transport.call(
            _CHAT_MESSAGES_CREATE_IN_CONVERSATION,
            path={"conversation_id": conversation_id},
            body=shapes.NewMessageOfConversation(text=text, role=role, admin_only=admin_only),
            key=idempotency_key or new_key(),
        )

    def list_of_guild(
        self,
        guild_id: Snowflake,
        *,
        admin_only: Literal["false", "true", "include"] | None = None,
        sort: Literal["newest", "oldest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
        count: Literal["exact", "estimated"] | None = None,
    ) -> Pages[shapes.AuthoredMessage]:
        """List a guild's messages with their authors, newest first, or oldest first with
        `sort=oldest`.

        Those for its admins only come with `adminOnly=include` among the others, and with
        `adminOnly=true` alone; in a user's session both need the permission `manage_guild`.

        Who may: an API key with the scope `chat:read`, or the session of a user with `view_members`
        in the guild.
        """
        return Pages(
            self._transport,
            _CHAT_MESSAGES_LIST_OF_GUILD,
            path={"guild_id": guild_id},
            query={"adminOnly": admin_only, "sort": sort, "cursor": cursor, "limit": limit},
            count=count,
        )

    async def create_in_guild(
        self,
        guild_id: Snowflake,
        *,
        text: str,
        user_id: UUID,
        role: Literal["user", "assistant", "system"] | UnsetType = UNSET,
        admin_only: bool | UnsetType = UNSET,
        conversation_id: UUID | None | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> shapes.Message:
        """Say something in a guild, in one of the user's conversations there or outside of any.

        A user's session says it in its own user's name and as `user`; `adminOnly` needs the
        permission `manage_guild`.

        Who may: an API key with the scope `chat:write`, or the session of a user with
        `view_members` in the guild.
        """
        return await self._transport.call(
            _CHAT_MESSAGES_CREATE_IN_GUILD,
            path={"guild_id": guild_id},
            body=shapes.NewMessageOfGuild(
                text=text,
                role=role,
                admin_only=admin_only,
                user_id=user_id,
                conversation_id=conversation_id,
            ),
            key=idempotency_key or new_key(),
        )

    async def create_many(
        self,
        *,
        messages: Sequence[shapes.EntryOfBatch],
        idempotency_key: str | None = None,
        max_affected: int | None = None,
    ) -> shapes.MessageIds:
        """Keep up to 1000 messages: all of them, or none.

        A message in a conversation is its person's and in its guild. `createdAt` is for what was
        said earlier.

        Who may: an API key with the scope `chat:write`.
        """
        return await self._transport.call(
            _CHAT_MESSAGES_CREATE_MANY,
            body=shapes.NewMessages(messages=messages),
            key=idempotency_key or new_key(),
            max_affected=max_affected,
        )

    def list_of_user(
        self,
        user_id: UUID,
        *,
        sort: Literal["newest", "oldest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.Message]:
        """List a user's messages and what was written for them, newest first, or oldest first with
        `sort=oldest`.

        In a user's session without what is for guilds' admins only: the lists of those guilds have
        it.

        Who may: an API key with the scope `chat:read`, or the session of that user.
        """
        return Pages(
            self._transport,
            _CHAT_MESSAGES_LIST_OF_USER,
            path={"user_id": user_id},
            query={"sort": sort, "cursor": cursor, "limit": limit},
        )

    async def get(self, message_id: UUID) -> shapes.AuthoredMessage:
        """Return a message with its author.

        In a user's session, one for admins only looks to all others like one that does not exist.

        Who may: an API key with the scope `chat:read`, or the session of its author or a member of
        its guild.
        """
        return await self._transport.call(_CHAT_MESSAGES_GET, path={"message_id": message_id})

    async def change(
        self,
        message_id: UUID,
        *,
        text: str | UnsetType = UNSET,
        admin_only: bool | UnsetType = UNSET,
        if_match: str | None = None,
    ) -> shapes.Message:
        """Change the given fields of a message.

        In a user's session, its author changes the text of what they said themselves, and an owner
        or admin of its guild whether it is for admins only.

        Who may: an API key with the scope `chat:write`, or the session of its author or an owner or
        admin of its guild.
        """
        return await self._transport.call(
            _CHAT_MESSAGES_CHANGE,
            path={"message_id": message_id},
            body=shapes.MessageChanges(text=text, admin_only=admin_only),
            if_match=if_match,
        )

    async def remove(self, message_id: UUID, *, if_match: str | None = None) -> None:
        """Remove a message for good.

        Who may: an API key with the scope `chat:write`, or the session of its author or an owner or
        admin of its guild.
        """
        return await self._transport.call(
            _CHAT_MESSAGES_REMOVE,
            path={"message_id": message_id},
            if_match=if_match,
        )


_CLUB_ANALYSES_LIST_OF_GUILD = Operation[Page[shapes.ClubAnalysisSummary]](
    "club_analyses_list_of_guild",
    "GET",
    "/v1/guilds/{guild_id}/analyses",
    Page[shapes.ClubAnalysisSummary],
)
_CLUB_ANALYSES_CREATE = Operation[shapes.ClubAnalysis](
    "club_analyses_create",
    "POST",
    "/v1/guilds/{guild_id}/analyses",
    shapes.ClubAnalysis,
)
_CLUB_ANALYSES_LIST_OF_USER = Operation[Page[shapes.ClubAnalysisSummary]](
    "club_analyses_list_of_user",
    "GET",
    "/v1/users/{user_id}/analyses",
    Page[shapes.ClubAnalysisSummary],
)
_CLUB_ANALYSES_GET = Operation[shapes.ClubAnalysis](
    "club_analyses_get",
    "GET",
    "/v1/analyses/{analysis_id}",
    shapes.ClubAnalysis,
)
_CLUB_ANALYSES_CHANGE = Operation[shapes.ClubAnalysis](
    "club_analyses_change",
    "PATCH",
    "/v1/analyses/{analysis_id}",
    shapes.ClubAnalysis,
)
_CLUB_ANALYSES_REMOVE = Operation[None](
    "club_analyses_remove",
    "DELETE",
    "/v1/analyses/{analysis_id}",
    None,
)


class ClubAnalyses(Noun):
    """What was read out of images of a guild's club."""

    __slots__ = ()

    def list_of_guild(
        self,
        guild_id: Snowflake,
        *,
        search: str | None = None,
        min_confidence: float | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        sort: Literal["newest", "oldest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.ClubAnalysisSummary]:
        """List a guild's club analyses, newest first, or oldest first with `sort=oldest`.

        Without images and metrics. With `search`, those with all its words in title or summary,
        each word by its beginning. `since` is part of the time asked for, `until` is not.

        Who may: an API key with the scope `analyses:read`, or the session of a user with
        `view_members` in the guild.
        """
        return Pages(
            self._transport,
            _CLUB_ANALYSES_LIST_OF_GUILD,
            path={"guild_id": guild_id},
            query={
                "search": search,
                "minConfidence": min_confidence,
                "since": since,
                "until": until,
                "sort": sort,
                "cursor": cursor,
                "limit": limit,
            },
        )

    async def create(
        self,
        guild_id: Snowflake,
        *,
        user_id: UUID,
        summary: str,
        confidence: float,
        title: str | None | UnsetType = UNSET,
        images: Sequence[shapes.ImageOfAnalysis] | UnsetType = UNSET,
        metrics: Sequence[shapes.MetricOfAnalysis] | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> shapes.ClubAnalysis:
        """Keep a club analysis with its images and metrics: all of it, or nothing.

        In a user's session, any member of the guild may, in their own name.

        Who may: an API key with the scope `analyses:write`, or the session of a user with
        `view_members` in the guild.
        """
        return await self._transport.call(
            _CLUB_ANALYSES_CREATE,
            path={"guild_id": guild_id},
            body=shapes.NewClubAnalysis(
                user_id=user_id,
                title=title,
                summary=summary,
                confidence=confidence,
                images=images,
                metrics=metrics,
            ),
            key=idempotency_key or new_key(),
        )

    def list_of_user(
        self,
        user_id: UUID,
        *,
        search: str | None = None,
        min_confidence: float | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        sort: Literal["newest", "oldest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.ClubAnalysisSummary]:
        """List the club analyses that a user had made, in all guilds, newest first, or oldest first
        with `sort=oldest`.

        Without images and metrics. With `search`, those with all its words in title or summary,
        each word by its beginning. `since` is part of the time asked for, `until` is not.

        Who may: an API key with the scope `analyses:read`, or the session of that user.
        """
        return Pages(
            self._transport,
            _CLUB_ANALYSES_LIST_OF_USER,
            path={"user_id": user_id},
            query={
                "search": search,
                "minConfidence": min_confidence,
                "since": since,
                "until": until,
                "sort": sort,
                "cursor": cursor,
                "limit": limit,
            },
        )

    async def get(self, analysis_id: UUID) -> shapes.ClubAnalysis:
        """Return a club analysis with its images and metrics.

        Who may: an API key with the scope `analyses:read`, or the session of its creator or a
        member of its guild.
        """
        return await self._transport.call(_CLUB_ANALYSES_GET, path={"analysis_id": analysis_id})

    async def change(
        self,
        analysis_id: UUID,
        *,
        title: str | None | UnsetType = UNSET,
        summary: str | UnsetType = UNSET,
        confidence: float | UnsetType = UNSET,
        if_match: str | None = None,
    ) -> shapes.ClubAnalysis:
        """Change the given fields of a club analysis; null erases its title.

        Who may: an API key with the scope `analyses:write`, or the session of its creator or an
        owner or admin of its guild.
        """
        return await self._transport.call(
            _CLUB_ANALYSES_CHANGE,
            path={"analysis_id": analysis_id},
            body=shapes.ClubAnalysisChanges(title=title, summary=summary, confidence=confidence),
            if_match=if_match,
        )

    async def remove(self, analysis_id: UUID, *, if_match: str | None = None) -> None:
        """Remove a club analysis with its images and metrics.

        Who may: an API key with the scope `analyses:write`, or the session of its creator or an
        owner or admin of its guild.
        """
        return await self._transport.call(
            _CLUB_ANALYSES_REMOVE,
            path={"analysis_id": analysis_id},
            if_match=if_match,
        )


_CLUB_ANALYSIS_IMAGES_LIST_OF_ANALYSIS = Operation[Page[shapes.ClubAnalysisImage]](
    "club_analysis_images_list_of_analysis",
    "GET",
    "/v1/analyses/{analysis_id}/images",
    Page[shapes.ClubAnalysisImage],
)
_CLUB_ANALYSIS_IMAGES_ADD_MANY = Operation[shapes.AddedImages](
    "club_analysis_images_add_many",
    "POST",
    "/v1/analyses/{analysis_id}/images",
    shapes.AddedImages,
)
_CLUB_ANALYSIS_IMAGES_REMOVE = Operation[None](
    "club_analysis_images_remove",
    "DELETE",
    "/v1/analyses/{analysis_id}/images/{image_id}",
    None,
)


class ClubAnalysisImages(Noun):
    """The images that club analyses are made from."""

    __slots__ = ()

    def list_of_analysis(
        self,
        analysis_id: UUID,
        *,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.ClubAnalysisImage]:
        """List the images of a club analysis, as they were uploaded.

        Who may: an API key with the scope `analyses:read`, or the session of its creator or a
        member of its guild.
        """
        return Pages(
            self._transport,
            _CLUB_ANALYSIS_IMAGES_LIST_OF_ANALYSIS,
            path={"analysis_id": analysis_id},
            query={"cursor": cursor, "limit": limit},
        )

    async def add_many(
        self,
        analysis_id: UUID,
        *,
        images: Sequence[shapes.ImageOfAnalysis],
        idempotency_key: str | None = None,
    ) -> shapes.AddedImages:
        """Add up to 50 images to a club analysis: all of them, or none.

        Who may: an API key with the scope `analyses:write`, or the session of its creator or an
        owner or admin of its guild.
        """
        return await self._transport.call(
            _CLUB_ANALYSIS_IMAGES_ADD_MANY,
            path={"analysis_id": analysis_id},
            body=shapes.ImagesToAdd(images=images),
            key=idempotency_key or new_key(),
        )

    async def remove(self, analysis_id: UUID, image_id: UUID) -> None:
        """Take an image out of a club analysis.

        Who may: an API key with the scope `analyses:write`, or the session of its creator or an
        owner or admin of its guild.
        """
        return await self._transport.call(
            _CLUB_ANALYSIS_IMAGES_REMOVE,
            path={"analysis_id": analysis_id, "image_id": image_id},
        )


_CLUB_MEMBERS_INGEST = Operation[shapes.Ingested](
    "club_members_ingest",
    "POST",
    "/v1/guilds/{guild_id}/club-members:ingest",
    shapes.Ingested,
)
_CLUB_MEMBERS_LIST_MEMBERS = Operation[Page[shapes.ClubMember]](
    "club_members_list_members",
    "GET",
    "/v1/guilds/{guild_id}/club-members",
    Page[shapes.ClubMember],
)
_CLUB_MEMBERS_LIST_BY_TOTAL_POWER = Operation[Page[shapes.RankedByTotalPower]](
    "club_members_list_by_total_power",
    "GET",
    "/v1/guilds/{guild_id}/club-members:by-total-power",
    Page[shapes.RankedByTotalPower],
)
_CLUB_MEMBERS_LIST_BY_SIM_POWER = Operation[Page[shapes.RankedBySimPower]](
    "club_members_list_by_sim_power",
    "GET",
    "/v1/guilds/{guild_id}/club-members:by-sim-power",
    Page[shapes.RankedBySimPower],
)
_CLUB_MEMBERS_GET = Operation[shapes.ClubMember](
    "club_members_get",
    "GET",
    "/v1/guilds/{guild_id}/club-members/{member_key}",
    shapes.ClubMember,
)
_CLUB_MEMBERS_LIST_HISTORY = Operation[Page[shapes.Observation]](
    "club_members_list_history",
    "GET",
    "/v1/guilds/{guild_id}/club-members/{member_key}/history",
    Page[shapes.Observation],
)


class ClubMembers(Noun):
    """Powers of club members, as they were read from screenshots."""

    __slots__ = ()

    async def ingest(
        self,
        guild_id: Snowflake,
        *,
        observed_at: datetime,
        members: Sequence[shapes.ObservedClubMember],
        idempotency_key: str | None = None,
        max_affected: int | None = None,
    ) -> shapes.Ingested:
        """Keep what was observed of up to 1000 members of a club at one moment: all of it, or nothing.

        The same again changes nothing; other values for the same moment correct it. An older
        observation becomes part of the history and leaves the latest one alone. Each member stands
        there once.

        Who may: an API key with the scope `club-members:write`, or the session of a user with
        `manage_guild` in the guild.
        """
        return await self._transport.call(
            _CLUB_MEMBERS_INGEST,
            path={"guild_id": guild_id},
            body=shapes.ObservedClub(observed_at=observed_at, members=members),
            key=idempotency_key or new_key(),
            max_affected=max_affected,
        )

    def list_members(
        self,
        guild_id: Snowflake,
        *,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.ClubMember]:
        """List a club's members by their keys, each with its newest observation.

        Who may: an API key with the scope `club-members:read`, or the session of a user with
        `view_members` in the guild.
        """
        return Pages(
            self._transport,
            _CLUB_MEMBERS_LIST_MEMBERS,
            path={"guild_id": guild_id},
            query={"cursor": cursor, "limit": limit},
        )

    def list_by_total_power(
        self,
        guild_id: Snowflake,
        *,
        sort: Literal["strongest", "weakest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.RankedByTotalPower]:
        """List a club's members by total power, strongest first, or weakest first with `sort=weakest`.

        Members whose total power could not be read the last time stand aside.

        Who may: an API key with the scope `club-members:read`, or the session of a user with
        `view_members` in the guild.
        """
        return Pages(
            self._transport,
            _CLUB_MEMBERS_LIST_BY_TOTAL_POWER,
            path={"guild_id": guild_id},
            query={"sort": sort, "cursor": cursor, "limit": limit},
        )

    def list_by_sim_power(
        self,
        guild_id: Snowflake,
        *,
        sort: Literal["strongest", "weakest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.RankedBySimPower]:
        """List a club's members by sim power, strongest first, or weakest first with `sort=weakest`.

        Members whose sim power could not be read the last time stand aside.

        Who may: an API key with the scope `club-members:read`, or the session of a user with
        `view_members` in the guild.
        """
        return Pages(
            self._transport,
            _CLUB_MEMBERS_LIST_BY_SIM_POWER,
            path={"guild_id": guild_id},
            query={"sort": sort, "cursor": cursor, "limit": limit},
        )

    async def get(self, guild_id: Snowflake, member_key: str) -> shapes.ClubMember:
        """Return the newest observation of a member.

        Who may: an API key with the scope `club-members:read`, or the session of a user with
        `view_members` in the guild.
        """
        return await self._transport.call(
            _CLUB_MEMBERS_GET,
            path={"guild_id": guild_id, "member_key": member_key},
        )

    def list_history(
        self,
        guild_id: Snowflake,
        member_key: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        sort: Literal["newest", "oldest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.Observation]:
        """List the observations of a member, newest first, or oldest first with `sort=oldest`.

        Each says the change in percent since the one before it, whether that is in the list or not;
        null for the first, and where a power could not be read or was 0. `since` is part of the
        time asked for, `until` is not.

        Who may: an API key with the scope `club-members:read`, or the session of a user with
        `view_members` in the guild.
        """
        return Pages(
            self._transport,
            _CLUB_MEMBERS_LIST_HISTORY,
            path={"guild_id": guild_id, "member_key": member_key},
            query={"since": since, "until": until, "sort": sort, "cursor": cursor, "limit": limit},
        )


_CLUB_METRICS_LIST_OF_ANALYSIS = Operation[Page[shapes.ClubMetric]](
    "club_metrics_list_of_analysis",
    "GET",
    "/v1/analyses/{analysis_id}/metrics",
    Page[shapes.ClubMetric],
)
_CLUB_METRICS_REPLACE = Operation[shapes.KeptMetrics](
    "club_metrics_replace",
    "PUT",
    "/v1/analyses/{analysis_id}/metrics",
    shapes.KeptMetrics,
)
_CLUB_METRICS_PUT = Operation[shapes.ClubMetric](
    "club_metrics_put",
    "PUT",
    "/v1/analyses/{analysis_id}/metrics/{name}",
    shapes.ClubMetric,
)
_CLUB_METRICS_REMOVE = Operation[None](
    "club_metrics_remove",
    "DELETE",
    "/v1/analyses/{analysis_id}/metrics/{name}",
    None,
)
_CLUB_METRICS_LIST_HISTORY = Operation[Page[shapes.PastMetric]](
    "club_metrics_list_history",
    "GET",
    "/v1/guilds/{guild_id}/analyses:trend",
    Page[shapes.PastMetric],
)


class ClubMetrics(Noun):
    """Figures that were read out of club analyses."""

    __slots__ = ()

    def list_of_analysis(
        self,
        analysis_id: UUID,
        *,
        category: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.ClubMetric]:
        """List the metrics of a club analysis by name; with `category`, those of it.

        Who may: an API key with the scope `analyses:read`, or the session of its creator or a
        member of its guild.
        """
        return Pages(
            self._transport,
            _CLUB_METRICS_LIST_OF_ANALYSIS,
            path={"analysis_id": analysis_id},
            query={"category": category, "cursor": cursor, "limit": limit},
        )

    async def replace(
        self,
        analysis_id: UUID,
        *,
        metrics: Sequence[shapes.MetricOfAnalysis],
    ) -> shapes.KeptMetrics:
        """Put other metrics in the place of a club analysis' own: all of them, or nothing changes.

        Of two such calls at a time the metrics of one stay, never a mixture.

        Who may: an API key with the scope `analyses:write`, or the session of its creator or an
        owner or admin of its guild.
        """
        return await self._transport.call(
            _CLUB_METRICS_REPLACE,
            path={"analysis_id": analysis_id},
            body=shapes.MetricsToKeep(metrics=metrics),
        )

    async def put(
        self,
        analysis_id: UUID,
        name: str,
        *,
        value: Json,
        category: str,
        unit: str | None | UnsetType = UNSET,
    ) -> shapes.ClubMetric:
        """Add a metric to a club analysis, or correct the one of that name.

        Who may: an API key with the scope `analyses:write`, or the session of its creator or an
        owner or admin of its guild.
        """
        return await self._transport.call(
            _CLUB_METRICS_PUT,
            path={"analysis_id": analysis_id, "name": name},
            body=shapes.MetricValue(value=value, category=category, unit=unit),
        )

    async def remove(self, analysis_id: UUID, name: str) -> None:
        """Remove a metric from a club analysis.

        Who may: an API key with the scope `analyses:write`, or the session of its creator or an
        owner or admin of its guild.
        """
        return await self._transport.call(
            _CLUB_METRICS_REMOVE,
            path={"analysis_id": analysis_id, "name": name},
        )

    def list_history(
        self,
        guild_id: Snowflake,
        *,
        metric: str,
        min_confidence: float | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        sort: Literal["newest", "oldest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.PastMetric]:
        """List the values that a metric had in a guild's analyses, newest first, or oldest first with
        `sort=oldest`.

        `since` is part of the time asked for, `until` is not.

        Who may: an API key with the scope `analyses:read`, or the session of a user with
        `view_members` in the guild.
        """
        return Pages(
            self._transport,
            _CLUB_METRICS_LIST_HISTORY,
            path={"guild_id": guild_id},
            query={
                "metric": metric,
                "minConfidence": min_confidence,
                "since": since,
                "until": until,
                "sort": sort,
                "cursor": cursor,
                "limit": limit,
            },
        )


_CODE_REPORTS_LIST_REPORTS = Operation[Page[shapes.CodeReport]](
    "code_reports_list_reports",
    "GET",
    "/v1/code-reports",
    Page[shapes.CodeReport],
)
_CODE_REPORTS_LIST_OF_USER = Operation[Page[shapes.CodeReport]](
    "code_reports_list_of_user",
    "GET",
    "/v1/users/{user_id}/code-reports",
    Page[shapes.CodeReport],
)
_CODE_REPORTS_CREATE = Operation[shapes.CodeReport](
    "code_reports_create",
    "POST",
    "/v1/code-reports",
    shapes.CodeReport,
)
_CODE_REPORTS_GET = Operation[shapes.CodeReport](
    "code_reports_get",
    "GET",
    "/v1/code-reports/{report_id}",
    shapes.CodeReport,
)
_CODE_REPORTS_REVIEW = Operation[shapes.CodeReport](
    "code_reports_review",
    "POST",
    "/v1/code-reports/{report_id}/review",
    shapes.CodeReport,
)
_CODE_REPORTS_REMOVE = Operation[None](
    "code_reports_remove",
    "DELETE",
    "/v1/code-reports/{report_id}",
    None,
)


class CodeReports(Noun):
    """Gift codes that do not do what they say."""

    __slots__ = ()

    def list_reports(
        self,
        *,
        status: Literal["pending", "verified", "rejected"] | None = None,
        code: str | None = None,
        reporter_id: UUID | None = None,
        sort: Literal["newest", "oldest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.CodeReport]:
        """List code reports that have everything asked for, newest first, or oldest first with
        `sort=oldest`.

        Reviewers work on `status=pending&sort=oldest`.

        Who may: an API key with the scope `code-reports:read`.
        """
        return Pages(
            self._transport,
            _CODE_REPORTS_LIST_REPORTS,
            query={
                "status": status,
                "code": code,
                "reporterId": reporter_id,
                "sort": sort,
                "cursor": cursor,
                "limit": limit,
            },
        )

    def list_of_user(
        self,
        user_id: UUID,
        *,
        status: Literal["pending", "verified", "rejected"] | None = None,
        sort: Literal["newest", "oldest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.CodeReport]:
        """List the code reports of a user, newest first, or oldest first with `sort=oldest`.

        Who may: an API key with the scope `code-reports:read`, or the session of that user.
        """
        return Pages(
            self._transport,
            _CODE_REPORTS_LIST_OF_USER,
            path={"user_id": user_id},
            query={"status": status, "sort": sort, "cursor": cursor, "limit": limit},
        )

    async def create(
        self,
        *,
        code: str,
        reason: Literal["expired", "invalid", "duplicate", "other"],
        details: str | None | UnsetType = UNSET,
        reporter_id: UUID | None | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> shapes.CodeReport:
        """Report a gift code.

        A user's session reports for its own user only.

        Who may: an API key with the scope `code-reports:write`, or any session.
        """
        return await self._transport.call(
            _CODE_REPORTS_CREATE,
            body=shapes.NewCodeReport(
                code=code,
                reason=reason,
                details=details,
                reporter_id=reporter_id,
            ),
            key=idempotency_key or new_key(),
        )

    async def get(self, report_id: UUID) -> shapes.CodeReport:
        """Return a code report.

        In a user's session one of their own: any other looks like one that does not exist.

        Who may: an API key with the scope `code-reports:read`, or any session.
        """
        return await self._transport.call(_CODE_REPORTS_GET, path={"report_id": report_id})

    async def review(
        self,
        report_id: UUID,
        *,
        status: Literal["verified", "rejected"],
        reviewer_id: UUID | None | UnsetType = UNSET,
        idempotency_key: str | None = None,
        if_match: str | None = None,
    ) -> shapes.CodeReport:
        """Settle a code report that waits, for good.

        Of many who try at the same time exactly one does; for the others it is a conflict.

        Who may: an API key with the scope `code-reports:write`.
        """
        return await self._transport.call(
            _CODE_REPORTS_REVIEW,
            path={"report_id": report_id},
            body=shapes.Review(status=status, reviewer_id=reviewer_id),
            key=idempotency_key or new_key(),
            if_match=if_match,
        )

    async def remove(self, report_id: UUID, *, if_match: str | None = None) -> None:
        """Remove a code report.

        Who may: an API key with the scope `code-reports:write`.
        """
        return await self._transport.call(
            _CODE_REPORTS_REMOVE,
            path={"report_id": report_id},
            if_match=if_match,
        )


_CONVERSATIONS_LIST_OF_USER = Operation[Page[shapes.Conversation]](
    "conversations_list_of_user",
    "GET",
    "/v1/users/{user_id}/conversations",
    Page[shapes.Conversation],
)
_CONVERSATIONS_CREATE = Operation[shapes.Conversation](
    "conversations_create",
    "POST",
    "/v1/users/{user_id}/conversations",
    shapes.Conversation,
    texts=(("guildId",),),
)
_CONVERSATIONS_GET = Operation[shapes.Conversation](
    "conversations_get",
    "GET",
    "/v1/conversations/{conversation_id}",
    shapes.Conversation,
)
_CONVERSATIONS_CHANGE = Operation[shapes.Conversation](
    "conversations_change",
    "PATCH",
    "/v1/conversations/{conversation_id}",
    shapes.Conversation,
)
_CONVERSATIONS_REMOVE = Operation[None](
    "conversations_remove",
    "DELETE",
    "/v1/conversations/{conversation_id}",
    None,
)
_CONVERSATIONS_LIST_DELETED = Operation[Page[shapes.DeletedConversation]](
    "conversations_list_deleted",
    "GET",
    "/v1/users/{user_id}/deleted-conversations",
    Page[shapes.DeletedConversation],
)
_CONVERSATIONS_RESTORE = Operation[shapes.Conversation](
    "conversations_restore",
    "POST",
    "/v1/deleted-conversations/{conversation_id}/restore",
    shapes.Conversation,
)


class Conversations(Noun):
    """People's talks with the assistant."""

    __slots__ = ()

    def list_of_user(
        self,
        user_id: UUID,
        *,
        guild_id: Snowflake | None = None,
        sort: Literal["newest", "oldest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.Conversation]:
        """List a user's conversations, newest first, or oldest first with `sort=oldest`.

        With `guildId`, those held in that guild. Deleted ones are not among them.

        Who may: an API key with the scope `chat:read`, or the session of that user.
        """
        return Pages(
            self._transport,
            _CONVERSATIONS_LIST_OF_USER,
            path={"user_id": user_id},
            query={"guildId": guild_id, "sort": sort, "cursor": cursor, "limit": limit},
        )

    async def create(
        self,
        user_id: UUID,
        *,
        guild_id: Snowflake | None | UnsetType = UNSET,
        title: str | None | UnsetType = UNSET,
        personality_mode: str | None | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> shapes.Conversation:
        """Begin a conversation, in private or in a guild.

        In a user's session, in a guild they belong to: any other looks like one that does not
        exist.

        Who may: an API key with the scope `chat:write`, or the session of that user.
        """
        return await self._transport.call(
            _CONVERSATIONS_CREATE,
            path={"user_id": user_id},
            body=shapes.NewConversation(
                guild_id=guild_id,
                title=title,
                personality_mode=personality_mode,
            ),
            key=idempotency_key or new_key(),
        )

    async def get(self, conversation_id: UUID) -> shapes.Conversation:
        """Return a conversation with the time of its last message.

        Who may: an API key with the scope `chat:read`, or the session of the user whose it is.
        """
        return await self._transport.call(
            _CONVERSATIONS_GET,
            path={"conversation_id": conversation_id},
        )

    async def change(
        self,
        conversation_id: UUID,
        *,
        title: str | None | UnsetType = UNSET,
        personality_mode: str | None | UnsetType = UNSET,
        if_match: str | None = None,
    ) -> shapes.Conversation:
        """Change the given fields of a conversation; null erases one.

        Who may: an API key with the scope `chat:write`, or the session of the user whose it is.
        """
        return await self._transport.call(
            _CONVERSATIONS_CHANGE,
            path={"conversation_id": conversation_id},
            body=shapes.ConversationChanges(title=title, personality_mode=personality_mode),
            if_match=if_match,
        )

    async def remove(
        self,
        conversation_id: UUID,
        *,
        permanent: bool | None = None,
        if_match: str | None = None,
    ) -> None:
        """Delete a conversation: with its messages it is out of sight, and can be restored until it is
        purged.

        With `permanent=true` it is removed for good, deleted before or not.

        Who may: an API key with the scope `chat:write`, or the session of the user whose it is.
        """
        return await self._transport.call(
            _CONVERSATIONS_REMOVE,
            path={"conversation_id": conversation_id},
            query={"permanent": permanent},
            if_match=if_match,
        )

    def list_deleted(
        self,
        user_id: UUID,
        *,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.DeletedConversation]:
        """List a user's deleted conversations, which can be restored, the latest deleted first.

        Who may: an API key with the scope `chat:read`, or the session of that user.
        """
        return Pages(
            self._transport,
            _CONVERSATIONS_LIST_DELETED,
            path={"user_id": user_id},
            query={"cursor": cursor, "limit": limit},
        )

    async def restore(
        self,
        conversation_id: UUID,
        *,
        idempotency_key: str | None = None,
    ) -> shapes.Conversation:
        """Bring a deleted conversation back, with its messages.

        Who may: an API key with the scope `chat:write`, or the session of the user whose it is.
        """
        return await self._transport.call(
            _CONVERSATIONS_RESTORE,
            path={"conversation_id": conversation_id},
            key=idempotency_key or new_key(),
        )


_DISCORD_PUT_USER = Operation[shapes.User](
    "discord_put_user",
    "PUT",
    "/v1/discord/users",
    shapes.User,
)
_DISCORD_PUT_GUILD = Operation[shapes.Guild](
    "discord_put_guild",
    "PUT",
    "/v1/discord/guilds",
    shapes.Guild,
)
_DISCORD_PUT_MEMBER = Operation[shapes.Membership](
    "discord_put_member",
    "PUT",
    "/v1/discord/guilds/{guild_id}/members/{discord_id}",
    shapes.Membership,
)


class Discord(Noun):
    """Discord's own objects, taken as Discord sends them."""

    __slots__ = ()

    async def put_user(self, body: Mapping[str, Json]) -> shapes.User:
        """Make sure the user of Discord's user object exists, and bring it up to date.

        Fields that our users do not have are ignored; fields that Discord leaves out stay as they
        are.

        Who may: an API key with the scope `users:write`.
        """
        return await self._transport.call(_DISCORD_PUT_USER, body=dict(body))

    async def put_guild(self, body: Mapping[str, Json]) -> shapes.Guild:
        """Make sure the guild of Discord's guild object exists, and bring it up to date.

        `owner_id` is a Discord id: the guild belongs to our user of that account, or to nobody
        while there is none. Partial guild objects, without `owner_id`, leave the owner as it is.

        Who may: an API key with the scope `guilds:write`.
        """
        return await self._transport.call(_DISCORD_PUT_GUILD, body=dict(body))

    async def put_member(
        self,
        guild_id: Snowflake,
        discord_id: Snowflake,
        body: Mapping[str, Json],
    ) -> shapes.Membership:
        """Make the user of a Discord account a member of a guild, as Discord's member object says.

        The account stands in the path, because Discord often leaves `user` out or empty. A user we
        do not know yet is created. Discord's roles become ours in two ways: by `permissions`, where
        Discord sends them (administrator and manage guild: admin; kick, ban or time out:
        moderator), and by the guild's setting `discordRoles`, an object from Discord's role ids to
        our roles. Where neither is there, the roles of an existing member stay as they are.

        Who may: an API key with the scopes `members:write` and `users:write`.
        """
        return await self._transport.call(
            _DISCORD_PUT_MEMBER,
            path={"guild_id": guild_id, "discord_id": discord_id},
            body=dict(body),
        )


_DOCS_OPENAPI = Operation[dict[str, Json]]("docs_openapi", "GET", "/openapi.json", dict[str, Json])


class Docs(Noun):
    """This document, and what each problem means."""

    __slots__ = ()

    async def openapi(self) -> dict[str, Json]:
        """Return this document.

        Anyone may call it.
        """
        return await self._transport.call(_DOCS_OPENAPI)


_EXPORTS_MESSAGES = Operation[dict[str, Json]](
    "exports_messages",
    "GET",
    "/v1/guilds/{guild_id}/exports/messages",
    dict[str, Json],
    media="application/x-ndjson",
)
_EXPORTS_ANALYSES = Operation[dict[str, Json]](
    "exports_analyses",
    "GET",
    "/v1/guilds/{guild_id}/exports/analyses",
    dict[str, Json],
    media="application/x-ndjson",
)
_EXPORTS_MEMBERS = Operation[dict[str, Json]](
    "exports_members",
    "GET",
    "/v1/guilds/{guild_id}/exports/members",
    dict[str, Json],
    media="application/x-ndjson",
)
_EXPORTS_STATS_OF_GUILD = Operation[dict[str, Json]](
    "exports_stats_of_guild",
    "GET",
    "/v1/guilds/{guild_id}/exports/stats",
    dict[str, Json],
    media="application/x-ndjson",
)
_EXPORTS_STATS = Operation[dict[str, Json]](
    "exports_stats",
    "GET",
    "/v1/exports/stats",
    dict[str, Json],
    media="application/x-ndjson",
)
_EXPORTS_AUDIT_LOGS = Operation[dict[str, Json]](
    "exports_audit_logs",
    "GET",
    "/v1/exports/audit-logs",
    dict[str, Json],
    media="application/x-ndjson",
)


class Exports(Noun):
    """All there is, oldest first, as lines of JSON (`Accept: application/x-ndjson`) or as CSV
    (`text/csv`). The last line proves the end: `{"end":true,"rows":200000}`, or `#end,200000`.
    An export without it was cut off: ask again with `since` of the last row. In CSV, null is an
    empty cell, and what is no text or number stands there as JSON.
    """

    __slots__ = ()

    def messages(
        self,
        guild_id: Snowflake,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Lines[dict[str, Json]]:
        """Export a guild's messages, those for its admins only among them.

        From `since` to before `until`, or to now.

        Who may: an API key with the scope `chat:read`, or the session of a user with `manage_guild`
        in the guild.
        """
        return Lines(
            self._transport,
            _EXPORTS_MESSAGES,
            path={"guild_id": guild_id},
            query={"since": since, "until": until},
        )

    def analyses(
        self,
        guild_id: Snowflake,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Lines[dict[str, Json]]:
        """Export a guild's club analyses with their images and metrics.

        From `since` to before `until`, or to now.

        Who may: an API key with the scope `analyses:read`, or the session of a user with
        `manage_guild` in the guild.
        """
        return Lines(
            self._transport,
            _EXPORTS_ANALYSES,
            path={"guild_id": guild_id},
            query={"since": since, "until": until},
        )

    def members(self, guild_id: Snowflake) -> Lines[dict[str, Json]]:
        """Export a guild's members with their roles.

        Who may: an API key with the scope `members:read`, or the session of a user with
        `manage_guild` in the guild.
        """
        return Lines(self._transport, _EXPORTS_MEMBERS, path={"guild_id": guild_id})

    def stats_of_guild(
        self,
        guild_id: Snowflake,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Lines[dict[str, Json]]:
        """Export a guild's statistics.

        From `since` to before `until`, or to now.

        Who may: an API key with the scope `stats:read`, or the session of a user with
        `manage_guild` in the guild.
        """
        return Lines(
            self._transport,
            _EXPORTS_STATS_OF_GUILD,
            path={"guild_id": guild_id},
            query={"since": since, "until": until},
        )

    def stats(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Lines[dict[str, Json]]:
        """Export all statistics.

        From `since` to before `until`, or to now.

        Who may: an API key with the scope `stats:read`.
        """
        return Lines(self._transport, _EXPORTS_STATS, query={"since": since, "until": until})

    def audit_logs(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Lines[dict[str, Json]]:
        """Export the audit log.

        From `since` to before `until`, or to now.

        Who may: an API key with the scope `audit-logs:read`.
        """
        return Lines(self._transport, _EXPORTS_AUDIT_LOGS, query={"since": since, "until": until})


_GUILD_FEATURE_FLAGS_GET = Operation[shapes.FeatureFlags](
    "guild_feature_flags_get",
    "GET",
    "/v1/guilds/{guild_id}/flags",
    shapes.FeatureFlags,
)
_GUILD_FEATURE_FLAGS_CHANGE = Operation[shapes.FeatureFlags](
    "guild_feature_flags_change",
    "PATCH",
    "/v1/guilds/{guild_id}/flags",
    shapes.FeatureFlags,
)
_GUILD_FEATURE_FLAGS_RESET = Operation[None](
    "guild_feature_flags_reset",
    "DELETE",
    "/v1/guilds/{guild_id}/flags",
    None,
)


class GuildFeatureFlags(Noun):
    """What guilds have switched on, and how their pages look."""

    __slots__ = ()

    async def get(self, guild_id: Snowflake) -> shapes.FeatureFlags:
        """Return a guild's feature flags.

        `updatedAt` is null while all of them are the defaults.

        Who may: an API key with the scope `guilds:read`, or the session of a user with
        `view_members` in the guild.
        """
        return await self._transport.call(_GUILD_FEATURE_FLAGS_GET, path={"guild_id": guild_id})

    async def change(
        self,
        guild_id: Snowflake,
        *,
        color_primary: str | None | UnsetType = UNSET,
        badge_style: Literal["rounded", "square", "pill"] | UnsetType = UNSET,
        ensemble_ocr: bool | UnsetType = UNSET,
        second_approver: bool | UnsetType = UNSET,
        ask_manus: bool | UnsetType = UNSET,
        public_stats: bool | UnsetType = UNSET,
        if_match: str | None = None,
    ) -> shapes.FeatureFlags:
        """Change the given feature flags of a guild.

        Changes of different flags at the same time all last.

        Who may: an API key with the scope `guilds:write`, or the session of a user with
        `manage_guild` in the guild.
        """
        return await self._transport.call(
            _GUILD_FEATURE_FLAGS_CHANGE,
            path={"guild_id": guild_id},
            body=shapes.FlagChanges(
                color_primary=color_primary,
                badge_style=badge_style,
                ensemble_ocr=ensemble_ocr,
                second_approver=second_approver,
                ask_manus=ask_manus,
                public_stats=public_stats,
            ),
            if_match=if_match,
        )

    async def reset(self, guild_id: Snowflake, *, if_match: str | None = None) -> None:
        """Put a guild's feature flags back to the defaults.

        Who may: an API key with the scope `guilds:write`, or the session of a user with
        `manage_guild` in the guild.
        """
        return await self._transport.call(
            _GUILD_FEATURE_FLAGS_RESET,
            path={"guild_id": guild_id},
            if_match=if_match,
        )


_GUILD_PERSONALITIES_LIST_PRESETS = Operation[shapes.PersonalityPresets](
    "guild_personalities_list_presets",
    "GET",
    "/v1/personality-presets",
    shapes.PersonalityPresets,
)
_GUILD_PERSONALITIES_GET = Operation[shapes.Personality](
    "guild_personalities_get",
    "GET",
    "/v1/guilds/{guild_id}/personality",
    shapes.Personality,
)
_GUILD_PERSONALITIES_CHANGE = Operation[shapes.Personality](
    "guild_personalities_change",
    "PATCH",
    "/v1/guilds/{guild_id}/personality",
    shapes.Personality,
)
_GUILD_PERSONALITIES_REPLACE = Operation[shapes.Personality](
    "guild_personalities_replace",
    "PUT",
    "/v1/guilds/{guild_id}/personality",
    shapes.Personality,
)
_GUILD_PERSONALITIES_RESET = Operation[shapes.Personality](
    "guild_personalities_reset",
    "POST",
    "/v1/guilds/{guild_id}/personality:reset",
    shapes.Personality,
)


class GuildPersonalities(Noun):
    """How the bot speaks in guilds."""

    __slots__ = ()

    async def list_presets(self) -> shapes.PersonalityPresets:
        """List the presets that a personality may begin with: a handful, so there are no pages.

        Who may: an API key with the scope `guilds:read`, or any session.
        """
        return await self._transport.call(_GUILD_PERSONALITIES_LIST_PRESETS)

    async def get(self, guild_id: Snowflake) -> shapes.Personality:
        """Return how the bot speaks in a guild.

        `updatedAt` is null while nothing was chosen: then it speaks as the preset `default` does.

        Who may: an API key with the scope `guilds:read`, or the session of a user with
        `manage_guild` in the guild.
        """
        return await self._transport.call(_GUILD_PERSONALITIES_GET, path={"guild_id": guild_id})

    async def change(
        self,
        guild_id: Snowflake,
        *,
        system_prompt: str | None | UnsetType = UNSET,
        temperature: float | UnsetType = UNSET,
        top_p: float | UnsetType = UNSET,
        tone: Literal["neutral", "friendly", "playful", "serious"] | UnsetType = UNSET,
        formality: Literal["casual", "neutral", "formal"] | UnsetType = UNSET,
        humor: bool | UnsetType = UNSET,
        emojis: bool | UnsetType = UNSET,
        preset: Literal["default", "helper", "jester", "scholar"] | UnsetType = UNSET,
        if_match: str | None = None,
    ) -> shapes.Personality:
        """Change how the bot speaks in a guild, as far as it is given.

        A preset replaces everything by its own, except what is given beside it. Changes of
        different fields at the same time all last.

        Who may: an API key with the scope `guilds:write`, or the session of a user with
        `manage_guild` in the guild.
        """
        return await self._transport.call(
            _GUILD_PERSONALITIES_CHANGE,
            path={"guild_id": guild_id},
            body=shapes.PersonalityChanges(
                system_prompt=system_prompt,
                temperature=temperature,
                top_p=top_p,
                tone=tone,
                formality=formality,
                humor=humor,
                emojis=emojis,
                preset=preset,
            ),
            if_match=if_match,
        )

    async def replace(
        self,
        guild_id: Snowflake,
        *,
        preset: Literal["default", "helper", "jester", "scholar"],
        system_prompt: str | None | UnsetType = UNSET,
        temperature: float | UnsetType = UNSET,
        top_p: float | UnsetType = UNSET,
        tone: Literal["neutral", "friendly", "playful", "serious"] | UnsetType = UNSET,
        formality: Literal["casual", "neutral", "formal"] | UnsetType = UNSET,
        humor: bool | UnsetType = UNSET,
        emojis: bool | UnsetType = UNSET,
        if_match: str | None = None,
    ) -> shapes.Personality:
        """Let the bot speak in a guild as a preset says, except for what is given beside it.

        Whatever was changed before is forgotten.

        Who may: an API key with the scope `guilds:write`, or the session of a user with
        `manage_guild` in the guild.
        """
        return await self._transport.call(
            _GUILD_PERSONALITIES_REPLACE,
            path={"guild_id": guild_id},
            body=shapes.PersonalityChoice(
                system_prompt=system_prompt,
                temperature=temperature,
                top_p=top_p,
                tone=tone,
                formality=formality,
                humor=humor,
                emojis=emojis,
                preset=preset,
            ),
            if_match=if_match,
        )

    async def reset(
        self,
        guild_id: Snowflake,
        *,
        idempotency_key: str | None = None,
        if_match: str | None = None,
    ) -> shapes.Personality:
        """Take back every change to a guild's preset; which preset it is stays.

        Who may: an API key with the scope `guilds:write`, or the session of a user with
        `manage_guild` in the guild.
        """
        return await self._transport.call(
            _GUILD_PERSONALITIES_RESET,
            path={"guild_id": guild_id},
            key=idempotency_key or new_key(),
            if_match=if_match,
        )


_GUILD_SETTINGS_GET = Operation[shapes.Settings](
    "guild_settings_get",
    "GET",
    "/v1/guilds/{guild_id}/guild-settings",
    shapes.Settings,
)
_GUILD_SETTINGS_CHANGE = Operation[shapes.Settings](
    "guild_settings_change",
    "PATCH",
    "/v1/guilds/{guild_id}/guild-settings",
    shapes.Settings,
    texts=(("screenshotChannelId",),),
)
_GUILD_SETTINGS_RESET = Operation[None](
    "guild_settings_reset",
    "DELETE",
    "/v1/guilds/{guild_id}/guild-settings",
    None,
)


class GuildSettings(Noun):
    """Where guilds' results go, and who sees them."""

    __slots__ = ()

    async def get(self, guild_id: Snowflake) -> shapes.Settings:
        """Return what the platform's own settings are in a guild.

        `updatedAt` is null while all of them are the defaults. The guild's own free object is at
        `/v1/guilds/{guild_id}/settings`.

        Who may: an API key with the scope `guilds:read`, or the session of a user with
        `manage_guild` in the guild.
        """
        return await self._transport.call(_GUILD_SETTINGS_GET, path={"guild_id": guild_id})

    async def change(
        self,
        guild_id: Snowflake,
        *,
        sheet_id: str | None | UnsetType = UNSET,
        sheet_tab: str | None | UnsetType = UNSET,
        view_mode: Literal["baseline", "latest"] | UnsetType = UNSET,
        allow_public: bool | UnsetType = UNSET,
        screenshot_channel_id: Snowflake | None | UnsetType = UNSET,
        uploads_enabled: bool | UnsetType = UNSET,
        notes: str | None | UnsetType = UNSET,
        if_match: str | None = None,
    ) -> shapes.Settings:
        """Change the given settings of a guild.

        Changes of different fields at the same time all last.

        Who may: an API key with the scope `guilds:write`, or the session of a user with
        `manage_guild` in the guild.
        """
        return await self._transport.call(
            _GUILD_SETTINGS_CHANGE,
            path={"guild_id": guild_id},
            body=shapes.GuildSettingsChanges(
                sheet_id=sheet_id,
                sheet_tab=sheet_tab,
                view_mode=view_mode,
                allow_public=allow_public,
                screenshot_channel_id=screenshot_channel_id,
                uploads_enabled=uploads_enabled,
                notes=notes,
            ),
            if_match=if_match,
        )

    async def reset(self, guild_id: Snowflake, *, if_match: str | None = None) -> None:
        """Put a guild's settings back to the defaults.

        Who may: an API key with the scope `guilds:write`, or the session of a user with
        `manage_guild` in the guild.
        """
        return await self._transport.call(
            _GUILD_SETTINGS_RESET,
            path={"guild_id": guild_id},
            if_match=if_match,
        )


_GUILDS_LIST_GUILDS = Operation[Page[shapes.GuildSummary]](
    "guilds_list_guilds",
    "GET",
    "/v1/guilds",
    Page[shapes.GuildSummary],
)
_GUILDS_CREATE = Operation[shapes.Guild](
    "guilds_create",
    "POST",
    "/v1/guilds",
    shapes.Guild,
    texts=(("id",),),
)
_GUILDS_GET = Operation[shapes.Guild]("guilds_get", "GET", "/v1/guilds/{guild_id}", shapes.Guild)
_GUILDS_PUT = Operation[shapes.Guild]("guilds_put", "PUT", "/v1/guilds/{guild_id}", shapes.Guild)
_GUILDS_CHANGE = Operation[shapes.Guild](
    "guilds_change",
    "PATCH",
    "/v1/guilds/{guild_id}",
    shapes.Guild,
)
_GUILDS_REMOVE = Operation[None]("guilds_remove", "DELETE", "/v1/guilds/{guild_id}", None)
_GUILDS_LIST_DELETED = Operation[Page[shapes.DeletedGuild]](
    "guilds_list_deleted",
    "GET",
    "/v1/deleted-guilds",
    Page[shapes.DeletedGuild],
)
_GUILDS_RESTORE = Operation[shapes.Guild](
    "guilds_restore",
    "POST",
    "/v1/deleted-guilds/{guild_id}/restore",
    shapes.Guild,
)
_GUILDS_GET_SETTINGS = Operation[dict[str, Json]](
    "guilds_get_settings",
    "GET",
    "/v1/guilds/{guild_id}/settings",
    dict[str, Json],
)
_GUILDS_MERGE_SETTINGS = Operation[dict[str, Json]](
    "guilds_merge_settings",
    "PATCH",
    "/v1/guilds/{guild_id}/settings",
    dict[str, Json],
)
_GUILDS_REPLACE_SETTINGS = Operation[dict[str, Json]](
    "guilds_replace_settings",
    "PUT",
    "/v1/guilds/{guild_id}/settings",
    dict[str, Json],
)


class Guilds(Noun):
    """Discord servers."""

    __slots__ = ()

    def list_guilds(
        self,
        *,
        search: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
        count: Literal["exact", "estimated"] | None = None,
    ) -> Pages[shapes.GuildSummary]:
        """List guilds, newest first, each with the numbers of its members and messages.

        Both are counted up to 1000: 1000 means 1000 or more. With `search`, those with all its
        words in their names, each word by its beginning.

        Who may: an API key with the scope `guilds:read`.
        """
        return Pages(
            self._transport,
            _GUILDS_LIST_GUILDS,
            query={"search": search, "cursor": cursor, "limit": limit},
            count=count,
        )

    async def create(
        self,
        *,
        name: str,
        id: Snowflake,
        icon: str | None | UnsetType = UNSET,
        owner_id: UUID | None | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> shapes.Guild:
        """Add a guild that is not known yet.

        Who may: an API key with the scope `guilds:write`.
        """
        return await self._transport.call(
            _GUILDS_CREATE,
            body=shapes.NewGuild(name=name, icon=icon, owner_id=owner_id, id=id),
            key=idempotency_key or new_key(),
        )

    async def get(self, guild_id: Snowflake) -> shapes.Guild:
        """Return a guild with its settings and the numbers of its members and messages.

        Both are counted up to 1000: 1000 means 1000 or more.

        Who may: an API key with the scope `guilds:read`, or the session of a user with
        `view_members` in the guild.
        """
        return await self._transport.call(_GUILDS_GET, path={"guild_id": guild_id})

    async def put(
        self,
        guild_id: Snowflake,
        *,
        name: str,
        icon: str | None | UnsetType = UNSET,
        owner_id: UUID | None | UnsetType = UNSET,
        if_match: str | None = None,
    ) -> shapes.Guild:
        """Make sure a guild exists, and bring the given fields up to date.

        Who may: an API key with the scope `guilds:write`.
        """
        return await self._transport.call(
            _GUILDS_PUT,
            path={"guild_id": guild_id},
            body=shapes.GuildDetails(name=name, icon=icon, owner_id=owner_id),
            if_match=if_match,
        )

    async def change(
        self,
        guild_id: Snowflake,
        *,
        name: str | UnsetType = UNSET,
        icon: str | None | UnsetType = UNSET,
        owner_id: UUID | None | UnsetType = UNSET,
        if_match: str | None = None,
    ) -> shapes.Guild:
        """Change the given fields of a guild.

        A user's session may not change `ownerId`: whoever may manage a guild must not take it over
        by that.

        Who may: an API key with the scope `guilds:write`, or the session of a user with
        `manage_guild` in the guild.
        """
        return await self._transport.call(
            _GUILDS_CHANGE,
            path={"guild_id": guild_id},
            body=shapes.GuildChanges(name=name, icon=icon, owner_id=owner_id),
            if_match=if_match,
        )

    async def remove(
        self,
        guild_id: Snowflake,
        *,
        permanent: bool | None = None,
        if_match: str | None = None,
    ) -> None:
        """Delete a guild: with all its data it is out of sight, and can be restored until it is
        purged.

        With `permanent=true` it is removed for good, deleted before or not, with everything that is
        its. Of a guild with very much data the rest may take longer than the call; the next purge
        finishes it.

        Who may: an API key with the scope `guilds:write`.
        """
        return await self._transport.call(
            _GUILDS_REMOVE,
            path={"guild_id": guild_id},
            query={"permanent": permanent},
            if_match=if_match,
        )

    def list_deleted(
        self,
        *,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.DeletedGuild]:
        """List deleted guilds, the latest deleted first.

        One whose `purgeStartedAt` is not null cannot be restored any more.

        Who may: an API key with the scope `guilds:read`.
        """
        return Pages(
            self._transport,
            _GUILDS_LIST_DELETED,
            query={"cursor": cursor, "limit": limit},
        )

    async def restore(
        self,
        guild_id: Snowflake,
        *,
        idempotency_key: str | None = None,
    ) -> shapes.Guild:
        """Bring a deleted guild back, with all its data.

        Who may: an API key with the scope `guilds:write`.
        """
        return await self._transport.call(
            _GUILDS_RESTORE,
            path={"guild_id": guild_id},
            key=idempotency_key or new_key(),
        )

    async def get_settings(self, guild_id: Snowflake) -> dict[str, Json]:
        """Return a guild's settings.

        Who may: an API key with the scope `guilds:read`, or the session of a user with
        `view_members` in the guild.
        """
        return await self._transport.call(_GUILDS_GET_SETTINGS, path={"guild_id": guild_id})

    async def merge_settings(
        self,
        guild_id: Snowflake,
        settings: Mapping[str, Json],
        *,
        if_match: str | None = None,
    ) -> dict[str, Json]:
        """Change top-level keys of a guild's settings; null removes a key.

        Two merges at the same time both last.

        Who may: an API key with the scope `guilds:write`, or the session of a user with
        `manage_guild` in the guild.
        """
        return await self._transport.call(
            _GUILDS_MERGE_SETTINGS,
            path={"guild_id": guild_id},
            body=dict(settings),
            if_match=if_match,
        )

    async def replace_settings(
        self,
        guild_id: Snowflake,
        settings: Mapping[str, Json],
        *,
        if_match: str | None = None,
    ) -> dict[str, Json]:
        """Put other settings in the place of a guild's.

        Who may: an API key with the scope `guilds:write`, or the session of a user with
        `manage_guild` in the guild.
        """
        return await self._transport.call(
            _GUILDS_REPLACE_SETTINGS,
            path={"guild_id": guild_id},
            body=dict(settings),
            if_match=if_match,
        )


_HEALTH_LIVE = Operation[shapes.Alive]("health_live", "GET", "/health/live", shapes.Alive)
_HEALTH_READY = Operation[shapes.Ready]("health_ready", "GET", "/health/ready", shapes.Ready)
_HEALTH_METRICS_TEXT = Operation[str](
    "health_metrics_text",
    "GET",
    "/metrics",
    str,
    media="text/plain",
)


class Health(Noun):
    """For those who run the service."""

    __slots__ = ()

    async def live(self) -> shapes.Alive:
        """Say that the process answers; it looks at nothing else.

        A process that fails this should be restarted.

        Anyone may call it.
        """
        return await self._transport.call(_HEALTH_LIVE)

    async def ready(self) -> shapes.Ready:
        """Say whether requests can be answered: the database answers, and the end is not near.

        A process that fails this should get no requests for now. Of several workers it is the one
        that was reached. Every query was prepared and compared with the tables when the process
        started; what differed is among the warnings.

        Anyone may call it.
        """
        return await self._transport.call(_HEALTH_READY)

    async def metrics_text(self) -> str:
        """Return the counters of this process, as Prometheus reads them.

        Anyone may call it.
        """
        return await self._transport.call(_HEALTH_METRICS_TEXT)


_MEMBERSHIPS_LIST_MEMBERS = Operation[Page[shapes.Member]](
    "memberships_list_members",
    "GET",
    "/v1/guilds/{guild_id}/members",
    Page[shapes.Member],
)
_MEMBERSHIPS_COUNT = Operation[shapes.MemberCount](
    "memberships_count",
    "GET",
    "/v1/guilds/{guild_id}/members:count",
    shapes.MemberCount,
)
_MEMBERSHIPS_ADD = Operation[shapes.Membership](
    "memberships_add",
    "POST",
    "/v1/guilds/{guild_id}/members",
    shapes.Membership,
)
_MEMBERSHIPS_GET = Operation[shapes.Membership](
    "memberships_get",
    "GET",
    "/v1/guilds/{guild_id}/members/{user_id}",
    shapes.Membership,
)
_MEMBERSHIPS_SET_ROLES = Operation[shapes.Membership](
    "memberships_set_roles",
    "PUT",
    "/v1/guilds/{guild_id}/members/{user_id}/roles",
    shapes.Membership,
)
_MEMBERSHIPS_REMOVE = Operation[None](
    "memberships_remove",
    "DELETE",
    "/v1/guilds/{guild_id}/members/{user_id}",
    None,
)
_MEMBERSHIPS_CHECK_PERMISSION = Operation[shapes.PermissionAnswer](
    "memberships_check_permission",
    "GET",
    "/v1/guilds/{guild_id}/members/{user_id}/permissions/{permission}",
    shapes.PermissionAnswer,
)
_MEMBERSHIPS_ADD_MANY = Operation[shapes.BulkResults](
    "memberships_add_many",
    "POST",
    "/v1/guilds/{guild_id}/members:add",
    shapes.BulkResults,
)
_MEMBERSHIPS_SET_ROLES_MANY = Operation[shapes.BulkResults](
    "memberships_set_roles_many",
    "POST",
    "/v1/guilds/{guild_id}/members:set-roles",
    shapes.BulkResults,
)
_MEMBERSHIPS_REMOVE_MANY = Operation[shapes.BulkResults](
    "memberships_remove_many",
    "POST",
    "/v1/guilds/{guild_id}/members:remove",
    shapes.BulkResults,
)


class Memberships(Noun):
    """Who belongs to which guild, and with what authority."""

    __slots__ = ()

    def list_members(
        self,
        guild_id: Snowflake,
        *,
        search: str | None = None,
        role: shapes.Role | None = None,
        sort: Literal["newest", "oldest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
        count: Literal["exact", "estimated"] | None = None,
    ) -> Pages[shapes.Member]:
        """List a guild's members, newest first, or oldest first with `sort=oldest`.

        With `search`, those with all its words in their names, each word by its beginning. With
        `role`, those who have it; `member` stands for those who have no other.

        Who may: an API key with the scope `members:read`, or the session of a user with
        `view_members` in the guild.
        """
        return Pages(
            self._transport,
            _MEMBERSHIPS_LIST_MEMBERS,
            path={"guild_id": guild_id},
            query={"search": search, "role": role, "sort": sort, "cursor": cursor, "limit": limit},
            count=count,
        )

    async def count(self, guild_id: Snowflake) -> shapes.MemberCount:
        """Return how many members a guild has, counted up to 10,000: 10,000 means 10,000 or more.

        Who may: an API key with the scope `members:read`, or the session of a user with
        `view_members` in the guild.
        """
        return await self._transport.call(_MEMBERSHIPS_COUNT, path={"guild_id": guild_id})

    async def add(
        self,
        guild_id: Snowflake,
        *,
        user_id: UUID,
        roles: Sequence[shapes.Role] | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> shapes.Membership:
        """Make a user a member of a guild.

        In a user's session, the roles owner and admin need the permission `manage_guild`.

        Who may: an API key with the scope `members:write`, or the session of a user with
        `manage_members` in the guild.
        """
        return await self._transport.call(
            _MEMBERSHIPS_ADD,
            path={"guild_id": guild_id},
            body=shapes.NewMember(user_id=user_id, roles=roles),
            key=idempotency_key or new_key(),
        )

    async def get(self, guild_id: Snowflake, user_id: UUID) -> shapes.Membership:
        """Return a membership with its roles.

        Who may: an API key with the scope `members:read`, or the session of that user, or the
        session of a user with `view_members` in the guild.
        """
        return await self._transport.call(
            _MEMBERSHIPS_GET,
            path={"guild_id": guild_id, "user_id": user_id},
        )

    async def set_roles(
        self,
        guild_id: Snowflake,
        user_id: UUID,
        *,
        roles: Sequence[shapes.Role],
        if_match: str | None = None,
    ) -> shapes.Membership:
        """Give a member other roles.

        In a user's session, giving or taking owner and admin, and any change of the guild's owner,
        needs the permission `manage_guild`.

        Who may: an API key with the scope `members:write`, or the session of a user with
        `manage_members` in the guild.
        """
        return await self._transport.call(
            _MEMBERSHIPS_SET_ROLES,
            path={"guild_id": guild_id, "user_id": user_id},
            body=shapes.NewRoles(roles=roles),
            if_match=if_match,
        )

    async def remove(
        self,
        guild_id: Snowflake,
        user_id: UUID,
        *,
        if_match: str | None = None,
    ) -> None:
        """End a membership; in a user's session also one's own.

        In a user's session, removing an owner, the guild's owner or an admin needs the permission
        `manage_guild`.

        Who may: an API key with the scope `members:write`, or the session of that user, or the
        session of a user with `manage_members` in the guild.
        """
        return await self._transport.call(
            _MEMBERSHIPS_REMOVE,
            path={"guild_id": guild_id, "user_id": user_id},
            if_match=if_match,
        )

    async def check_permission(
        self,
        guild_id: Snowflake,
        user_id: UUID,
        permission: shapes.Permission,
    ) -> shapes.PermissionAnswer:
        """Say whether a user has a permission in a guild.

        `manage_guild` comes with the roles owner and admin, `manage_members` also with moderator,
        `view_members` with every role. A guild's owner has all of them. In a user's session nothing
        is allowed in a guild that does not exist, as in one the user is no member of.

        Who may: an API key with the scope `members:read`, or the session of that user, or the
        session of a user with `view_members` in the guild.
        """
        return await self._transport.call(
            _MEMBERSHIPS_CHECK_PERMISSION,
            path={"guild_id": guild_id, "user_id": user_id, "permission": permission},
        )

    async def add_many(
        self,
        guild_id: Snowflake,
        *,
        entries: Sequence[shapes.NewMember],
        idempotency_key: str | None = None,
        max_affected: int | None = None,
    ) -> shapes.BulkResults:
        """Add up to 1000 members, each on its own.

        The answer has one result per entry, in order: an entry that fails does not lose the rest.

        Who may: an API key with the scope `members:write`.
        """
        return await self._transport.call(
            _MEMBERSHIPS_ADD_MANY,
            path={"guild_id": guild_id},
            body=shapes.NewMembers(entries=entries),
            key=idempotency_key or new_key(),
            max_affected=max_affected,
        )

    async def set_roles_many(
        self,
        guild_id: Snowflake,
        *,
        entries: Sequence[shapes.RolesOfMember],
        idempotency_key: str | None = None,
        max_affected: int | None = None,
    ) -> shapes.BulkResults:
        """Give up to 1000 members other roles, each on its own.

        Who may: an API key with the scope `members:write`.
        """
        return await self._transport.call(
            _MEMBERSHIPS_SET_ROLES_MANY,
            path={"guild_id": guild_id},
            body=shapes.MemberRoles(entries=entries),
            key=idempotency_key or new_key(),
            max_affected=max_affected,
        )

    async def remove_many(
        self,
        guild_id: Snowflake,
        *,
        user_ids: Sequence[UUID],
        idempotency_key: str | None = None,
        max_affected: int | None = None,
    ) -> shapes.BulkResults:
        """End up to 1000 memberships, each on its own.

        Who may: an API key with the scope `members:write`.
        """
        return await self._transport.call(
            _MEMBERSHIPS_REMOVE_MANY,
            path={"guild_id": guild_id},
            body=shapes.FormerMembers(user_ids=user_ids),
            key=idempotency_key or new_key(),
            max_affected=max_affected,
        )


_SCREENSHOT_ANALYSES_LIST_OF_TYPE = Operation[Page[shapes.ScreenshotAnalysisSummary]](
    "screenshot_analyses_list_of_type",
    "GET",
    "/v1/screenshots",
    Page[shapes.ScreenshotAnalysisSummary],
)
_SCREENSHOT_ANALYSES_LIST_OF_USER = Operation[Page[shapes.ScreenshotAnalysisSummary]](
    "screenshot_analyses_list_of_user",
    "GET",
    "/v1/users/{user_id}/screenshots",
    Page[shapes.ScreenshotAnalysisSummary],
)
_SCREENSHOT_ANALYSES_CREATE = Operation[shapes.ScreenshotAnalysis](
    "screenshot_analyses_create",
    "POST",
    "/v1/users/{user_id}/screenshots",
    shapes.ScreenshotAnalysis,
)
_SCREENSHOT_ANALYSES_GET = Operation[shapes.ScreenshotAnalysis](
    "screenshot_analyses_get",
    "GET",
    "/v1/screenshots/{screenshot_id}",
    shapes.ScreenshotAnalysis,
)
_SCREENSHOT_ANALYSES_CHANGE = Operation[shapes.ScreenshotAnalysis](
    "screenshot_analyses_change",
    "PATCH",
    "/v1/screenshots/{screenshot_id}",
    shapes.ScreenshotAnalysis,
)
_SCREENSHOT_ANALYSES_REMOVE = Operation[None](
    "screenshot_analyses_remove",
    "DELETE",
    "/v1/screenshots/{screenshot_id}",
    None,
)


class ScreenshotAnalyses(Noun):
    """What was read out of single screenshots of users."""

    __slots__ = ()

    def list_of_type(
        self,
        *,
        screenshot_type: str,
        since: datetime | None = None,
        until: datetime | None = None,
        sort: Literal["newest", "oldest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.ScreenshotAnalysisSummary]:
        """List the screenshots of one type, of all users, newest first, or oldest first with
        `sort=oldest`.

        For services that look after the models. `since` is part of the time asked for, `until` is
        not.

        Who may: an API key with the scope `screenshots:read`.
        """
        return Pages(
            self._transport,
            _SCREENSHOT_ANALYSES_LIST_OF_TYPE,
            query={
                "screenshotType": screenshot_type,
                "since": since,
                "until": until,
                "sort": sort,
                "cursor": cursor,
                "limit": limit,
            },
        )

    def list_of_user(
        self,
        user_id: UUID,
        *,
        screenshot_type: str | None = None,
        min_confidence: float | None = None,
        tag: str | None = None,
        key: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.ScreenshotAnalysisSummary]:
        """List a user's screenshots, newest first, without what belongs to each.

        With `tag`, those that have it; with `key`, those that have a data point of that key.
        `since` is part of the time asked for, `until` is not.

        Who may: an API key with the scope `screenshots:read`, or the session of that user.
        """
        return Pages(
            self._transport,
            _SCREENSHOT_ANALYSES_LIST_OF_USER,
            path={"user_id": user_id},
            query={
                "screenshotType": screenshot_type,
                "minConfidence": min_confidence,
                "tag": tag,
                "key": key,
                "since": since,
                "until": until,
                "cursor": cursor,
                "limit": limit,
            },
        )

    async def create(
        self,
        user_id: UUID,
        *,
        screenshot_type: str,
        image_url: str,
        title: str,
        summary: str,
        confidence: float,
        processing_time_ms: int,
        model_used: str,
        raw_response: Json,
        description: str | UnsetType = UNSET,
        data: Sequence[shapes.DataPointOfScreenshot] | UnsetType = UNSET,
        tags: Sequence[shapes.TagOfScreenshot] | UnsetType = UNSET,
        insights: Sequence[shapes.InsightOfScreenshot] | UnsetType = UNSET,
        recommendations: Sequence[shapes.RecommendationOfScreenshot] | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> shapes.ScreenshotAnalysis:
        """Keep an analysis of a user's screenshot with all that was read out of it: all of it, or
        nothing.

        Who may: an API key with the scope `screenshots:write`, or the session of that user.
        """
        return await self._transport.call(
            _SCREENSHOT_ANALYSES_CREATE,
            path={"user_id": user_id},
            body=shapes.NewScreenshotAnalysis(
                screenshot_type=screenshot_type,
                image_url=image_url,
                title=title,
                description=description,
                summary=summary,
                confidence=confidence,
                processing_time_ms=processing_time_ms,
                model_used=model_used,
                raw_response=raw_response,
                data=data,
                tags=tags,
                insights=insights,
                recommendations=recommendations,
            ),
            key=idempotency_key or new_key(),
        )

    async def get(self, screenshot_id: UUID) -> shapes.ScreenshotAnalysis:
        """Return an analysis of a screenshot with all that belongs to it.

        Who may: an API key with the scope `screenshots:read`, or the session of the user whose it
        is.
        """
        return await self._transport.call(
            _SCREENSHOT_ANALYSES_GET,
            path={"screenshot_id": screenshot_id},
        )

    async def change(
        self,
        screenshot_id: UUID,
        *,
        screenshot_type: str | UnsetType = UNSET,
        title: str | UnsetType = UNSET,
        description: str | UnsetType = UNSET,
        summary: str | UnsetType = UNSET,
        confidence: float | UnsetType = UNSET,
        if_match: str | None = None,
    ) -> shapes.ScreenshotAnalysis:
        """Change the given fields of an analysis of a screenshot.

        Who may: an API key with the scope `screenshots:write`, or the session of the user whose it
        is.
        """
        return await self._transport.call(
            _SCREENSHOT_ANALYSES_CHANGE,
            path={"screenshot_id": screenshot_id},
            body=shapes.ScreenshotAnalysisChanges(
                screenshot_type=screenshot_type,
                title=title,
                description=description,
                summary=summary,
                confidence=confidence,
            ),
            if_match=if_match,
        )

    async def remove(self, screenshot_id: UUID, *, if_match: str | None = None) -> None:
        """Remove an analysis of a screenshot with all that belongs to it, and its comparisons.

        Who may: an API key with the scope `screenshots:write`, or the session of the user whose it
        is.
        """
        return await self._transport.call(
            _SCREENSHOT_ANALYSES_REMOVE,
            path={"screenshot_id": screenshot_id},
            if_match=if_match,
        )


_SCREENSHOT_COMPARISONS_CREATE = Operation[shapes.ScreenshotComparison](
    "screenshot_comparisons_create",
    "POST",
    "/v1/screenshot-comparisons",
    shapes.ScreenshotComparison,
)
_SCREENSHOT_COMPARISONS_GET = Operation[shapes.ScreenshotComparison](
    "screenshot_comparisons_get",
    "GET",
    "/v1/screenshot-comparisons/{comparison_id}",
    shapes.ScreenshotComparison,
)
_SCREENSHOT_COMPARISONS_REMOVE = Operation[None](
    "screenshot_comparisons_remove",
    "DELETE",
    "/v1/screenshot-comparisons/{comparison_id}",
    None,
)
_SCREENSHOT_COMPARISONS_LIST_OF_USER = Operation[Page[shapes.ScreenshotComparisonSummary]](
    "screenshot_comparisons_list_of_user",
    "GET",
    "/v1/users/{user_id}/screenshot-comparisons",
    Page[shapes.ScreenshotComparisonSummary],
)
_SCREENSHOT_COMPARISONS_LIST_OF_ANALYSIS = Operation[Page[shapes.ScreenshotComparisonSummary]](
    "screenshot_comparisons_list_of_analysis",
    "GET",
    "/v1/screenshots/{screenshot_id}/comparisons",
    Page[shapes.ScreenshotComparisonSummary],
)
_SCREENSHOT_COMPARISONS_COMPARE = Operation[shapes.Differences](
    "screenshot_comparisons_compare",
    "GET",
    "/v1/screenshots/{screenshot_id}/differences/{other_id}",
    shapes.Differences,
)


class ScreenshotComparisons(Noun):
    """What changed between two screenshots of a user."""

    __slots__ = ()

    async def create(
        self,
        *,
        analysis_id: UUID,
        other_id: UUID,
        comparison_type: str,
        summary: str,
        insights: Sequence[Json] | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> shapes.ScreenshotComparison:
        """Compare two screenshots of a user and keep what differs, from the older to the newer.

        Differences and trend follow from their data points. There is one comparison of each type
        for two screenshots. In a user's session both are their own: any other looks like one that
        does not exist.

        Who may: an API key with the scope `screenshots:write`, or any session.
        """
        return await self._transport.call(
            _SCREENSHOT_COMPARISONS_CREATE,
            body=shapes.NewScreenshotComparison(
                analysis_id=analysis_id,
                other_id=other_id,
                comparison_type=comparison_type,
                summary=summary,
                insights=insights,
            ),
            key=idempotency_key or new_key(),
        )

    async def get(self, comparison_id: UUID) -> shapes.ScreenshotComparison:
        """Return a comparison of two screenshots.

        Who may: an API key with the scope `screenshots:read`, or the session of the user whose it
        is.
        """
        return await self._transport.call(
            _SCREENSHOT_COMPARISONS_GET,
            path={"comparison_id": comparison_id},
        )

    async def remove(self, comparison_id: UUID) -> None:
        """Forget a comparison of two screenshots.

        Who may: an API key with the scope `screenshots:write`, or the session of the user whose it
        is.
        """
        return await self._transport.call(
            _SCREENSHOT_COMPARISONS_REMOVE,
            path={"comparison_id": comparison_id},
        )

    def list_of_user(
        self,
        user_id: UUID,
        *,
        comparison_type: str | None = None,
        trend: Literal["down", "mixed", "stable", "up"] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        sort: Literal["newest", "oldest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.ScreenshotComparisonSummary]:
        """List a user's comparisons without their differences, newest first, or oldest first with
        `sort=oldest`.

        `since` is part of the time asked for, `until` is not.

        Who may: an API key with the scope `screenshots:read`, or the session of that user.
        """
        return Pages(
            self._transport,
            _SCREENSHOT_COMPARISONS_LIST_OF_USER,
            path={"user_id": user_id},
            query={
                "comparisonType": comparison_type,
                "trend": trend,
                "since": since,
                "until": until,
                "sort": sort,
                "cursor": cursor,
                "limit": limit,
            },
        )

    def list_of_analysis(
        self,
        screenshot_id: UUID,
        *,
        comparison_type: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.ScreenshotComparisonSummary]:
        """List the comparisons that a screenshot is a side of, newest first.

        Who may: an API key with the scope `screenshots:read`, or the session of the user whose it
        is.
        """
        return Pages(
            self._transport,
            _SCREENSHOT_COMPARISONS_LIST_OF_ANALYSIS,
            path={"screenshot_id": screenshot_id},
            query={"comparisonType": comparison_type, "cursor": cursor, "limit": limit},
        )

    async def compare(self, screenshot_id: UUID, other_id: UUID) -> shapes.Differences:
        """Return the data points in which another screenshot of the same user differs, and keep
        nothing.

        Who may: an API key with the scope `screenshots:read`, or the session of the user whose it
        is.
        """
        return await self._transport.call(
            _SCREENSHOT_COMPARISONS_COMPARE,
            path={"screenshot_id": screenshot_id, "other_id": other_id},
        )


_SCREENSHOT_DATA_LIST_OF_ANALYSIS = Operation[Page[shapes.ScreenshotDataPoint]](
    "screenshot_data_list_of_analysis",
    "GET",
    "/v1/screenshots/{screenshot_id}/data",
    Page[shapes.ScreenshotDataPoint],
)
_SCREENSHOT_DATA_PUT_MANY = Operation[shapes.PutData](
    "screenshot_data_put_many",
    "POST",
    "/v1/screenshots/{screenshot_id}/data:put",
    shapes.PutData,
)
_SCREENSHOT_DATA_PUT = Operation[shapes.ScreenshotDataPoint](
    "screenshot_data_put",
    "PUT",
    "/v1/screenshots/{screenshot_id}/data/{key}",
    shapes.ScreenshotDataPoint,
)
_SCREENSHOT_DATA_REMOVE = Operation[None](
    "screenshot_data_remove",
    "DELETE",
    "/v1/screenshots/{screenshot_id}/data/{key}",
    None,
)
_SCREENSHOT_DATA_LIST_HISTORY = Operation[Page[shapes.PastDataPoint]](
    "screenshot_data_list_history",
    "GET",
    "/v1/users/{user_id}/screenshots:trend",
    Page[shapes.PastDataPoint],
)


class ScreenshotData(Noun):
    """Values that were read out of screenshots."""

    __slots__ = ()

    def list_of_analysis(
        self,
        screenshot_id: UUID,
        *,
        category: str | None = None,
        data_type: Literal["array", "boolean", "date", "number", "object", "string"] | None = None,
        min_confidence: float | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.ScreenshotDataPoint]:
        """List the data points of a screenshot by key.

        With `minConfidence`, without those whose confidence is not known.

        Who may: an API key with the scope `screenshots:read`, or the session of the user whose it
        is.
        """
        return Pages(
            self._transport,
            _SCREENSHOT_DATA_LIST_OF_ANALYSIS,
            path={"screenshot_id": screenshot_id},
            query={
                "category": category,
                "dataType": data_type,
                "minConfidence": min_confidence,
                "cursor": cursor,
                "limit": limit,
            },
        )

    async def put_many(
        self,
        screenshot_id: UUID,
        *,
        data: Sequence[shapes.DataPointOfScreenshot],
        idempotency_key: str | None = None,
    ) -> shapes.PutData:
        """Add up to 1000 data points to a screenshot, or correct those whose keys it has: all of them,
        or none.

        Who may: an API key with the scope `screenshots:write`, or the session of the user whose it
        is.
        """
        return await self._transport.call(
            _SCREENSHOT_DATA_PUT_MANY,
            path={"screenshot_id": screenshot_id},
            body=shapes.DataToPut(data=data),
            key=idempotency_key or new_key(),
        )

    async def put(
        self,
        screenshot_id: UUID,
        key: str,
        *,
        data_type: Literal["array", "boolean", "date", "number", "object", "string"],
        value: Json,
        category: str,
        confidence: float | None | UnsetType = UNSET,
    ) -> shapes.ScreenshotDataPoint:
        """Add a data point to a screenshot, or correct the one of that key.

        Who may: an API key with the scope `screenshots:write`, or the session of the user whose it
        is.
        """
        return await self._transport.call(
            _SCREENSHOT_DATA_PUT,
            path={"screenshot_id": screenshot_id, "key": key},
            body=shapes.DataValue(
                data_type=data_type,
                value=value,
                category=category,
                confidence=confidence,
            ),
        )

    async def remove(self, screenshot_id: UUID, key: str) -> None:
        """Remove a data point from a screenshot.

        Who may: an API key with the scope `screenshots:write`, or the session of the user whose it
        is.
        """
        return await self._transport.call(
            _SCREENSHOT_DATA_REMOVE,
            path={"screenshot_id": screenshot_id, "key": key},
        )

    def list_history(
        self,
        user_id: UUID,
        *,
        key: str,
        screenshot_type: str | None = None,
        min_confidence: float | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        sort: Literal["newest", "oldest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.PastDataPoint]:
        """List the values that a key had in a user's screenshots, newest first, or oldest first with
        `sort=oldest`.

        `since` is part of the time asked for, `until` is not.

        Who may: an API key with the scope `screenshots:read`, or the session of that user.
        """
        return Pages(
            self._transport,
            _SCREENSHOT_DATA_LIST_HISTORY,
            path={"user_id": user_id},
            query={
                "key": key,
                "screenshotType": screenshot_type,
                "minConfidence": min_confidence,
                "since": since,
                "until": until,
                "sort": sort,
                "cursor": cursor,
                "limit": limit,
            },
        )


_SCREENSHOT_INSIGHTS_LIST_OF_ANALYSIS = Operation[Page[shapes.ScreenshotInsight]](
    "screenshot_insights_list_of_analysis",
    "GET",
    "/v1/screenshots/{screenshot_id}/insights",
    Page[shapes.ScreenshotInsight],
)
_SCREENSHOT_INSIGHTS_ADD_MANY = Operation[shapes.AddedInsights](
    "screenshot_insights_add_many",
    "POST",
    "/v1/screenshots/{screenshot_id}/insights",
    shapes.AddedInsights,
)
_SCREENSHOT_INSIGHTS_REMOVE = Operation[None](
    "screenshot_insights_remove",
    "DELETE",
    "/v1/screenshots/{screenshot_id}/insights/{insight_id}",
    None,
)
_SCREENSHOT_INSIGHTS_LIST_OF_USER = Operation[Page[shapes.UserInsight]](
    "screenshot_insights_list_of_user",
    "GET",
    "/v1/users/{user_id}/screenshot-insights",
    Page[shapes.UserInsight],
)


class ScreenshotInsights(Noun):
    """What screenshots show."""

    __slots__ = ()

    def list_of_analysis(
        self,
        screenshot_id: UUID,
        *,
        type: str | None = None,
        priority: Literal["low", "medium", "high"] | None = None,
        actionable: bool | None = None,
        min_confidence: float | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.ScreenshotInsight]:
        """List the insights of a screenshot, as they were made.

        Who may: an API key with the scope `screenshots:read`, or the session of the user whose it
        is.
        """
        return Pages(
            self._transport,
            _SCREENSHOT_INSIGHTS_LIST_OF_ANALYSIS,
            path={"screenshot_id": screenshot_id},
            query={
                "type": type,
                "priority": priority,
                "actionable": actionable,
                "minConfidence": min_confidence,
                "cursor": cursor,
                "limit": limit,
            },
        )

    async def add_many(
        self,
        screenshot_id: UUID,
        *,
        insights: Sequence[shapes.InsightOfScreenshot],
        idempotency_key: str | None = None,
    ) -> shapes.AddedInsights:
        """Add up to 100 insights to a screenshot: all of them, or none.

        Who may: an API key with the scope `screenshots:write`, or the session of the user whose it
        is.
        """
        return await self._transport.call(
            _SCREENSHOT_INSIGHTS_ADD_MANY,
            path={"screenshot_id": screenshot_id},
            body=shapes.InsightsToAdd(insights=insights),
            key=idempotency_key or new_key(),
        )

    async def remove(self, screenshot_id: UUID, insight_id: UUID) -> None:
        """Remove an insight from a screenshot.

        Who may: an API key with the scope `screenshots:write`, or the session of the user whose it
        is.
        """
        return await self._transport.call(
            _SCREENSHOT_INSIGHTS_REMOVE,
            path={"screenshot_id": screenshot_id, "insight_id": insight_id},
        )

    def list_of_user(
        self,
        user_id: UUID,
        *,
        type: str | None = None,
        priority: Literal["low", "medium", "high"] | None = None,
        actionable: bool | None = None,
        min_confidence: float | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.UserInsight]:
        """List the insights of all screenshots of a user, those of the newest screenshot first.

        Who may: an API key with the scope `screenshots:read`, or the session of that user.
        """
        return Pages(
            self._transport,
            _SCREENSHOT_INSIGHTS_LIST_OF_USER,
            path={"user_id": user_id},
            query={
                "type": type,
                "priority": priority,
                "actionable": actionable,
                "minConfidence": min_confidence,
                "cursor": cursor,
                "limit": limit,
            },
        )


_SCREENSHOT_RECOMMENDATIONS_LIST_OF_ANALYSIS = Operation[Page[shapes.ScreenshotRecommendation]](
    "screenshot_recommendations_list_of_analysis",
    "GET",
    "/v1/screenshots/{screenshot_id}/recommendations",
    Page[shapes.ScreenshotRecommendation],
)
_SCREENSHOT_RECOMMENDATIONS_ADD_MANY = Operation[shapes.AddedRecommendations](
    "screenshot_recommendations_add_many",
    "POST",
    "/v1/screenshots/{screenshot_id}/recommendations",
    shapes.AddedRecommendations,
)
_SCREENSHOT_RECOMMENDATIONS_REMOVE = Operation[None](
    "screenshot_recommendations_remove",
    "DELETE",
    "/v1/screenshots/{screenshot_id}/recommendations/{recommendation_id}",
    None,
)
_SCREENSHOT_RECOMMENDATIONS_LIST_OF_USER = Operation[Page[shapes.UserRecommendation]](
    "screenshot_recommendations_list_of_user",
    "GET",
    "/v1/users/{user_id}/screenshot-recommendations",
    Page[shapes.UserRecommendation],
)


class ScreenshotRecommendations(Noun):
    """What screenshots say to do."""

    __slots__ = ()

    def list_of_analysis(
        self,
        screenshot_id: UUID,
        *,
        type: str | None = None,
        priority: Literal["low", "medium", "high"] | None = None,
        impact: Literal["low", "medium", "high"] | None = None,
        effort: Literal["low", "medium", "high"] | None = None,
        actionable: bool | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.ScreenshotRecommendation]:
        """List the recommendations of a screenshot, as they were made.

        Who may: an API key with the scope `screenshots:read`, or the session of the user whose it
        is.
        """
        return Pages(
            self._transport,
            _SCREENSHOT_RECOMMENDATIONS_LIST_OF_ANALYSIS,
            path={"screenshot_id": screenshot_id},
            query={
                "type": type,
                "priority": priority,
                "impact": impact,
                "effort": effort,
                "actionable": actionable,
                "cursor": cursor,
                "limit": limit,
            },
        )

    async def add_many(
        self,
        screenshot_id: UUID,
        *,
        recommendations: Sequence[shapes.RecommendationOfScreenshot],
        idempotency_key: str | None = None,
    ) -> shapes.AddedRecommendations:
        """Add up to 100 recommendations to a screenshot: all of them, or none.

        Who may: an API key with the scope `screenshots:write`, or the session of the user whose it
        is.
        """
        return await self._transport.call(
            _SCREENSHOT_RECOMMENDATIONS_ADD_MANY,
            path={"screenshot_id": screenshot_id},
            body=shapes.RecommendationsToAdd(recommendations=recommendations),
            key=idempotency_key or new_key(),
        )

    async def remove(self, screenshot_id: UUID, recommendation_id: UUID) -> None:
        """Remove a recommendation from a screenshot.

        Who may: an API key with the scope `screenshots:write`, or the session of the user whose it
        is.
        """
        return await self._transport.call(
            _SCREENSHOT_RECOMMENDATIONS_REMOVE,
            path={"screenshot_id": screenshot_id, "recommendation_id": recommendation_id},
        )

    def list_of_user(
        self,
        user_id: UUID,
        *,
        type: str | None = None,
        priority: Literal["low", "medium", "high"] | None = None,
        impact: Literal["low", "medium", "high"] | None = None,
        effort: Literal["low", "medium", "high"] | None = None,
        actionable: bool | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.UserRecommendation]:
        """List the recommendations of all screenshots of a user, those of the newest screenshot first.

        Who may: an API key with the scope `screenshots:read`, or the session of that user.
        """
        return Pages(
            self._transport,
            _SCREENSHOT_RECOMMENDATIONS_LIST_OF_USER,
            path={"user_id": user_id},
            query={
                "type": type,
                "priority": priority,
                "impact": impact,
                "effort": effort,
                "actionable": actionable,
                "cursor": cursor,
                "limit": limit,
            },
        )


_SCREENSHOT_TAGS_LIST_OF_ANALYSIS = Operation[Page[shapes.ScreenshotTag]](
    "screenshot_tags_list_of_analysis",
    "GET",
    "/v1/screenshots/{screenshot_id}/tags",
    Page[shapes.ScreenshotTag],
)
_SCREENSHOT_TAGS_PUT = Operation[shapes.ScreenshotTag](
    "screenshot_tags_put",
    "PUT",
    "/v1/screenshots/{screenshot_id}/tags/{tag}",
    shapes.ScreenshotTag,
)
_SCREENSHOT_TAGS_REMOVE = Operation[None](
    "screenshot_tags_remove",
    "DELETE",
    "/v1/screenshots/{screenshot_id}/tags/{tag}",
    None,
)


class ScreenshotTags(Noun):
    """Words that screenshots are found by."""

    __slots__ = ()

    def list_of_analysis(
        self,
        screenshot_id: UUID,
        *,
        category: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.ScreenshotTag]:
        """List the tags of a screenshot in order; with `category`, those of it.

        Who may: an API key with the scope `screenshots:read`, or the session of the user whose it
        is.
        """
        return Pages(
            self._transport,
            _SCREENSHOT_TAGS_LIST_OF_ANALYSIS,
            path={"screenshot_id": screenshot_id},
            query={"category": category, "cursor": cursor, "limit": limit},
        )

    async def put(self, screenshot_id: UUID, tag: str, *, category: str) -> shapes.ScreenshotTag:
        """Put a tag on a screenshot, or into another category where it has it.

        Who may: an API key with the scope `screenshots:write`, or the session of the user whose it
        is.
        """
        return await self._transport.call(
            _SCREENSHOT_TAGS_PUT,
            path={"screenshot_id": screenshot_id, "tag": tag},
            body=shapes.TagDetails(category=category),
        )

    async def remove(self, screenshot_id: UUID, tag: str) -> None:
        """Take a tag off a screenshot.

        Who may: an API key with the scope `screenshots:write`, or the session of the user whose it
        is.
        """
        return await self._transport.call(
            _SCREENSHOT_TAGS_REMOVE,
            path={"screenshot_id": screenshot_id, "tag": tag},
        )


_SESSIONS_CREATE = Operation[shapes.NewSession](
    "sessions_create",
    "POST",
    "/v1/sessions",
    shapes.NewSession,
)
_SESSIONS_GET_CURRENT = Operation[shapes.OpenSession](
    "sessions_get_current",
    "GET",
    "/v1/sessions/current",
    shapes.OpenSession,
)
_SESSIONS_END_CURRENT = Operation[None](
    "sessions_end_current",
    "DELETE",
    "/v1/sessions/current",
    None,
)
_SESSIONS_PURGE_EXPIRED = Operation[shapes.Purged](
    "sessions_purge_expired",
    "POST",
    "/v1/sessions:purge-expired",
    shapes.Purged,
)
_SESSIONS_LIST_OF_USER = Operation[Page[shapes.Session]](
    "sessions_list_of_user",
    "GET",
    "/v1/users/{user_id}/sessions",
    Page[shapes.Session],
)
_SESSIONS_END_ALL = Operation[shapes.EndedSessions](
    "sessions_end_all",
    "DELETE",
    "/v1/users/{user_id}/sessions",
    shapes.EndedSessions,
)
_SESSIONS_END = Operation[None](
    "sessions_end",
    "DELETE",
    "/v1/users/{user_id}/sessions/{session_id}",
    None,
)


class Sessions(Noun):
    """Logged-in visits of users."""

    __slots__ = ()

    async def create(self, *, user_id: UUID, expires_at: datetime) -> shapes.NewSession:
        """Open a session for a user.

        The token is shown this once: only its hash is kept. `expiresAt` must be in the future.

        Who may: an API key with the scope `sessions:write`.
        """
        return await self._transport.call(
            _SESSIONS_CREATE,
            body=shapes.SessionRequest(user_id=user_id, expires_at=expires_at),
        )

    async def get_current(self) -> shapes.OpenSession:
        """Return the caller's session and user.

        Who may: any session.
        """
        return await self._transport.call(_SESSIONS_GET_CURRENT)

    async def end_current(self) -> None:
        """End the caller's session: its token is worthless from now on.

        Who may: any session.
        """
        return await self._transport.call(_SESSIONS_END_CURRENT)

    async def purge_expired(self) -> shapes.Purged:
        """Remove the sessions that are over.

        It stops after half the time a request may take: repeat it while `moreLeft` is true.

        Who may: an API key with the scope `sessions:write`.
        """
        return await self._transport.call(_SESSIONS_PURGE_EXPIRED)

    def list_of_user(
        self,
        user_id: UUID,
        *,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.Session]:
        """List a user's open sessions, newest first.

        Who may: an API key with the scope `sessions:read`, or the session of that user.
        """
        return Pages(
            self._transport,
            _SESSIONS_LIST_OF_USER,
            path={"user_id": user_id},
            query={"cursor": cursor, "limit": limit},
        )

    async def end_all(
        self,
        user_id: UUID,
        *,
        max_affected: int | None = None,
    ) -> shapes.EndedSessions:
        """End every session of a user: signed out everywhere.

        Who may: an API key with the scope `sessions:write`, or the session of that user.
        """
        return await self._transport.call(
            _SESSIONS_END_ALL,
            path={"user_id": user_id},
            max_affected=max_affected,
        )

    async def end(self, user_id: UUID, session_id: UUID) -> None:
        """End one session of a user.

        Who may: an API key with the scope `sessions:write`, or the session of that user.
        """
        return await self._transport.call(
            _SESSIONS_END,
            path={"user_id": user_id, "session_id": session_id},
        )


_STATS_RECORD = Operation[shapes.Stat](
    "stats_record",
    "POST",
    "/v1/stats",
    shapes.Stat,
    texts=(("guildId",),),
)
_STATS_RECORD_MANY = Operation[shapes.RecordedStats](
    "stats_record_many",
    "POST",
    "/v1/stats:batch",
    shapes.RecordedStats,
    texts=(("stats", "*", "guildId"),),
)
_STATS_LIST_STATS = Operation[Page[shapes.Stat]](
    "stats_list_stats",
    "GET",
    "/v1/stats",
    Page[shapes.Stat],
)
_STATS_LIST_OF_GUILD = Operation[Page[shapes.Stat]](
    "stats_list_of_guild",
    "GET",
    "/v1/guilds/{guild_id}/stats",
    Page[shapes.Stat],
)
_STATS_TOTAL = Operation[shapes.TypeTotals](
    "stats_total",
    "GET",
    "/v1/stats:totals",
    shapes.TypeTotals,
)
_STATS_TOTAL_BY_TIME = Operation[shapes.TimeTotals](
    "stats_total_by_time",
    "GET",
    "/v1/stats:totals-by-time",
    shapes.TimeTotals,
)
_STATS_TOTAL_OF_GUILD = Operation[shapes.TypeTotals](
    "stats_total_of_guild",
    "GET",
    "/v1/guilds/{guild_id}/stats:totals",
    shapes.TypeTotals,
)
_STATS_TOTAL_OF_GUILD_BY_TIME = Operation[shapes.TimeTotals](
    "stats_total_of_guild_by_time",
    "GET",
    "/v1/guilds/{guild_id}/stats:totals-by-time",
    shapes.TimeTotals,
)


class Stats(Noun):
    """What happened, with a value each."""

    __slots__ = ()

    async def record(
        self,
        *,
        type: str,
        value: Json,
        user_id: UUID | None | UnsetType = UNSET,
        guild_id: Snowflake | None | UnsetType = UNSET,
        timestamp: datetime | None | UnsetType = UNSET,
        idempotency_key: str | None = None,
    ) -> shapes.Stat:
        """Record one statistic.

        Who may: an API key with the scope `stats:write`.
        """
        return await self._transport.call(
            _STATS_RECORD,
            body=shapes.StatToRecord(
                type=type,
                value=value,
                user_id=user_id,
                guild_id=guild_id,
                timestamp=timestamp,
            ),
            key=idempotency_key or new_key(),
        )

    async def record_many(
        self,
        *,
        stats: Sequence[shapes.StatToRecord],
        idempotency_key: str | None = None,
        max_affected: int | None = None,
    ) -> shapes.RecordedStats:
        """Record up to 10,000 statistics: all of them, or none.

        Who may: an API key with the scope `stats:write`.
        """
        return await self._transport.call(
            _STATS_RECORD_MANY,
            body=shapes.StatsToRecord(stats=stats),
            key=idempotency_key or new_key(),
            max_affected=max_affected,
        )

    def list_stats(
        self,
        *,
        user_id: UUID | None = None,
        guild_id: Snowflake | None = None,
        type: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        sort: Literal["newest", "oldest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.Stat]:
        """List statistics that have everything asked for, newest first, or oldest first with
        `sort=oldest`.

        `since` is part of the time asked for, `until` is not.

        Who may: an API key with the scope `stats:read`.
        """
        return Pages(
            self._transport,
            _STATS_LIST_STATS,
            query={
                "userId": user_id,
                "guildId": guild_id,
                "type": type,
                "since": since,
                "until": until,
                "sort": sort,
                "cursor": cursor,
                "limit": limit,
            },
        )

    def list_of_guild(
        self,
        guild_id: Snowflake,
        *,
        user_id: UUID | None = None,
        type: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        sort: Literal["newest", "oldest"] | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.Stat]:
        """List a guild's statistics that have everything asked for, newest first, or oldest first with
        `sort=oldest`.

        Who may: an API key with the scope `stats:read`, or the session of a user with
        `manage_guild` in the guild.
        """
        return Pages(
            self._transport,
            _STATS_LIST_OF_GUILD,
            path={"guild_id": guild_id},
            query={
                "userId": user_id,
                "type": type,
                "since": since,
                "until": until,
                "sort": sort,
                "cursor": cursor,
                "limit": limit,
            },
        )

    async def total(
        self,
        *,
        since: datetime,
        until: datetime,
        guild_id: Snowflake | None = None,
        user_id: UUID | None = None,
    ) -> shapes.TypeTotals:
        """Total what was recorded in a period by type: of all, of one guild, or of one user.

        Each has the number of entries and of those with numeric values, and the total, average,
        lowest and highest of these. Exact to the last commit.

        Who may: an API key with the scope `stats:read`.
        """
        return await self._transport.call(
            _STATS_TOTAL,
            query={"since": since, "until": until, "guildId": guild_id, "userId": user_id},
        )

    async def total_by_time(
        self,
        *,
        type: str,
        bucket: Literal["hour", "day", "week", "month"],
        since: datetime,
        until: datetime,
        guild_id: Snowflake | None = None,
        user_id: UUID | None = None,
    ) -> shapes.TimeTotals:
        """Total what was recorded of a type by hour, day, week (from Monday) or month, UTC; of all, a
        guild or a user.

        Buckets in which nothing was recorded are left out; there are at most 10,000.

        Who may: an API key with the scope `stats:read`.
        """
        return await self._transport.call(
            _STATS_TOTAL_BY_TIME,
            query={
                "type": type,
                "bucket": bucket,
                "since": since,
                "until": until,
                "guildId": guild_id,
                "userId": user_id,
            },
        )

    async def total_of_guild(
        self,
        guild_id: Snowflake,
        *,
        since: datetime,
        until: datetime,
    ) -> shapes.TypeTotals:
        """Total what was recorded of a guild in a period by type.

        Who may: an API key with the scope `stats:read`, or the session of a user with
        `manage_guild` in the guild.
        """
        return await self._transport.call(
            _STATS_TOTAL_OF_GUILD,
            path={"guild_id": guild_id},
            query={"since": since, "until": until},
        )

    async def total_of_guild_by_time(
        self,
        guild_id: Snowflake,
        *,
        type: str,
        bucket: Literal["hour", "day", "week", "month"],
        since: datetime,
        until: datetime,
    ) -> shapes.TimeTotals:
        """Total what was recorded of a type in a guild by hour, day, week (from Monday) or month, UTC.

        Who may: an API key with the scope `stats:read`, or the session of a user with
        `manage_guild` in the guild.
        """
        return await self._transport.call(
            _STATS_TOTAL_OF_GUILD_BY_TIME,
            path={"guild_id": guild_id},
            query={"type": type, "bucket": bucket, "since": since, "until": until},
        )


_USER_PREFERENCES_GET = Operation[shapes.Preferences](
    "user_preferences_get",
    "GET",
    "/v1/users/{user_id}/preferences",
    shapes.Preferences,
)
_USER_PREFERENCES_CHANGE = Operation[shapes.Preferences](
    "user_preferences_change",
    "PATCH",
    "/v1/users/{user_id}/preferences",
    shapes.Preferences,
)
_USER_PREFERENCES_REPLACE = Operation[shapes.Preferences](
    "user_preferences_replace",
    "PUT",
    "/v1/users/{user_id}/preferences",
    shapes.Preferences,
)
_USER_PREFERENCES_RESET = Operation[None](
    "user_preferences_reset",
    "DELETE",
    "/v1/users/{user_id}/preferences",
    None,
)


class UserPreferences(Noun):
    """How users want to be served."""

    __slots__ = ()

    async def get(self, user_id: UUID) -> shapes.Preferences:
        """Return a user's preferences.

        `updatedAt` is null while all of them are the defaults.

        Who may: an API key with the scope `users:read`, or the session of that user.
        """
        return await self._transport.call(_USER_PREFERENCES_GET, path={"user_id": user_id})

    async def change(
        self,
        user_id: UUID,
        *,
        theme: Literal["light", "dark", "auto"] | UnsetType = UNSET,
        language: str | UnsetType = UNSET,
        notifications: bool | UnsetType = UNSET,
        chat_personality: str | None | UnsetType = UNSET,
        if_match: str | None = None,
    ) -> shapes.Preferences:
        """Change the given preferences of a user.

        Changes of different fields at the same time all last.

        Who may: an API key with the scope `users:write`, or the session of that user.
        """
        return await self._transport.call(
            _USER_PREFERENCES_CHANGE,
            path={"user_id": user_id},
            body=shapes.PreferencesChanges(
                theme=theme,
                language=language,
                notifications=notifications,
                chat_personality=chat_personality,
            ),
            if_match=if_match,
        )

    async def replace(
        self,
        user_id: UUID,
        *,
        theme: Literal["light", "dark", "auto"],
        language: str,
        notifications: bool,
        chat_personality: str | None,
        if_match: str | None = None,
    ) -> shapes.Preferences:
        """Put other preferences in the place of a user's.

        Who may: an API key with the scope `users:write`, or the session of that user.
        """
        return await self._transport.call(
            _USER_PREFERENCES_REPLACE,
            path={"user_id": user_id},
            body=shapes.AllPreferences(
                theme=theme,
                language=language,
                notifications=notifications,
                chat_personality=chat_personality,
            ),
            if_match=if_match,
        )

    async def reset(self, user_id: UUID, *, if_match: str | None = None) -> None:
        """Put a user's preferences back to the defaults.

        Who may: an API key with the scope `users:write`, or the session of that user.
        """
        return await self._transport.call(
            _USER_PREFERENCES_RESET,
            path={"user_id": user_id},
            if_match=if_match,
        )


_USERS_LIST_USERS = Operation[Page[shapes.User]](
    "users_list_users",
    "GET",
    "/v1/users",
    Page[shapes.User],
)
_USERS_GET_BY_EMAIL = Operation[shapes.User](
    "users_get_by_email",
    "GET",
    "/v1/users/by-email",
    shapes.User,
)
_USERS_GET_BY_DISCORD = Operation[shapes.User](
    "users_get_by_discord",
    "GET",
    "/v1/users/by-discord/{discord_id}",
    shapes.User,
)
_USERS_PUT_BY_DISCORD = Operation[shapes.User](
    "users_put_by_discord",
    "PUT",
    "/v1/users/by-discord/{discord_id}",
    shapes.User,
)
_USERS_GET = Operation[shapes.User]("users_get", "GET", "/v1/users/{user_id}", shapes.User)
_USERS_CHANGE = Operation[shapes.User]("users_change", "PATCH", "/v1/users/{user_id}", shapes.User)
_USERS_REMOVE = Operation[None]("users_remove", "DELETE", "/v1/users/{user_id}", None)
_USERS_SET_LAST_ACTIVE_GUILD = Operation[shapes.User](
    "users_set_last_active_guild",
    "PUT",
    "/v1/users/{user_id}/last-active-guild",
    shapes.User,
    texts=(("guildId",),),
)
_USERS_PUT_DISCORD_TOKENS = Operation[None](
    "users_put_discord_tokens",
    "PUT",
    "/v1/users/{user_id}/discord-tokens",
    None,
)
_USERS_DELETE_DISCORD_TOKENS = Operation[None](
    "users_delete_discord_tokens",
    "DELETE",
    "/v1/users/{user_id}/discord-tokens",
    None,
)
_USERS_LIST_GUILDS = Operation[Page[shapes.UserGuild]](
    "users_list_guilds",
    "GET",
    "/v1/users/{user_id}/guilds",
    Page[shapes.UserGuild],
)


class Users(Noun):
    """People known by their Discord account."""

    __slots__ = ()

    def list_users(
        self,
        *,
        search: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
        count: Literal["exact", "estimated"] | None = None,
    ) -> Pages[shapes.User]:
        """List users, newest first.

        With `search`, those with all its words in their names, each word by its beginning.

        Who may: an API key with the scope `users:read`.
        """
        return Pages(
            self._transport,
            _USERS_LIST_USERS,
            query={"search": search, "cursor": cursor, "limit": limit},
            count=count,
        )

    async def get_by_email(self, *, email: str) -> shapes.User:
        """Return the user of a mailbox, written in whatever case.

        Who may: an API key with the scope `users:read`.
        """
        return await self._transport.call(_USERS_GET_BY_EMAIL, query={"email": email})

    async def get_by_discord(self, discord_id: Snowflake) -> shapes.User:
        """Return the user of a Discord account.

        Who may: an API key with the scope `users:read`.
        """
        return await self._transport.call(_USERS_GET_BY_DISCORD, path={"discord_id": discord_id})

    async def put_by_discord(
        self,
        discord_id: Snowflake,
        *,
        username: str | None | UnsetType = UNSET,
        global_name: str | None | UnsetType = UNSET,
        avatar: str | None | UnsetType = UNSET,
        email: str | None | UnsetType = UNSET,
        if_match: str | None = None,
    ) -> shapes.User:
        """Make sure the user of a Discord account exists, and bring the given fields up to date.

        Who may: an API key with the scope `users:write`.
        """
        return await self._transport.call(
            _USERS_PUT_BY_DISCORD,
            path={"discord_id": discord_id},
            body=shapes.Profile(
                username=username,
                global_name=global_name,
                avatar=avatar,
                email=email,
            ),
            if_match=if_match,
        )

    async def get(self, user_id: UUID) -> shapes.User:
        """Return a user.

        Who may: an API key with the scope `users:read`, or the session of that user.
        """
        return await self._transport.call(_USERS_GET, path={"user_id": user_id})

    async def change(
        self,
        user_id: UUID,
        *,
        username: str | None | UnsetType = UNSET,
        global_name: str | None | UnsetType = UNSET,
        avatar: str | None | UnsetType = UNSET,
        email: str | None | UnsetType = UNSET,
        if_match: str | None = None,
    ) -> shapes.User:
        """Change the given fields of a user.

        Who may: an API key with the scope `users:write`.
        """
        return await self._transport.call(
            _USERS_CHANGE,
            path={"user_id": user_id},
            body=shapes.Profile(
                username=username,
                global_name=global_name,
                avatar=avatar,
                email=email,
            ),
            if_match=if_match,
        )

    async def remove(self, user_id: UUID, *, if_match: str | None = None) -> None:
        """Erase a user with their memberships and sessions; guilds they own lose their owner.

        Who may: an API key with the scope `users:write`.
        """
        return await self._transport.call(
            _USERS_REMOVE,
            path={"user_id": user_id},
            if_match=if_match,
        )

    async def set_last_active_guild(
        self,
        user_id: UUID,
        *,
        last_active_guild_id: Snowflake | None,
        if_match: str | None = None,
    ) -> shapes.User:
        """Remember the guild a user was last active in.

        In a user's session, one they belong to: any other looks like one that does not exist.

        Who may: an API key with the scope `users:write`, or the session of that user.
        """
        return await self._transport.call(
            _USERS_SET_LAST_ACTIVE_GUILD,
            path={"user_id": user_id},
            body=shapes.LastActiveGuild(last_active_guild_id=last_active_guild_id),
            if_match=if_match,
        )

    async def put_discord_tokens(
        self,
        user_id: UUID,
        *,
        access_token: str,
        refresh_token: str | None | UnsetType = UNSET,
        expires_at: datetime | None | UnsetType = UNSET,
    ) -> None:
        """Keep a user's Discord tokens, encrypted; earlier ones are replaced.

        There is no way to read them back through this API.

        Who may: an API key with the scope `users:write`.
        """
        return await self._transport.call(
            _USERS_PUT_DISCORD_TOKENS,
            path={"user_id": user_id},
            body=shapes.DiscordTokensRequest(
                access_token=access_token,
                refresh_token=refresh_token,
                expires_at=expires_at,
            ),
        )

    async def delete_discord_tokens(self, user_id: UUID) -> None:
        """Forget a user's Discord tokens.

        Who may: an API key with the scope `users:write`.
        """
        return await self._transport.call(_USERS_DELETE_DISCORD_TOKENS, path={"user_id": user_id})

    def list_guilds(
        self,
        user_id: UUID,
        *,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Pages[shapes.UserGuild]:
        """List the guilds a user is a member of, with the user's roles there.

        Who may: an API key with the scope `members:read`, or the session of that user.
        """
        return Pages(
            self._transport,
            _USERS_LIST_GUILDS,
            path={"user_id": user_id},
            query={"cursor": cursor, "limit": limit},
        )


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
