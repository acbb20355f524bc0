"""A question as its panel shows it: what is asked and given, and in which form it is answered."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

LARGEST = 60  # numbers of an array that a question still prints
MOST_ROWS = 3  # of an example
NUMBER = re.compile(r"(-?\d+(?:\.\d+)?)( ?%)?")


@dataclass(frozen=True)
class Question:
    """What is asked, the options or lines, what is given as code, and the form of the answer."""

    asks: str
    details: Sequence[str] = ()
    given: str = ""
    form: str = ""


def as_code(given: Mapping[str, object]) -> str:
    """Return inputs as Python: plain ones together, each array as a small matrix, large ones not at all.

    >>> print(as_code({"gain": 0.5, "kernel": np.array([[1, -1], [10, 0]]), "rate": 0.1}))
    gain, rate = 0.5, 0.1
    kernel = [[ 1, -1],
              [10,  0]]
    """
    plain = {name: value for name, value in given.items() if np.ndim(value) == 0}
    lines = [f"{', '.join(plain)} = {', '.join(map(_written, plain.values()))}"] if plain else []
    for name, value in given.items():
        if name not in plain and np.size(value) <= LARGEST:
            rows = _aligned(value) if np.ndim(value) == 2 else [_written(row) for row in value]
            between = ", " if np.ndim(value) == 1 else ",\n" + " " * len(f"{name} = [")
            lines.append(f"{name} = [{between.join(rows)}]")
    return "\n".join(lines)


def _aligned(matrix: np.ndarray) -> list[str]:
    """Return the rows of a matrix, its numbers below each other."""
    cells = [[_written(cell) for cell in row] for row in matrix]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [f"[{', '.join(map(str.rjust, row, widths))}]" for row in cells]


def told(value: object, asks: str) -> bool:
    """Tell whether a question's words hold the number, or one after the other the numbers, of ``value``.

    >>> told(0.6, "60 % of 7,200 fans"), told([7200, -1], "7,200 fans, bias −1"), told([2, 1], "1 and 2")
    (True, True, False)
    """
    if np.size(value) > LARGEST:
        return False
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", asks.replace("−", "-"))
    numbers = [float(number) / (100 if percent else 1) for number, percent in NUMBER.findall(plain)]
    wanted = np.ravel(value).tolist()
    return any(numbers[start : start + len(wanted)] == wanted for start in range(len(numbers)))


def _written(value: object) -> str:
    """Return a number, a text, or nested ones as they are written in Python.

    >>> _written(np.array([[2.0, 0.1 + 0.2], [1, 0]])), _written(("GO", 3))
    ('[[2, 0.3], [1, 0]]', "['GO', 3]")
    """
    if np.ndim(value):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, (float, np.floating)):
        return f"{value:.6g}" if abs(value) < 1e6 else f"{value:.15g}"
    return str(value) if isinstance(value, np.generic) else repr(value)


def example(shape: tuple[int, ...]) -> str:
    """Return what an answer of this shape looks like, filled with 1, 2, 3 and so on.

    >>> example((4,)), example((2, 3)), example((5, 4))
    ('[1, 2, 3, 4]', '[[1, 2, 3], [4, 5, 6]]', '[[1, 2, 3, 4], [5, 6, 7, 8], …]')
    """
    numbers = np.arange(1, np.prod(shape) + 1).reshape(shape)
    if len(shape) == 2 and shape[0] > MOST_ROWS:
        return f"{_written(numbers[:2])[:-1]}, …]"
    return _written(numbers)
