"""How the pool behaves: every bound it keeps, and the environment variables they come from."""

import os
from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from slimy_dal.engine.pooler import Pooler

__all__ = ["PoolSettings", "SettingsError"]

Seconds = Annotated[float, Field(gt=0, le=86400, allow_inf_nan=False)]
PREFIX = "SLIMY_"


def _pooler(given: object) -> object:
    """Take yes and no too, as in the days when PgBouncer knew no prepared statements."""
    text = str(given).lower()
    return {"true": "plain", "1": "plain", "false": "off", "0": "off"}.get(text, text)


class SettingsError(ValueError):
    """A setting cannot be used; the message names its environment variable."""


class PoolSettings(BaseModel):
    """Bounds of the pool and of every call; each is read from SLIMY_<NAME>, times are in seconds.

    No time is optional: nothing here waits for ever.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    pool_size: int = Field(default=16, ge=1, le=1000, description="most connections open at a time")
    pool_min: int = Field(default=1, ge=0, le=1000, description="connections kept open when idle")
    max_waiting: int = Field(
        default=1000, ge=0, description="calls that may wait for a connection; more fail at once"
    )
    acquire_timeout: Seconds = Field(default=5.0, description="wait for a connection of the pool")
    statement_timeout: Seconds = Field(
        default=10.0,
        description="one statement, waiting included, where neither it nor its caller says",
    )
    transaction_timeout: Seconds = Field(
        default=30.0, description="one transaction from begin to commit"
    )
    connect_timeout: Seconds = Field(
        default=10.0, description="opening a connection, all hosts together"
    )
    host_timeout: Seconds = Field(default=3.0, description="opening a connection, each host")
    stuck_share: float = Field(
        default=0.5,
        gt=0,
        le=1,
        description="part of the pool that stuck calls (a locked table, slow queries) may hold together "
        "while others wait; 1: all of it",
    )
    retry_share: float = Field(
        default=0.2, ge=0, le=1, description="repetitions of failed calls for each call"
    )
    retry_reserve: int = Field(
        default=100,
        ge=0,
        le=100_000,
        description="repetitions beyond that share in ten seconds, SLIMY_POOL_SIZE or more; 0: none",
    )
    cancel_grace: Seconds = Field(
        default=0.2, description="answer of the server to a cancellation, before the line is cut"
    )
    max_lifetime: Annotated[float, Field(gt=0, le=1800, allow_inf_nan=False)] = Field(
        default=1800.0,
        description="age at which a connection is replaced (less up to a fifth, at random)",
    )
    max_idle: Seconds = Field(
        default=300.0, description="idle time after which a connection is closed"
    )
    slow_query: Seconds = Field(
        default=0.5, description="duration from which a call is reported as slow"
    )
    slow_query_every: Seconds = Field(
        default=60.0, description="in which one query is reported as slow once"
    )
    pgbouncer: Annotated[Pooler, BeforeValidator(_pooler)] = Field(
        default="off",
        description=(
            "behind PgBouncer in transaction mode: `prepared` where its `max_prepared_statements` is above 0 (1.21 or "
            "newer), else `plain`, with a round trip more for every call; `off` where there is none"
        ),
    )
    read_write: bool = Field(default=True, description="only connect to hosts that accept writes")
    replica_wait: Seconds = Field(
        default=0.2,
        description="a read after a write waits for the replica, before it goes to the primary",
    )
    replica_patience: Annotated[float, Field(gt=0, le=5, allow_inf_nan=False)] = Field(
        default=0.02,
        description="a read may take until the replica is asked whether it lives, and then the answer",
    )
    replica_max_lag: Seconds = Field(
        default=10.0, description="a replica that is further behind the primary gets no reads"
    )
    replica_max_lag_bytes: int = Field(
        default=64 * 1024 * 1024, ge=0, description="the same in bytes of the primary's log"
    )
    replica_check: Annotated[float, Field(ge=0.05, le=3, allow_inf_nan=False)] = Field(
        default=1.0, description="pause between two looks at how the replicas stand"
    )
    patient_start: bool = Field(
        default=False,
        description="open although no server answers yet, as the service does; calls fail until one does",
    )
    refuse_old_timelines: bool = Field(
        default=True,
        description="refuse writable hosts that a promotion left behind, or that were set back",
    )
    look_around: Seconds = Field(
        default=10.0,
        description="between two looks at the other hosts of the DSN; every second while nothing answers",
    )
    application_name: str = Field(
        default="slimy_dal", max_length=63, description="name shown in pg_stat_activity"
    )

    @model_validator(mode="after")
    def _sizes_agree(self) -> Self:
        if self.pool_min > self.pool_size:
            raise ValueError("pool_min must not be above pool_size")
        return self

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read the settings from SLIMY_* variables; what is not set keeps its default.

        Raises SettingsError naming the variable that cannot be used.
        """
        source = os.environ if environ is None else environ
        names = {PREFIX + name.upper(): name for name in cls.model_fields}
        given = {names[key]: value for key, value in source.items() if key in names}
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            problems = "; ".join(
                f"{PREFIX}{'_'.join(map(str, one['loc'])).upper()}: {one['msg']}"
                for one in error.errors()
            )
            raise SettingsError(problems) from None

    def seconds(self, statement: float | None, call: float | None) -> float:
        """Return how long a call may take: as it says, else as its statement says, else as ever."""
        return (statement or self.statement_timeout) if call is None else call

    def server_settings(self) -> dict[str, str]:
        """Return the server settings of a session: backstops for the case that this process dies or hangs."""
        if self.pgbouncer != "off":
            return {"application_name": self.application_name}
        return {
            "application_name": self.application_name,
            "client_connection_check_interval": "5s",
            "idle_in_transaction_session_timeout": f"{int(self.transaction_timeout + 30)}s",
            "jit": "off",  # compiling costs more than the short statements of a service gain
        }
