"""A model's report: one HTML file that needs no network, for people who are no statisticians."""

from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape
from typing import Final

from matching.evaluate.curves import Curve, curves_of
from matching.evaluate.exposure import Exposure
from matching.evaluate.fairness import Comparison, by_group, inequality, newcomers
from matching.evaluate.findings import Findings
from matching.evaluate.forecasts import Figure, Judgement
from matching.evaluate.page import page, section, table
from matching.evaluate.plots import curve_plot, interval_plot, rates_plot, reliability_plot
from matching.evaluate.replay import OffPolicy
from matching.model import Model
from matching.policy import Policy
from matching.train.training import Verdict
from matching.zones import DAY_MS

NAMES: Final = {
    "model": "this model",
    "current": "what serves now",
    "constant": "one chance for all",
    "interactions": "one with interactions",
}
HOLES: Final = {
    "undelivered": "offers that never reached a device: nobody was asked",
    "unseen": "offers that reached a device, were not seen and ran out: nobody was asked",
    "unanswered": "answered or withdrawn offers without the time when that was",
    "clock_went_back": "offers whose times run backwards",
    "decision_missing": "offers whose decision is not in the log (trimmed)",
    "not_a_candidate": "offers to people whom their decision does not name",
    "repeated": "lines that the log holds twice",
    "not_theirs": "work that ended by somebody else's fault, or was excused",
    "work_without_offer": "work whose offer is not in the log",
}
LEAST_SWING: Final = 0.05  # log-odds: a curve that moves the odds by less than 5 % is not drawn
FAR: Final = 0.1  # of the weights' sum from what it should be
NEW_DAYS: Final = 30.0


def write_report(
    model: Model, findings: Findings, verdict: Verdict, *, policy: Policy, current: str
) -> str:
    """Return the report on *model* as an HTML page.

    *findings* are of a log it had not seen, *verdict* what follows from them, *current* the version
    that serves now. *policy* has the shapes by which curves are shown in minutes and kilometres.
    """
    sections = [
        _summary(findings, verdict),
        _truthful("Are the chances true? Accepting", "accept", findings.accept),
        _gains("What is gained in P(accept)", "offer", findings.accept),
    ]
    if findings.complete is not None:
        sections += [
            _truthful("Are the chances true? Completing", "complete", findings.complete),
            _gains("What is gained in P(complete)", "accepted job", findings.complete),
        ]
    sections += [
        _curves("What makes an acceptance likelier", curves_of(model.accept, policy.shape)),
        _curves("What makes completion likelier", curves_of(model.complete, policy.shape)),
        _replayed(findings.off_policy),
        _exposed(findings.exposure, findings.tiers, findings.from_ms),
        _data(model, findings),
    ]
    about = (
        f"Learnt on {_day(model.manifest['trained_ms'])}; judged on offers made from "
        f"{_day(findings.from_ms)} to {_day(findings.to_ms)}, which it did not learn from. "
        f"Now serving: {escape(current)}."
    )
    return page(f"Report on {model.version}", about, sections)


def _summary(findings: Findings, verdict: Verdict) -> str:
    word = "May serve" if verdict.promoted else "Should not serve"
    kind = "good" if verdict.promoted else "bad"
    accept = findings.accept
    auc = accept.auc["model"]
    first = accept.calibration["model"]
    points = [
        (
            "Of two offers, one accepted and one not, the model had said that the accepted one "
            f"was likelier in {_percent(auc)} of cases (50 % is a coin)."
        ),
        (
            f"On the whole it said {first.predicted:.1%}, and {first.observed:.1%} came true; by "
            f"groups of alike chances it is off by {first.ece:.1%} on average."
        ),
    ]
    if (gain := accept.gain.get("interactions")) is not None:
        points.append(
            "The same learning with interactions, which could not be explained exactly, "
            + _than(gain, "would be worse", "would be better", "would be no different")
            + f" ({_signed(_turned(gain))} nats an offer)."
        )
    if (replayed := findings.off_policy) is not None and _is_covered(replayed):
        best = replayed.estimates["DR"]
        points.append(
            f"Ringing by this model would have got {best.value:.1%} acceptances a ring "
            f"({best.low:.1%} to {best.high:.1%}), where {replayed.logged.value:.1%} "
            "were had."
        )
    items = "".join(f"<li>{each}</li>" for each in points)
    return (
        f'<section><p class="verdict {kind}"><strong>{word}.</strong> {escape(verdict.reason)}</p>'
        f"<ul>{items}</ul></section>"
    )


def _truthful(title: str, what: str, judged: Judgement) -> str:
    mine = judged.calibration["model"]
    worst = max(mine.bins, key=lambda each: abs(each.observed - each.predicted) * each.n)
    words = (
        "If the model says 30 %, it should come true three times in ten. Each point is a group of "
        "alike chances, five or more; on the line they are true, below it the model promises too "
        f"much. Where it weighs most, it said {worst.predicted:.0%} and {worst.observed:.0%} came "
        f"true ({worst.observed_low:.0%} to {worst.observed_high:.0%}; {worst.n} cases). Of all "
        f"{judged.stands_for:.0f} cases ({judged.rows} with a known end) {judged.rate:.1%} came "
        "true."
    )
    shown = {NAMES[name]: judged.calibration[name] for name in ("model", "current")}
    return section(title, words, [("", reliability_plot(shown, f"Said and true: {what}"))])


def _gains(title: str, unit: str, judged: Judgement) -> str:
    words = (
        "A forecast is surprised when the unlikely happens; the log loss is its average surprise, "
        f"in nats. Right of the line this model is the less surprised one, by so much a case "
        f"({unit}). Grey means that it may as well be chance."
    )
    rows = [(f"over {NAMES[name]}", gain) for name, gain in judged.gain.items()]
    numbers = table(
        ("", "log loss", "orders right"),
        [
            (NAMES[name], f"{loss.value:.4f}", f"{_percent(judged.auc[name])}")
            for name, loss in judged.loss.items()
        ],
    )
    plot = interval_plot(rows, 0.0, f"nats saved, each {unit}", title)
    return section(title, words, [("", plot)], numbers)


def _curves(title: str, curves: list[Curve]) -> str:
    shown = [curve for curve in curves if curve.swing >= LEAST_SWING]
    hidden = [curve.axis.title.lower() for curve in curves if curve.swing < LEAST_SWING]
    words = (
        "Each curve is a table that the server looks up, and all that this input can do: × 2 "
        "doubles the odds against the middle of the curve, × 0.5 halves them. The strongest come "
        "first; a curve stays level beyond what is drawn."
    )
    if not shown:
        words = "Nothing that was learnt moves the odds by as much as 5 %: it is the same for all."
    if hidden:
        words += f" Next to nothing comes of: {', '.join(hidden)}."
    reach = max([curve.swing / 2 for curve in shown], default=0.0) + 0.15
    plots = [
        (curve.axis.title, curve_plot(curve, reach, f"{title}: {curve.axis.title}"))
        for curve in shown
    ]
    return section(title, words, plots)


def _replayed(replayed: OffPolicy | None) -> str:
    title = "What ringing by this model would have got"
    if replayed is None:
        return section(
            title,
            "The log cannot tell: nobody in it was drawn by lot, so it shows no other choice. "
            "Exploration (config/weights.toml) has to run for a while first.",
            [],
        )
    words = (
        f"In {replayed.decisions} decisions ({replayed.explored} drew a place by lot) this model "
        f"would give {replayed.moved:.0%} of the places to somebody else of the same tier. There "
        "are three ways to estimate from the log what they would have answered; they should "
        "agree. Few effective rows mean that little backs the number. "
        f"{_covered(replayed)}"
    )
    every = {"as logged": replayed.logged, **replayed.estimates}
    rows = [(name, Figure(each.value, each.low, each.high)) for name, each in every.items()]
    numbers = table(
        ("", "acceptances a ring", "effective rows", "of", "weights cut"),
        [
            (
                name,
                f"{each.value:.1%} ({each.low:.1%} to {each.high:.1%})",
                f"{each.effective_n:.0f}",
                str(each.n),
                f"{each.clipped:.1%}",
            )
            for name, each in every.items()
        ],
    )
    plot = interval_plot(rows, replayed.logged.value, "acceptances for each ring", title)
    return section(title, words, [("", plot)], numbers)


def _is_covered(replayed: OffPolicy) -> bool:
    return abs(replayed.covered - 1) <= FAR


def _covered(replayed: OffPolicy) -> str:
    told = f"The weights add up to {replayed.covered:.0%} of what they should: "
    if _is_covered(replayed):
        return told + "the log holds enough other choices."
    return told + (
        "the log holds too few other choices, so do not rely on these numbers. IPS is the first to "
        "be wrong, and its interval does not know it."
    )


def _exposed(exposure: Exposure | None, tiers: Mapping[str, str], from_ms: int) -> str:
    title = "Who gets the offers"
    if exposure is None or not (exposure.hours >= 1.0).any():
        return section(title, "The log has no time online in this window, so no rates.", [])
    spread = inequality(exposure)
    words = (
        f"{spread.people} people were online for an hour or more and got {spread.mean:.2f} offers "
        f"an hour on average. The Gini index is {spread.gini:.2f} (0: all alike); by chance alone "
        f"it would be {spread.gini_by_chance:.2f}. The lowest tenth has {spread.lowest_decile:.1%} "
        "of the rates (10 % if all were alike). People differ in languages and qualifications, so "
        "a difference between groups is a question, not yet an answer."
    )
    groups: dict[str, Comparison | None] = dict(by_group(exposure, tiers))
    if exposure.first_ms.min() < exposure.to_ms - NEW_DAYS * DAY_MS and from_ms > 0:
        groups[f"new in {NEW_DAYS:.0f} days"] = newcomers(exposure, NEW_DAYS)
    compared = {name: each for name, each in groups.items() if each is not None}
    plots = [("", rates_plot(exposure.rates[exposure.hours >= 1.0].tolist(), title))]
    rows = [
        (name, Figure(each.ratio, each.low, each.high))
        for name, each in compared.items()
        if each.others_rate > 0
    ]
    if rows:
        unit = "offers an hour, over everybody else's"
        plots.append(("", interval_plot(rows, 1.0, unit, title)))
    numbers = table(
        ("group", "people", "offers an hour", "everybody else"),
        [
            (name, str(each.people), f"{each.rate:.2f}", f"{each.others_rate:.2f}")
            for name, each in compared.items()
        ],
    )
    return section(title, words, plots, numbers)


def _data(model: Model, findings: Findings) -> str:
    counts = findings.counts
    lines = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
    words = f"Lines read: {lines}. What could not be used:"
    rows = [(HOLES.get(name, name), str(count)) for name, count in findings.holes.items()]
    rows = rows or [("nothing: the log has no holes", "0")]
    made = ", ".join(f"{name} {value}" for name, value in sorted(model.manifest["rows"].items()))
    foot = (
        f"<p>Learnt from: {escape(made)}; scikit-learn {escape(str(model.manifest['sklearn']))}, "
        f"policy {escape(str(model.manifest['policy']))}, seed {model.manifest['seed']}. "
        "Intervals are of 95 %. What an offer that was withdrawn because somebody else accepted "
        "would have come to is not known; others like it, whose end is known, count for it.</p>"
    )
    numbers = table(("", "count"), rows)
    return section("What the log holds, and what it lacks", words, [], numbers + foot)


def _percent(each: Figure) -> str:
    return f"{each.value:.1%} ({each.low:.1%} to {each.high:.1%})"


def _signed(each: Figure) -> str:
    return f"{each.value:+.4f}, {each.low:+.4f} to {each.high:+.4f}"


def _turned(each: Figure) -> Figure:
    return Figure(-each.value, -each.high, -each.low)


def _than(each: Figure, above: str, below: str, neither: str) -> str:
    return above if each.low > 0 else below if each.high < 0 else neither


def _day(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%d %B %Y}".lstrip("0")
