"""An executed notebook as one HTML page that holds all it shows and asks nobody for anything."""

import base64
import html
import io
import logging
import mimetypes
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

    exporter = HTMLExporter()  # its embed_images would end a folded answer where it begins
    exporter.log.setLevel(logging.ERROR)
    notebook = nbformat.read(executed, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = _embedded(cell.source, folder)
    names = {"metadata": {"path": str(folder), "name": executed.stem}}
    head, body = exporter.from_notebook_node(notebook, names)[0].split("</head>", 1)
    head = re.sub(r"<script\b.*?</script>", "", head, flags=re.DOTALL)  # for formulas, widgets and diagrams
    return head.replace("<head>", f"<head>{ASKS_NOBODY}", 1) + "</head>" + _described(body)


def _embedded(source: str, folder: Path) -> str:
    """Return markdown that holds the pictures it names, and its displayed formulas as pictures."""
    from matplotlib.mathtext import math_to_image

    def picture(match: re.Match) -> str:
        path, kind = folder / match[2], mimetypes.guess_type(match[2])[0] or ""
        return match[1] + (_address(path.read_bytes(), kind) if kind and path.is_file() else match[2])

    def formula(match: re.Match) -> str:
        words, svg = match[1].strip(), io.BytesIO()
        try:
            math_to_image(f"${words}$", svg, dpi=100, format="svg")
        except ValueError:  # more than matplotlib knows: it stays as it is written
            return match[0]
        return f'<img alt="{html.escape(words)}" src="{_address(svg.getvalue(), "image/svg+xml")}">'

    source = re.sub(r"""(!\[[^\]]*\]\(|<img\b[^>]*?\bsrc=["'])([^)"'\s:]+)""", picture, source)
    return re.sub(r"\$\$(.+?)\$\$", formula, source, flags=re.DOTALL)


def _address(picture: bytes, kind: str) -> str:
    """Return an address that is the picture itself."""
    return f"data:{kind};base64,{base64.b64encode(picture).decode('ascii')}"


def _described(page: str) -> str:
    """Return an exported page in which pictures of outputs have a text: the heading that they stand under.

    nbconvert itself writes that no description has been provided.
    """
    heading = "the beginning"

    def describe(match: re.Match) -> str:
        nonlocal heading
        if match[1] is None:
            return f'alt="Picture under {heading}"'
        words = re.sub(r'<a class="anchor-link".*?</a>|<[^>]*>', "", match[1])
        heading = " ".join(words.split()).replace('"', "&quot;")
        return match[0]

    nothing = 'alt="No description has been provided for this image"'
    return re.sub(rf"<h[1-6]\b[^>]*>(.*?)</h[1-6]>|{nothing}", describe, page, flags=re.DOTALL)
