"""What is found of an answer: one of three states, the reason, and what to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class State(str, Enum):
    """How an answer stands."""

    RIGHT = "right"
    NOT_YET = "not yet"
    NOT_TRIED = "not tried"


@dataclass(frozen=True)
class Verdict:
    """What :meth:`Exercise.judge` found."""

    state: State
    says: str = ""  # the reason
    mistake: int | None = None  # which known mistake it was; the first of several that give the same
    form: bool = False  # whether it is the form alone that can't be taken: then it was no attempt
    printed: str = ""  # by the learner's function


NOT_TRIED = Verdict(State.NOT_TRIED)


def unread(error: Exception) -> str:
    """Return what is said of an answer that failed where it was looked at."""
    return f"Your answer could not be read ({type(error).__name__}); expected plain numbers or text."


def either(says: Sequence[str]) -> str:
    """Return the sentence of one known mistake, or those of several that give the same.

    >>> either(["One is missing."]), either(["One is missing.", "You took two."])
    ('One is missing.', 'Either: One is missing. Or: You took two.')
    """
    return says[0] if len(says) == 1 else f"Either: {' Or: '.join(says)}"
