"""What is said of a device check: the grade, and what to do."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signalling.core.quality import PATHS
from signalling.media.check.verdict import GRADES, Findings, judged

FINE = Findings(
    connected=True,
    sounds=250,
    peak_dbov=-20,
    speech_dbov=-26.0,
    lost_up=0.0,
    lost_down=0.0,
    jitter_ms=3.0,
    rtt_ms=24.0,
    path="udp",
)


def test_all_is_well() -> None:
    verdict = judged(FINE)

    assert verdict.verdict == "good"
    assert " ".join(verdict.words) == "Your microphone and your network are good for a meeting."
    assert (verdict.microphone_dbov, verdict.loss, verdict.jitter_ms, verdict.rtt_ms) == (
        -26,
        0,
        3,
        24,
    )
    assert verdict.path == "udp"


@pytest.mark.parametrize(
    ("found", "grade", "words"),
    [
        (Findings(connected=False), "bad", "lets no call through"),
        (replace(FINE, sounds=0), "bad", "Nothing comes from your microphone"),
        (replace(FINE, peak_dbov=-127, speech_dbov=None), "bad", "is silent: check that it is not"),
        (replace(FINE, peak_dbov=-90, speech_dbov=None), "bad", "is silent"),
        (replace(FINE, peak_dbov=-60, speech_dbov=None), "bad", "next to nothing"),
        (replace(FINE, speech_dbov=-36.1), "fair", "is quiet"),
        (replace(FINE, speech_dbov=-44.1), "bad", "is quiet"),
        (replace(FINE, speech_dbov=-15.9), "fair", "distorts"),
        (replace(FINE, speech_dbov=-7.9), "bad", "distorts"),
        (replace(FINE, pictures=0), "fair", "camera sends no picture"),
        (replace(FINE, lost_up=0.011), "fair", "what you say is lost on the way (1%)"),
        (replace(FINE, lost_up=0.06), "bad", "what you say is lost on the way (6%)"),
        (replace(FINE, lost_down=0.05), "fair", "what others say is lost on the way to you (5%)"),
        (replace(FINE, lost_down=0.2), "bad", "on the way to you (20%)"),
        (replace(FINE, jitter_ms=30.5), "fair", "uneven"),
        (replace(FINE, jitter_ms=51), "bad", "uneven"),
        (replace(FINE, rtt_ms=151), "fair", "slow (151 ms there and back)"),
        (replace(FINE, rtt_ms=401), "bad", "slow (401 ms"),
        (replace(FINE, path="turn_tcp"), "fair", "over TCP only"),
        (replace(FINE, path="tcp"), "fair", "over TCP only"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(found: Findings, grade: str, words: str) -> None:
    verdict = judged(found)

    assert verdict.verdict == grade
    assert words in " ".join(verdict.words)
    assert "are good for a meeting" not in " ".join(verdict.words)


@pytest.mark.parametrize(
    "found",
    [
        replace(FINE, speech_dbov=-36.0),
        replace(FINE, speech_dbov=-16.0),
        replace(FINE, lost_up=0.01, lost_down=0.01),
        replace(FINE, jitter_ms=30.0, rtt_ms=150.0),
        replace(FINE, path="turn_udp"),
        replace(FINE, pictures=40),
        # what is not known is not held against anybody
        Findings(connected=True, sounds=1),
    ],
)
def test_up_to_its_limit_it_is_good(found: Findings) -> None:
    assert judged(found).verdict == "good"


def test_the_gravest_comes_first() -> None:
    words = " ".join(judged(replace(FINE, path="tcp", jitter_ms=40.0, sounds=0)).words)

    assert words.startswith("Nothing comes from your microphone")
    assert words.index("uneven") < words.index("TCP only")


def test_without_a_connection_nothing_else_is_said() -> None:
    verdict = judged(Findings(connected=False, pictures=0))

    assert " ".join(verdict.words).count(":") == 1
    assert (verdict.microphone_dbov, verdict.loss, verdict.path) == (None, None, None)


def test_the_peak_stands_for_a_level_that_is_not_there() -> None:
    assert judged(replace(FINE, peak_dbov=-60, speech_dbov=None)).microphone_dbov == -60


def test_the_worse_way_is_the_loss() -> None:
    assert judged(replace(FINE, lost_up=0.02, lost_down=0.123456)).loss == 0.1235
    assert judged(replace(FINE, lost_up=None, lost_down=0.5)).loss == 0.5


SOME = st.none() | st.floats(0, 1)


@given(
    st.builds(
        Findings,
        connected=st.booleans(),
        sounds=st.integers(0, 9),
        pictures=st.none() | st.integers(0, 9),
        peak_dbov=st.none() | st.integers(-127, 0),
        speech_dbov=st.none() | st.floats(-50, 0),
        lost_up=SOME,
        lost_down=SOME,
        jitter_ms=st.none() | st.floats(0, 1e4),
        rtt_ms=st.none() | st.floats(0, 6e4),
        path=st.none() | st.sampled_from(PATHS),
    )
)
def test_every_verdict_has_words(found: Findings) -> None:
    verdict = judged(found)

    assert verdict.verdict in GRADES
    assert 10 < len(" ".join(verdict.words)) < 1000
    assert " ".join(verdict.words).endswith(".")
