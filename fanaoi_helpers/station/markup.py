"""Small pieces of a page in HTML: every text is escaped, and nothing is fetched from elsewhere."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..photos.folders import displayable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STYLE = """
@page { size: A4; margin: 13mm 14mm }
* { box-sizing: border-box }
body { font: 9pt/1.3 "Helvetica Neue", Arial, "DejaVu Sans", sans-serif; color: #222; margin: 0 auto;
       padding: 6mm; max-width: 194mm; -webkit-print-color-adjust: exact; print-color-adjust: exact }
h1 { font-size: 17pt; margin: 0 }
h2 { font-size: 11.5pt; margin: 4mm 0 1mm; border-bottom: .3mm solid #222; break-after: avoid }
p { margin: 1mm 0 }
header { display: flex; justify-content: space-between; align-items: flex-end; gap: 6mm }
header > p { text-align: right; white-space: nowrap }
.decision { border: .6mm solid #222; border-left-width: 3mm; padding: 2mm 3mm; margin: 3mm 0; font-size: 12pt;
            font-weight: bold }
div.met { border-color: #009E73 } div.not-proven { border-color: #E69F00 }
div.not-met { border-color: #D55E00 }
table { border-collapse: collapse; width: 100%; margin: 1mm 0 }
th, td { text-align: left; vertical-align: top; padding: .5mm 1.5mm; border-bottom: .2mm solid #bbb }
th { font-weight: bold } table.pairs th { white-space: nowrap }
td.state { white-space: nowrap; font-weight: bold; width: 26mm }
td.met { border-left: 1.5mm solid #009E73 } td.not-proven { border-left: 1.5mm solid #E69F00 }
td.not-met { border-left: 1.5mm solid #D55E00 }
table.counts td, table.counts th { text-align: right; white-space: nowrap; padding: .4mm 1mm }
table.counts th:first-child { text-align: left }
table.counts td.escapes { background: #fbe3d3; font-weight: bold }
code { font-size: 8pt; overflow-wrap: anywhere }
img { display: block; width: 100%; margin: 1mm 0 } section > img { width: 84%; margin: 1mm auto }
section { break-inside: avoid }
.side { display: flex; gap: 4mm; align-items: flex-start } .side > * { flex: 1 1 0; min-width: 0 }
.side > .wide { flex: 1.4 1 0 }
.narrow { max-width: 90mm }
ul { margin: 1mm 0; padding-left: 5mm }
small { color: #555; font-size: 8pt }
.sign td { height: 13mm; vertical-align: bottom } .box { font-size: 13pt }
@media print { body { padding: 0; max-width: none } .sheet { break-before: page } }
"""


class Markup(str):
    """Text that is HTML already; all other text is escaped."""

    __slots__ = ()


def markup(*parts: object) -> Markup:
    """Return the parts one after the other, each escaped unless it is `Markup`."""
    return Markup(
        "".join(part if isinstance(part, Markup) else html.escape(displayable(str(part))) for part in parts)
    )


def element(name: str, *parts: object, **attributes: str) -> Markup:
    """Return an element around escaped ``parts``; ``class_`` is the attribute class.

    >>> element("p", "a < b", element("b", "!"), class_="x")
    '<p class="x">a &lt; b<b>!</b></p>'
    """
    told = "".join(f' {key.rstrip("_")}="{html.escape(value)}"' for key, value in attributes.items())
    return Markup(f"<{name}{told}>{markup(*parts)}</{name}>")


def section(title: str, *parts: object, sheet: bool = False) -> Markup:
    """Return a section with a title; ``sheet``: it begins a new sheet of paper."""
    return element("section", element("h2", title), *parts, class_="sheet" if sheet else "part")


def pairs(rows: Iterable[tuple[str, object]]) -> Markup:
    """Return a table of names and what is told of each."""
    told = [element("tr", element("th", name), element("td", what)) for name, what in rows]
    return element("table", *told, class_="pairs")


def table(head: list[str], rows: list[list[str]], class_: str) -> Markup:
    """Return a table of a head and rows, each with its name first."""
    first = element("tr", *(element("th" if name else "td", name) for name in head))  # "" heads nothing
    rest = [element("tr", element("th", row[0]), *(element("td", cell) for cell in row[1:])) for row in rows]
    return element("table", first, *rest, class_=class_)


def bullets(points: Iterable[str]) -> Markup:
    """Return a list of points."""
    return element("ul", *(element("li", point) for point in points))


def picture(figure: Figure, alt: str) -> Markup:
    """Return a drawn figure as an image inside the page; ``alt`` says what it shows."""
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=170)
    data = base64.b64encode(drawn.getvalue()).decode("ascii")
    return Markup(f'<img alt="{html.escape(alt)}" src="data:image/png;base64,{data}">')
