"""From a scenario to a report and a log."""

import io
import json
import re
from pathlib import Path

import pytest
from rich.console import Console

from matching.decisions import replay
from matching.simulate.log import write_log
from matching.simulate.metrics import BASELINE, ORACLE, Figures, Results
from matching.simulate.plots import fairness_plot, save
from matching.simulate.report import lines, terminal_table, write_report
from matching.simulate.run import HAND, policies, simulate, weights
from matching.train.log import read_log
from tests.matching.conftest import TABLES
from tests.matching.simulate.markets import small

SWEEP = weights("exposure", [0.0, 3.0])


@pytest.fixture(scope="module")
def results() -> Results:
    compared = {HAND: policies()[HAND], **SWEEP}
    return simulate(small(), compared, seeds=(5, 6), tables=TABLES)


def test_every_policy_met_the_same_requests(results: Results) -> None:
    assert list(results.figures) == [BASELINE, HAND, *SWEEP, ORACLE]
    for policy in results.figures:
        filled = results.requests - sum(
            each.unfilled * results.requests / 2 for each in results.figures[policy]
        )
        assert len(results.waits[policy]) == pytest.approx(filled, abs=results.requests * 0.05)
    assert 0.5 < results.feasible <= 1


def test_progress_tells_each_run() -> None:
    told: list[tuple[str, int, int]] = []
    simulate(small(), {}, seeds=(5,), progress=lambda *said: told.append(said), tables=TABLES)
    assert told == [
        ("norway, seed 5, longest idle", 0, 2),
        ("norway, seed 5, oracle", 1, 2),
    ]


def test_lines_and_table_have_every_policy(results: Results) -> None:
    found = list(lines(results))
    assert len(found) == len(results.figures) * len(Figures._fields)
    assert {line["policy"] for line in found} == set(results.figures)
    console = Console(width=220, file=io.StringIO(), record=True)
    console.print(terminal_table(results))
    text = console.export_text()
    for policy in results.figures:
        assert policy in text


def test_the_page_stands_alone(results: Results) -> None:
    points = [(name, name.split()[1]) for name in SWEEP]
    html = write_report([results], {results.scenario: (results, points)})
    assert html.count("<svg") == 4
    assert "<script" not in html
    assert not re.search(r'(src|href)="http', html)
    for policy in results.figures:
        assert policy in html


def test_plots_can_be_saved(results: Results, tmp_path: Path) -> None:
    path = tmp_path / "fairness.png"
    save(fairness_plot(results, [(name, name) for name in SWEEP]), path)
    assert path.read_bytes().startswith(b"\x89PNG")


def test_the_log_is_what_training_reads_and_replays_bit_for_bit() -> None:
    file = io.BytesIO()
    count = write_log(file, small(), seed=7, tables=TABLES)
    written = file.getvalue().splitlines()
    assert len(written) == count
    log = read_log(written)
    assert log.counts["decision"] > 50
    assert log.counts["online"] > 100
    assert len(log.offers) == log.counts["offer"] - log.holes.get("undelivered", 0)
    assert set(log.holes) <= {"unseen"}
    decisions = [json.loads(line) for line in written if b'"kind":"decision"' in line[:20]]
    scorer = SWEEP["exposure 0"].population(TABLES).scorer
    assert scorer.policy.version != decisions[0]["policy"]
    hand = policies()[HAND].population(TABLES).scorer
    assert all(replay(each, hand).same for each in decisions)
    rung = {
        (each["id"], c["interpreter"])
        for each in decisions
        for c in each["candidates"]
        if c["rung"]
    }
    offered = {
        (line["decision"], line["interpreter"])
        for line in map(json.loads, written)
        if line["kind"] == "offer"
    }
    assert rung == offered
