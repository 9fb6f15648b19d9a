"""One of several processes that serve one port: the supervisor starts it, and tells it what to do."""

import socket
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from service import server
from service.settings import Settings
from service.share import Place, Share
from slimy_dal.engine.settings import PoolSettings

READY: Final = b"ready\n"
"""What a worker says once it answers requests."""


class Orders(BaseModel):
    """What a worker is told, in one line on its standard input, which is a socket."""

    number: int
    sockets: list[int]
    """Descriptors of what it takes connections from."""
    room: Path
    """The private folder of this service's workers."""
    settings: Settings
    pool: PoolSettings


def main() -> int:
    """Serve as told; the exit code is that of `python -m service`."""
    try:
        channel = socket.socket(fileno=sys.stdin.fileno())
    except OSError:
        sys.stderr.write("a worker is started by its supervisor: set SLIMY_WORKERS\n")
        return 2
    with channel.makefile("rb") as lines:
        told = lines.readline()
    if not told:
        return 1  # the supervisor is gone before it said anything
    orders = Orders.model_validate_json(told)
    sockets = [socket.socket(fileno=each) for each in orders.sockets]
    place = Place(
        number=orders.number,
        sockets=sockets,
        room=orders.room,
        share=Share(orders.room / "share", orders.number),
        channel=channel,
    )

    def serve() -> int:
        server.run(
            orders.settings,
            pool=orders.pool,
            started=lambda _: channel.sendall(READY),
            place=place,
        )
        return 0

    with ExitStack() as stack:
        for each in (channel, *sockets):
            stack.enter_context(each)
        return server.plainly(serve)


if __name__ == "__main__":
    sys.exit(main())
