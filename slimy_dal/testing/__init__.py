"""Faults and servers for the tests of whoever uses this package; the rest of it never imports this.

`FaultProxy` spoils the line to a server, `Node` is a server that can be crashed, paused and filled up, `FailoverPair`
a primary with its standby, `Databases` makes and clones databases. With the extra `testing` installed, pytest finds
fixtures for them by itself (`slimy_dal.testing.plugin`). docs/testing.md shows them at work.
"""

from slimy_dal.testing.cuts import Cut, cut_points, random_cut
from slimy_dal.testing.disk import SmallDisk, small_disk
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
    "Cut",
    "FailoverPair",
    "FaultProxy",
    "Latency",
    "LimitData",
    "Message",
    "Node",
    "Reset",
    "Slicer",
    "SlowClose",
    "SmallDisk",
    "Timeout",
    "Toxic",
    "cut_points",
    "random_cut",
    "silent_host",
    "small_disk",
]
