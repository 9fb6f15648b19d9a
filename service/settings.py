"""What an operator may set about the service, read from the environment and checked at start."""

import os
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from service import limits, proxies

PREFIX = "SLIMY_"

Seconds = Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)]


def _rate(text: str) -> str:
    limits.Rate.parse(text)
    return text


def _networks(text: str) -> str:
    proxies.networks(text)
    return text


Rate = Annotated[str, AfterValidator(_rate)]
Networks = Annotated[str, AfterValidator(_networks)]


class SettingsError(Exception):
    """A setting cannot be used; the message names the variable and what is wrong with it."""


class Settings(BaseModel):
    """The service's settings; each is the environment variable of its name with `SLIMY_` before it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    database_url: Annotated[str, Field(min_length=1)]
    """Where the database is; `DATABASE_URL` without the prefix is taken too."""
    replica_url: Annotated[str, Field(repr=False)] = ""
    """Where its replicas are, each a host of one address: what callers allow to be from the past is read there."""
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """0 lets the system choose a free port."""
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    """Processes that serve the port; each has a pool, and all bounds on what is under way, of its own."""
    tls_cert: str = ""
    """A file with the certificate and those between it and its authority, in PEM form; empty: no TLS."""
    tls_key: str = ""
    """The file with its key, without a passphrase."""
    tls_client_ca: str = ""
    """A file with authorities, in PEM form: callers must then show a certificate of one of them."""
    public_url: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""
    """What callers put before every path; only the OpenAPI document shows it."""
    trusted_proxies: Networks = ""
    """Networks, with commas, whose `X-Forwarded-For` is believed: it then gives the address in logs and audit rows."""
    max_in_flight: Annotated[int, Field(ge=1, le=100_000)] = 512
    """Requests worked on at once: lists end at 3/4 of it, changes at 1/2, bulk calls and exports at 1/4, with 503."""
    queue_patience: Seconds = 2.0
    """Seconds that a list, a change or a bulk call waits for its turn at the database before it is refused with 503."""
    request_timeout: Seconds = 10.0
    """Seconds after which a request is given up with 504."""
    header_timeout: Seconds = 10.0
    """Seconds from a connection, or a request's first byte, to the end of the request's headers."""
    reader_patience: Seconds = 30.0
    """Seconds in which a reader must take the next 64 KiB of an answer; one that does not is cut off."""
    max_connections: Annotated[int, Field(ge=1, le=1_000_000)] = 4096
    """Connections held at once; beyond that the one that rests longest is closed, and with none at rest it is 503."""
    drain_delay: Annotated[float, Field(ge=0, le=600, allow_inf_nan=False)] = 0.5
    """Seconds between "not ready" and the closed door, for balancers to notice."""
    shutdown_timeout: Seconds = 30.0
    """Seconds that running requests get to finish after the door is closed."""
    keepalive_timeout: Seconds = 75.0
    """Above the idle timeout of a balancer in front, or it meets connections we just closed."""
    key_cache_seconds: Annotated[float, Field(ge=0, le=300, allow_inf_nan=False)] = 1.0
    """Seconds for which a verified API key is believed: above 1, a withdrawn one outlives the promised second."""
    ready_timeout: Seconds = 2.0
    """Seconds in which the database must answer a readiness check."""
    encryption_keys: Annotated[str, Field(repr=False)] = ""
    """`id:base64 of 32 bytes`, several with commas, the encrypting one first; without: no Discord tokens."""
    cursor_secret: Annotated[str, Field(repr=False)] = ""
    """Signs page cursors; processes that share callers must share it. Empty: a new one at each start."""
    on_drift: Literal["refuse", "warn"] = "refuse"
    """What to do at start when the database is not the one the queries were proven against."""
    rate_read: Rate = "60000/60"
    """Calls/seconds that a caller may read, or `off`; spread or at once."""
    rate_write: Rate = "30000/60"
    """The same for changes."""
    rate_bulk: Rate = "1200/60"
    """The same for changes of many things in one call."""
    redis_url: Annotated[str, Field(pattern=r"^((rediss?|unix)://\S+)?$", repr=False)] = ""
    """Where processes count calls together; empty: each counts for itself, as all do while Redis is away."""
    compress_from: Annotated[int, Field(ge=0)] = 16_384
    """Bytes from which on a JSON answer is compressed for callers who take gzip: below, it costs more than it saves."""
    max_exports: Annotated[int, Field(ge=0, le=1000)] = 8
    """Exports sent at once; the next one is refused with 503 and Retry-After. 0: none."""
    export_timeout: Seconds = 1800.0
    """Seconds after which an export is cut off, however far it is."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """From which level on events stand on standard error; the access log does not ask."""
    access_log: bool = True
    """One JSON line on standard output for every request."""
    otel: bool = False
    """Make spans of requests, transactions and named queries; needs `pip install slimy_dal[otel]`."""
    docs: bool = True
    """Whether /docs is served; /openapi.json always is."""

    @field_validator("otel")
    @classmethod
    def _otel_is_there(cls, value: bool) -> bool:  # noqa: FBT001 -- pydantic calls it
        if value and find_spec("opentelemetry") is None:
            raise ValueError("OpenTelemetry is missing: pip install 'slimy_dal[otel]'")
        return value

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Self:
        if bool(self.tls_cert) != bool(self.tls_key):
            raise ValueError("SLIMY_TLS_CERT and SLIMY_TLS_KEY are set together or not at all")
        if self.tls_client_ca and not self.tls_cert:
            raise ValueError("SLIMY_TLS_CLIENT_CA needs SLIMY_TLS_CERT and SLIMY_TLS_KEY")
        return self

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read the settings from `environment` (the process's own by default).

        Raises SettingsError with every variable that is missing or wrong, in one message.
        """
        source = os.environ if environment is None else environment
        given = {
            name: source[PREFIX + name.upper()]
            for name in cls.model_fields
            if PREFIX + name.upper() in source
        }
        if "database_url" not in given and "DATABASE_URL" in source:
            given["database_url"] = source["DATABASE_URL"]
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            problems = "; ".join(
                "".join(f"{PREFIX}{str(name).upper()}: " for name in item["loc"]) + item["msg"]
                for item in error.errors()
            )
            raise SettingsError(
                f"the service cannot start with these settings: {problems}"
            ) from None
