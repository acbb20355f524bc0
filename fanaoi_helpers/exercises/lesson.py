"""A notebook's exercises, which it imports as ``ex``."""

from collections.abc import Mapping
from dataclasses import dataclass

from . import ledger, recap
from .exercise import Exercise


@dataclass
class Lesson:
    """A notebook's exercises in its order, each to be found by its name: ``ex.first_number``.

    So are ``shared``, other things that the notebook asks for, such as the pictures that its exercises use.
    """

    number: str
    name: str  # under which it is imported, such as "convolution"
    title: str
    exercises: Mapping[str, Exercise]
    shared: Mapping[str, object]

    def __post_init__(self) -> None:
        for exercise in self.exercises.values():
            exercise.notebook = self.number
        vars(self).update({**self.shared, **self.exercises})

    def recap(self) -> None:
        """Show "you said, it was" for this notebook, from the learner's ledger."""
        from IPython.display import display

        rows = recap.rows(self.number, self.exercises, ledger.records())
        display(recap.Recap(f"{self.number} {self.title}", rows))
