import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from matching import load_tables
from matching.errors import InvalidField
from matching.evaluate.curves import AXES, curves_of
from matching.evaluate.findings import Findings, examine
from matching.evaluate.report import HOLES, write_report
from matching.model import INPUTS, Head, Step
from matching.train.training import Trained, Verdict, train, verdict
from tests import learnt
from tests.matching.train.synthetic import Market, log_lines

POLICY = load_tables().policy
MARKET = Market(decisions=3_000, unseen=0.05)


@pytest.fixture(scope="module")
def trained() -> Trained:
    return train(log_lines(MARKET), policy=POLICY, current=None, now_ms=1_763_000_000_000)


def report(trained: Trained, findings: Findings | None = None, said: Verdict | None = None) -> str:
    return write_report(
        trained.model,
        findings or trained.findings,
        said or trained.verdict,
        policy=POLICY,
        current=trained.current,
    )


@pytest.fixture(scope="module")
def page(trained: Trained) -> str:
    return report(trained)


class Reader(HTMLParser):
    """Collects text outside drawings, and checks that what is opened is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self._open: list[str] = []
        self.feed(page)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [v or "" for k, v in attrs if k in ("src", "href", "xlink:href")]
        if tag not in ("meta", "path", "use", "rect", "link"):
            self._open.append(tag)

    def handle_startendtag(self, _: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [v or "" for k, v in attrs if k in ("src", "href", "xlink:href")]

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("path", "use", "rect"):
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"svg", "style"} & {*self._open}:
            self.words.append(data)


def text(page: str) -> str:
    return " ".join(" ".join(Reader(page).words).split())


def test_it_is_one_file_that_asks_for_no_network(page: str) -> None:
    assert all(link.startswith("#") for link in Reader(page).links)
    assert "<script" not in page
    assert "@import" not in page
    assert not re.search(r"url\((?!#)", page)


def test_drawings_are_sound_and_described(page: str) -> None:
    drawings = re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL)
    assert len(drawings) > 10
    for drawing in drawings:
        root = ET.fromstring(drawing)  # noqa: S314 -- our own
        assert root.get("aria-label")
        assert root.get("width") is None  # as wide as the page


def test_it_says_what_follows_first(trained: Trained, page: str) -> None:
    words = text(page)
    assert words.index("May serve.") < 400
    assert trained.verdict.reason in words
    refused = text(report(trained, said=Verdict(False, "It is < than the old one.")))
    assert "Should not serve. It is < than the old one." in refused


def test_numbers_are_those_of_the_findings(trained: Trained, page: str) -> None:
    words, accept = text(page), trained.findings.accept
    for name in ("model", "current", "interactions"):
        assert f"{accept.loss[name].value:.4f}" in words
        auc = accept.auc[name]
        assert f"{auc.value:.1%} ({auc.low:.1%} to {auc.high:.1%})" in words
    replayed = trained.findings.off_policy
    assert replayed is not None
    assert f"{replayed.estimates['SNIPS'].effective_n:.0f}" in words
    assert str(trained.findings.holes["unseen"]) in words
    assert trained.model.version in words


def test_every_hole_is_explained(trained: Trained) -> None:
    every = dict.fromkeys(HOLES, 7) | {"something_new": 3}
    words = text(report(trained, replace(trained.findings, holes=every)))
    assert all(told in words for told in HOLES.values())
    assert "something_new" in words


def test_it_says_what_the_log_cannot_tell(trained: Trained) -> None:
    bare = replace(trained.findings, complete=None, exposure=None, off_policy=None, holes={})
    words = text(report(trained, bare))
    assert "nobody in it was drawn by lot" in words
    assert "no time online" in words
    assert "no holes" in words
    assert "Completing" not in words


def test_estimates_that_little_backs_are_not_for_relying_on(trained: Trained, page: str) -> None:
    replayed = trained.findings.off_policy
    assert replayed is not None
    assert "Ringing by this model would have got" in text(page)
    thin = replace(trained.findings, off_policy=replace(replayed, covered=0.79))
    words = text(report(trained, thin))
    assert "do not rely" in words
    assert "Ringing by this model would have got" not in words


def test_the_same_findings_are_the_same_bytes(trained: Trained, page: str) -> None:
    assert report(trained) == page


def test_a_curve_shows_units_and_what_is_not_asked() -> None:
    head = Head(
        0.0,
        {
            "travel": Step((1 / 3,), (0.5, -1.5), 2.5),
            "idle": Step((0.5,), (0.0, 0.2), 0.4),
            "tier": Step((0.5,), (-0.05, 0.05), 0.0),
        },
    )
    travel, idle, tier = curves_of(head, POLICY.shape)
    by_minute = dict(zip(travel.places, travel.values, strict=True))
    assert travel.axis.unit == "minutes"
    assert travel.swing == 4.0
    assert travel.missing == 2.0
    assert [by_minute[at] for at in (30.0, 31.0)] == [0.0, -2.0]
    # Of bookings idle time is not asked: `chances` adds what is missing.
    assert idle.missing == pytest.approx(0.2)
    assert idle.swing == pytest.approx(0.4)
    assert tier.missing is None
    # An hour is the half-life of idleness: half its value is there.
    by_minute = dict(zip(idle.places, idle.values, strict=True))
    assert [round(by_minute[at], 6) for at in (60.0, 61.0)] == [-0.2, 0.0]
    # What is level far from any change is not drawn: no data was there.
    assert 0.0 not in by_minute
    assert 480.0 not in by_minute
    assert tier.axis.labels[5] == "A"
    assert tier.values == (-0.05, -0.05, -0.05, 0.05, 0.05, 0.05)


def test_every_input_has_an_axis() -> None:
    assert AXES.keys() == {*INPUTS}
    flat = {name: Step((), (1.0,), 0.0) for name in INPUTS}
    assert {curve.name for curve in curves_of(Head(0.0, flat), POLICY.shape)} == {*INPUTS}


def test_nothing_learnt_is_said_in_words(trained: Trained) -> None:
    flat = replace(trained.model.complete, steps={})
    model = replace(trained.model, complete=flat)
    words = text(report(replace(trained, model=model)))
    assert "the same for all" in words


def test_a_model_is_examined_on_what_came_later(trained: Trained) -> None:
    told: list[str] = []
    later = examine(
        log_lines(replace(MARKET, seed=8)),
        model=trained.model,
        current=trained.model,
        policy=POLICY,
        progress=lambda step, _: told.append(step),
    )
    assert later.from_ms == trained.model.manifest["to_ms"]
    assert later.accept.gain["current"].value == 0.0
    assert later.accept.gain["constant"].low > 0
    assert "interactions" not in later.accept.gain
    assert told[-1] == "judging"
    assert "learnt-" in report(trained, later, verdict(later))


def test_a_model_that_does_not_say_what_it_learnt_is_not_examined() -> None:
    with pytest.raises(InvalidField, match="until when it learnt"):
        examine([], model=learnt.model(), current=None, policy=POLICY)


def test_a_log_of_earlier_days_examines_nothing(trained: Trained) -> None:
    lines = [
        line for line in log_lines(MARKET) if line.get("made_ms", 0) < trained.findings.from_ms
    ]
    with pytest.raises(InvalidField, match="later"):
        examine(lines, model=trained.model, current=None, policy=POLICY)
    with pytest.raises(InvalidField, match="later"):
        examine([], model=trained.model, current=None, policy=POLICY)
