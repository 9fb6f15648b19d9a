"""Sessions that only take up room: what a server with all its connection slots in use is made with."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from slimy_dal.engine.embedded import EmbeddedServerError
from slimy_dal.testing.protocol import Framer

__all__ = ["open_sessions"]

VERSION = 196608
"""3.0, the version of the protocol that every server speaks."""
FULL = "53300"
PATIENCE = 10.0


@contextmanager
def open_sessions(path: str, *, leave: int = 0) -> Iterator[int]:
    """Open sessions on a server's socket until it refuses, and close `leave` of them again; gives how many are left.

    Raises EmbeddedServerError when the server refuses for another reason than that it is full.
    """
    with ExitStack() as stack:
        opened: list[socket.socket] = []
        while True:
            session = stack.enter_context(socket.socket(socket.AF_UNIX))
            session.settimeout(PATIENCE)
            session.connect(path)
            refusal = _begin(session)
            if refusal == FULL:
                break
            if refusal is not None:
                raise EmbeddedServerError(f"no session could be opened: SQLSTATE {refusal}")
            opened.append(session)
        for session in opened[:leave]:
            session.sendall(b"X\0\0\0\x04")
            while session.recv(1024):
                pass
            session.close()
        yield len(opened) - leave


def _begin(session: socket.socket) -> str | None:
    """Introduce ourselves as postgres; None when the session is there, else the SQLSTATE of the refusal."""
    words = b"user\0postgres\0database\0postgres\0application_name\0full\0\0"
    session.sendall((8 + len(words)).to_bytes(4, "big") + VERSION.to_bytes(4, "big") + words)
    framer = Framer(0, "server")
    while data := session.recv(8192):
        for message in framer.feed(data):
            if message.name == "ReadyForQuery":
                return None
            if message.name == "ErrorResponse":
                return message.sqlstate
    return "08006"
