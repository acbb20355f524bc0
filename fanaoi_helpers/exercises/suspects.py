"""Slips that a function may hold: those that its exercise knows, and those that any number can suffer."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

ROUNDED = range(6)  # decimals


@dataclass(frozen=True)
class Suspect:
    """A slip that an answer may have made.

    Args:
        says: the sentence that names it.
        function: what gives the same results.
        index: its place among the exercise's known mistakes, None for one of any number.
        decimals: to which it rounds what is right, None for all other slips.
    """

    says: str
    function: Callable
    index: int | None = None
    decimals: int | None = None


def of_any_number(truth: Callable[[tuple], tuple[np.ndarray, ...]]) -> list[Suspect]:
    """Return the slips of any number: rounded, the finest first, or a hundred times off.

    Args:
        truth: returns the right results of a case.
    """

    def changed(change: Callable[[np.ndarray], np.ndarray]) -> Callable:
        def function(*case: object) -> object:
            parts = tuple(change(part.astype(float)) for part in truth(case))
            return parts if len(parts) > 1 else parts[0]

        return function

    rounded = [
        Suspect(
            f"It is right, but rounded to {decimals} decimals: return the number as it is.",
            changed(lambda values, decimals=decimals: np.round(values, decimals)),
            decimals=decimals,
        )
        for decimals in reversed(ROUNDED)
    ]
    return [
        *rounded,
        Suspect(
            "It is a hundred times the right number: is it percent where a share is asked?",
            changed(lambda values: values * 100),
        ),
        Suspect(
            "It is a hundredth of the right number: is it a share where percent are asked?",
            changed(lambda values: values / 100),
        ),
    ]
