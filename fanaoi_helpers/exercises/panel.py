"""The small panel that an exercise answers with: HTML in a notebook, plain text elsewhere."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from .. import pages

# Mark, words and color of a state; the marks and words carry it where colors are not seen.
LOOKS = {
    "": ("?", "", "#6E6E6E"),
    "right": ("✓", "Right.", "#0072B2"),
    "not yet": ("✗", "Not yet.", "#D55E00"),
    "not so": ("✗", "Not so.", "#D55E00"),  # a prediction has no second try
    "not tried": ("○", "Not tried yet.", "#8A8A8A"),
    "noted": ("●", "Noted.", "#8A8A8A"),
    "hint": ("→", "Hint", "#B07C00"),
    "solution": ("=", "A solution.", "#009E73"),
}


@dataclass(frozen=True)
class Panel:
    """A header, a state, a sentence, further lines, and code; text in `backticks` is set as code."""

    header: str
    state: str
    says: str
    lines: Sequence[str] = ()
    code: str = ""

    def show(self) -> None:
        """Display it where the learner is."""
        from IPython.display import display

        display(self)

    def __repr__(self) -> str:
        mark, words, _ = LOOKS[self.state]
        first = " ".join(part for part in (mark, words, self.says) if part)
        body = [self.code] if self.code else []
        return "\n".join([f"[{self.header}]", first, *body, *self.lines])

    def _repr_html_(self) -> str:
        mark, words, color = LOOKS[self.state]
        says, *lines = map(_marked_up, [self.says, *self.lines])
        return pages.rendered(
            "exercises/panel.html", panel=self, mark=mark, words=words, color=color, says=says, lines=lines
        )


def _marked_up(text: str) -> Markup:
    """Return text for HTML, with `backticks` as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False)))
