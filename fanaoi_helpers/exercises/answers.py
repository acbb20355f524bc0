"""Reading whatever a learner gives as an answer: numbers out, or one sentence that says what came instead."""

import json
import re
from collections import deque
from collections.abc import Iterator, KeysView, Mapping, Set, ValuesView
from itertools import islice
from numbers import Number

import numpy as np


class Unreadable(Exception):
    """An answer that can't be judged; the message says what came and what was expected."""


def untouched(answer: object) -> bool:
    """Tell whether the three dots of the stub still stand, alone or as all of a list.

    >>> untouched(...), untouched([..., ...]), untouched([..., 3])
    (True, True, False)
    """
    if isinstance(answer, (list, tuple)):
        return len(answer) > 0 and all(part is ... for part in answer)
    return answer is ...


def numbers(
    answer: object, expected: str = "a number", finite: bool = True, yes_no: bool = False
) -> np.ndarray:
    """Return ``answer`` as an array of whole numbers or floats.

    Args:
        answer: a number, nested lists or tuples, an array, a tensor; or anything at all.
        expected: what should have come, for the sentence.
        finite: refuse NaN and infinity.
        yes_no: take True and False for 1 and 0.

    Raises:
        Unreadable: it holds no numbers; the message says what it holds.

    >>> numbers([[1, 2], [3, 4]]).shape
    (2, 2)
    >>> numbers(True)
    Traceback (most recent call last):
    fanaoi_helpers.exercises.answers.Unreadable: You gave True; expected a number.
    """
    if isinstance(answer, ValuesView):  # of a dict: NumPy takes it for a single thing
        answer = list(answer)
    came = "" if yes_no and isinstance(answer, (bool, np.bool_)) else _no_numbers(answer)
    advice = ""
    if answer is None:
        advice = " Is a `return` missing, or did you give what `print` returns?"
    elif isinstance(answer, (str, bytes)):
        advice = " Leave the quotes out."
    if not came:
        array = _array(answer, expected)
        if yes_no and array.dtype.kind == "b":
            array = array.astype(int)
        if array.size == 0:
            came = f"an empty {type(answer).__name__}"
        elif array.dtype.kind not in "iuf":
            came = _content(array)
            advice = " Give numbers alone, without quotation marks." if array.dtype.kind in "USO" else ""
        elif finite and not np.isfinite(array).all():
            came = f"{array[~np.isfinite(array)].flat[0]}, which is no finite number"
    if came:
        raise Unreadable(f"You gave {came}; expected {expected}.{advice}")
    return array


def letters(answer: object, expected: str) -> list[str]:
    """Return an answer of letters, "CADB" or ["c", "a", "d", "b"], in capitals and one by one.

    Words between the letters ("A, B and C") are passed over.

    Raises:
        Unreadable: it holds something else.

    >>> letters("c, a", "letters"), letters(["C", "A"], "letters"), letters("Option C", "letters")
    (['C', 'A'], ['C', 'A'], ['C'])
    """
    found = [word for text in texts(answer, expected) for word in re.findall(r"[^\W\d_]+|\d+", bare(text))]
    places = [int(word) for word in found if word.isdecimal()]
    if len(found) > len(places) and places in ([*range(len(places))], [*range(1, len(places) + 1)]):
        found = [word for word in found if not word.isdecimal()]  # 1. C, 2. A: the lines are numbered
    taken = [word for word in found if word.lower() not in BETWEEN] or found
    return [letter for word in taken for letter in word.upper()]


AMONG = "and then or first last finally before after option answer letter line lines is it the to step next x"
BETWEEN = frozenset(AMONG.split())  # words that people write around letters
LEAD = (
    r"i(?:'d| would)? (?:think|guess|say|choose|chose|take|pick|believe)|(?:it|that) is|it's|(?:it )?must be|"
    r"(?:the |my )?(?:answer|result|order|choice|option)(?: is)?|is|so|number|definitely|clearly|probably"
)  # words in front of an answer
TAIL = r"i (?:think|guess|believe)|is (?:right|correct|true|it|the answer|my answer)|or so"  # and behind it


def bare(text: str, lead: str = LEAD) -> str:
    """Return a text without the words and signs that people write around an answer.

    >>> bare("It is (3)."), bare("≈ -0.5"), bare("`D`, I think"), bare("islands")
    ('3', '-0.5', 'D', 'islands')
    """
    text = re.sub(r"[\u00a0\u2007\u2009\u202f]", " ", text).replace("−", "-").replace("’", "'")
    marks = r"\s\"'`*()\[\]{}"
    text = re.sub(rf"^(?:[=~≈≅:{marks}]|(?:{lead})(?!\w)\.?)+", "", text, flags=re.IGNORECASE)
    return re.sub(rf"(?:[,.;:!?{marks}]|(?<!\w)(?:{TAIL}))+$", "", text, flags=re.IGNORECASE)


MOST = 2000  # letters, or parts: no answer in words is as long
SIZED = (str, bytes, list, tuple)


def texts(answer: object, expected: str) -> list[str]:
    """Return an answer of text, or of a list of texts, as a list of texts.

    Raises:
        Unreadable: it holds something else.
    """
    try:
        if max(np.prod(getattr(answer, "shape", 0)), len(answer) if isinstance(answer, SIZED) else 0) > MOST:
            raise ValueError
        if hasattr(answer, "numpy"):  # a tensor of text holds bytes
            answer = answer.numpy()
        parts = answer.tolist() if isinstance(answer, (np.ndarray, np.generic)) else answer
        parts = [part.decode() if isinstance(part, bytes) else part for part in islice(_flat(parts), MOST)]
    except Exception:
        raise Unreadable(f"You gave {described(answer)}; expected {expected}.") from None
    if any(part is ... for part in parts):
        raise Unreadable(f"There are still dots in your answer; expected {expected}.")
    if not parts or not all(isinstance(part, str) and len(part) <= MOST for part in parts):
        raise Unreadable(f"You gave {described(answer)}; expected {expected}.")
    return parts


def _flat(parts: object) -> Iterator[object]:
    """Yield the parts of lists in lists, of a dict's values, of a set of one."""
    if isinstance(parts, (list, tuple, deque, ValuesView)) or isinstance(parts, set) and len(parts) == 1:
        for part in parts:
            yield from _flat(part)
    else:
        yield parts


def condensed(answer: object) -> object:
    """Return a list so long that reading it takes seconds as an array, which is read in no time."""
    if type(answer) in (list, tuple) and len(answer) > MOST:
        try:
            return np.asarray(answer)
        except Exception:
            return answer[:MOST]
    return answer


def described(answer: object) -> str:
    """Return in a few words what ``answer`` is; nothing that it holds can raise here.

    >>> described(3), described([1, 2]), described("a" * 50)
    ('the number 3', 'a list of 2', "the text 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaa…'")
    """
    try:
        odd = _no_numbers(answer)
        if odd:
            return odd
        if type(answer) in (list, tuple):
            return f"a {type(answer).__name__} of {len(answer)}"
        if isinstance(answer, (int, float, np.number)):
            return f"the number {answer}"
        return f"{_named(type(answer).__name__)} of shape {tuple(answer.shape)}"
    except Exception:  # no shape; a number of thousands of digits; an object that fails where it is touched
        return _named(type(answer).__name__)


def counted(count: int, what: str) -> str:
    """Return a number of things.

    >>> counted(1, "row"), counted(2, "row")
    ('1 row', '2 rows')
    """
    return f"{count} {what}{'s' * (count != 1)}"


def shape_in_words(shape: tuple[int, ...]) -> str:
    """Return an array's shape as a beginner would put it.

    >>> shape_in_words(()), shape_in_words((3,)), shape_in_words((1, 3))
    ('one number', '3 numbers in a row', '1 row of 3')
    """
    if len(shape) == 0:
        return "one number"
    if len(shape) == 1:
        return f"{counted(shape[0], 'number')} in a row"
    if len(shape) == 2:
        return f"{counted(shape[0], 'row')} of {shape[1]}"
    return f"an array of shape {shape}"


def written(answer: object) -> str:
    """Return an answer, or what a ledger keeps of one, as people write it.

    >>> written(np.array(4.0)), written(np.array([[35, 45], [85.25, 0.123456789]]))
    ('4', '[[35, 45], [85.25, 0.123457]]')
    >>> written([35.0, [4, "?"]]), written(25690112.0), written("B (the kernel)")
    ('[35, [4, ?]]', '25690112', 'B (the kernel)')
    """
    if isinstance(answer, np.ndarray):
        return shape_in_words(answer.shape) if answer.size > 25 else written((answer + 0).tolist())
    if isinstance(answer, (list, tuple)):
        return f"[{', '.join(map(written, answer))}]"
    if isinstance(answer, float):
        return f"{int(answer)}" if answer.is_integer() and abs(answer) < 1e15 else f"{answer:.6g}"
    return answer if isinstance(answer, str) else json.dumps(answer)


def _no_numbers(answer: object) -> str:
    """Name, by its type alone, an answer that can't hold numbers; "" for one that may."""
    if answer is None:
        return "None"
    if isinstance(answer, (bool, np.bool_)):
        return str(answer)
    if isinstance(answer, (str, bytes)):
        text = answer if isinstance(answer, str) else answer.decode(errors="replace")
        return f"the text {text[:29] + '…' if len(text) > 30 else text!r}"
    if isinstance(answer, (Iterator, KeysView)):
        return f"{_named(type(answer).__name__)}, which has not been run through; put list( ) around it"
    if isinstance(answer, Set):
        return f"a {type(answer).__name__}, which has no order of its own; write [ ] in place of {{ }}"
    if isinstance(answer, Mapping):
        return f"a {type(answer).__name__}; put list( ) around its .values()"
    if isinstance(answer, type):
        return f"the type `{answer.__name__}` itself"
    if callable(answer) and not hasattr(answer, "shape"):
        return "a function itself, not what it returns"
    return ""


def _array(answer: object, expected: str) -> np.ndarray:
    try:
        array = np.asarray(answer)
        if array.dtype.kind in "US" and isinstance(answer, (list, tuple)):
            array = np.asarray(answer, object)  # among texts NumPy makes texts of numbers
        if array.dtype.kind == "O" and all(_is_number(part) for part in array.flat):
            array = array.astype(float)  # fractions, decimals, whole numbers beyond 64 bits
        return array
    except Exception as error:
        lengths = _lengths(answer)
        if len(lengths) > 1:
            listed = " and ".join(map(str, sorted(lengths)))
            came = f"rows of different lengths ({listed} numbers)"
        else:
            came = f"{_named(type(answer).__name__)} that can't be read as numbers ({type(error).__name__})"
        raise Unreadable(f"You gave {came}; expected {expected}.") from None


def _lengths(answer: object) -> set[int]:
    """Return the different lengths of a list's rows; a bare number counts as a row of 1."""
    if not isinstance(answer, (list, tuple)):
        return set()
    return {len(part) if isinstance(part, (list, tuple, np.ndarray)) else 1 for part in answer}


def _content(array: np.ndarray) -> str:
    """Name what an array holds in place of numbers."""
    if array.dtype.kind in "OUS":
        odd = next((part for part in array.flat if not _is_number(part)), None)
        if isinstance(odd, str):
            return f"text such as {str(odd)[:20]!r}"
        return "dots that nobody has replaced" if odd is ... else described(odd)
    return {"b": "True or False", "c": "complex numbers"}.get(array.dtype.kind, f"{array.dtype} values")


def _is_number(part: object) -> bool:
    return isinstance(part, Number) and not isinstance(part, (bool, complex))


def _named(name: str) -> str:
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"
