"""The small panel that an exercise answers with: HTML in a notebook, plain text elsewhere."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

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
BOX = (
    "border-left:4px solid {color};padding:.3em .9em .4em;margin:.2em 0;max-width:46em;"
    "font-size:14px;line-height:1.5"
)
CODE = (
    "font-family:var(--jp-code-font-family,monospace);overflow-x:auto;padding:.5em .8em;margin:.4em 0;"
    "background:rgba(128,128,128,.12);line-height:1.35"
)


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
        first = " ".join(part for part in (f"<b>{mark} {words}</b>", _marked_up(self.says)) if part)
        parts = [
            f'<div style="font-size:.85em;opacity:.75">{html.escape(self.header)}</div>',
            f"<div>{first}</div>",
        ]
        if self.code:
            parts.append(f'<pre style="{CODE}">{html.escape(self.code)}</pre>')
        parts += [f"<div>{_marked_up(line)}</div>" for line in self.lines]
        return f'<div style="{BOX.format(color=color)}">{"".join(parts)}</div>'


def _marked_up(text: str) -> str:
    """Return text for HTML, with `backticks` as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))
