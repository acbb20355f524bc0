"""Numbers as people write them: 7,200 · 0,96 · 96 % · 3/8; and how far a number was rounded."""

import ast
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice, product

import numpy as np

from .answers import LEAD, Unreadable, bare, numbers

MOST = 300  # readings of one answer that are tried
LONGEST = 300  # letters of a text that is read
PARTS = 12  # in a list of which several may be one number


@dataclass(frozen=True)
class Reading:
    """One way to read an answer."""

    values: np.ndarray
    note: str = ""  # how Python writes them, a sentence; "" where the learner did
    sure: bool = True  # what may mean something else is read so only if it is right


def readings(answer: object, like: np.ndarray, whole: bool = False) -> list[Reading]:
    """Return the ways to read an answer as numbers, as Python reads it first.

    Args:
        answer: anything.
        like: the truth; True and False may stand for its 1 and 0 where it holds nothing else.
        whole: whether whole numbers are asked: then 50.176 may be 50,176.

    >>> [(float(one.values), one.note) for one in readings((7, 200), np.array(7200), True)][:1]
    [(7200.0, 'In Python a comma separates numbers: write 7200 or 7_200.')]
    >>> [float(one.values) for one in readings("96 %", np.array(0.96))]
    [0.96, 96.0]
    """
    if isinstance(answer, bytes):
        answer = answer.decode(errors="replace")
    answer = answer.tolist() if getattr(getattr(answer, "dtype", None), "kind", "") == "U" else answer
    found = [*literal(answer, like), *islice(_others(answer, like.shape), MOST)]
    if whole:
        found += [bigger for one in found if (bigger := _point_taken_out(one)) is not None]
    return found


def literal(answer: object, like: np.ndarray) -> Iterator[Reading]:
    """Yield the answer as Python reads it, if it has the shape but for brackets around single things."""
    return _literal(answer, like.shape, yes_no=bool(((like == 0) | (like == 1)).all()))


def _literal(answer: object, shape: tuple[int, ...], yes_no: bool = False) -> Iterator[Reading]:
    try:
        values = numbers(answer, finite=False, yes_no=yes_no)
    except Unreadable:
        return
    if not shape and values.size == 1:
        yield Reading(values.reshape(()), sure=not isinstance(answer, (bool, np.bool_)))
        return
    if values.squeeze().shape == tuple(side for side in shape if side != 1):
        yield Reading(values.reshape(shape))


def _others(answer: object, shape: tuple[int, ...]) -> Iterator[Reading]:
    if isinstance(answer, str) and len(answer) > LONGEST or hasattr(answer, "shape"):
        return
    if isinstance(answer, str) and shape:
        yield from _listed(answer, shape)
    elif not shape:
        yield from _numbers_of(answer)
    elif type(answer) in (list, tuple):
        if len(shape) == 1 and len(answer) <= PARTS:
            yield from _grouped(answer, shape[0])
        elif len(shape) > 1 and len(answer) == shape[0] <= PARTS:
            rows = [list(islice(_others(row, shape[1:]), MOST)) for row in answer]
            rows = [own or list(_literal(row, shape[1:])) for own, row in zip(rows, answer, strict=True)]
            for chosen in product(*rows):
                yield _joined(chosen)


def _listed(text: str, shape: tuple[int, ...]) -> Iterator[Reading]:
    """Yield the readings of a list that stands in quotation marks."""
    try:
        parts = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        text = bare(re.sub(r"\b(?:np\.|numpy\.)?array\(|,\s*dtype=\w+", "", text))
        between = BETWEEN if len(shape) == 1 else ROWS
        parts = [part for part in re.split(between, text) if part.strip()]
    if not isinstance(parts, (str, set)):
        yield from _literal(parts, shape)
        yield from _others(parts, shape)


def _joined(chosen: Sequence[Reading]) -> Reading:
    note = next((one.note for one in chosen if one.note), "")
    return Reading(np.array([one.values for one in chosen]), note, all(one.sure for one in chosen))


def _grouped(parts: Sequence[object], size: int) -> Iterator[Reading]:
    """Yield the ways in which the parts of a list, [18,496, 129], are so many numbers."""
    if size == 0:
        if not parts:
            yield Reading(np.array([]))
        return
    for taken in range(1, min(4, len(parts) - size + 1) + 1):
        first = _numbers_of(parts[0]) if taken == 1 else _groups(list(parts[:taken]))
        for one in first:
            for rest in _grouped(parts[taken:], size - 1):
                note = one.note or rest.note
                values = np.concatenate([[float(one.values)], rest.values])
                yield Reading(values, note, one.sure and rest.sure)


def _numbers_of(answer: object) -> Iterator[Reading]:
    """Yield the numbers that a text, a tuple of digit groups or a single number may stand for."""
    if isinstance(answer, str):
        yield from (Reading(np.asarray(value), note) for value, note in _in_text(answer))
    elif type(answer) in (list, tuple) and len(answer) == 1:
        yield from _numbers_of(answer[0])
    elif type(answer) in (list, tuple):
        yield from _groups(list(answer))
    else:
        yield from _literal(answer, ())


def _groups(groups: list[object]) -> Iterator[Reading]:
    """Yield the numbers that groups of digits may be between commas."""
    if not 1 < len(groups) <= 6 or not all(type(group) is int for group in groups):
        return
    first, *rest = groups
    if 1 <= abs(first) <= 999 and all(group == 0 or 100 <= group <= 999 for group in rest):
        written = int(f"{first}{''.join(f'{group:03d}' for group in rest)}")
        note = _write(f"{written} or {written:_}", "a comma separates numbers")
        yield Reading(np.asarray(float(written)), note)
    if len(groups) == 2 and rest[0] > 0:
        note = _write(f"{first}.{rest[0]}", "decimals follow a point")
        yield Reading(np.asarray(float(f"{first}.{rest[0]}")), note, sure=first == 0)


def _write(code: str, why: str) -> str:
    return f"In Python {why}: write {code}."


DIGITS = r"\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?"
THOUSANDS = r"\d{1,3}(?:[,.' _]\d{3})+"
NUMBER = rf"[+-]?(?:{THOUSANDS}(?:[.,]\d+)?|{DIGITS}|[.,]\d+)"
BEFORE = LEAD + r"|about|around|roughly|nearly|circa|approx(?:imately)?|exactly|maybe|perhaps|ca(?=\.?\s*\d)"
BEFORE += r"|(?:[k-z]|[a-z_]\w+)(?= ?= ?[-+.]?\d)"  # x = 3
SINGLE = rf"({NUMBER})\s*(%|percent|per cent)?"
UNIT = r"\s*(°[^\d]*|\(?[^\W\d_][^\d]*)?"
# What people write between rows, and between numbers.
ROWS = r"\]\W*\[|[\n;|]| / "
BETWEEN = r"(?:\s+(?:[/|·→–—&]|->|=>|-+|and|then)(?=\s)|[;\s|→]|,(?:\s+(?:and|then)(?=\s)|\s+|$))+"
LARGE = {"thousand": 1e3, "million": 1e6, "billion": 1e9}


def _in_text(text: str) -> Iterator[tuple[float, str]]:
    """Yield the numbers that a text may stand for.

    >>> [value for value, _ in _in_text("7,200 fans")]
    [7200.0, 7.2]
    >>> [value for value, _ in _in_text("3/8")], list(_in_text("thirty-five"))[:1]
    ([0.375], [])
    """
    plain = bare(text, BEFORE)
    fraction = re.fullmatch(rf"({NUMBER})\s*(?:/|of|in|out of|to)\s*({NUMBER})\s*", plain)
    if fraction:
        for above, below in product(*map(_plain_numbers, fraction.groups())):
            if below:
                yield above / below, f"A number needs no quotation marks: write {above:g} / {below:g}."
        return
    single = re.fullmatch(f"{SINGLE}{UNIT}", plain)
    if not single:
        return
    unit = (single[3] or "").lower().split()
    large = LARGE.get(unit[0], 1) if unit else 1
    for value in (large * plain for plain in _plain_numbers(single[1])):
        if single[2]:
            yield value / 100, f"In Python a share is written {value / 100:.12g}, without quotation marks."
            if abs(value) <= 1:  # 0.96 % is never 0.96
                continue
        yield value, f"A number needs no quotation marks: write {value:.12g}."


def _plain_numbers(written: str) -> list[float]:
    """Return what digits with commas or points may mean: thousands first, then decimals."""
    found = []
    sign, digits = (written[0], written[1:]) if written[0] in "+-" else ("", written)
    if re.fullmatch(rf"{THOUSANDS}(?:[.,]\d+)?", digits):
        first = next(mark for mark in digits if not mark.isdigit())  # between thousands
        parts = digits.split(first)
        end = parts[-1]
        if len(end) == 3 or not end.isdigit():
            found.append(f"{sign}{digits.replace(first, '').replace(',', '.')}")
    if digits.count(",") + digits.count(".") == 1 and not re.search(r"[' _]", digits):
        found.append(f"{sign}{digits.replace(',', '.')}")
    if not re.search(r"[,.' _]", digits):
        found.append(f"{sign}{digits}")
    values = []
    for one in found:
        with suppress(ValueError):
            values.append(float(one))
    return list(dict.fromkeys(values))


def _point_taken_out(reading: Reading) -> Reading | None:
    """Return 50.176 as 50,176: where three decimals are seen, which 7.2 may be or not."""
    values = np.asarray(reading.values, dtype=float)
    whole = values == np.round(values)
    if not np.isfinite(values).all() or whole.all() or reading.note:
        return None
    if not all(1 <= abs(value) < 1000 and decimals_of(value) == 3 for value in values[~whole].flat):
        return None
    number = round(float(values[~whole].flat[0]) * 1000)
    note = _write(f"{number} or {number:_}", "decimals follow a point")
    return Reading(np.where(whole, values, np.round(values * 1000)), note, sure=False)


# How far a number was rounded ------------------------------------------------------------------------------


def decimals_of(value: float) -> int:
    """Return how many decimals a number shows, at most 12; the last zeros can't be seen.

    >>> decimals_of(0.35), decimals_of(28.0), decimals_of(1 / 3)
    (2, 0, 12)
    """
    return next((d for d in range(12) if _shows(value, d)), 12)


def is_rounded(value: float, truth: float, decimals: int | None = None, coarse: bool = False) -> bool:
    """Tell whether a number is another one rounded, and shows enough of it.

    Args:
        value: what was given.
        truth: what it should be.
        decimals: that must be shown; None: two of them (with two digits), or three digits.
        coarse: whether a single decimal, or two digits, are enough, if little was lost by it.

    >>> is_rounded(0.35, 0.3525), is_rounded(28.4, 28.35), is_rounded(28, 28.35), is_rounded(0.4, 0.3525)
    (True, True, False, False)
    """
    value, truth = float(value), float(truth)
    shows = decimals_of(value) > 0 or abs(value) >= 10  # 0.2 is no 0.25, and 1 no 0.96
    if coarse and digits_of(value) < 2 and not (shows and abs(value - truth) < abs(truth) / 6):
        return False  # 1 may be anything near it, and 0.2 is no 0.25
    return any(
        _shows(value, d)
        and abs(value - truth) <= 0.5 * 10.0**-d * (1 + 1e-6)
        and (d >= decimals if decimals is not None else _enough(value, d, coarse))
        for d in range(10)
    )


def same_to_the_digits(value: float, other: float) -> bool:
    """Tell whether two numbers agree in all digits that both show, and these are enough.

    >>> same_to_the_digits(0.746136, 0.75), same_to_the_digits(0.3, 0.301), same_to_the_digits(0.35, 0.3525)
    (True, False, True)
    """
    if abs(value - other) <= 1e-9 * abs(other):
        return True
    d = min(decimals_of(value), decimals_of(other))
    return d > 0 and _enough(value, d) and abs(value - other) <= 0.5 * 10.0**-d * (1 + 1e-6)


def is_cut_off(value: float, truth: float) -> bool:
    """Tell whether a number is another one whose further decimals were left out, not rounded."""
    return any(
        _shows(value, d)
        and not _shows(truth, d)
        and np.trunc(truth * 10**d) == np.round(value * 10**d)
        and _enough(value, d)
        for d in range(1, 10)
    )


def digits_of(value: float) -> int:
    """Return how many digits a number shows, without zeros in front and, if whole, at its end.

    >>> digits_of(0.00746), digits_of(0.2), digits_of(98000)
    (3, 1, 2)
    """
    digits, _, _ = np.format_float_scientific(abs(value), 12, unique=False, trim="-").partition("e")
    return len(digits.replace(".", ""))


def _shows(value: float, decimals: int) -> bool:
    off = abs(np.round(value, decimals) - value)
    return bool(value == 0 or off <= 1e-7 * min(abs(value), 10.0**-decimals))


def _enough(value: float, decimals: int, coarse: bool = False) -> bool:
    if value == 0 or not np.isfinite(value):
        return False
    digits = int(np.floor(np.log10(abs(value)) + 1e-12)) + decimals + 1
    if coarse:
        return digits >= 2 or digits >= 1 and decimals >= 1
    return digits >= 3 or digits >= 2 and decimals >= 2
