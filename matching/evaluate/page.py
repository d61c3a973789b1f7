"""A page that stands alone: one file, no script, no network, as wide as the screen."""

from collections.abc import Iterable
from html import escape
from typing import Final


def page(title: str, about: str, sections: Iterable[str]) -> str:
    """Return an HTML page; *about* and *sections* are HTML, *title* is text."""
    body = "\n".join(sections)
    return PAGE.format(title=escape(title), about=about, style=STYLE, body=body)


def section(title: str, words: str, plots: Iterable[tuple[str, str]], after: str = "") -> str:
    """Return a section: *words* and *after* are HTML, *plots* are pairs of caption and SVG."""
    drawn = "".join(
        f"<figure>{f'<figcaption>{escape(caption)}</figcaption>' if caption else ''}{svg}</figure>"
        for caption, svg in plots
    )
    grid = f'<div class="plots">{drawn}</div>' if drawn else ""
    return f"<section><h2>{escape(title)}</h2><p>{words}</p>{grid}{after}</section>"


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table of texts, which scrolls by itself where the screen is narrow."""
    top = "".join(f"<th>{escape(each)}</th>" for each in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(each)}</td>" for each in row) + "</tr>" for row in rows
    )
    inner = f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="wide">{inner}</div>'


STYLE: Final = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 62rem; color: #1f2933; background: #fff;
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0.5rem 0; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 0 0 0.3rem; }
section { margin: 1.6rem 0; padding-top: 1.1rem; border-top: 1px solid #e4e7eb; }
p { max-width: 44rem; margin: 0.4rem 0; }
.verdict { padding: 0.7rem 0.9rem; border-left: 0.3rem solid; max-width: none; }
.good { background: #eef7ee; border-color: #2f7d32; }
.bad { background: #fdf1ee; border-color: #b3341f; }
.plots { display: grid; gap: 0.8rem; margin: 0.8rem 0;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 18rem), 1fr)); }
section:has(figure:only-child):has(table) { display: grid; gap: 0 2rem; }
@media (min-width: 60rem) {
  section:has(figure:only-child):has(table) { grid-template-columns: minmax(0, 26rem) 1fr; }
  section:has(figure:only-child):has(table) > :is(h2, p) { grid-column: 1 / -1; }
  section:has(figure:only-child):has(table) > .wide { align-self: center; }
}
figure { margin: 0; max-width: 27rem; }
figcaption { font-weight: 600; }
figure svg { width: 100%; height: auto; display: block; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 0.25rem 0.9rem 0.25rem 0; border-bottom: 1px solid #eef1f4;
  vertical-align: top; }
"""
PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header><h1>{title}</h1><p>{about}</p></header>
<main>
{body}
</main>
</body>
</html>
"""
