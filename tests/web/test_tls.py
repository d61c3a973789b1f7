"""https by the server itself: real certificates, real handshakes, clear words for wrong files."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from signalling.errors import Unavailable
from signalling.settings import Server
from signalling.web.tls import Tls
from tests.web.certificates import Pair, make_pair


def server(certificate: Path | str, key: Path | str) -> Server:
    return Server(tls_cert=str(certificate), tls_key=str(key))


def tls_of(pair: Pair) -> Tls:
    tls = Tls.of(server(pair.certificate, pair.key))
    assert tls is not None
    return tls


@asynccontextmanager
async def echoing(tls: Tls) -> AsyncIterator[int]:
    """Run a server that says one word; give its port."""

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        writer.close()
        await writer.wait_closed()

    listening = await asyncio.start_server(greet, "127.0.0.1", 0, ssl=tls.context)
    async with listening:
        yield listening.sockets[0].getsockname()[1]


async def shake(port: int, context: ssl.SSLContext) -> tuple[str | None, bytes]:
    """Connect; return the version of TLS, and the word."""
    async with asyncio.timeout(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
        version = writer.get_extra_info("ssl_object").version()
        word = await reader.read()
        writer.close()
        await writer.wait_closed()
    return version, word


def test_nothing_set_is_no_tls() -> None:
    assert Tls.of(Server()) is None


@pytest.mark.parametrize(("certificate", "key"), [("a.pem", ""), ("", "a.key")])
def test_half_of_it_is_a_mistake(certificate: str, key: str) -> None:
    missing = "tls_key" if certificate else "tls_cert"
    with pytest.raises(Unavailable, match=f"go together: server.{missing} is missing"):
        Tls.of(server(certificate, key))


async def test_clients_that_trust_it_connect(tmp_path: Path) -> None:
    pair = make_pair(tmp_path)
    async with echoing(tls_of(pair)) as port:
        assert await shake(port, pair.trusting()) == ("TLSv1.3", b"hello")
        with pytest.raises(ssl.SSLCertVerificationError):
            await shake(port, make_pair(tmp_path, "stranger").trusting())


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
async def test_what_is_older_than_1_2_is_refused(tmp_path: Path) -> None:
    pair = make_pair(tmp_path)
    async with echoing(tls_of(pair)) as port:
        context = pair.trusting()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        assert await shake(port, context) == ("TLSv1.2", b"hello")
        context.minimum_version = ssl.TLSVersion.TLSv1_1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await shake(port, context)


async def test_new_files_serve_connections_to_come(tmp_path: Path) -> None:
    old = make_pair(tmp_path, "old")
    before = old.trusting()
    tls = tls_of(old)
    async with echoing(tls) as port:
        new = make_pair(tmp_path, "new")
        new.certificate.replace(old.certificate)
        new.key.replace(old.key)
        assert (await shake(port, before))[1] == b"hello", "not before it is told"
        tls.reload()
        assert (await shake(port, old.trusting()))[1] == b"hello"
        with pytest.raises(ssl.SSLCertVerificationError):
            await shake(port, before)


async def test_bad_new_files_leave_the_old_in_use(tmp_path: Path) -> None:
    pair = make_pair(tmp_path)
    trusting = pair.trusting()
    tls = tls_of(pair)
    async with echoing(tls) as port:
        pair.certificate.write_bytes(make_pair(tmp_path, "other").certificate.read_bytes())
        with pytest.raises(Unavailable, match="does not belong"):
            tls.reload()
        assert (await shake(port, trusting))[1] == b"hello"
        pair.key.unlink()
        with pytest.raises(Unavailable, match="No such file"):
            tls.reload()
        assert (await shake(port, trusting))[1] == b"hello"


def test_wrong_files_are_named_with_what_is_wrong(tmp_path: Path) -> None:
    pair, other = make_pair(tmp_path), make_pair(tmp_path, "other")
    locked = make_pair(tmp_path, "locked", password="secret")
    text, broken = tmp_path / "text", tmp_path / "broken"
    text.write_bytes(b"\xff hello")
    broken.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    for certificate, key, words in (
        (tmp_path / "none.pem", pair.key, "none.pem: No such file or directory"),
        (pair.certificate, tmp_path / "none.key", "none.key: No such file or directory"),
        (tmp_path, pair.key, "Is a directory"),
        (text, pair.key, "text holds no certificate in PEM form"),
        (pair.key, pair.key, "meet.key holds no certificate in PEM form"),
        (pair.certificate, pair.certificate, "meet.pem holds no private key in PEM form"),
        (pair.certificate, text, "text holds no private key in PEM form"),
        (locked.certificate, locked.key, "locked.key is encrypted"),
        (pair.certificate, other.key, "does not belong to the certificate"),
        (broken, pair.key, "cannot be used"),
    ):
        with pytest.raises(Unavailable, match=words):
            Tls.of(server(certificate, key))


async def test_what_is_no_tls_gets_nothing(tmp_path: Path) -> None:
    async with echoing(tls_of(make_pair(tmp_path))) as port, asyncio.timeout(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"hello" not in await reader.read()
        writer.close()
        await writer.wait_closed()
