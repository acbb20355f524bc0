"""What is said of a case: its arguments, its error, and how a result differs from the truth."""

import traceback

import numpy as np

from . import results
from .answers import shape_in_words
from .results import Result

SHOWN = 12  # numbers of an array that is shown whole
LONGEST = 60  # letters of another argument


def difference(result: Result, truth: Result, case: tuple, tolerance: float, dtype: str | None) -> str:
    """Say how the result of one case differs from the truth."""
    if result.error or result.odd:
        return result.error or result.odd
    for number, (got, wanted) in enumerate(zip(result.values, truth.values, strict=True), 1):
        which = f"result {number}: " if len(truth.values) > 1 else ""
        if got.shape != wanted.shape:
            came, expected = shape_in_words(got.shape), shape_in_words(wanted.shape)
            return f"{which}it returns {came}; expected {expected}."
        if dtype is not None and got.dtype != wanted.dtype:
            return f"{which}it returns {got.dtype}; expected {wanted.dtype}."
        wrong = ~results.close(got, wanted, tolerance, case)
        if wrong.any():
            place = tuple(int(i) for i in np.argwhere(wrong)[0])
            at = f" at {list(place)}" if place else ""
            came, expected = apart(got[place], wanted[place])
            return f"{which}it returns {came}{at}; expected {expected}."
    raise AssertionError("asked for a difference where there is none")


def apart(got: float, wanted: float) -> tuple[str, str]:
    """Return two numbers with as many digits as it takes to tell them apart."""
    for digits in (6, 9, 12):
        pair = f"{got:.{digits}g}", f"{wanted:.{digits}g}"
        if pair[0] != pair[1]:
            break
    return pair


def error(raised: BaseException) -> str:
    """Return an error as one sentence, with the line of the learner's own code where it arose."""
    frames = traceback.extract_tb(raised.__traceback__)[1:]  # the first one is ours
    where = f" in line {frames[0].lineno} of its cell" if frames and frames[0].lineno else ""
    if isinstance(raised, SystemExit):
        return f"it stops{where} with exit( ), which ends a whole program; use `return`."
    try:
        text = str(raised).split("\n")[0][:200].rstrip(".")
    except Exception:
        text = ""
    return f"it stops{where} with {type(raised).__name__}{': ' + text if text else ''}."


def value(given: object) -> str:
    """Return an argument as Python writes it, the shape alone of a large array.

    >>> value(np.array([[0.0, 1000.0]])), value(np.zeros((8, 8))), value("GN")
    ('= [[0.0, 1000.0]]', 'of shape (8, 8)', "= 'GN'")
    """
    if isinstance(given, np.ndarray):
        if given.size > SHOWN:
            return f"of shape {given.shape}"
        return f"= {(np.round(given, 6) if given.dtype.kind == 'f' else given).tolist()}"
    text = repr(given)
    return f"= {text if len(text) <= LONGEST else text[: LONGEST - 1] + '…'}"
