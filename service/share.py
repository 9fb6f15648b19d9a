"""What the workers of one service have in common: sockets, a folder, and a few numbers that all of them see."""

import mmap
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

ABSENT: Final = -1
WIDTH: Final = 8


class Share:
    """Whether the whole service ends, and how many connections each worker has.

    A number is written by one process only and read as a whole, so nothing is locked.
    """

    def __init__(self, file: Path, number: int | None = None) -> None:
        with file.open("r+b") as opened:
            self._memory = mmap.mmap(opened.fileno(), 0)
        self._numbers = memoryview(self._memory).cast("q")
        self._mine = None if number is None else number + 1

    @classmethod
    def make(cls, file: Path, workers: int) -> Self:
        """Make the file for so many workers, none of which is there yet."""
        file.write_bytes(bytes(WIDTH) + ABSENT.to_bytes(WIDTH, "little", signed=True) * workers)
        return cls(file)

    @property
    def ending(self) -> bool:
        """Whether all of the service ends: what no worker takes now, none will."""
        return bool(self._numbers[0])

    def end(self) -> None:
        """Say that all of the service ends."""
        self._numbers[0] = 1

    def left(self, number: int) -> None:
        """Note that a worker is not there, or not yet: nobody waits for it to take connections."""
        self._numbers[number + 1] = ABSENT

    def tell(self, connections: int) -> None:
        """Note how many connections this worker has."""
        if self._mine is not None:
            self._numbers[self._mine] = connections

    @property
    def is_my_turn(self) -> bool:
        """Whether no other worker has fewer connections than this one."""
        if self._mine is None:
            return True
        mine = self._numbers[self._mine]
        return not any(ABSENT < other < mine for other in self._numbers[1:])

    def close(self) -> None:
        """Let go of the memory."""
        self._numbers.release()
        self._memory.close()


@dataclass(frozen=True, slots=True)
class Place:
    """A worker's place among the others."""

    number: int
    sockets: Sequence[socket.socket]
    """What all of them take connections from."""
    room: Path
    """A private folder: `figures` tells those of all workers, a worker's number those of that one."""
    share: Share
    channel: socket.socket
    """To the supervisor; it ends with it."""

    @property
    def figures(self) -> Path:
        """Where the figures of all workers are told."""
        return self.room / "figures"
