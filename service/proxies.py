"""Finds out where a request came from, behind proxies that are trusted to say so."""

import ipaddress
from collections.abc import Iterable
from typing import Final

from aiohttp import web

FORWARDED: Final = "X-Forwarded-For"

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Networks = tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]


def networks(text: str) -> Networks:
    """Read `10.0.0.0/8,::1`; an address alone is a network of one. Raises ValueError naming what is no network."""
    found = []
    for entry in filter(None, (part.strip() for part in text.split(","))):
        try:
            found.append(ipaddress.ip_network(entry))
        except ValueError:
            raise ValueError(
                f"{entry!r} is no network: give such as 10.0.0.0/8 or 192.0.2.7, several with commas"
            ) from None
    return tuple(found)


def origin(request: web.Request, trusted: Networks) -> str | None:
    """Return the caller's address: the peer's, or, where that is a trusted proxy, the one it forwards for.

    Of the addresses in X-Forwarded-For the rightmost counts that is no trusted proxy itself: what stands left of it
    was written by the caller. None for a caller without an address, behind a socket in the file system.
    """
    peer = request.remote
    if not trusted or not _is_trusted(found := _address(peer), trusted):
        return peer
    for entry in reversed(_entries(request.headers.getall(FORWARDED, ()))):
        forwarded = _address(entry)
        if forwarded is None:
            # Further left may stand what this hop took for true; the last that is known is the one to blame.
            break
        found = forwarded
        if not _is_trusted(found, trusted):
            break
    return str(found)


def _entries(lines: Iterable[str]) -> list[str]:
    return [entry.strip() for line in lines for entry in line.split(",")]


def _is_trusted(address: Address | None, trusted: Networks) -> bool:
    return address is not None and any(address in network for network in trusted)


def _address(text: str | None) -> Address | None:
    """Return an address without its port, zone, and the dress that IPv4 wears on a socket for both."""
    bare = (text or "").partition("%")[0]
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
