"""How loud a microphone is, from the levels of its packets."""

import pytest

from signalling.media.check.level import Levels


def levels(*dbov: int) -> Levels:
    heard = Levels()
    for level in dbov:
        heard.add(level)
    return heard


def test_nothing_was_heard_before_a_packet() -> None:
    assert (levels().heard, levels().peak_dbov, levels().speech_dbov) == (0, None, None)


def test_the_loudest_packet_is_the_peak() -> None:
    heard = levels(-127, -60, -18, -30)

    assert (heard.heard, heard.peak_dbov) == (4, -18)


def test_pauses_do_not_make_speech_quieter() -> None:
    assert levels(*[-26] * 10).speech_dbov == pytest.approx(-26)
    assert levels(*[-26] * 10, *[-70] * 100).speech_dbov == pytest.approx(-26)


def test_the_level_of_speech_is_the_mean_of_its_power() -> None:
    assert levels(-20, -40).speech_dbov == pytest.approx(-22.967, abs=0.001)


def test_a_quiet_room_is_no_speech() -> None:
    assert levels(-51, -60, -127).speech_dbov is None
    assert levels(-50, -127).speech_dbov == pytest.approx(-50)


def test_the_ends_of_the_scale() -> None:
    assert levels(0).speech_dbov == 0
    assert levels(-127).peak_dbov == -127
