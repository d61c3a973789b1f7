"""Reading RTP: what is there, and nothing raised for what is not."""

import random

import pytest

from signalling.media.relay.packet import begins_key_frame, extension_of, read, unwrapped
from tests.media.relay.rtp import DELTA, KEY, one_byte, rtp, two_bytes


def test_the_fields_of_a_plain_packet() -> None:
    packet = read("audio", rtp(65_535, 4_000_000_000, b"abc", 9, marker=True), 1.5)
    assert packet is not None
    assert (packet.sequence, packet.timestamp, packet.ssrc) == (65_535, 4_000_000_000, 9)
    assert (packet.marker, packet.payload, packet.arrived_s) == (1, b"abc", 1.5)
    assert (packet.kind, packet.codec, packet.level, packet.level_dbov) == (
        "audio",
        "opus",
        None,
        None,
    )


@pytest.mark.parametrize("block", [one_byte, two_bytes])
def test_the_audio_level_among_other_extensions(block: object) -> None:
    extensions = block((4, b"abc"), (2, b"\xa0"), (1, b"0"))  # type: ignore[operator]
    packet = read("audio", rtp(payload=b"abc", extensions=extensions), 0, level_id=2)
    assert packet is not None
    assert (packet.level, packet.level_dbov, packet.payload) == (0xA0, -32, b"abc")


def test_contributors_and_padding_are_no_payload() -> None:
    packet = read("video", rtp(payload=KEY, csrcs=3, padding=8, extensions=one_byte((1, b"0"))), 0)
    assert packet is not None
    assert packet.payload == KEY
    assert packet.key


def test_a_packet_of_padding_alone_is_empty() -> None:
    packet = read("video", rtp(payload=b"", padding=200), 0)
    assert packet is not None
    assert (packet.payload, packet.key) == (b"", False)


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        rtp()[:11],
        b"\x40" + rtp()[1:],  # version 1
        b"\x90" + rtp(payload=b"")[1:],  # extensions that are not there
        rtp(payload=b"", extensions=b"\xbe\xde\x00\x09"),  # longer than the packet
        rtp(payload=b"", csrcs=15)[:20],
        b"\xa0" + rtp(payload=b"\xff")[1:],  # more padding than packet
    ],
)
def test_what_is_no_packet_is_none(wrong: bytes) -> None:
    assert read("audio", wrong, 0, level_id=2) is None


@pytest.mark.parametrize(
    "block",
    [
        b"\xbe\xde\x00\x01\x2f\x00\x00\x00",  # 16 bytes announced, three there
        b"\xbe\xde\x00\x01\xf0\x00\x20\x05",  # id 15 ends it
        b"\x10\x00\x00\x01\x02\x09\x00\x00",
        b"\x12\x34\x00\x01\x20\x05\x00\x00",  # a profile that nobody knows
        b"\xbe\xde\x00\x01\x00\x00\x00\x20",
    ],
)
def test_extensions_that_cannot_be_read_are_absent(block: bytes) -> None:
    packet = read("audio", rtp(payload=b"abc", extensions=block), 0, level_id=2)
    assert packet is not None
    assert (packet.level, packet.payload) == (None, b"abc")


def test_one_extension_of_a_whole_packet() -> None:
    plain = rtp(extensions=one_byte((3, b"abc"), (1, b"12")), csrcs=2)
    assert extension_of(plain, 1) == b"12"
    assert extension_of(plain, 5) == b""
    assert extension_of(rtp(), 1) == b""
    assert extension_of(plain[:22], 1) == b""
    assert extension_of(b"", 1) == b""


@pytest.mark.parametrize(
    ("payload", "key"),
    [
        (KEY, True),
        (DELTA, False),
        (b"\x00\x00", False),  # not the first packet of a frame
        (b"\x11\x00", False),  # not the first partition
        (b"\x90\x80\x05\x00", True),  # 7 bits of picture id
        (b"\x90\x80\x85\x01\x00", True),  # 15 bits
        (b"\x90\xf0\x85\x01\x07\x20\x00", True),  # TL0PICIDX and TID too
        (b"\x90\xf0\x85\x01\x07\x20\x01", False),
        (b"\x90\x80\x85", False),
        (b"\x90\x80", False),
        (b"\x90", False),
        (b"\x10", False),
        (b"", False),
    ],
)
def test_where_a_key_frame_begins(payload: bytes, key: bool) -> None:
    assert begins_key_frame(payload) is key
    packet = read("video", rtp(payload=payload), 0)
    assert packet is not None
    assert packet.key is key


def test_rtx_is_the_packet_that_it_repeats() -> None:
    original = rtp(300, 90_000, KEY, 7, marker=True, extensions=one_byte((1, b"1")), csrcs=1)
    repeated = rtp(
        5, 90_000, b"\x01\x2c" + KEY, 8, 97, marker=True, extensions=one_byte((1, b"1")), csrcs=1
    )
    again = unwrapped(repeated, 7)
    assert again[2:] == original[2:]
    assert again[1] & 0x80 == original[1] & 0x80


@pytest.mark.parametrize("wrong", [b"", rtp()[:10], rtp(payload=b"x"), rtp(payload=b"", padding=4)])
def test_rtx_that_repeats_nothing(wrong: bytes) -> None:
    assert unwrapped(wrong, 7) == b""


def test_nothing_raises_for_garbage() -> None:
    chance = random.Random(4)
    for _ in range(20_000):
        garbage = bytearray(chance.randbytes(chance.randrange(60)))
        if garbage and chance.random() < 0.8:
            garbage[0] = 0x90 | garbage[0] & 0x2F
        if len(garbage) > 14 and chance.random() < 0.8:
            garbage[12:14] = chance.choice([b"\xbe\xde", b"\x10\x00"])
        plain = bytes(garbage)
        read("audio", plain, 0, level_id=2)
        read("video", plain, 0)
        extension_of(plain, 1)
        if again := unwrapped(plain, 7):
            read("video", again, 0)
