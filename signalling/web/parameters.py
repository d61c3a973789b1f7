"""The page of what counts in the ranking, and how much: `match.parameters` for people.

Anybody may read it, without a token (EU Directive 2024/2831, article 9). Bars are inline SVG.
"""

from collections.abc import Awaitable, Callable, Sequence
from html import escape
from typing import Final

from aiohttp import web

from signalling.errors import NotFound
from signalling.models import HAND
from signalling.protocol.messages import match as mm
from signalling.service.call import Call, Caller
from signalling.store.apps import Apps
from signalling.web import pages
from signalling.web.client_address import client_address
from signalling.web.node import Node

STYLE: Final = """
body { max-width: 60rem; }
.facts li { display: block; padding: 1rem 0; }
.facts h3 { font-size: 1.0625rem; margin: 0; } .facts h3 code { color: var(--soft);
  font-weight: 400; margin-left: .35rem; }
.facts p { margin: .25rem 0; } .facts .meta, .note { color: var(--soft); font-size: .875rem; }
.facts figure { margin: .5rem 0 0; font-size: .875rem; font-variant-numeric: tabular-nums; }
.facts figcaption { display: flex; flex-wrap: wrap; gap: 0 1rem; color: var(--soft); }
.facts figcaption strong { color: var(--ink); }
svg { display: block; width: 100%; height: .75rem; margin: .25rem 0; }
.track { fill: var(--tint); } .zero { fill: var(--soft); } .up { fill: #2f7d4f; }
.down { fill: #b4532a; }
@media (prefers-color-scheme: dark) { .up { fill: #6cc08d; } .down { fill: #e0905f; } }
@media (min-width: 48rem) { .facts li { display: grid; grid-template-columns: 1fr 20rem;
  gap: 0 2.5rem; } .facts figure { margin: 0; } }
.rules div { display: block; } .rules dt { color: var(--ink); font-weight: 600; }
.rules dt code { color: var(--soft); font-weight: 400; }
.rules dd { color: var(--soft); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .5rem 1rem .5rem 0; border-bottom: 1px solid var(--line); }
td { font-variant-numeric: tabular-nums; }
"""
AXIS: Final = 1000  # of a bar, in units of its drawing
READER: Final = "guest"  # whoever reads the page has no more rights than a guest


def page(published: Sequence[mm.MatchParametersResult]) -> str:
    """Return the page of one or several rankings that are in force on this server."""
    first = published[0]
    several = len(published) > 1
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>How the ranking decides</title><style>{pages.STYLE}{STYLE}</style></head><body>"
        '<header><p><a href="/">Dragoman</a></p><h1>How the ranking decides</h1>'
        '<p class="lead">When somebody asks for an interpreter, the rules say who may be asked. '
        "Among those, what counts is added up. Nothing else decides.</p></header><main>"
        + "".join(_counts(each, several=several) for each in published)
        + _rules(first.rules)
        + _never(first.never)
        + _waves(first)
        + "<h2>If you think that a decision is wrong</h2>"
        f"<p>{escape(first.contest)}</p>"
        "<p>Why somebody was or was not asked, and what would have changed it, is the answer of "
        "<code>match.explain</code>. This page for programs: <code>match.parameters</code>.</p>"
        "</main></body></html>\n"
    )


def _counts(of: mm.MatchParametersResult, *, several: bool) -> str:
    # The two chances last: what they add is added up from what the others do to them.
    by_size = sorted(
        of.parameters, key=lambda p: (p.code is None, p.score.lowest - p.score.highest)
    )
    low = min(0.0, *(p.score.lowest for p in of.parameters))
    high = max(0.0, *(p.score.highest for p in of.parameters))
    rows = "".join(_parameter(each, low, high) for each in by_size)
    title = "What counts" + (f" with model {escape(of.model)}" if several else "")
    return (
        f"<h2>{title}</h2>"
        "<p>Each adds to the score or takes from it, and who has the highest is asked first. The "
        "unit is one log-odds. What can move the score most comes first; all bars have one scale, "
        "and include what is added by way of the two chances, which come last.</p>"
        f'<p class="note">Policy <code>{escape(of.policy)}</code>, '
        f"model <code>{escape(of.model)}</code>"
        f"{'' if of.model != HAND else ' (none learnt yet: weights set by hand alone)'}.</p>"
        f'<ul class="facts">{rows}</ul>'
    )


def _parameter(p: mm.Parameter, low: float, high: float) -> str:
    weight = "no weight of its own" if p.weight is None else f"weight {number(p.weight)}"
    chances = [
        f"<span>{name} {_range(span)}</span>"
        for name, span in (("on accepting", p.accept), ("on completing", p.complete))
        if (span.lowest, span.highest) != (0.0, 0.0)
    ]
    half = "half" if p.name == "idle" else "full"
    full = f", {half} at {p.minutes:g} minutes" if p.minutes is not None else ""
    code = f", recorded as <code>{escape(p.code)}</code>" if p.code not in (None, p.name) else ""
    return (
        f"<li><div><h3>{escape(p.title)} <code>{escape(p.name)}</code></h3>"
        f"<p>{escape(p.what)}</p>"
        f'<p class="meta">Value {_plain(p.value.lowest)} to {_plain(p.value.highest)}{full}{code}. '
        f"From {escape(p.source)}. Read by {_readers(p)}.</p></div>"
        f"<figure>{_bar(p.score, low, high)}<figcaption><strong>{weight}</strong>"
        f"<span>adds {_range(p.score)}</span>{''.join(chances)}</figcaption></figure></li>"
    )


def _readers(p: mm.Parameter) -> str:
    if "customer" not in p.told:
        return "the operator, and each interpreter of themselves"
    return "everybody concerned" if "interpreter" in p.told else "the customer and the operator"


def _bar(span: mm.Span, low: float, high: float) -> str:
    """Draw what a parameter can take and add, on the scale from *low* to *high*."""
    unit = AXIS / ((high - low) or 1.0)
    zero = -low * unit
    left, right = (span.lowest - low) * unit, (span.highest - low) * unit
    down, up = max(0.0, zero - left), max(0.0, right - zero)
    return (
        f'<svg viewBox="0 0 {AXIS} 24" preserveAspectRatio="none" role="img" '
        f'aria-label="adds {_range(span)}">'
        f'<rect class="track" width="{AXIS}" height="24"/>'
        f'<rect class="down" x="{min(left, zero):.1f}" width="{down:.1f}" height="24"/>'
        f'<rect class="up" x="{zero:.1f}" width="{up:.1f}" height="24"/>'
        f'<rect class="zero" x="{zero - 1:.1f}" width="3" height="24"/></svg>'
    )


def number(value: float) -> str:
    """Write a signed number with two digits after the point."""
    return f"{value:+.2f}".replace("-", "−") if round(value, 2) else "0.00"


def _plain(value: float) -> str:
    return f"{value:.2g}".replace("-", "−")


def _range(span: mm.Span) -> str:
    return f"{number(span.lowest)} to {number(span.highest)}"


def _rules(rules: Sequence[mm.HardRule]) -> str:
    rows = "".join(
        f"<div><dt>{escape(r.needs[0].upper() + r.needs[1:])} <code>{escape(r.rule)}</code></dt>"
        f"<dd>{escape(r.why)}</dd></div>"
        for r in rules
    )
    return (
        "<h2>What everybody must meet</h2><p>Whoever misses one of these is not asked, whatever "
        f'their score.</p><dl class="rules">{rows}</dl>'
    )


def _never(never: Sequence[mm.Unused]) -> str:
    rows = "".join(
        f"<li>{escape(each.what[0].upper() + each.what[1:])}<span>{escape(each.note or '')}</span>"
        for each in never
    )
    return f"<h2>What never counts</h2><ul>{rows}</ul>"


def _waves(of: mm.MatchParametersResult) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(each.name.replace("_", " "))}</th>'
        f"<td>{each.target:.0%}</td><td>{each.smallest} to {each.largest}</td></tr>"
        for each in of.strategies
    )
    return (
        "<h2>How many are asked at once</h2><p>So many of the best that somebody accepts with the "
        "chance aimed at, and no more. The customer chooses one of these:</p>"
        '<div class="scroll"><table><thead><tr><th scope="col">Strategy</th>'
        '<th scope="col">Chance aimed at</th><th scope="col">People at once</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
        f"<p>In {of.explored:.0%} of the decisions, never in emergencies, the last to be asked is "
        "drawn by lot among those of the same category, so that it can be learnt what others "
        "would have done.</p>"
    )


def serve(node: Node) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Return the handler of the page: each ranking in force in a marketplace of this server."""
    apps = Apps(node.store)

    async def parameters(request: web.Request) -> web.Response:
        node.throttle.addresses.take(client_address(request, node.trusted))
        handler = node.service.handlers["match.parameters"]
        found: dict[tuple[str, str], mm.MatchParametersResult] = {}
        for marketplace in sorted(await apps.marketplaces()):
            caller = Caller(marketplace, app="", user="", role=READER)
            each = await handler(Call(caller), mm.MatchParametersParams())
            found.setdefault((each.policy, each.model), each)
        if not found:
            raise NotFound("no marketplace is served yet")
        return pages.html(page(tuple(found.values())))

    return parameters
