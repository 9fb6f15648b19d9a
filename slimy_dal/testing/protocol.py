"""PostgreSQL's protocol as far as a proxy needs it: where a message begins and ends, and what it is called."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = ["Framer", "Message", "Side"]

Side: TypeAlias = Literal["client", "server"]
"""Who sent something."""

REQUESTS = {80877102: "CancelRequest", 80877103: "SSLRequest", 80877104: "GSSENCRequest"}
"""What a client may send before it says who it is, by the number in place of the version."""

LENGTH = 4
"""Bytes of a message's length, which counts itself."""

GREETING = range(2 * LENGTH, 10_001)
"""Bytes that a client's first message may have; the server itself refuses a longer one."""

NAMES: dict[Side, dict[str, str]] = {
    "client": {
        "B": "Bind",
        "C": "Close",
        "D": "Describe",
        "E": "Execute",
        "F": "FunctionCall",
        "H": "Flush",
        "P": "Parse",
        "Q": "Query",
        "S": "Sync",
        "X": "Terminate",
        "c": "CopyDone",
        "d": "CopyData",
        "f": "CopyFail",
        "p": "Password",
    },
    "server": {
        "1": "ParseComplete",
        "2": "BindComplete",
        "3": "CloseComplete",
        "A": "Notification",
        "C": "CommandComplete",
        "D": "DataRow",
        "E": "ErrorResponse",
        "G": "CopyInResponse",
        "H": "CopyOutResponse",
        "I": "EmptyQuery",
        "K": "BackendKeyData",
        "N": "NoticeResponse",
        "R": "Authentication",
        "S": "ParameterStatus",
        "T": "RowDescription",
        "V": "FunctionResult",
        "W": "CopyBothResponse",
        "Z": "ReadyForQuery",
        "c": "CopyDone",
        "d": "CopyData",
        "n": "NoData",
        "s": "PortalSuspended",
        "t": "ParameterDescription",
        "v": "NegotiateProtocolVersion",
    },
}


@dataclass(frozen=True, slots=True)
class Message:
    """One message: who sent it on which line (connections are numbered from 1), its name, its bytes.

    The name is the manual's ("Bind", "ReadyForQuery"); "Startup" is a client's first message, and "Unknown" what is
    no message at all, as after a part was lost.
    """

    line: int
    side: Side
    name: str
    data: bytes

    @property
    def status(self) -> str | None:
        """ReadyForQuery: I when idle, T in a transaction, E in a failed one; None for other messages."""
        return chr(self.data[5]) if self.name == "ReadyForQuery" else None

    @property
    def tag(self) -> str | None:
        """CommandComplete: the command's tag, such as INSERT 0 1; None for other messages."""
        return self.data[5:-1].decode() if self.name == "CommandComplete" else None

    @property
    def sql(self) -> str | None:
        """Query and Parse: the statement's text; None for other messages."""
        if self.name == "Query":
            return self.data[5:-1].decode(errors="replace")
        if self.name == "Parse":
            return self.data[5:].split(b"\0")[1].decode(errors="replace")
        return None

    @property
    def sqlstate(self) -> str | None:
        """ErrorResponse and NoticeResponse: the condition's code; None for other messages."""
        if self.name not in {"ErrorResponse", "NoticeResponse"}:
            return None
        fields = self.data[5:].split(b"\0")
        return next((field[1:].decode() for field in fields if field[:1] == b"C"), None)


class Framer:
    """Cuts what one side of one line sends into messages, however the network cut it into pieces."""

    def __init__(self, line: int, side: Side) -> None:
        self._line = line
        self._side: Side = side
        self._rest = bytearray()
        self._greeting = side == "client"
        self._lost = False

    def feed(self, data: bytes) -> Iterator[Message]:
        """Take bytes and give the messages that are whole by now; the rest is kept for the next call."""
        self._rest += data
        while (size := self._size()) and len(self._rest) >= size:
            piece = bytes(self._rest[:size])
            del self._rest[:size]
            yield Message(self._line, self._side, self._name(piece), piece)

    def remainder(self) -> bytes:
        """Return and forget what came of a message that is not whole."""
        rest = bytes(self._rest)
        self._rest.clear()
        return rest

    def _size(self) -> int:
        """Return the next message's bytes; 0 while too little of it is there to say."""
        if self._lost:
            return len(self._rest)
        head = 0 if self._greeting else 1
        if len(self._rest) < head + LENGTH:
            return 0
        size = int.from_bytes(self._rest[head : head + LENGTH], "big")
        typed = size >= LENGTH and chr(self._rest[0]) in NAMES[self._side]
        known = size in GREETING if self._greeting else typed
        if not known:
            self._lost = True  # no PostgreSQL: whatever it is goes through as it is
            return len(self._rest)
        return head + size

    def _name(self, piece: bytes) -> str:
        if self._lost:
            return "Unknown"
        if not self._greeting:
            return NAMES[self._side][chr(piece[0])]
        request = REQUESTS.get(int.from_bytes(piece[4:8], "big"))
        self._greeting = request is not None
        return request or "Startup"
