"""Sound without holes and whole pictures, from packets that get lost, late or out of order."""

from dataclasses import replace
from itertools import pairwise

import pytest

from signalling.media.record.opus import RATE
from signalling.media.record.tracks import Camera, Picture, Piece, Sound, Voice
from tests.media.record.studio import FPS, Rtp, camera, opus, together, voice, vp8


def spoken(packets: list[Rtp], track: Voice | None = None) -> list[Sound]:
    track = track or Voice()
    pieces: list[Piece] = [piece for p in packets for piece in track.add(p)]
    pieces += track.flush()
    return [piece for piece in pieces if isinstance(piece, Sound)]


def assert_without_holes(sounds: list[Sound]) -> None:
    for before, after in pairwise(sounds):
        assert after.at == before.at + before.samples


def test_sound_is_what_was_sent() -> None:
    said = opus(2)
    sounds = spoken(list(voice(said, 100)))

    assert tuple(sound.data for sound in sounds) == said
    assert sounds[0].at_s == 100
    assert_without_holes(sounds)


def test_lost_packets_leave_their_time() -> None:
    sent = list(voice(opus(3), 100))
    sounds = spoken(sent[:50] + sent[60:])

    assert_without_holes(sounds)
    assert sounds[-1].at + sounds[-1].samples == 103 * RATE
    assert [s.samples for s in sounds if len(s.data) <= 2] == [5760, 3840]


def test_a_muted_microphone_leaves_its_time_while_it_is_muted() -> None:
    track = Voice()
    sounds = [s for p in voice(opus(1), 100) for s in track.add(p)]

    assert track.silent(101.9) == []
    filled = track.silent(103)
    again = track.silent(103.01)
    rest = [
        replace(p, timestamp=(p.timestamp + 5 * RATE) & 0xFFFFFFFF) for p in voice(opus(1), 105)
    ]
    rest = [replace(p, sequence=(p.sequence + 50) & 0xFFFF) for p in rest]
    after = [s for p in rest for s in track.add(p)]

    everything = [s for s in [*sounds, *filled, *again, *after] if isinstance(s, Sound)]
    assert_without_holes(everything)
    assert again == []
    assert everything[-1].at + everything[-1].samples == 106 * RATE


def test_nobody_is_silent_before_their_first_packet() -> None:
    assert Voice().silent(1000) == []


def test_sound_that_comes_after_its_time_was_filled_is_left_out() -> None:
    track = Voice()
    said = list(voice(opus(6), 100))
    sounds = [s for p in said[:50] for s in track.add(p)]
    sounds += track.silent(103.5)  # filled up to 102.5
    stalled = [replace(p, arrived_s=103.6) for p in said[50:180]]
    sounds += [s for p in [*stalled, *said[180:]] for s in track.add(p)] + track.flush()

    kept = [s for s in sounds if isinstance(s, Sound)]
    assert_without_holes(kept)
    assert kept[-1].at + kept[-1].samples == pytest.approx(106 * RATE, abs=1440)


def test_a_new_connection_goes_on_where_it_is() -> None:
    first = list(voice(opus(1), 100))
    second = list(voice(opus(1), 101.5, ssrc=7, first=9))
    sounds = spoken(first + second)

    assert_without_holes(sounds)
    assert sounds[-1].at + sounds[-1].samples == pytest.approx(102.5 * RATE, abs=960)


def test_packets_that_are_not_opus_are_left_out() -> None:
    sent = list(voice(opus(1), 100))
    sent[10] = replace(sent[10], payload=b"")
    sent[20] = replace(sent[20], payload=b"\xff")

    sounds = spoken(sent)

    assert_without_holes(sounds)
    assert sum(s.samples for s in sounds) == RATE


def test_pictures_keep_their_times() -> None:
    track = Camera()
    pieces = [piece for p in camera(vp8(2), 100) for piece in track.add(p)] + track.flush()
    pictures = [piece for piece in pieces if isinstance(piece, Picture)]

    assert [p.at_s for p in pictures] == pytest.approx([100 + n / FPS for n in range(2 * FPS)])
    assert not track.missing


def test_a_lost_packet_costs_the_pictures_up_to_the_next_key_frame() -> None:
    track = Camera()
    sent = list(camera(vp8(4), 100))
    frame = next(p.timestamp for p in sent if p.arrived_s >= 100.99)
    pieces: list[Piece] = []
    for p in sent:
        if p.timestamp != frame:
            pieces += track.add(p)
    pieces += track.flush()

    assert len(pieces) == FPS + 2 * FPS


def test_sound_and_picture_of_one_moment_have_one_time() -> None:
    """Whatever the arrivals jitter, both are placed by the packets that were delayed least."""
    said, seen = Voice(), Camera()
    sounds: list[Piece] = []
    pictures: list[Piece] = []
    for number, p in enumerate(together(voice(opus(4), 100.0), camera(vp8(4), 100.0))):
        delayed = replace(p, arrived_s=p.arrived_s + 0.05 + number * 7 % 5 / 100)
        if p.kind == "audio":
            sounds += said.add(delayed)
        else:
            pictures += seen.add(delayed)

    last_sound, last_picture = sounds[-1], pictures[-1]
    assert isinstance(last_sound, Sound)
    assert isinstance(last_picture, Picture)
    assert last_sound.at_s - 103.98 == pytest.approx(last_picture.at_s - (104 - 1 / FPS), abs=0.012)
