"""Faults and servers for the tests of whoever uses this package; the rest of it never imports this.

`FaultProxy` spoils the line to a server, `Bouncer` is a PgBouncer before one, `Node` is a server that can be crashed,
paused and filled up, `FailoverPair` a primary with its standby, `Databases` makes and clones databases. With the extra
`testing` installed, pytest finds fixtures for them by itself (`slimy_dal.testing.plugin`). docs/testing.md shows them
at work.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slimy_dal.testing.bouncer import Bouncer, BouncerError
    from slimy_dal.testing.cuts import Cut, cut_points, random_cut
    from slimy_dal.testing.databases import Databases
    from slimy_dal.testing.disk import SmallDisk, small_disk
    from slimy_dal.testing.happening import Happening, schedule
    from slimy_dal.testing.ledger import Ledger, Verdict
    from slimy_dal.testing.node import Node
    from slimy_dal.testing.pair import FailoverPair
    from slimy_dal.testing.protocol import Message
    from slimy_dal.testing.proxy import FaultProxy, silent_host
    from slimy_dal.testing.toxics import (
        Bandwidth,
        Blackhole,
        Latency,
        LimitData,
        Reset,
        Slicer,
        SlowClose,
        Timeout,
        Toxic,
    )

__all__ = [
    "Bandwidth",
    "Blackhole",
    "Bouncer",
    "BouncerError",
    "Cut",
    "Databases",
    "FailoverPair",
    "FaultProxy",
    "Happening",
    "Latency",
    "Ledger",
    "LimitData",
    "Message",
    "Node",
    "Reset",
    "Slicer",
    "SlowClose",
    "SmallDisk",
    "Timeout",
    "Toxic",
    "Verdict",
    "cut_points",
    "random_cut",
    "schedule",
    "silent_host",
    "small_disk",
]

_HOMES = {
    "bouncer": ("Bouncer", "BouncerError"),
    "cuts": ("Cut", "cut_points", "random_cut"),
    "databases": ("Databases",),
    "disk": ("SmallDisk", "small_disk"),
    "ledger": ("Ledger", "Verdict"),
    "node": ("Node",),
    "pair": ("FailoverPair",),
    "protocol": ("Message",),
    "proxy": ("FaultProxy", "silent_host"),
    "happening": ("Happening", "schedule"),
}


def __getattr__(name: str) -> object:
    """Load a name at its first use: pytest loads the plugin below in every project that has the package."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = next((home for home, names in _HOMES.items() if name in names), "toxics")
    return getattr(import_module(f"{__name__}.{home}"), name)
