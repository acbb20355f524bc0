"""The small panel that an exercise answers with: HTML in a notebook, plain text elsewhere."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from .. import pages
from .question import Question

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
    """A header, a state, a sentence, further lines, and code; text in `backticks` is set as code.

    With a ``question`` that stands first; state "" says nothing more.
    """

    header: str
    state: str
    says: str = ""
    lines: Sequence[str] = ()
    code: str = ""
    question: Question | None = None

    def show(self) -> None:
        """Display it where the learner is."""
        from IPython.display import display

        display(self)

    def __repr__(self) -> str:
        return text(self.header, self.question, [self])

    def _repr_html_(self) -> str:
        return page(self.header, self.question, [self])

    def said(self) -> Markup:
        """Return as HTML what it says: state, sentence, code and lines."""
        mark, words, _ = LOOKS[self.state]
        says, *lines = map(marked_up, [self.says, *self.lines])
        small = self.question is not None and self.state == "not tried"
        return pages.rendered(
            "exercises/said.html", panel=self, mark=mark, words=words, says=says, lines=lines, small=small
        )

    def _said(self) -> list[str]:
        """Return the same as lines of text."""
        mark, words, _ = LOOKS[self.state]
        first = " ".join(part for part in (mark, words, self.says) if part)
        return [first, *([self.code] if self.code else []), *self.lines]


def text(header: str, question: Question | None, parts: Sequence[Panel]) -> str:
    """Return as text a header, a question, and what panels say below it."""
    lines = []
    if question is not None:
        form = f"Answer: {question.form}" if question.form else ""
        lines = filter(None, [question.asks, *question.details, question.given, form])
    said = [line for part in parts if part.state for line in part._said()]
    return "\n".join([f"[{header}]", *lines, *said])


def page(header: str, question: Question | None, parts: Sequence[Panel]) -> Markup:
    """Return the same as HTML, in the color of the first panel."""
    return pages.rendered(
        "exercises/panel.html",
        header=header,
        color=LOOKS[parts[0].state][2],
        question="" if question is None else asked(question),
        parts=[part.said() for part in parts if part.state],
    )


def asked(question: Question, details: bool = True) -> Markup:
    """Return a question as HTML, with or without its options or lines."""
    asks, form, *listed = map(marked_up, [question.asks, question.form, *question.details])
    return pages.rendered(
        "exercises/question.html",
        asks=asks,
        details=listed if details else [],
        given=question.given,
        form=form,
    )


def marked_up(words: str) -> Markup:
    """Return text for HTML, with `backticks` as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(words, quote=False)))
