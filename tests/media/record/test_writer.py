"""What one participant sends, as files: which begins when, and how each ends."""

import io
import resource
import threading
from collections.abc import Iterable
from pathlib import Path

import av
import pytest
from pyrage.x25519 import Identity

from signalling.media.record import sealed
from signalling.media.record import writer as module
from signalling.media.record.about import About
from signalling.media.record.file import Home
from signalling.media.record.ogg import Ogg
from signalling.media.record.unseal import unseal
from signalling.media.record.writer import BYTES_MOST, PACKETS_MOST, Hooks, Queue, Writer
from tests.media.record.probe import Probed, probe
from tests.media.record.studio import FPS, Rtp, ago, camera, opus, soon, together, voice, vp8

KEY = Identity.generate()
KNOWN = About(
    recording="r1",
    meeting="m1",
    participant="p1",
    part=1,
    container="ogg",
    started_ms=0,
    consents={"p1": 1},
)


class Desk:
    """A writer, its queue, and what it tells."""

    def __init__(self, directory: Path, free_bytes_least: int = 0) -> None:
        self.directory = directory
        self.queue = Queue()
        self.told: list[About] = []
        self.asked = threading.Semaphore(0)
        self.begun = threading.Semaphore(0)
        home = Home(directory, [KEY.to_public()], free_bytes_least)
        hooks = Hooks(lambda _: self.begun.release(), self.told.append, self.asked.release)
        self.writer = Writer(self.queue, home, KNOWN, hooks)
        self.failed: str | None = "not run"
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        self.failed = self.writer.run()

    def start(self) -> None:
        self._thread.start()

    def wait_for_a_file(self) -> None:
        assert self.begun.acquire(timeout=20)

    def put(self, packets: Iterable[Rtp]) -> None:
        for packet in packets:
            assert self.queue.put(packet)

    def join(self) -> None:
        self._thread.join(timeout=30)
        assert not self._thread.is_alive()

    def played(self) -> list[Probed]:
        shown: list[Probed] = []
        for about in self.told:
            (path,) = self.directory.glob(f"{about.started_ms}-*.{about.container}.age")
            plain = io.BytesIO()
            assert unseal(path, [KEY], plain)
            (self.directory / f"plain.{about.container}").write_bytes(plain.getvalue())
            shown.append(probe(self.directory / f"plain.{about.container}"))
        return shown


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_sound_alone_is_one_ogg(desk: Desk) -> None:
    desk.put(voice(opus(3), soon()))
    desk.writer.end("stopped")

    assert desk.writer.run() is None
    (about,), (seen,) = desk.told, desk.played()
    assert (about.container, about.ended) == ("ogg", "stopped")
    assert about.seconds == pytest.approx(3, abs=0.001)
    assert seen.seconds == pytest.approx(3, abs=0.02)


def test_a_camera_that_is_on_from_the_beginning_is_one_webm(desk: Desk) -> None:
    """It begins with the first sound, before the first whole picture."""
    begun_s = soon()
    desk.put(together(voice(opus(3), begun_s), camera(vp8(4)[: 3 * FPS], begun_s + 0.4)))
    desk.writer.end("left")

    assert desk.writer.run() is None
    (about,), (seen,) = desk.told, desk.played()
    assert (about.container, about.ended) == ("webm", "left")
    assert seen.seconds == pytest.approx(3, abs=0.02)
    assert seen.pictures[0][0] == pytest.approx(0.4, abs=0.003)
    assert len(seen.pictures) == 3 * FPS


def test_a_camera_that_is_switched_on_later_begins_another_file(desk: Desk) -> None:
    begun_s = soon()
    said, seen = list(voice(opus(4), begun_s)), camera(vp8(2), begun_s + 2)
    desk.start()
    desk.put(said[:100])
    desk.wait_for_a_file()
    desk.put(together(said[100:], seen))
    desk.writer.end("stopped")
    desk.join()

    assert desk.failed is None
    assert [(a.container, a.ended) for a in desk.told] == [("ogg", "camera"), ("webm", "stopped")]
    sound, both = desk.played()
    assert sound.seconds + both.seconds == pytest.approx(4, abs=0.05)
    assert len(both.pictures) == 2 * FPS
    between_s = (desk.told[1].started_ms - desk.told[0].started_ms) / 1000
    assert between_s == pytest.approx(sound.seconds, abs=0.05)


def test_a_camera_is_waited_for_only_so_long(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CAMERA_S", 0.3)
    desk.writer.expects_picture = True
    desk.start()
    desk.put(voice(opus(2), soon()))
    desk.wait_for_a_file()
    desk.writer.end("stopped")
    desk.join()

    assert [a.container for a in desk.told] == ["ogg"]


def test_a_picture_that_cannot_begin_is_asked_for(desk: Desk) -> None:
    frames = vp8(3)
    desk.start()
    desk.put(camera(frames[3:FPS], soon()))
    assert desk.asked.acquire(timeout=20)
    desk.writer.end("stopped")
    desk.join()

    assert desk.told == []


def test_whoever_sends_nothing_has_no_file(desk: Desk) -> None:
    desk.writer.end("stopped")
    desk.writer.end("paused")

    assert desk.writer.run() is None
    assert desk.told == []
    assert list(desk.directory.iterdir()) == []


def test_a_muted_microphone_is_written_as_silence_meanwhile(desk: Desk) -> None:
    """Whoever is muted until the end has a recording as long as the meeting."""
    desk.put(voice(opus(2), ago(5)))
    desk.start()
    desk.wait_for_a_file()
    threading.Event().wait(0.5)  # nothing comes: that is what is tried
    desk.writer.end("stopped")
    desk.join()

    (seen,) = desk.played()
    assert seen.seconds > 4
    assert seen.loudest(0.5, 1.9) > 0.4
    assert seen.loudest(2.5, 4) < 0.01


@pytest.mark.parametrize(
    ("count", "size"), [(PACKETS_MOST + 1, 10), (BYTES_MOST // (1 << 20) + 2, 1 << 20)]
)
def test_a_queue_that_is_full_ends_the_recording_with_what_it_has(
    desk: Desk, count: int, size: int
) -> None:
    tone, begun_s = opus(1), soon()
    desk.put(voice(tone, begun_s))
    filler = Rtp("audio", 9, 0, 0, 0, bytes(size), begun_s)
    taken = sum(desk.queue.put(filler) for _ in range(count))

    assert taken < count
    assert not desk.queue.put(filler)
    assert desk.writer.run() == "slow"
    assert [a.ended for a in desk.told] == ["slow"]
    assert desk.told[0].seconds is not None
    assert desk.told[0].seconds >= 0.9


def test_a_disk_without_space_ends_the_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signalling.media.record.file.SPACE_AGAIN_S", 0.0)
    desk = Desk(tmp_path, free_bytes_least=1 << 62)
    desk.put(voice(opus(1), soon()))
    desk.writer.end("stopped")

    assert desk.writer.run() == "space"
    assert [a.ended for a in desk.told] == ["space"]


def test_a_disk_that_refuses_ends_the_recording(desk: Desk) -> None:
    """The kernel refuses to let the file grow, in the middle of it."""
    desk.put(voice(opus(60), ago(60)))
    desk.writer.end("stopped")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        failed = desk.writer.run()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert failed == "disk"
    assert [a.ended for a in desk.told] == ["disk"]
    (path,) = desk.directory.glob("*.ogg.age")
    assert not unseal(path, [KEY], plain := io.BytesIO())
    assert len(plain.getvalue()) == sealed.CHUNK


def test_a_directory_that_is_gone_ends_the_recording(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "absent")
    desk.put(voice(opus(1), soon()))
    desk.writer.end("stopped")

    assert desk.writer.run() == "disk"


def test_a_file_that_is_erased_meanwhile_ends_the_recording(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealed, "KEEP_S", 0.0)
    desk.put(voice(opus(1), soon()))
    desk.start()
    desk.wait_for_a_file()
    while not (found := list(desk.directory.glob("*.ogg.age"))):
        threading.Event().wait(0.01)
    found[0].unlink()
    desk.join()

    assert desk.failed == "erased"


def test_what_cannot_be_muxed_ends_the_recording(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise av.InvalidDataError(1, "not muxed")

    monkeypatch.setattr(Ogg, "audio", refuse)
    desk.put(voice(opus(1), soon()))
    desk.writer.end("stopped")

    assert desk.writer.run() == "media"
    assert [a.ended for a in desk.told] == ["media"]
