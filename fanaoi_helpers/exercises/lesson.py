"""Declaring exercises: each once, with its question, its reference, its known mistakes and its hints."""

from collections.abc import Callable
from dataclasses import MISSING, fields

from ..errors import WorkbookError
from . import recap
from .choosing import Choice, Order
from .exercise import Exercise
from .function import Function, Line
from .value import Value


class Exercises:
    """The exercises that one file declares, by name, in their order.

    A reference that learners may read is a function, and the exercise bears its name::

        ask = Exercises()

        @ask.value(asks="What is 2 + 3?", given={"a": 2, "b": 3}, mistakes={…}, hints=[…], …)
        def total(a, b):
            return a + b

        ask.choice("which_sum", asks="Which of these is 5?", options={…}, hints=[…], …)
    """

    def __init__(self) -> None:
        self.by_name: dict[str, Exercise] = {}

    def value(self, **declared: object) -> Callable[[Callable], Value]:
        """Declare the function below as the reference of a :class:`Value`."""
        return lambda reference: self._declare(Value, reference.__name__, reference=reference, **declared)

    def function(self, **declared: object) -> Callable[[Callable], Function]:
        """Declare the function below as the reference of a :class:`Function`."""
        return lambda reference: self._declare(Function, reference.__name__, reference=reference, **declared)

    def line(self, name: str, **declared: object) -> Line:
        """Declare a :class:`Line`."""
        return self._declare(Line, name, **declared)

    def choice(self, name: str, **declared: object) -> Choice:
        """Declare a :class:`Choice`."""
        return self._declare(Choice, name, **declared)

    def order(self, name: str, **declared: object) -> Order:
        """Declare an :class:`Order`."""
        return self._declare(Order, name, **declared)

    def _declare(self, kind: type[Exercise], name: str, **declared: object) -> Exercise:
        known = {field.name: field for field in fields(kind) if field.init and field.name != "name"}
        needed = [field.name for field in known.values() if field.default is field.default_factory is MISSING]
        for problem, keywords in (
            ("does not know", [keyword for keyword in declared if keyword not in known]),
            ("lacks", [keyword for keyword in needed if keyword not in declared]),
        ):
            if keywords:
                raise WorkbookError(
                    f"Exercise {name} {problem} {', '.join(keywords)}; "
                    f"{kind.__name__} is declared by {', '.join(known)}."
                )
        try:
            exercise = kind(name, **declared)
        except WorkbookError:
            raise
        except Exception as error:
            raise WorkbookError(
                f"Exercise {name} can't be declared like this ({type(error).__name__}: {error})."
            ) from error
        take_in(self.by_name, {name: exercise})
        return exercise


class Lesson:
    """A notebook's exercises in its order.

    Args:
        number: the notebook's, such as "02".
        title: as in its heading.
        parts: the exercises of its files, in the order in which the notebook asks them.
    """

    def __init__(self, number: str, title: str, *parts: Exercises) -> None:
        self.number = number
        self.title = title
        self.exercises: dict[str, Exercise] = {}
        for part in parts:
            take_in(self.exercises, part.by_name)
        for exercise in self.exercises.values():
            exercise.notebook = number

    def recap(self) -> None:
        """Show "you said, it was" for this notebook, from the learner's ledger."""
        from IPython.display import display

        display(recap.recap(self.number, self.title, self.exercises))


def take_in(exercises: dict[str, Exercise], new: dict[str, Exercise]) -> None:
    """Add ``new`` ones to ``exercises``, none of which may have their names."""
    for name in new:
        if name in exercises:
            raise WorkbookError(
                f"There are two exercises named {name}: a notebook asks for each by its name."
            )
    exercises.update(new)
