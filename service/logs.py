"""One JSON line per event on standard error: what a collector takes apart, and no message spreads over lines."""

import logging
import sys
import traceback
from typing import Any

from service import wire
from service.accesslog import now

_log = logging.getLogger("service")


class JsonFormatter(logging.Formatter):
    """Writes a record as one line; an exception as its type and places, because its message may quote values."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "time": now(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info is not None and isinstance(error := record.exc_info[1], Exception):
            line.update(error=type(error).__name__, frames=frames(error))
        return wire.encode(line).decode()


def configure(level: str = "info") -> None:
    """Send what this process logs, from a level on, to standard error as JSON lines, unless its caller logs already."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler])


def event(level: int, message: str, **fields: Any) -> None:
    """Log one event of the service with fields of its own."""
    _log.log(level, message, extra={"fields": fields})


def frames(error: BaseException) -> list[str]:
    """Return the places in the code that an exception came through, the innermost last."""
    return [
        f"{frame.filename}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
