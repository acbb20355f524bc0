"""HTML from templates: whatever goes into one is escaped, so that no name can bring HTML of its own."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup


@cache
def _templates() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,  # a misspelled name is an error, not a gap in the page
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def rendered(template: str, **values: object) -> Markup:
    """Return the HTML that a Jinja2 template makes of ``values``, each escaped unless it is `Markup` itself.

    Args:
        template: a file in this package, such as "station/report.html".
        **values: what the template names; half letters of a file's name that is no UTF-8 are spelled out.
    """
    from markupsafe import Markup

    page = _templates().get_template(template).render(values)
    return Markup(page.encode("utf-8", "backslashreplace").decode("utf-8"))
