"""Real media servers, Janus and coturn, as child processes with a configuration of their own.

Both are Debian packages, run unprivileged on free ports and end with the test process, however that
ends. Neither can be left out: a test that needs one fails when its program is missing, and says
what to install.
"""

import atexit
import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import ifaddr
from aioice import stun

from signalling.settings import Ice
from tests.e2e.server import Errors

READY_S = 20.0
STOP_S = 3.0  # a Janus sometimes forgets to end
API_SECRET = "api-secret-of-tests"
ADMIN_KEY = "admin-key-of-tests"
TURN_SECRET = "turn-secret-of-tests"
LOOPBACK_FLAG, UP_FLAG = 0x8, 0x1  # net/if.h
VETH = ("dragoman-test0", "dragoman-test1")
VETH_ADDRESS = "127.0.0.5"
# As little of Janus as VideoRoom over WebSockets needs; what is absent from a list is loaded.
OTHER_PLUGINS = (
    "audiobridge", "duktape", "echotest", "lua", "nosip", "recordplay", "sip", "streaming",
    "textroom", "videocall", "voicemail",
)  # fmt: skip
OTHER_TRANSPORTS = ("http", "mqtt", "nanomsg", "pfunix", "rabbitmq")


@dataclass(frozen=True, slots=True)
class Interface:
    """A network device that is up, with an IPv4 address, and not loopback: Janus ignores those."""

    name: str
    address: str


class Child:
    """A program that writes a line with *ready* when it is; started again on the same port."""

    def __init__(self, folder: Path, package: str, command: tuple[str, ...]) -> None:
        self.folder = folder
        self.package = package
        self.command = command
        self.ready: tuple[str, ...] = ()
        self.output = Errors()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None, f"{self.command[0]} does not run"
        return self._process.pid

    @property
    def said(self) -> str:
        """What it has written since it was started last."""
        return self.output.text

    def start(self) -> None:
        """Start it and wait until it is ready. Call from the main thread: it dies with its parent.

        (The kernel takes the thread that started it for the parent.)
        """
        assert self._process is None, f"{self.command[0]} runs already"
        _hand_over(self.folder)
        self._process = subprocess.Popen(
            [*_unprivileged(), _program(self.command[0], self.package), *self.command[1:]],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert self._process.stdout is not None
        self.output = Errors()
        self.output.follow(self._process.stdout)
        try:
            for words in self.ready:
                self.output.hear(words, within_s=READY_S)
        except AssertionError:
            self.kill()
            raise

    def stop(self) -> None:
        """End it as an operator does, or by force; again is harmless."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a crash does; again is harmless."""
        self._end(signal.SIGKILL)

    def _end(self, number: int) -> None:
        if self._process is None:
            return
        self._process.send_signal(number)
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP_S)
        self.output.finish()
        self._process = None


class JanusChild(Child):
    """A Janus with VideoRoom; its media is at *address*, which is no loopback device's."""

    def __init__(self, folder: Path, interface: Interface) -> None:
        super().__init__(
            folder,
            "janus",
            ("janus", "-C", str(folder / "janus.jcfg"), "-F", str(folder), "-o"),
        )
        self.ready = ("WebSockets thread started",)
        self.address = interface.address
        self.port = free_port()
        self.url = f"ws://127.0.0.1:{self.port}"
        self.api_secret = API_SECRET
        self.admin_key = ADMIN_KEY
        for name, text in _janus_configuration(interface.name, self.port).items():
            (folder / name).write_text(text)


class TurnChild(Child):
    """A coturn at loopback, UDP and TCP, that says what it does.

    It relays from *address*, to loopback too: a Janus answers nobody who comes from loopback.
    """

    def __init__(self, folder: Path, interface: Interface) -> None:
        super().__init__(folder, "coturn", ("turnserver", "-c", str(folder / "turnserver.conf")))
        self.ready = ("TCP listener opened on", "UDP listener opened on")
        self.port = free_port()
        self.secret = TURN_SECRET
        self.address = interface.address
        (folder / "turnserver.conf").write_text(
            _turn_configuration(folder, self.port, self.address)
        )

    def start(self) -> None:
        super().start()
        _until_it_answers(self.port)

    def url(self, transport: str = "udp") -> str:
        return f"turn:127.0.0.1:{self.port}?transport={transport}"

    def settings(self, *transports: str, ttl_s: float = 600) -> Ice:
        """Return the section [ice] of a server that gives out this TURN server."""
        urls = tuple(self.url(transport) for transport in transports or ("udp", "tcp"))
        return Ice(turn_urls=urls, turn_secret=self.secret, turn_ttl_s=ttl_s)


def _until_it_answers(port: int) -> None:
    """Ask a STUN server at loopback until it answers: coturn says too early that it listens."""
    request = bytes(stun.Message(stun.Method.BINDING, stun.Class.REQUEST))
    until = time.monotonic() + READY_S
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(0.1)
        asking.connect(("127.0.0.1", port))
        while time.monotonic() < until:
            with contextlib.suppress(ConnectionRefusedError, TimeoutError):
                asking.send(request)
                asking.recv(2048)
                return
    raise AssertionError(f"the TURN server on port {port} answers nobody")


@contextlib.contextmanager
def janus_running() -> Iterator[JanusChild]:
    """Run a Janus of one's own, for tests that kill it."""
    with _folder() as folder:
        janus = JanusChild(folder, media_interface())
        janus.start()
        try:
            yield janus
        finally:
            janus.stop()


@contextlib.contextmanager
def turn_running() -> Iterator[TurnChild]:
    """Run a coturn of one's own, for tests that kill it."""
    with _folder() as folder:
        turn = TurnChild(folder, media_interface())
        turn.start()
        try:
            yield turn
        finally:
            turn.stop()


@cache
def media_interface() -> Interface:
    """Return a device for Janus's media; without any, root makes one until the tests end."""
    if found := next(_interfaces(), None):
        return found
    ip = shutil.which("ip") if os.geteuid() == 0 else None
    assert ip, (
        "Janus needs a network device other than loopback that is up and has an IPv4 address;"
        " there is none here, and only root can make one (package iproute2)"
    )
    atexit.register(subprocess.run, [ip, "link", "del", VETH[0]], check=False)
    for words in (
        ("link", "add", VETH[0], "type", "veth", "peer", "name", VETH[1]),
        ("addr", "add", f"{VETH_ADDRESS}/32", "dev", VETH[0]),
        ("link", "set", VETH[0], "up"),
        ("link", "set", VETH[1], "up"),
    ):
        subprocess.run([ip, *words], check=True)
    return Interface(VETH[0], VETH_ADDRESS)


def _interfaces() -> Iterator[Interface]:
    for adapter in ifaddr.get_adapters():
        device = adapter.name.partition(":")[0]  # eth0:1 is another address of eth0
        flags = int(Path(f"/sys/class/net/{device}/flags").read_text(), 16)
        if flags & UP_FLAG and not flags & LOOPBACK_FLAG:
            yield from (Interface(device, str(ip.ip)) for ip in adapter.ips if ip.is_IPv4)


def free_port() -> int:
    """Return a port that is free for TCP and UDP on loopback.

    It is below those that the kernel gives out, so nothing takes it by chance before it is used.
    """
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    for port in random.sample(range(10_000, max(lowest, 11_000)), k=100):
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            try:
                tcp.bind(("127.0.0.1", port))
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no free port in 100")


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """Make a folder that is the unprivileged child's alone: secrets are in it."""
    with tempfile.TemporaryDirectory(prefix="dr-media-") as name:
        folder = Path(name)
        yield folder


def _hand_over(folder: Path) -> None:
    if os.geteuid() == 0:
        for path in (folder, *folder.iterdir()):
            shutil.chown(path, "nobody", "nogroup")


def _unprivileged() -> tuple[str, ...]:
    """Return what starts a child as nobody, if we are root, and ends it with us."""
    setpriv = _program("setpriv", "util-linux")
    if os.geteuid() == 0:
        nobody = ("--reuid=nobody", "--regid=nogroup", "--clear-groups")
        return setpriv, *nobody, "--pdeathsig=KILL"
    return setpriv, "--pdeathsig=KILL"


def _program(name: str, package: str) -> str:
    path = shutil.which(name)
    assert path, f"{name} is missing: on Debian, apt-get install {package}, or run `make test`"
    return path


def _janus_configuration(interface: str, port: int) -> dict[str, str]:
    plugins = ",".join(f"libjanus_{name}.so" for name in OTHER_PLUGINS)
    transports = ",".join(f"libjanus_{name}.so" for name in OTHER_TRANSPORTS)
    return {
        "janus.jcfg": f"""
general: {{ debug_level = 4, api_secret = "{API_SECRET}", session_timeout = 60 }}
media: {{ ipv6 = false }}
nat: {{ ice_enforce_list = "{interface}" }}
plugins: {{ disable = "{plugins}" }}
transports: {{ disable = "{transports}" }}
""",
        "janus.plugin.videoroom.jcfg": f"""
general: {{ admin_key = "{ADMIN_KEY}" }}
""",
        "janus.transport.websockets.jcfg": f"""
general: {{ json = "compact", ws = true, ws_port = {port}, ws_ip = "127.0.0.1", wss = false }}
admin: {{ admin_ws = false }}
""",
    }


def _turn_configuration(folder: Path, port: int, relay: str) -> str:
    return f"""
listening-ip=127.0.0.1
listening-port={port}
relay-ip={relay}
use-auth-secret
static-auth-secret={TURN_SECRET}
realm=meet.test
fingerprint
no-cli
no-tls
no-dtls
allow-loopback-peers
no-multicast-peers
no-rfc5780
no-stun-backward-compatibility
response-origin-only-with-rfc5780
log-file=stdout
simple-log
verbose
pidfile={folder}/turn.pid
userdb={folder}/turndb
"""
