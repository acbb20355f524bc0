"""The exercises of one notebook."""

from typing import TypeVar

from ...errors import WorkbookError
from .exercise import Exercise

Kind = TypeVar("Kind", bound=Exercise)


class Lesson:
    """A notebook's exercises in their order.

    Args:
        number: the notebook's, such as "02".
        title: as in its heading.
    """

    def __init__(self, number: str, title: str) -> None:
        self.number = number
        self.title = title
        self.exercises: dict[str, Exercise] = {}

    def add(self, exercise: Kind) -> Kind:
        """Take ``exercise`` in and return it.

        Raises:
            WorkbookError: there is one of that name.
        """
        if exercise.name in self.exercises:
            raise WorkbookError(f"notebook {self.number} has two exercises named {exercise.name}.")
        exercise.notebook = self.number
        self.exercises[exercise.name] = exercise
        return exercise

    def recap(self) -> None:
        """Show "you said, it was" for this notebook, from the learner's ledger."""
        from .. import recap

        recap.show(self)
