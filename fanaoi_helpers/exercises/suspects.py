"""Slips that a function may hold: those that its exercise knows, and those that any number can suffer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

ROUNDED = range(8)  # decimals


@dataclass(frozen=True, eq=False)
class Suspect:
    """A slip that an answer may have made."""

    says: str
    function: Callable  # what somebody who makes it would write; of any number: what it makes of the result
    index: int | None = None  # its place among the exercise's known mistakes, None for one of any number
    decimals: int | None = None  # to which it rounds what is right, None for all other slips

    def rounds(self, got: Sequence[np.ndarray], truth: Sequence[np.ndarray]) -> bool:
        """Tell whether numbers are the right ones rounded so far, a 5 at the end up or down."""
        if self.decimals is None or [one.shape for one in got] != [one.shape for one in truth]:
            return False
        room = 0.5 * 10.0**-self.decimals + 1e-12
        near = all(np.allclose(*pair, 0, room) for pair in zip(got, truth, strict=True))
        return near and all((one == self.function(one)).all() for one in got)


OF_ANY_NUMBER = [
    *(
        Suspect(
            f"It is right, but rounded to {decimals} decimals: return the number as it is.",
            lambda values, decimals=decimals: np.round(values, decimals),
            decimals=decimals,
        )
        for decimals in reversed(ROUNDED)
    ),
    Suspect(
        "It is a hundred times the right number: is it percent where a share is asked?",
        lambda values: values * 100,
    ),
    Suspect(
        "It is a hundredth of the right number: is it a share where percent are asked?",
        lambda values: values / 100,
    ),
]
