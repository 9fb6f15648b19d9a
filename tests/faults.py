"""The proxy of slimy_dal.testing under the name that the tests know it by."""

from slimy_dal.testing import FaultProxy as Proxy
from slimy_dal.testing import silent_host

__all__ = ["Proxy", "silent_host"]
