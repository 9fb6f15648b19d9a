"""What the server says beside its answers: notices, warnings, lines of its log."""

from dataclasses import dataclass
from typing import Any, Self

__all__ = ["Notice"]


@dataclass(frozen=True, slots=True)
class Notice:
    """A message of the server that is no error: a NOTICE, WARNING or LOG line."""

    severity: str
    sqlstate: str | None
    message: str
    detail: str | None
    hint: str | None
    source: str | None

    @classmethod
    def of(cls, message: Any) -> Self:
        """Return what the driver's message says."""
        return cls(
            str(message.severity_en or message.severity),
            message.sqlstate,
            str(message.message),
            message.detail,
            message.hint,
            message.server_source_function,
        )
