import json
from typing import Any

import numpy as np
import pytest

from matching import load_tables
from matching.errors import InvalidField
from matching.features import CODES
from matching.model import INPUTS
from matching.train.inputs import inputs_of
from matching.train.lines import Raw
from matching.train.log import ACCEPTED, DECLINED, NEVER, WITHDRAWN, Log, read_log
from tests.matching.train.synthetic import Market, log_lines

SHAPE = load_tables().policy.shape
DECISION: dict[str, Any] = next(
    line for line in log_lines(Market(decisions=1)) if line["kind"] == "decision"
)
NAMES = [each["interpreter"] for each in DECISION["candidates"]]


def offer(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "kind": "offer",
        "offer": f"o-{name}",
        "decision": DECISION["id"],
        "assignment": DECISION["assignment"],
        "interpreter": name,
        "wave": 1,
        "made_ms": 1_000,
        "expires_ms": 21_000,
        "delivered_ms": 1_100,
        "seen_ms": 1_200,
        "answered_ms": None,
        "state": "expired",
        "reason": None,
        **changes,
    }


def work(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "kind": "work",
        "assignment": DECISION["assignment"],
        "interpreter": name,
        "offer": f"o-{name}",
        "state": "completed",
        "fault": "nobody",
        **changes,
    }


def changed(candidate: int, **changes: Any) -> dict[str, Any]:
    """Return the decision with one of its candidates changed."""
    candidates = [dict(each) for each in DECISION["candidates"]]
    candidates[candidate].update(changes)
    return {**DECISION, "candidates": candidates}


def test_lines_join_in_any_order_as_text_or_as_what_it_says() -> None:
    lines: list[Raw] = [
        json.dumps(work(NAMES[1])).encode(),
        offer(NAMES[0], state="declined", answered_ms=4_000, made_ms=1_500),
        b"",
        json.dumps(offer(NAMES[1], state="accepted", answered_ms=5_000)),
        DECISION,
        offer(NAMES[2], state="withdrawn"),
    ]
    log = read_log(lines)
    offers = log.offers
    assert offers.state.tolist() == [ACCEPTED, WITHDRAWN, DECLINED]
    assert offers.candidate.tolist() == [1, 2, 0]
    assert offers.answered_ms.tolist() == [5_000, NEVER, 4_000]
    assert offers.taken_ms.tolist() == [5_000] * 3
    assert offers.completed.tolist() == [1, NEVER, NEVER]
    assert log.holes == {}
    assert log.counts == {"work": 1, "offer": 3, "decision": 1}


def test_what_cannot_be_joined_is_counted_and_not_used() -> None:
    log = read_log(
        [
            DECISION,
            DECISION,
            offer(NAMES[0]),
            offer(NAMES[0], state="declined", answered_ms=3_000),
            offer("trimmed", decision="gone"),
            offer("stranger"),
            work(NAMES[1]),
            work(NAMES[2], state="failed", fault="excused"),
            work(NAMES[2], state="cancelled", fault="customer"),
        ]
    )
    assert len(log.offers) == 1
    assert log.holes == {
        "decision_missing": 1,
        "not_a_candidate": 1,
        "not_theirs": 2,
        "repeated": 2,
        "work_without_offer": 1,
    }


def test_only_the_interpreters_own_failures_count_against_completion() -> None:
    lines = [DECISION]
    for name, ended in zip(
        NAMES[:3],
        (
            {"state": "failed", "fault": "interpreter"},
            {"state": "cancelled", "fault": "interpreter"},
            {"state": "failed", "fault": "excused"},
        ),
        strict=True,
    ):
        lines += [offer(name, state="accepted", answered_ms=2_000), work(name, **ended)]
    assert read_log(lines).offers.completed.tolist() == [0, 0, NEVER]


def test_two_slots_of_an_assignment_are_taken_apart() -> None:
    other = {**DECISION, "id": "other", "slot": "1"}
    lines = [
        DECISION,
        other,
        offer(NAMES[0], state="accepted", answered_ms=5_000),
        offer(NAMES[1], decision="other", offer="x"),
    ]
    assert read_log(lines).offers.taken_ms.tolist() == [5_000, NEVER]


def test_a_decision_that_had_expired_is_a_line_of_its_own() -> None:
    log = read_log([{"kind": "hole", "decision": "d9"}, offer("i1", decision="d9")])
    assert log.counts == {"hole": 1, "offer": 1}
    assert log.holes == {"decision_missing": 1}


def test_an_empty_log_is_a_log() -> None:
    log = read_log([])
    assert len(log.offers) == 0
    assert log.people == ()


def test_progress_is_told() -> None:
    told: list[tuple[str, int]] = []
    read_log([offer(f"p{n}") for n in range(20_000)], lambda *at: told.append(at))
    assert told == [("reading", 20_000)]


@pytest.mark.parametrize(
    ("line", "path"),
    [
        (b"{", "line 2"),
        (b'{"kind": "decision"}', "line 2"),
        ({"kind": "rumour"}, "line 2.kind"),
        ({"offer": "o"}, "line 2"),
        ([1, 2], "line 2"),
        (offer("i1", state="maybe"), "line 2.state"),
        (offer("i1", made_ms="noon"), "line 2.made_ms"),
        (offer("i1", made_ms=-5), "line 2.made_ms"),
        (offer("i1", interpreter="i" * 300), "line 2.interpreter"),
        (changed(2, codes=[1, 2]), "line 2.candidates[2].codes"),
        (changed(1, codes=["a"] * len(CODES)), "line 2.candidates[1].codes[0]"),
        (changed(1, codes=[-1] * len(CODES)), "line 2.candidates[1].codes[0]"),
        (changed(0, propensity=1.5), "line 2.candidates[0].propensity"),
        (changed(0, propensity=0.0), "line 2.candidates[0].propensity"),
        (changed(0, order=float("nan")), "line 2.candidates[0].order"),
        (changed(0, p_accept=float("nan")), "line 2.candidates[0].p_accept"),
        ({**DECISION, "context": {**DECISION["context"], "mode": "smoke"}}, "line 2.context.mode"),
        ({**DECISION, "context": {**DECISION["context"], "hour": 24}}, "line 2.context.hour"),
        ({**DECISION, "wave": 0}, "line 2.wave"),
        ({"kind": "online", "interpreter": "i", "from_ms": 5, "to_ms": 4}, "line 2.to_ms"),
        ({"kind": "rating", "interpreter": "i", "stars": 6}, "line 2.stars"),
    ],
)
def test_nonsense_is_refused_by_line_and_field(line: Any, path: str) -> None:
    with pytest.raises(InvalidField) as refused:
        read_log([DECISION, line])
    assert refused.value.path == path
    assert path in refused.value.detail


def inputs(log: Log) -> dict[str, np.ndarray[Any, np.dtype[np.float64]]]:
    rows = np.arange(len(log.candidates.order))
    columns = inputs_of(log, np.zeros_like(rows), rows, SHAPE).T
    return dict(zip(INPUTS, columns, strict=True))


def test_inputs_are_the_values_that_serving_uses() -> None:
    codes = dict.fromkeys(CODES, 0) | {
        "tier": 5, "experience": 3, "reliability": 90, "responsiveness": 40, "rating": 40,
        "exposure": 10, "media": 20, "idle": 60, "specialism": 1,
        "dialect": 2, "travel": 45, "slack": 24, "continuity": 5, "cost": 50, "load": 12,
        "streak": 4,
    }  # fmt: skip
    line = changed(0, codes=[codes[name] for name in CODES])
    line["wanted"] = 1
    line["wave"] = 9
    line["context"] = {"mode": "onsite", "hour": 13, "duration_min": 120, "emergency": True}
    told = {name: column[0] for name, column in inputs(read_log([line])).items()}
    assert told == pytest.approx(
        {
            "tier": 1.0, "experience": 0.2, "reliability": 0.9, "responsiveness": 0.8,
            "rating": 0.15, "load": 0.5, "streak": 0.5, "exposure": 0.0, "media": 0.05, "idle": 0.5,
            "specialism": 1.0, "dialect": 0.5, "travel": 0.5, "slack": 0.0, "preference": 0.0,
            "continuity": 0.5, "cost": 0.5, "substitute": 0.0, "mode": 2.0, "hour": 13.0,
            "duration": 0.25, "wave": 5.0, "emergency": 1.0,
        }
    )  # fmt: skip


def test_what_a_request_does_not_ask_is_missing() -> None:
    line = changed(0, codes=[None] * len(CODES))
    told = inputs(read_log([line]))
    assert all(np.isnan(told[name][0]) for name in ("travel", "specialism", "dialect", "cost"))


def test_an_older_log_lacks_features_and_a_newer_one_has_more() -> None:
    line = changed(0)
    line["features"] = ["charm", "tier"]
    for each in line["candidates"]:
        each["codes"] = [7, 4]
    told = inputs(read_log([line]))
    assert told["tier"].tolist() == [0.8] * len(NAMES)
    assert np.isnan(told["experience"]).all()


def test_a_code_beyond_its_feature_counts_as_the_last() -> None:
    line = changed(0, codes=[99] * len(CODES))
    assert inputs(read_log([line]))["continuity"][0] == 1.0
