"""Whether a caller may do this to this object."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from service.principals import Acting, Principal, Service, Visitor
from service.problems import Refusal
from slimy_dal.domain.api_keys import Scope
from slimy_dal.domain.memberships import Permission
from slimy_dal.engine.errors import NotFound

if TYPE_CHECKING:
    from slimy_dal.domain.database import Nouns


@dataclass(frozen=True, slots=True)
class Own:
    """A session may when the path names its own user."""

    parameter: str = "user_id"


@dataclass(frozen=True, slots=True)
class InGuild:
    """A session may when its user has a permission in the guild that the path names."""

    permission: Permission
    parameter: str = "guild_id"

    @property
    def for_all_who_see(self) -> bool:
        """Whether nobody who sees the guild is refused."""
        return self.permission == "view_members"


Question = Callable[["Nouns", UUID, UUID], Awaitable[bool]]
"""Asks the domain whether a user may, of a thing by its id. May raise NotFound."""


GuildOf = Callable[["Nouns", UUID], Awaitable[int | None]]
"""Asks the domain for the guild of a thing by its id; None where it has none, or is not there."""


@dataclass(frozen=True, slots=True)
class Granted:
    """A session may when the domain says so of the thing that the path names.

    A thing that its user may not even see looks like one that does not exist.
    """

    thing: str
    parameter: str
    who: str
    """Who may, in words: "its creator"."""
    sees: Question
    changes: Question | None = None
    """Who of those that see it may; None: all of them."""
    guild_sees: Permission | None = None
    """The permission in the thing's guild that lets others see it, said for the documentation; None: none does."""
    guild_changes: Permission | None = None
    """The same for those who may."""
    guild_of: GuildOf | None = None
    """Whether the thing is in a guild, which a key that is bound to guilds must be bound to; None: never."""

    @property
    def for_all_who_see(self) -> bool:
        """Whether nobody who sees the thing is refused."""
        return self.changes is None


@dataclass(frozen=True, slots=True)
class Anyone:
    """Any session may: the route is about the caller."""


Rule = Own | InGuild | Granted | Anyone


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may call a route. Nothing is allowed that is not named here."""

    scope: Scope | None = None
    """The scope an API key needs; None: no API key may."""
    session: tuple[Rule, ...] = ()
    """A session may when one of these holds; empty: only services may."""
    public: bool = False
    """Anyone may, without credentials."""
    also: tuple[Scope, ...] = ()
    """Scopes an API key needs besides the first."""

    def __post_init__(self) -> None:
        if self.public == bool(self.scope or self.session):
            raise ValueError(
                "a policy is either public or names who may: a scope, session rules, or both"
            )

    @property
    def in_guild(self) -> "Granted | None":
        """The rule about a thing that has a guild, where the path names such a thing."""
        return next(
            (rule for rule in self.session if isinstance(rule, Granted) and rule.guild_of), None
        )

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """All scopes an API key needs; none where no API key may."""
        return () if self.scope is None else (self.scope, *self.also)


PUBLIC = Policy(public=True)


async def authorise(
    policy: Policy, principal: Principal, parameters: Mapping[str, Any], db: "Nouns"
) -> None:
    """Let the caller through, or raise the Refusal that says what is lacking."""
    service = principal.service if isinstance(principal, Acting) else principal
    if isinstance(service, Service):
        await _let_service(policy, service, parameters, db)
    if isinstance(principal, Service):
        return
    if not policy.session:
        raise Refusal("service_only", _needed(policy))
    refusals = []
    for rule in policy.session:
        refused = await _against(rule, principal, parameters, db)
        if refused is None:
            return
        refusals.append(refused)
    raise refusals[-1]


async def _let_service(
    policy: Policy, service: Service, parameters: Mapping[str, Any], db: "Nouns"
) -> None:
    """Let an API key through by its scopes and guilds, or raise the Refusal that says what is lacking."""
    if policy.scope is None:
        raise Refusal("session_required", "this is about a signed-in user: send a session token")
    if not service.scopes.issuperset(policy.scopes):
        raise Refusal("insufficient_scope", _needed(policy))
    if service.guild_ids is None:
        return
    if "guild_id" in parameters:
        if parameters["guild_id"] not in service.guild_ids:
            raise Refusal("not_found", "there is no such guild, or the key does not reach it")
        return
    rule = policy.in_guild
    if rule is None or rule.guild_of is None:
        raise Refusal(
            "key_bound_to_guilds", "this is of no single guild, and the key is bound to some"
        )
    if await rule.guild_of(db, parameters[rule.parameter]) not in service.guild_ids:
        # In the words of the domain: what the key does not reach must look like what does not exist.
        raise Refusal("not_found", f"there is no such {rule.thing}")


async def _against(
    rule: Rule, visitor: Visitor, parameters: Mapping[str, Any], db: "Nouns"
) -> Refusal | None:
    """Return why a rule refuses a visitor, or None where it does not."""
    if isinstance(rule, Own):
        if parameters[rule.parameter] == visitor.user_id:
            return None
        return Refusal("not_your_account", "a session only reaches its own user")
    if isinstance(rule, InGuild):
        return await _in_guild(rule.permission, visitor.user_id, parameters[rule.parameter], db)
    if isinstance(rule, Granted):
        return await _granted(rule, visitor.user_id, parameters[rule.parameter], db)
    return None


async def _granted(rule: Granted, user_id: UUID, id: UUID, db: "Nouns") -> Refusal | None:
    try:
        if rule.changes is not None and await rule.changes(db, id, user_id):
            return None
        if await rule.sees(db, id, user_id):
            if rule.changes is None:
                return None
            return Refusal("role_required", f"this is for {rule.who}")
    except NotFound:
        pass
    return Refusal("not_found", f"there is no such {rule.thing}")


async def _in_guild(
    permission: Permission, user_id: UUID, guild_id: int, db: "Nouns"
) -> Refusal | None:
    allows = db.memberships.allows
    try:
        if await allows(guild_id, user_id, permission):
            return None
        # Asked again, who has become a member in this moment would be told of a role that all have.
        if permission != "view_members" and await allows(guild_id, user_id, "view_members"):
            return Refusal("role_required", f"this needs the permission {permission} in the guild")
    except NotFound:
        pass
    # A guild one does not belong to must look like one that does not exist.
    return Refusal("not_found", "there is no such guild, or you are no member of it")


async def sees_guild(visitor: Visitor, guild_id: int, db: "Nouns") -> bool:
    """Say whether a visitor may know of a guild; False for one that does not exist, so that both look alike."""
    try:
        return await db.memberships.allows(guild_id, visitor.user_id, "view_members")
    except NotFound:
        return False


async def refuse_higher_roles(
    visitor: Visitor, guild_id: int, roles: frozenset[str], db: "Nouns"
) -> None:
    """Refuse a visitor who would give or take more authority than they have.

    Whoever may manage members must not make themselves admin by it: owner and admin are given, taken
    and removed only with `manage_guild`. `roles` are those before and after the change; a guild's owner
    counts as one who has the role owner. Raises Refusal("role_required").
    """
    if roles.isdisjoint({"owner", "admin"}):
        return
    if not await db.memberships.allows(guild_id, visitor.user_id, "manage_guild"):
        raise Refusal(
            "role_required", "owner and admin need the permission manage_guild in the guild"
        )


def _needed(policy: Policy) -> str:
    noun = "scopes" if policy.also else "scope"
    return f"this needs an API key with the {noun} {' and '.join(policy.scopes)}"
