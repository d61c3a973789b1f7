"""TLS of the server itself: browsers give cameras and microphones to https pages alone."""

import ssl
from pathlib import Path
from typing import Final, Self

from signalling.errors import Unavailable
from signalling.settings import Server

BEGIN_CERTIFICATE: Final = "-----BEGIN CERTIFICATE-----"
PRIVATE_KEY: Final = "PRIVATE KEY-----"
ENCRYPTED: Final = ("-----BEGIN ENCRYPTED PRIVATE KEY-----", "Proc-Type: 4,ENCRYPTED")


class Tls:
    """A certificate and its key, read from files; *context* is for servers, TLS 1.2 or newer."""

    def __init__(self, certificate: str, key: str) -> None:
        self._certificate = certificate
        self._key = key
        self.context = self._read()

    @classmethod
    def of(cls, server: Server) -> Self | None:
        """Return what the settings say, None without TLS; raise Unavailable for half of it."""
        if not server.tls_cert and not server.tls_key:
            return None
        if not server.tls_cert or not server.tls_key:
            missing = "tls_key" if server.tls_cert else "tls_cert"
            raise Unavailable(f"a certificate and its key go together: server.{missing} is missing")
        return cls(server.tls_cert, server.tls_key)

    def reload(self) -> None:
        """Read the files again for connections to come; raise Unavailable and keep what was."""
        self._read()  # into another context: a bad pair would break the one in use
        self.context.load_cert_chain(self._certificate, self._key, password=_no_password)

    def _read(self) -> ssl.SSLContext:
        if BEGIN_CERTIFICATE not in _text(self._certificate):
            raise Unavailable(f"{self._certificate} holds no certificate in PEM form")
        key = _text(self._key)
        if any(mark in key for mark in ENCRYPTED):
            raise Unavailable(f"{self._key} is encrypted: the server needs it without a password")
        if PRIVATE_KEY not in key:
            raise Unavailable(f"{self._key} holds no private key in PEM form")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.options |= ssl.OP_NO_RENEGOTIATION
        context.set_alpn_protocols(["http/1.1"])
        try:
            context.load_cert_chain(self._certificate, self._key, password=_no_password)
        except ssl.SSLError as error:
            if error.reason == "KEY_VALUES_MISMATCH":
                raise Unavailable(
                    f"the key in {self._key} does not belong to the certificate in"
                    f" {self._certificate}"
                ) from None
            raise Unavailable(
                f"{self._certificate} and {self._key} cannot be used: {error.reason or error}"
            ) from None
        return context


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise Unavailable(f"{path}: {error.strerror}") from None


def _no_password() -> str:
    """Answer OpenSSL, which would ask the terminal."""
    return ""
