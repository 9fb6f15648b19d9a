"""TLS towards clients: the context that the settings ask for, and its new certificate without a restart."""

import ssl
from pathlib import Path
from typing import NoReturn

from service.settings import Settings, SettingsError


def context(settings: Settings) -> ssl.SSLContext | None:
    """Return the context for connections of clients; None where no certificate is set.

    Raises SettingsError naming the variable whose file cannot be used.
    """
    if not settings.tls_cert:
        return None
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.set_alpn_protocols(["http/1.1"])
    _load(made, settings)
    if settings.tls_client_ca:
        authorities = _text("SLIMY_TLS_CLIENT_CA", settings.tls_client_ca, "CERTIFICATE")
        try:
            made.load_verify_locations(cadata=authorities)
        except ssl.SSLError as error:
            _refuse("SLIMY_TLS_CLIENT_CA", f"its certificates cannot be used ({error.reason})")
        made.verify_mode = ssl.CERT_REQUIRED
    return made


def renew(made: ssl.SSLContext, settings: Settings) -> None:
    """Read certificate and key again, for connections from now on.

    Raises SettingsError, and then goes on with what it had.
    """
    # A context that was given a certificate without its key is spoilt, so another one tries them first.
    _load(ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), settings)
    _load(made, settings)


def _load(made: ssl.SSLContext, settings: Settings) -> None:
    _text("SLIMY_TLS_CERT", settings.tls_cert, "CERTIFICATE")
    _text("SLIMY_TLS_KEY", settings.tls_key, "PRIVATE KEY")

    def no_passphrase() -> NoReturn:
        _refuse("SLIMY_TLS_KEY", "is encrypted; give a key without a passphrase")

    try:
        made.load_cert_chain(settings.tls_cert, settings.tls_key, no_passphrase)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            _refuse("SLIMY_TLS_KEY", "is not the key of the certificate in SLIMY_TLS_CERT")
        _refuse("SLIMY_TLS_CERT", f"cannot be used with SLIMY_TLS_KEY ({error.reason})")


def _text(variable: str, path: str, kind: str) -> str:
    """Return the text of a file in PEM form that has something of a kind in it."""
    try:
        text = Path(path).read_text("ascii")
    except OSError as error:
        _refuse(variable, f"cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        text = ""
    if f"{kind}-----" not in text:
        _refuse(variable, f"is no {kind.lower()} in PEM form")
    return text


def _refuse(variable: str, problem: str) -> NoReturn:
    raise SettingsError(f"the service cannot start with these settings: {variable}: {problem}")
