"""Says why TLS with the database did not come about, in the words of its address."""

import os
import ssl
from typing import Final
from urllib.parse import parse_qs, urlsplit

__all__ = ["unreadable", "untrusted"]

FILES: Final = ("sslrootcert", "sslcert", "sslkey", "sslcrl")


def unreadable(dsn: str) -> str | None:
    """Return which file that an address names cannot be read; None where all can."""
    named = parse_qs(urlsplit(dsn).query)
    for word in FILES:
        for path in named.get(word, ()):
            if not os.access(path, os.R_OK):
                return f"the file of {word} in DATABASE_URL cannot be read: {path}"
    return None


def untrusted(error: BaseException) -> str | None:
    """Return what one side has against the other; None for a failure to connect that may pass by itself."""
    if isinstance(error, ConnectionError) and "rejected SSL" in str(error):
        return "the server offers no TLS, which sslmode in DATABASE_URL demands"
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            "the server's certificate is not to be trusted: check sslrootcert and the name of the host "
            "in DATABASE_URL"
        )
    refusal = error if isinstance(error, ssl.SSLError) else error.__cause__
    if isinstance(refusal, ssl.SSLError) and "ALERT" in (refusal.reason or ""):
        return "the server refuses the certificate shown: check sslcert and sslkey in DATABASE_URL"
    return None
