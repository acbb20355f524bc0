"""A notebook's exercises, which it imports as ``ex``."""

from collections.abc import Mapping

from . import recap
from .exercise import Exercise


class Lesson:
    """A notebook's exercises in its order, each to be found by its name: ``ex.first_number``.

    Args:
        number: the notebook's, such as "02".
        name: under which it is imported, such as "convolution".
        title: as in the notebook's heading.
        exercises: by their names.
        shared: other names that the notebook may ask for, such as the pictures that its exercises use.
    """

    def __init__(
        self,
        number: str,
        name: str,
        title: str,
        exercises: Mapping[str, Exercise],
        shared: Mapping[str, object],
    ) -> None:
        self.number = number
        self.name = name
        self.title = title
        self.exercises = dict(exercises)
        for exercise in self.exercises.values():
            exercise.notebook = number
        vars(self).update({**shared, **self.exercises})

    def recap(self) -> None:
        """Show "you said, it was" for this notebook, from the learner's ledger."""
        from IPython.display import display

        display(recap.recap(self.number, self.title, self.exercises))
