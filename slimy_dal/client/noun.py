"""What the generated classes of the client have in common."""

from slimy_dal.client.transport import Transport


class Noun:
    """The calls about one noun, over a transport."""

    __slots__ = ("_transport",)

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
