"""Where a request stands in a distributed trace (W3C Trace Context): in its caller's, or at the beginning of one."""

import os
import re
from dataclasses import dataclass
from typing import Final, Self

from multidict import CIMultiDictProxy

PARENT: Final = "traceparent"
STATE: Final = "tracestate"

LONGEST_STATE: Final = 512
"""Characters of a tracestate that are passed on; the standard asks for no more."""
KNOWN_FLAGS: Final = 0b11
"""Sampled, and random id: what else may be set has no meaning yet, and must not be passed on."""

# A later version may have more behind the flags; of this one nothing else is well formed.
_PARENT = re.compile(
    r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?\Z"
)
_STATE = re.compile(r"[ -~\t]*\Z")


@dataclass(slots=True)
class Trace:
    """A trace, and the span in it that is this request."""

    trace_id: str
    span_id: str
    flags: str = "00"
    state: str = ""

    @classmethod
    def of(cls, headers: CIMultiDictProxy[str]) -> Self:
        """Return a span of its own for a request with these headers.

        In the caller's trace where `traceparent` is sent once and is well formed; otherwise in a new one, and what
        `tracestate` says then belongs to nothing.
        """
        parents = headers.getall(PARENT, ())
        match = _PARENT.match(parents[0]) if len(parents) == 1 else None
        if match is None or (match[1] == "00" and match[5] is not None):
            # One call for both: they are 16 and 8 bytes.
            new = os.urandom(24).hex()
            return cls(new[:32], new[32:])
        flags = f"{int(match[4], 16) & KNOWN_FLAGS:02x}"
        return cls(match[2], os.urandom(8).hex(), flags, _state(headers))

    @property
    def headers(self) -> dict[str, str]:
        """What the answer says of it, and what would be sent on."""
        parent = f"00-{self.trace_id}-{self.span_id}-{self.flags}"
        return {PARENT: parent, STATE: self.state} if self.state else {PARENT: parent}


def _state(headers: CIMultiDictProxy[str]) -> str:
    text = ",".join(headers.getall(STATE, ())).strip()
    return text if len(text) <= LONGEST_STATE and _STATE.match(text) else ""
