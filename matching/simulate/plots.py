"""Plots of a simulation: matplotlib figures, as SVG for the page or PNG for the eye."""

import io
from collections.abc import Sequence
from html import escape
from itertools import cycle
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from matching.evaluate.plots import FAINT, INK, STYLE
from matching.simulate.metrics import BASELINE, ORACLE, Estimate, Results

# Colour says what kind of policy it is, and the label which one.
PLAIN, OURS, BOUND, BASE = "#7b8794", "#0b6e99", "#2f7d32", "#c2541b"
LONGEST_S: Final = 90.0
NAMES: Final = {
    "wait_median_s": "median wait of the filled",
    "waited_mean_s": "mean wait of all",
    "unfilled": "fill",
}


def colour_of(policy: str) -> str:
    return {BASELINE: BASE, ORACLE: BOUND}.get(policy, OURS if "waves" in policy else PLAIN)


def waits_plot(results: Results, policies: Sequence[str]) -> Figure:
    """Plot which share of all requests has somebody after so many seconds."""
    figure, axes = _axes(7.2, 4.2)
    seconds = np.linspace(0, LONGEST_S, 361)
    dashes = ["-", "--", ":", "-."]
    drawn: dict[str, int] = {}
    for policy in policies:
        waits = np.sort(results.waits[policy])
        share = np.searchsorted(waits, seconds, side="right") / results.requests
        colour = colour_of(policy)
        dash = dashes[drawn.get(colour, 0) % len(dashes)]
        drawn[colour] = drawn.get(colour, 0) + 1
        axes.plot(seconds, share, color=colour, linestyle=dash, linewidth=1.6, label=policy)
    axes.axhline(results.feasible, color=FAINT, linewidth=1)
    axes.annotate("that anybody would take", (LONGEST_S, results.feasible), ha="right", va="bottom")
    axes.set(xlim=(0, LONGEST_S), ylim=(0, 1), xlabel="seconds", ylabel="requests with somebody")
    axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def effort_plot(results: Results, policies: Sequence[str]) -> Figure:
    """Plot offers a fill against what is unfilled beyond the baseline, seed by seed, in points."""
    figure, axes = _axes(7.2, 4.2)
    for policy, marker in zip(policies, cycle("os^vDP*X<>"), strict=False):
        offers = results.estimate(policy, "offers_a_fill")
        lost = _points(results.difference(policy, "unfilled"))
        axes.errorbar(
            offers.value, lost.value, yerr=_arms(lost), xerr=_arms(offers),
            fmt=marker, color=colour_of(policy), markersize=6, elinewidth=0.8, label=policy,
        )  # fmt: skip
    axes.axhline(0, color=FAINT, linewidth=1)
    axes.set_xscale("log")
    axes.set_xticks([1, 2, 3, 4, 6, 10, 20], ["1", "2", "3", "4", "6", "10", "20"])
    axes.minorticks_off()
    axes.set(xlabel="offers a fill", ylabel=f"unfilled beyond {BASELINE}, points")
    axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def gaps_plot(results: Results, policies: Sequence[str], figures: Sequence[str]) -> Figure:
    """Plot how far from the baseline (0) to the oracle (1) each policy gets, a panel a figure."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 1.1 + 0.3 * len(policies)), layout="constrained")
        FigureCanvasAgg(figure)
        panels = figure.subplots(1, len(figures), sharey=True)
    places = np.arange(len(policies))[::-1]
    for axes, name in zip(np.atleast_1d(panels), figures, strict=True):
        for place, policy in zip(places, policies, strict=True):
            gap = results.gap_closed(policy, name)
            axes.plot([gap.low, gap.high], [place, place], color=colour_of(policy), linewidth=2)
            axes.plot([gap.value], [place], "o", color=colour_of(policy), markersize=5)
        axes.axvline(0, color=BASE, linewidth=1)
        axes.axvline(1, color=BOUND, linewidth=1)
        axes.set_yticks(places, policies)
        axes.set(xlim=(-1.5, 1.15), xlabel="of the way")
        axes.set_title(NAMES[name], fontsize=9.5)
    return figure


def fairness_plot(results: Results, points: Sequence[tuple[str, str]]) -> Figure:
    """Plot the Gini of offers an online hour against what is unfilled beyond the baseline.

    *points* are pairs of a policy and its label, in the order of the weight.
    """
    figure, axes = _axes(7.2, 4.0)
    ginis = [results.estimate(policy, "gini") for policy, _ in points]
    lost = [_points(results.difference(policy, "unfilled")) for policy, _ in points]
    x, y = [each.value for each in ginis], [each.value for each in lost]
    axes.plot(x, y, color=OURS, linewidth=1.2)
    for one, other, (_, label) in zip(ginis, lost, points, strict=True):
        axes.errorbar(
            one.value, other.value, yerr=_arms(other), xerr=_arms(one), fmt="o", color=OURS,
            elinewidth=0.6,
        )  # fmt: skip
        axes.annotate(label, (one.value, other.value), xytext=(6, 5), textcoords="offset points")
    base = results.estimate(BASELINE, "gini").value
    axes.plot([base], [0.0], "s", color=BASE)
    axes.annotate(BASELINE, (base, 0.0), xytext=(6, -12), textcoords="offset points")
    axes.set(
        xlabel="Gini of offers an hour online (0 = all alike)",
        ylabel=f"unfilled beyond {BASELINE}, points",
    )
    axes.margins(x=0.12, y=0.12)
    return figure


def _points(of: Estimate) -> Estimate:
    return Estimate(*(100 * each for each in of))


def svg(figure: Figure, described: str) -> str:
    """Return a figure as an element of a page, the same for the same numbers."""
    out = io.StringIO()
    with mpl.rc_context(STYLE):
        figure.savefig(out, format="svg", metadata={"Date": None}, transparent=True)
    drawing = out.getvalue()
    drawing = drawing[drawing.index("<svg") :]
    return drawing.replace("<svg", f'<svg role="img" aria-label="{escape(described)}"', 1)


def save(figure: Figure, path: Path) -> None:
    """Write a figure to a file, in the format of its suffix."""
    with mpl.rc_context(STYLE):
        figure.savefig(path, dpi=120)


def _axes(width: float, height: float) -> tuple[Figure, Any]:
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots()
    axes.tick_params(colors=INK)
    return figure, axes


def _arms(of: Estimate) -> list[list[float]]:
    """Return an interval as matplotlib wants its arms; none where one seed shows no spread."""
    if not np.isfinite([of.low, of.high]).all():
        return [[0.0], [0.0]]
    return [[of.value - of.low], [of.high - of.value]]
