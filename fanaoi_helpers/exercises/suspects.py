"""Slips that a function may hold: those that its exercise knows, and those that any number can suffer."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

ROUNDED = range(6)  # decimals


@dataclass(frozen=True, eq=False)
class Suspect:
    """A slip that an answer may have made."""

    says: str
    function: Callable  # what somebody who makes it would write; of any number: what it makes of the result
    index: int | None = None  # its place among the exercise's known mistakes, None for one of any number
    decimals: int | None = None  # to which it rounds what is right, None for all other slips


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
