"""Plots as SVG to stand inside a page: small enough for a telephone, text that stays text."""

import io
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure as Canvas

from matching.evaluate.calibration import Calibration
from matching.evaluate.curves import Curve
from matching.evaluate.forecasts import Figure

INK, FAINT, FIRST, SECOND = "#1f2933", "#cbd2d9", "#0b6e99", "#c2541b"
TICKS: Final = (0.1, 0.2, 0.5, 0.8, 1.0, 1.25, 2.0, 5.0, 10.0)
LEAST_CASES: Final = 5
INCHES: Final = 4.2  # wide: on a screen of 390 px the text is as large as the page's
STYLE: Final[Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "dragoman",
    "font.family": "sans-serif",
    "font.size": 9.5,
    "text.color": INK,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.grid": True,
    "grid.color": "#eef1f4",
    "axes.axisbelow": True,
}


def reliability_plot(by_name: Mapping[str, Calibration], described: str) -> str:
    """Plot what was said against what came true, by bins; the diagonal is the truth.

    Bins of fewer than `LEAST_CASES` are left out: they say nothing and draw the eye.
    """
    with mpl.rc_context(STYLE):
        canvas, axes = _canvas(3.9)
        axes.plot([0, 1], [0, 1], color=FAINT, linewidth=1.5)
        for (name, each), colour, marker in zip(
            by_name.items(), (FIRST, SECOND), "os", strict=False
        ):
            bins = [b for b in each.bins if b.n >= LEAST_CASES]
            observed = np.array([b.observed for b in bins])
            low = observed - np.array([b.observed_low for b in bins])
            high = np.array([b.observed_high for b in bins]) - observed
            axes.errorbar(
                [b.predicted for b in bins],
                observed,
                np.clip([low, high], 0, None),
                color=colour,
                marker=marker,
                markersize=4.5,
                linewidth=1.2,
                elinewidth=1,
                label=name,
            )
        axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="chance that was said", ylabel="came true")
        axes.legend(frameon=False, loc="upper left")
        return _svg(canvas, described)


def interval_plot(
    rows: Sequence[tuple[str, Figure]], neutral: float, unit: str, described: str
) -> str:
    """Plot numbers with their intervals, one a line, beside a *neutral* one."""
    with mpl.rc_context(STYLE):
        canvas, axes = _canvas(0.85 + 0.42 * len(rows))
        axes.axvline(neutral, color=INK, linewidth=1)
        places = np.arange(len(rows))[::-1]
        for place, (_, each) in zip(places, rows, strict=True):
            certain = (each.low > neutral) or (each.high < neutral)
            colour = FIRST if certain else "#7b8794"
            ends = [each.value if not np.isfinite(end) else end for end in (each.low, each.high)]
            axes.plot(ends, [place, place], color=colour, linewidth=2)
            axes.plot([each.value], [place], color=colour, marker="o", markersize=6)
        axes.set_yticks(places, [name for name, _ in rows])
        axes.set(ylim=(-0.6, len(rows) - 0.4), xlabel=unit)
        axes.grid(visible=False, axis="y")
        axes.locator_params(axis="x", nbins=5)
        return _svg(canvas, described)


def curve_plot(curve: Curve, reach: float, described: str) -> str:
    """Plot one input's step function as a factor of the odds; *reach* is the axis in log-odds."""
    with mpl.rc_context(STYLE):
        canvas, axes = _canvas(2.5)
        axes.axhline(0, color=FAINT, linewidth=1)
        if curve.axis.labels:
            axes.plot(curve.places, curve.values, "o", color=FIRST, markersize=7)
            axes.vlines(curve.places, 0, curve.values, color=FIRST, linewidth=2)
            axes.set_xticks(curve.places, curve.axis.labels)
            axes.margins(x=0.2)
        else:
            axes.step(curve.places, curve.values, where="post", color=FIRST, linewidth=2)
        if curve.missing is not None:
            axes.axhline(
                curve.missing, color=SECOND, linestyle="--", linewidth=1.2, label="not asked"
            )
            axes.legend(frameon=False, loc="best", fontsize=8.5)
        ticks = [tick for tick in TICKS if abs(np.log(tick)) <= reach]
        axes.set_yticks(np.log(ticks), [f"× {tick:g}" for tick in ticks])
        axes.set(ylim=(-reach, reach), xlabel=curve.axis.unit)
        return _svg(canvas, described)


def rates_plot(rates: Sequence[float], described: str) -> str:
    """Plot how many people have which rate of offers an hour."""
    with mpl.rc_context(STYLE):
        canvas, axes = _canvas(2.6)
        axes.hist(rates, bins=20, color=FIRST, edgecolor="white", linewidth=0.5)
        axes.axvline(float(np.mean(rates)), color=SECOND, linewidth=1.5, label="mean")
        axes.set(xlabel="offers in an hour online", ylabel="people")
        axes.legend(frameon=False)
        return _svg(canvas, described)


def _canvas(height: float) -> tuple[Canvas, Any]:
    canvas = Canvas(figsize=(INCHES, height), layout="constrained")
    FigureCanvasSVG(canvas)
    return canvas, canvas.add_subplot()


def _svg(canvas: Canvas, described: str) -> str:
    """Return the drawing as an element, the same for the same numbers, with no id of its own."""
    out = io.StringIO()
    canvas.savefig(out, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    drawing = out.getvalue()
    drawing = drawing[drawing.index("<svg") :]
    drawing = re.sub(r"<metadata>.*?</metadata>", "", drawing, flags=re.DOTALL)
    drawing = re.sub(r'<g id="[^"]*"', "<g", drawing)
    drawing = re.sub(r' (width|height)="[\d.]+pt"', "", drawing, count=2)
    return drawing.replace("<svg", f'<svg role="img" aria-label="{escape(described)}"', 1)
