"""Right answers as learners write them: the same content in every other form, made from the truth alone."""

import ast
import functools
import importlib.util
import re
import warnings
from collections import deque
from decimal import Decimal
from fractions import Fraction

import numpy as np

from fanaoi_helpers.exercises.choosing import Choice, Order
from fanaoi_helpers.exercises.function import Function

# A form that an exercise need not take; but then its sentence says what to change, in one of these words.
HELP = {
    "comma": "comma|decimal|point",
    "quotes": "quote",
    "percent": "percent|%|quote|share",
    "letter": "letter",
    "shape": r"in a row|rows? of|one number|shape|brackets|expected \d",
    "list": r"list\(|list\( \)|a tuple|a list",
    "order": "order",
    "print": "print",
    "parameters": "parameters?|must take|arguments?|by name alone",
    "brackets": r"write \[ \] in place of \{ \}",
    "text": "not text",
    "rounded": "rounded to",
    "alone": "numbers alone",
}


def styles(exercise):
    """Yield (name, answer, help) for every style; help is "" where the answer has to be right."""
    if isinstance(exercise, Function):
        return function_styles(exercise)
    if isinstance(exercise, Choice):
        return choice_styles(exercise)
    if isinstance(exercise, Order):
        return order_styles(exercise)
    return value_styles(exercise)


# What people write around an answer.
AROUND = (
    *("it is {}", "It's {}.", "({})", "[{}]", "{}.", "{}!", "The answer is {}", "my answer: {}", "**{}**"),
    *(
        "I think {}",
        "{}, I think",
        "{} I guess",
        "`{}`",
        "{},",
        "it must be {}",
        "= {}",
        "so {}",
        "{} is right",
    ),
)


# A number, or many -----------------------------------------------------------------------------------------


def truth(exercise):
    """Return what the reference of a Value gives for its own inputs."""
    names = exercise.reference.__code__.co_varnames[: exercise.reference.__code__.co_argcount]
    return np.asarray(exercise.reference(**{name: exercise.given[name] for name in names}))


def value_styles(exercise):
    right = truth(exercise)
    yield from array_styles(right)
    yield from scalar_styles(exercise, right.item()) if right.ndim == 0 else rows_styles(right)
    digits = digits_shown(exercise.asks, right)
    if digits is not None:
        yield f"rounded to {digits} decimals", np.round(right.astype(float), digits).tolist(), ""


def array_styles(array):
    """Yield the styles of any array of numbers, also of one that a function returns."""
    yield "NumPy", array, ""
    yield "Python's own", array.tolist(), ""
    yield "floats", array.astype(float).tolist(), ""
    yield "float32", array.astype(np.float32), ""
    if array.ndim:
        yield "tuple", as_tuple(array.tolist()), ""
        yield "list of NumPy numbers", list(array), ""
        yield "array of objects", array.astype(object), ""
    else:
        yield "NumPy scalar", array[()], ""
        yield "[x]", [array.item()], ""
        yield "array of one", array.reshape(1), ""
        yield "one row of one", array.reshape(1, 1), ""
    if is_whole(array):
        whole = array.astype(np.int64)
        yield "int", whole.tolist(), ""
        if (whole >= 0).all():
            yield "uint64", whole.astype(np.uint64), ""
        if array.ndim and set(whole.flat) <= {0, 1}:
            yield "True and False", whole.astype(bool).tolist(), ""
            yield "array of bool", whole.astype(bool), ""
    if array.ndim == 2:
        yield "matrix", matrix(array), ""
    if array.ndim == 1 and importlib.util.find_spec("pandas"):
        import pandas

        yield "Series", pandas.Series(array), ""


def scalar_styles(exercise, number):
    yield "Fraction", Fraction(number).limit_denominator(10**9), ""
    yield "Decimal", Decimal(repr(number)), ""
    yield "text", f"{number:.10g}", "quotes"
    for form in (*AROUND, "≈ {}", "x = {}", "approximately {}", "result: {}"):
        yield form, form.format(f"{number:.10g}"), ""
    yield "NumPy's text", np.str_(f"{number:.10g}"), ""
    yield "array of text", np.array([f"{number:.10g}"]), ""
    yield "set", {number}, "brackets"
    yield "dict", {"answer": number}, "list"
    yield "with its unit", (number, "units"), "alone"
    if is_whole(np.asarray(number)) and abs(number) >= 1000:
        yield "7,200", grouped(number), "comma"
        yield "'7,200'", f"{number:,.0f}", "quotes"
        yield "'7_200'", f"{number:_.0f}", "quotes"
        yield "'7 200'", f"{number:,.0f}".replace(",", " "), "quotes"
        if abs(number) < 1e6 and number % 10:
            yield "7.200", number / 1000, "comma"
    simple = Fraction(number).limit_denominator(50)
    if simple.denominator > 1 and abs(simple - number) < 1e-12:
        yield "'3/8'", str(simple), "quotes"
    if number % 1:
        shown = f"{number:.4g}"
        yield "'0,96'", shown.replace(".", ","), "comma"
        whole, fraction = shown.split(".")
        if not fraction.startswith("0"):  # Python itself refuses 0,05
            yield "0,96", (int(whole), int(fraction)), "comma"
    if 0 < number < 1 and re.search("share|rate|probability|chance", exercise.asks):
        yield "'96 %'", f"{100 * number:.6g} %", "percent"
        yield "'96%'", f"{100 * number:.6g}%", "percent"
    elif re.search(r"%|percent", exercise.asks) and number >= 1:
        yield "'96 %'", f"{number:.6g} %", "percent"


def rows_styles(array):
    yield "text", str(array.tolist()), "quotes"
    yield "texts", array.astype(str).tolist(), "quotes"
    yield "one pair of brackets more", [array.tolist()], "shape"
    yield "NumPy's code", repr(array), "quotes"
    yield "printed", str(array), "quotes"
    if array.ndim == 2:
        for between in ("\n", "; ", " / "):
            yield f"rows{between!r}", between.join(" ".join(map(in_short, row)) for row in array), ""
    if array.ndim == 1:
        for between in (" | ", " / ", " → ", " -> ", " – ", "; ", "\n", " and ", ", then "):
            yield f"1{between!r}2", between.join(map(in_short, array)), ""
        yield "1, 2 and 3", " and ".join([", ".join(map(in_short, array[:-1])), in_short(array[-1])]), ""
        yield "dots behind", [f"{in_short(number)}." for number in array], ""
        yield "set", set(array.tolist()), "brackets"
        yield "dict", dict(enumerate(array.tolist())), "list"
        yield "matrix", matrix(array), "shape"
        yield "column", array.reshape(-1, 1), "shape"
        yield "dict's values", dict(enumerate(array.tolist())).values(), "list"
        yield "iterator", iter(array.tolist()), "list"
    else:
        yield "flat", array.ravel().tolist(), "shape"
    if is_whole(array) and array.ndim == 1 and (array >= 1000).any():
        parts = [grouped(number) if number >= 1000 else (int(number),) for number in array]
        yield "[896, 18,496]", [digits for part in parts for digits in part], "comma"


def in_short(number):
    return f"{number:.10g}"


def matrix(array):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy advises against it, and learners bring it all the same
        return np.matrix(array)


def grouped(number):
    """Return the tuple that Python makes of 7,200."""
    return tuple(int(part) for part in f"{number:,.0f}".split(","))


def digits_shown(asks, array):
    """Return to how many decimals a learner rounds: as the question says, else 4 significant ones."""
    if is_whole(array):
        return None
    words = {"one": 1, "two": 2, "three": 3, "four": 4}
    said = re.search(r"(\w+) (?:decimals?|digits? after)", asks)
    if said and (said[1].isdigit() or said[1] in words):
        return int(words.get(said[1], said[1]))
    if all(f"{number:.5g}" == f"{number:.10g}" for number in array.flat):
        return None
    largest = float(np.abs(array).max())
    return 3 - int(np.floor(np.log10(largest)))


def is_whole(array):
    return array.dtype.kind in "iub" or array.dtype.kind == "f" and bool(np.all(array == np.round(array)))


def as_tuple(values):
    return tuple(map(as_tuple, values)) if isinstance(values, list) else values


# Letters ---------------------------------------------------------------------------------------------------


def letter_of(exercise):
    return ast.literal_eval(exercise.solution_text().split("\n")[0].split("#")[0].strip())


def choice_styles(exercise):
    letter = letter_of(exercise)
    option = next(line for line in exercise.details() if line.startswith(f"{letter}."))
    text = option.partition(". ")[2]
    for form in ("{}", "{}.", "{})", "({})", "[{}]", " {} ", "{}\n", "'{}'", "{}:"):
        yield form.format("C"), form.format(letter), ""
    for form in (*AROUND, "Choice {}", "- [x] {}", "definitely {}"):
        yield form, form.format(letter), ""
    for form in ("it is {}", "the answer is {}", "option {}", '"{}"', "{}!", f"{letter} ({{}})"):
        yield form, form.format(text), ""
    yield "list in a list", [[letter]], ""
    yield "deque", deque([letter]), ""
    yield "set", {letter}, ""
    yield "dict's values", {1: letter}.values(), ""
    yield "small letter", letter.lower(), ""
    yield "small letter and bracket", f"{letter.lower()})", ""
    for word in ("Option", "option", "Answer", "answer:"):
        yield f"{word} C", f"{word} {letter}", ""
    yield "list", [letter], ""
    yield "tuple", (letter,), ""
    yield "NumPy", np.array(letter), ""
    yield "bytes", letter.encode(), ""
    yield "copied option", option, ""
    yield "copied option without ticks", option.replace("`", ""), ""
    yield "copied text", text, ""
    yield "copied text in small letters", text.lower().rstrip("."), ""
    yield "copied text without ticks and dot", text.replace("`", "").rstrip("."), ""
    yield "its first words", " ".join(text.split()[: max(2, len(text.split()) // 2)]), "letter"


def order_styles(exercise):
    letters = letter_of(exercise)
    for between in ("", " ", ", ", ",", "-", " > ", " -> ", " → ", "; ", "\n", ". "):
        yield repr(f"A{between}B"), between.join(letters), ""
    yield "small letters", letters.lower(), ""
    yield "A, B and C", f"{', '.join(letters[:-1])} and {letters[-1]}", ""
    yield "A, B, and C", f"{', '.join(letters[:-1])}, and {letters[-1]}", ""
    yield "in brackets", "".join(f"({letter})" for letter in letters), ""
    yield "list as text", f"[{', '.join(letters)}]", ""
    yield "list of texts as text", str(list(letters)), ""
    for form in ("{}. {}", "{}) {}", "{}: {}", "({}) {}", "#{} {}", "step {}: {}", "{}={}", "{}{}"):
        for between in (" ", ", ", "\n"):
            numbered = [form.format(place, letter) for place, letter in enumerate(letters, 1)]
            yield f"{form} {between!r}", between.join(numbered), ""
    yield "numbered from 0", [f"{place}. {letter}" for place, letter in enumerate(letters)], ""
    yield "C1, A2", ", ".join(f"{letter}{place}" for place, letter in enumerate(letters, 1)), ""
    for form in ("the order is {}", "it is {}", "my answer: {}"):
        yield form, form.format(letters), ""
    yield "deque", deque(letters), ""
    yield "dict's values", dict(enumerate(letters)).values(), ""
    yield "column", np.array(list(letters)).reshape(-1, 1), ""
    yield "dict", dict(enumerate(letters)), "list"
    yield "list", list(letters), ""
    yield "tuple", tuple(letters), ""
    yield "NumPy", np.array(list(letters)), ""
    yield "one text in a list", [letters], ""
    by_letter = {line[0]: line for line in exercise.details()}
    copied = [by_letter[letter] for letter in letters]
    texts = [line.partition(". ")[2] for line in copied]
    yield "numbered texts", "\n".join(f"{place}. {text}" for place, text in enumerate(texts, 1)), ""
    yield "copied lines", copied, "letter"
    yield "copied lines in one text", "\n".join(copied), "letter"


# Functions -------------------------------------------------------------------------------------------------


def function_styles(exercise):
    reference, names = exercise.reference, parameters(exercise)
    yield "reference", reference, ""
    yield "computed in another way", exercise.oracle, ""
    yield from signature_styles(reference, names)
    yield "print", lambda *args: print(reference(*args)), "print"
    if exercise.dtype is not None:
        return
    first = seen_cases(exercise)[0]
    result = reference(*first)
    if isinstance(result, tuple):
        yield "list of results", then(reference, list), ""
        yield "array of results", then(reference, np.array), ""
        yield "array of each result", then(reference, lambda results: tuple(map(np.array, results))), ""
        yield "dict's values", then(reference, lambda results: dict(enumerate(results)).values()), "list"
        yield "dict", then(reference, lambda results: dict(enumerate(results))), "list"
        return
    for name, _, helps in array_styles(np.asarray(result)):
        yield f"returns {name}", then(reference, functools.partial(in_style, name)), helps
    if np.ndim(result):
        yield "keepdims", then(reference, lambda result: np.asarray(result)[..., None]), "shape"
    yield "rounded", then(reference, lambda result: np.round(np.asarray(result, float), 4)), "rounded"
    yield "returns text", then(reference, str), "text"
    yield "returns dict", then(reference, lambda result: {"answer": result}), "list"
    yield "generator", then(reference, lambda result: (part for part in np.atleast_1d(result))), "list"
    yield "in float32", in_float32(reference), ""


def signature_styles(reference, names):
    """Yield the reference called through every kind of callable, and with other parameters."""
    listed = ", ".join(names)
    yield "lambda", lambda *args: reference(*args), ""
    yield "partial", functools.partial(reference), ""
    yield "callable object", type("Own", (), {"__call__": lambda self, *args: reference(*args)})(), ""
    yield "method", type("Own", (), {"own": lambda self, *args: reference(*args)})().own, ""
    yield "wrapped", functools.wraps(reference)(lambda *args, **named: reference(*args, **named)), ""
    yield "own names of parameters", written(reference, "p, " * len(names), names, "p{}"), ""
    yield "defaults", written(reference, ", ".join(f"{name}=None" for name in names), names), ""
    yield "one parameter more, with a default", written(reference, f"{listed}, own=3", names), ""
    yield "by keyword alone", written(reference, f"*, {listed}", names), "parameters"
    if len(names) > 1:
        yield "parameters in another order", written(reference, ", ".join(names[::-1]), names), "order"


def written(reference, signature, names, form="{}"):
    """Return a function of another signature that hands its arguments on to the reference."""
    if form != "{}":
        names = [form.format(place) for place in range(len(names))]
        signature = ", ".join(names)
    return eval(f"lambda {signature}: reference({', '.join(names)})", {"reference": reference})


def parameters(exercise):
    code = exercise.reference.__code__
    return list(code.co_varnames[: code.co_argcount])


def then(function, change):
    """Return a function whose result is changed."""
    return lambda *args: change(function(*args))


def in_style(name, result):
    """Return a result in the style of this name; as it is where the result's numbers have no such style."""
    return next((form for own, form, _ in array_styles(np.asarray(result)) if own == name), result)


def in_float32(reference):
    """Return the reference at the precision that Keras' layers have."""

    def single(part):
        is_double = isinstance(part, (float, np.floating)) or getattr(part, "dtype", None) == np.float64
        return np.float32(part) if is_double else part

    return lambda *args: single(reference(*map(single, args)))


def seen_cases(exercise):
    """Return the arguments with which the judge calls an answer."""
    cases = []

    def noted(*args):
        cases.append(args)
        return exercise.reference(*args)

    exercise.judge(noted)
    return cases
