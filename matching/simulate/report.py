"""What a simulation found: a table for the terminal, lines for scripts, a page for people."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any, Final, NamedTuple

from rich.table import Table

from matching.evaluate.page import page, section, table
from matching.simulate.metrics import BASELINE, ORACLE, Estimate, Figures, Results
from matching.simulate.plots import NAMES, effort_plot, fairness_plot, gaps_plot, svg, waits_plot


class Shown(NamedTuple):
    """A figure of the tables: its heading, and how its numbers are written."""

    figure: str
    heading: str
    form: str


SHOWN: Final = (
    Shown("wait_median_s", "median wait, s", "{:.1f}"),
    Shown("wait_mean_s", "mean wait, s", "{:.1f}"),
    Shown("wait_p90_s", "90 % within, s", "{:.1f}"),
    Shown("unfilled", "unfilled", "{:.1%}"),
    Shown("missed", "missed", "{:.1%}"),
    Shown("offers_a_fill", "offers a fill", "{:.2f}"),
    Shown("below_tier", "below the tier", "{:.1%}"),
    Shown("gini", "Gini", "{:.3f}"),
    Shown("completed", "completed", "{:.1%}"),
)
GAPS: Final = ("wait_median_s", "waited_mean_s", "unfilled")


class Goal(NamedTuple):
    """A ratio to the baseline that the issue asks for, at most."""

    figure: str
    words: str
    most: float


GOALS: Final = (
    Goal("wait_median_s", "median wait", 0.25),
    Goal("unfilled", "unfilled", 0.50),
    Goal("offers_a_fill", "offers a fill", 1.50),
    Goal("below_tier", "share below the requested tier", 1.00),
    Goal("gini", "Gini of offers an online hour", 1.00),
)


def lines(results: Results) -> Iterator[dict[str, Any]]:
    """Yield a line for each policy and figure: mean, interval, and difference to the baseline."""
    for policy in results.figures:
        for figure in Figures._fields:
            value, difference = (
                results.estimate(policy, figure),
                results.difference(policy, figure),
            )
            yield {
                "scenario": results.scenario,
                "policy": policy,
                "figure": figure,
                **value._asdict(),
                "difference": list(difference),
                "gap_closed": list(results.gap_closed(policy, figure)),
                "seeds": len(results.seeds),
            }


def terminal_table(results: Results) -> Table:
    """Return the table for a rich console: means, and half the width of their intervals."""
    shown = Table(title=_title(results), title_justify="left")
    shown.add_column("policy")
    for each in SHOWN:
        shown.add_column(each.heading, justify="right")
    for policy in results.figures:
        cells = [_brief(results.estimate(policy, each.figure), each.form) for each in SHOWN]
        shown.add_row(policy, *cells, style="bold" if policy in (BASELINE, ORACLE) else None)
    return shown


def write_report(
    found: Sequence[Results], curves: Mapping[str, tuple[Results, Sequence[tuple[str, str]]]]
) -> str:
    """Return the HTML page of simulations.

    *curves* are sweeps of a weight by the name of their scenario: results, and pairs of a policy
    and its label in the order of the weight (`fairness_plot`).
    """
    sections = [_what()]
    for results in found:
        sections += [_summary(results), _goals(results), _drawn(results)]
        if results.scenario in curves:
            sections.append(_fairness(*curves[results.scenario]))
    about = "Every policy met the same people and the same requests; intervals are of 95 %."
    return page("Policies in the simulated market", about, sections)


def _what() -> str:
    words = (
        "Unfilled are requests that nobody had accepted at their deadline; missed, the share of "
        "those that somebody online would have taken. Waits are of the filled. Below the tier: "
        "filled by somebody of a lower category than was asked for first (what the law asks for is "
        "a hard rule). Gini: how unequal offers an online hour are. The oracle knows every answer "
        "beforehand; nobody can do that, but it shows what there is to gain."
    )
    return section("How to read this", words, [])


def _summary(results: Results) -> str:
    head = ("policy", *(each.heading for each in SHOWN))
    rows = [
        (policy, *(_brief(results.estimate(policy, each.figure), each.form) for each in SHOWN))
        for policy in results.figures
    ]
    words = f"{results.requests} requests in {len(results.seeds)} worlds; "
    words += f"{results.feasible:.1%} of them somebody would take."
    return section(_title(results), words, [], table(head, rows))


def _goals(results: Results) -> str:
    ours = [name for name in results.figures if "waves" in name] + [ORACLE]
    head = ("against longest idle", "at most", *ours)
    rows = []
    for goal in GOALS:
        cells = [_full(results.ratio(policy, goal.figure), "{:.2f}") for policy in ours]
        rows.append((goal.words, f"{goal.most:.2f}", *cells))
    for figure in GAPS:
        gaps = [_full(results.gap_closed(policy, figure), "{:.2f}") for policy in ours]
        rows.append((f"of the way to the oracle: {NAMES[figure]}", "0.80 or more", *gaps))
    words = (
        "Ratios to the baseline. Where the oracle itself is above a goal, no policy can reach it."
    )
    return section(f"Goals: {results.title}", words, [], table(head, rows))


def _drawn(results: Results) -> str:
    every = list(results.figures)
    inner = [policy for policy in every if policy not in (BASELINE, ORACLE)]
    title = escape(results.title)
    effort = effort_plot(results, every)
    plots = [
        ("Who has somebody, and when", svg(waits_plot(results, every), f"Waits: {title}")),
        ("Fill and effort", svg(effort, f"Offers and fill: {title}")),
        ("Between baseline and oracle", svg(gaps_plot(results, inner, GAPS), f"Gaps: {title}")),
    ]
    return section(f"Plots: {results.title}", "", [], _large(plots))


def _fairness(results: Results, points: Sequence[tuple[str, str]]) -> str:
    words = (
        "The weight of the exposure deficit steers offers to who had fewer of them an hour than "
        "others. Left is fairer, up is what it costs."
    )
    drawn = svg(fairness_plot(results, points), "Fairness against fill")
    return section(f"What fairness costs: {results.title}", words, [], _large([("", drawn)]))


def _large(plots: Sequence[tuple[str, str]]) -> str:
    """Return plots one below the other in their own size; a narrow screen scrolls them."""
    return "".join(
        f'<h3>{escape(caption)}</h3><div class="wide">{drawn}</div>' for caption, drawn in plots
    )


def _title(results: Results) -> str:
    return f"{results.title} ({results.scenario})"


def _brief(of: Estimate, form: str) -> str:
    return f"{form.format(of.value)} ±\u202f{form.format((of.high - of.low) / 2)}"


def _full(of: Estimate, form: str) -> str:
    return f"{form.format(of.value)} ({form.format(of.low)} to {form.format(of.high)})"
