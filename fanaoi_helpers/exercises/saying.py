"""What is said of a case: its arguments, and the error that it ends in."""

import traceback

import numpy as np

SHOWN = 12  # numbers of an array that is shown whole
LONGEST = 60  # letters of another argument


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
