"""Generated from the routes of the service by `slimy client`; do not edit."""

from slimy_dal.client.noun import Noun
from slimy_dal.client.request import Operation
from slimy_dal.client.values import Json


_DOCS_OPENAPI = Operation[dict[str, Json]]("docs_openapi", "GET", "/openapi.json", dict[str, Json])


class Docs(Noun):
    """This document, and what each problem means."""

    __slots__ = ()

    async def openapi(self) -> dict[str, Json]:
        """Return this document.

        Anyone may call it.
        """
        return await self._transport.call(_DOCS_OPENAPI)
