"""VP8 frames put together from packets, and what is left out after a loss."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signalling.media.record.vp8 import (
    FRAME_BYTES_MOST,
    Frame,
    Frames,
    descriptor_bytes,
    key_frame_size,
)
from tests.media.record.studio import FPS, Rtp, camera, vp8

KEY = b"\x10\x00\x00\x9d\x01\x2a" + (160).to_bytes(2, "little") + (120).to_bytes(2, "little")
OTHER = b"\x11\x00\x00more"


def packet(payload: bytes, timestamp: int = 0, marker: int = 1) -> Rtp:
    return Rtp("video", 2, 0, timestamp, marker, payload, 0.0)


def whole(*packets: Rtp, gap: bool = False) -> list[Frame]:
    frames = Frames()
    return [f for p in packets if (f := frames.add(p, gap=gap)) is not None]


def test_frames_come_out_as_they_were_encoded() -> None:
    encoded = vp8(3)
    frames = whole(*camera(encoded, 0))

    assert tuple(frame.data for frame in frames) == encoded
    keys = [number for number, frame in enumerate(frames) if frame.size == (160, 120)]
    assert keys == [0, 2 * FPS]


def test_nothing_is_kept_before_the_first_key_frame() -> None:
    encoded = vp8(3)

    assert len(whole(*camera(encoded[5:], 0))) == FPS


def test_after_a_loss_nothing_is_kept_until_a_key_frame() -> None:
    encoded = vp8(3)
    frames = Frames()
    sent = list(camera(encoded, 0))
    lost = next(at for at, p in enumerate(sent) if p.timestamp == sent[-1].timestamp)
    lost = min(lost, len(sent) // 2)

    kept = [frames.add(p, gap=at == lost) for at, p in enumerate(sent) if at != lost - 1]

    sizes = [frame.size for frame in kept if frame is not None]
    second = sizes.index((160, 120), 1)
    assert second < 2 * FPS
    assert len(sizes) - second == FPS
    assert not frames.missing


@pytest.mark.parametrize(
    "packets",
    [
        [packet(b"\x10" + KEY, 0, 0), packet(b"\x10" + OTHER, 1, 1)],  # the first never ends
        [packet(b"\x00" + KEY)],  # no beginning
        [packet(b"\x11" + KEY)],  # begins a partition, but not the first
        [packet(b"\x10")],  # a descriptor and nothing else
        [packet(b"\x90\x80")],  # ends within the descriptor
        [packet(b"\x10" + KEY[:9])],  # a key frame that ends within its head
        [packet(b"\x10" + KEY.replace(b"\x9d", b"\x9c"))],
        [packet(b"\x10" + KEY[:6] + b"\0\0\0\0")],  # no size
        [packet(b"")],
    ],
)
def test_what_is_no_frame_is_left_out(packets: list[Rtp]) -> None:
    assert whole(*packets) == []


def test_padding_between_frames_does_no_harm() -> None:
    kept = whole(
        packet(b"\x10" + KEY, 0, 0), packet(b"", 0, 0), packet(b"\x00tail", 0, 1), gap=False
    )

    assert [frame.data for frame in kept] == [KEY + b"tail"]


def test_a_frame_that_never_ends_is_given_up() -> None:
    frames = Frames()
    piece = packet(b"\x00" + bytes(1 << 20), 0, 0)
    frames.add(packet(b"\x10" + KEY, 0, 0), gap=False)
    for _ in range(FRAME_BYTES_MOST >> 20):
        frames.add(piece, gap=False)

    assert frames.add(replace(piece, marker=1), gap=False) is None
    assert frames.missing


@pytest.mark.parametrize(
    ("payload", "size"),
    [
        (b"", 0),
        (b"\x10", 1),
        (b"\x90", 0),
        (b"\x90\x00", 0),
        (b"\x90\x00\x00", 2),
        (b"\x90\x80\x01", 3),
        (b"\x90\x80\x81", 4),
        (b"\x90\x40\x00", 3),
        (b"\x90\x20\x00", 3),
        (b"\x90\x10\x00", 3),
        (b"\x90\xf0\x81", 6),
    ],
)
def test_the_length_of_a_descriptor(payload: bytes, size: int) -> None:
    assert descriptor_bytes(payload) == size


@pytest.mark.parametrize(("width", "height"), [(4097, 120), (160, 4097), (0, 120), (160, 0)])
def test_a_size_that_no_camera_has_is_none(width: int, height: int) -> None:
    head = KEY[:6] + width.to_bytes(2, "little") + height.to_bytes(2, "little")

    assert key_frame_size(head) is None


def test_the_upper_bits_of_a_size_are_how_to_scale_it() -> None:
    scaled = KEY[:6] + (160 | 0x4000).to_bytes(2, "little") + (120 | 0x8000).to_bytes(2, "little")

    assert key_frame_size(scaled) == (160, 120)


@given(st.lists(st.tuples(st.binary(max_size=40), st.integers(0, 3), st.integers(0, 1))))
def test_no_payload_does_harm(sent: list[tuple[bytes, int, int]]) -> None:
    for frame in whole(*(packet(*one) for one in sent)):
        assert frame.data
