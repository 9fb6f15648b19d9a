"""Generated from the routes of the service by `slimy client`; do not edit."""

from slimy_dal.client import shapes
from slimy_dal.client.noun import Noun
from slimy_dal.client.request import Operation


_HEALTH_LIVE = Operation[shapes.Alive]("health_live", "GET", "/health/live", shapes.Alive)
_HEALTH_READY = Operation[shapes.Ready]("health_ready", "GET", "/health/ready", shapes.Ready)
_HEALTH_METRICS_TEXT = Operation[str](
    "health_metrics_text",
    "GET",
    "/metrics",
    str,
    media="text/plain",
)


class Health(Noun):
    """For those who run the service."""

    __slots__ = ()

    async def live(self) -> shapes.Alive:
        """Say that the process answers; it looks at nothing else.

        A process that fails this should be restarted.

        Anyone may call it.
        """
        return await self._transport.call(_HEALTH_LIVE)

    async def ready(self) -> shapes.Ready:
        """Say whether requests can be answered: the database answers, and the end is not near.

        A process that fails this should get no requests for now. Of several workers it is the one
        that was reached. Every query was prepared and compared with the tables when the process
        started; what differed is among the warnings.

        Anyone may call it.
        """
        return await self._transport.call(_HEALTH_READY)

    async def metrics_text(self) -> str:
        """Return what was counted since the start, by all workers together, as Prometheus reads it.

        Anyone may call it.
        """
        return await self._transport.call(_HEALTH_METRICS_TEXT)
