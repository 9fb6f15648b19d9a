"""Adds up the figures of several workers, so that a scrape gives those of all and not of whoever answered."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

PATIENCE: Final = 0.5
"""Seconds in which a worker must give its figures."""
END: Final = "# EOF\n"


@dataclass(slots=True)
class Family:
    """A metric: the two lines that introduce it, and its samples by name and labels."""

    head: tuple[str, str]
    samples: dict[str, float] = field(default_factory=dict)

    @property
    def counts(self) -> bool:
        """Whether it only grows, so that what an ended worker had is still a part of it."""
        return not self.head[1].endswith(" gauge")


Families = Mapping[str, Family]


def families(text: str) -> dict[str, Family]:
    """Read an exposition as `service.metrics` writes it."""
    found: dict[str, Family] = {}
    about, current = "", Family(("", ""))
    for line in text.splitlines():
        if line.startswith("# HELP "):
            about = line
        elif line.startswith("# TYPE "):
            current = found.setdefault(line.split(" ")[2], Family((about, line)))
        elif line:
            name, _, value = line.rpartition(" ")
            current.samples[name] = float(value) if "." in value or "e" in value else int(value)
    return found


def total(parts: Iterable[Families]) -> dict[str, Family]:
    """Return the sums, sample by sample."""
    summed: dict[str, Family] = {}
    for part in parts:
        for name, one in part.items():
            samples = summed.setdefault(name, Family(one.head)).samples
            for key, value in one.samples.items():
                samples[key] = samples.get(key, 0) + value
    return summed


class Figures:
    """What the workers said last. A counter never falls: not when a worker is late, and not when one has ended."""

    def __init__(self) -> None:
        self._last: dict[int, dict[str, Family]] = {}
        self._ended: dict[str, Family] = {}

    def ended(self, number: int) -> None:
        """Keep the counters of a worker that is no more; what it counted after it was last asked is lost with it."""
        last = self._last.pop(number, {})
        kept = {name: one for name, one in last.items() if one.counts}
        self._ended = total((self._ended, kept))

    def text(self, heard: Mapping[int, str], workers: int) -> str:
        """Return the sums as text, given what those workers said just now who answered in time."""
        self._last |= {number: families(said) for number, said in heard.items()}
        parts = [self._ended]
        for number, said in self._last.items():
            here = number in heard
            parts.append({name: one for name, one in said.items() if here or one.counts})
        lines = [
            "# HELP slimy_workers Worker processes there should be.",
            "# TYPE slimy_workers gauge",
            f"slimy_workers {workers}",
            "# HELP slimy_workers_answering Worker processes whose figures are in these.",
            "# TYPE slimy_workers_answering gauge",
            f"slimy_workers_answering {len(heard)}",
            *_lines(total(parts)),
        ]
        return "\n".join(lines) + "\n"


def _lines(summed: Families) -> Iterator[str]:
    for one in summed.values():
        yield from one.head
        for name, value in one.samples.items():
            yield f"{name} {value}"


async def ask(socket: Path, seconds: float) -> str | None:
    """Return what is told at a socket; None where nobody answers in time."""
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_unix_connection(str(socket))
            try:
                text, end, _ = (await reader.read()).decode().partition(END)
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return None
    # Without its end it is cut off: who told it died meanwhile.
    return text if end else None


@asynccontextmanager
async def telling(socket: Path, text: Callable[[], Awaitable[str]]) -> AsyncIterator[None]:
    """Tell everyone who connects to a socket what `text` returns, for the time of the block."""

    async def tell(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            writer.write(f"{await text()}{END}".encode())
            await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(tell, str(socket))
    try:
        yield
    finally:
        server.close()
