"""Counts and times of requests, and the text in which Prometheus reads them."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

Labels = Mapping[str, str]


class Histogram:
    """How long something took, in buckets."""

    __slots__ = ("_counts", "total")

    def __init__(self) -> None:
        self._counts = [0] * (len(BUCKETS) + 1)
        self.total = 0.0

    def observe(self, seconds: float) -> None:
        """Count one duration."""
        self._counts[bisect_left(BUCKETS, seconds)] += 1
        self.total += seconds

    def lines(self, name: str, labels: Labels) -> Iterator[str]:
        """Yield the histogram as Prometheus reads it."""
        return histogram(name, labels, BUCKETS, self._counts, self.total)


class Metrics:
    """What one process has answered since it began."""

    def __init__(self) -> None:
        self._requests: dict[tuple[str, str, int], int] = {}
        self._durations: dict[tuple[str, str], Histogram] = {}
        self.unlogged_refusals = 0

    @property
    def answered(self) -> int:
        """Requests of all kinds."""
        return sum(self._requests.values())

    def record(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request. `route` is a template, so that ids do not become labels."""
        method = method if method in METHODS else "other"
        key = (method, route, status)
        self._requests[key] = self._requests.get(key, 0) + 1
        duration = self._durations.get((method, route))
        if duration is None:
            duration = self._durations[method, route] = Histogram()
        duration.observe(seconds)

    def lines(self) -> Iterator[str]:
        """Yield all of it as Prometheus reads it."""
        yield from family("slimy_http_requests_total", "counter", "Requests answered.")
        for (method, route, status), count in self._requests.items():
            labels = {"method": method, "route": route, "status": str(status)}
            yield sample("slimy_http_requests_total", labels, count)
        yield from family(
            "slimy_http_request_seconds", "histogram", "Time from request to response."
        )
        for (method, route), duration in self._durations.items():
            yield from duration.lines(
                "slimy_http_request_seconds", {"method": method, "route": route}
            )
        name = "slimy_audit_refusals_unlogged_total"
        yield from family(name, "counter", "Refused attempts that the audit log does not have.")
        yield sample(name, {}, self.unlogged_refusals)


def family(name: str, kind: str, text: str) -> Iterator[str]:
    """Yield the two lines that introduce a metric."""
    yield f"# HELP {name} {text}"
    yield f"# TYPE {name} {kind}"


def gauge(name: str, text: str, value: float) -> Iterator[str]:
    """Yield a metric that is one number."""
    yield from family(name, "gauge", text)
    yield sample(name, {}, value)


def histogram(
    name: str, labels: Labels, bounds: Sequence[float], counts: Sequence[int], total: float
) -> Iterator[str]:
    """Yield a histogram; `counts` has one number per bound and one for the rest, not cumulated."""
    running = 0
    for bound, count in zip((*bounds, "+Inf"), counts, strict=True):
        running += count
        yield sample(f"{name}_bucket", {**labels, "le": str(bound)}, running)
    yield sample(f"{name}_sum", labels, total)
    yield sample(f"{name}_count", labels, running)


def sample(name: str, labels: Labels, value: float) -> str:
    """Return one line of the text format."""
    if not labels:
        return f"{name} {value}"
    inner = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
    return f"{name}{{{inner}}} {value}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def text(lines: Iterable[str]) -> str:
    """Return the whole exposition."""
    return "\n".join(lines) + "\n"
