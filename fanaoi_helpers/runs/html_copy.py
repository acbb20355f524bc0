"""An executed notebook as one HTML page that holds all it shows and asks nobody for anything."""

import base64
import html
import io
import logging
import re
from pathlib import Path

ASKS_NOBODY = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
    "font-src data:; style-src 'unsafe-inline'\">"
)


def page(executed: Path, folder: Path) -> str:
    """Return an executed notebook as one HTML page that holds its pictures, those of ``folder`` as well.

    Whoever opens it asks no server for anything, and no script runs, whatever the outputs hold.
    """
    import nbformat
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(embed_images=True)
    exporter.log.setLevel(logging.ERROR)
    notebook = nbformat.read(executed, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = _folded(_drawn(cell.source, folder))
    where = {"metadata": {"path": str(folder), "name": executed.stem}}
    head, body = exporter.from_notebook_node(notebook, where)[0].split("</head>", 1)
    head = re.sub(r"<script\b.*?</script>", "", head, flags=re.DOTALL)  # for formulas, widgets and diagrams
    return head.replace("<head>", f"<head>{ASKS_NOBODY}", 1) + "</head>" + _described(body)


def _drawn(source: str, folder: Path) -> str:
    """Return markdown that holds its vector pictures, and its displayed formulas as such, with their words.

    nbconvert itself leaves out pictures that lie outside of the notebook's ``folder``.
    """
    from matplotlib.mathtext import math_to_image

    def picture(words: str, svg: bytes) -> str:
        data = base64.b64encode(svg).decode("ascii")
        return f'<img alt="{html.escape(words)}" src="data:image/svg+xml;base64,{data}">'

    def formula(found: re.Match) -> str:
        svg = io.BytesIO()
        try:
            math_to_image(f"${found[1].strip()}$", svg, dpi=100, format="svg")
        except ValueError:  # more than matplotlib knows: it stays as it is written
            return found[0]
        return picture(found[1].strip(), svg.getvalue())

    def drawing(found: re.Match) -> str:
        path = folder / found[2]
        return picture(found[1], path.read_bytes()) if path.is_file() else found[0]

    source = re.sub(r"!\[([^\]]*)\]\(([\w./-]+\.svg)\)", drawing, source)
    return re.sub(r"\$\$(.+?)\$\$", formula, source, flags=re.DOTALL)


def _described(page: str) -> str:
    """Return an exported page in which pictures of outputs have a text: the heading that they stand under.

    nbconvert itself writes that no description has been provided.
    """
    heading = "the beginning"

    def describe(found: re.Match) -> str:
        nonlocal heading
        if found[1] is None:
            return f'alt="Picture under {heading}"'
        words = re.sub(r'<a class="anchor-link".*?</a>|<[^>]*>', "", found[1])
        heading = " ".join(words.split()).replace('"', "&quot;")
        return found[0]

    nothing = 'alt="No description has been provided for this image"'
    return re.sub(rf"<h[1-6]\b[^>]*>(.*?)</h[1-6]>|{nothing}", describe, page, flags=re.DOTALL)


def _folded(source: str) -> str:
    """Return markdown whose folded answers stay folded in HTML.

    nbconvert closes the tags of each block of HTML by itself, so that <details> would end before its answer;
    here the answer is made HTML first, without the empty lines that end a block.
    """
    from nbconvert.filters import markdown2html

    def fold(found: re.Match) -> str:
        answer = markdown2html(found[2].strip())
        answer = re.sub(r"\n\s*\n", "\n", answer).strip()
        return f"<details><summary>{found[1]}</summary>\n{answer}\n</details>\n"

    return re.sub(r"<details>\s*<summary>(.*?)</summary>(.*?)</details>", fold, source, flags=re.DOTALL)
