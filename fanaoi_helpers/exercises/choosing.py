"""Exercises that are answered with letters: one of several options, or lines to put in order."""

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from .answers import Unreadable, bare, described, letters, texts, untouched
from .exercise import Exercise
from .panel import marked_up
from .verdict import NOT_TRIED, State, Verdict

ALPHABET = "ABCDEFGHIJ"


class Right(str):
    """What is said to whoever chooses the right option."""


class Lettered(Exercise):
    """What is answered with the letters of lines that stand below the question."""

    def _lettered(self) -> list[tuple[str, str]]:
        """Return the lines as they are shown, each with its letter."""
        raise NotImplementedError

    def _letters(self, answer: object) -> str:
        """Return the letters alone that an answer stands for. May raise Unreadable."""
        raise NotImplementedError

    def details(self) -> list[str]:
        """Return the lines with their letters."""
        return [f"{letter}. {line}" for letter, line in self._lettered()]

    def clicks(self) -> dict:
        """Return the lines as HTML with their letters."""
        lines = [[letter, marked_up(line)] for letter, line in self._lettered()]
        return {"kind": type(self).__name__.lower(), "lines": lines}

    def as_clicked(self, answer: object) -> str:
        """Return the letters, "" for what has none."""
        with contextlib.suppress(Unreadable):
            return self._letters(answer)
        return ""


@dataclass(repr=False, kw_only=True)
class Choice(Lettered):
    """One of several options.

    Args:
        options: each with what is said to whoever chooses it; exactly one of these is :class:`Right`.
    """

    options: Mapping[str, str]

    kind = "a choice"
    stub = "put a letter in quotation marks in place of the three dots"

    def __post_init__(self) -> None:
        super().__post_init__()
        self._by_letter = dict(zip(ALPHABET, self.options.items(), strict=False))
        self._right = next(letter for letter, (_, says) in self._by_letter.items() if isinstance(says, Right))

    def _faults(self) -> Iterator[str]:
        yield from super()._faults()
        if len(self.options) - len(self.sentences()) != 1 or len(self.options) > len(ALPHABET):
            yield f"one of at most {len(ALPHABET)} options must be right: what is said for it is Right(…)."

    def _judge(self, answer: object, given: dict) -> Verdict:
        if untouched(answer):
            return NOT_TRIED
        _, says = self._by_letter[self._letters(answer)]
        if isinstance(says, Right):
            return Verdict(State.RIGHT, says)
        return Verdict(State.NOT_YET, says, self.sentences().index(says))

    def _letters(self, answer: object) -> str:
        """Return the letter of an option that is given by it, by "Option C", by its text, or by both."""
        expected = f'one letter from A to {max(self._by_letter)}, such as "A"'
        number = type(answer) in (int, float) and abs(answer) < 1e15  # an option may be a bare number
        parts = texts(f"{answer:.12g}" if number else answer, expected)
        said = " ".join(parts)
        by_text = named(dict(self._lettered()), said)
        if by_text:
            return by_text
        chosen = letters(parts, expected)
        cut_off = re.fullmatch(r"(?i:the \w)|.*\bis a", said.strip())  # an option's beginning, or a letter?
        if len(chosen) != 1 or chosen[0] not in self._by_letter or cut_off:
            raise Unreadable(f"You gave {described(answer if number else said)}; expected {expected}.")
        return chosen[0]

    def _lettered(self) -> list[tuple[str, str]]:
        return [(letter, text) for letter, (text, _) in self._by_letter.items()]

    def usual_form(self) -> str:
        """Return how a letter is written."""
        return 'one letter, such as "A"'

    def answer_text(self, answer: object) -> str:
        """Return the option that a letter stands for."""
        letter = self._letters(answer)
        return f"{letter} ({self._by_letter[letter][0]})".replace("`", "")

    def truth_text(self, **given: object) -> str:
        """Return the right option."""
        return self.answer_text(self._right)

    def solution_text(self) -> str:
        """Return the right letter, as an answer is written."""
        return f'"{self._right}"  # {self._by_letter[self._right][0]}'

    def sentences(self) -> list[str]:
        """Return the sentences of the known mistakes."""
        return [says for says in self.options.values() if not isinstance(says, Right)]


@dataclass(repr=False, kw_only=True)
class Order(Lettered):
    """Lines to put in order (a Parsons problem), shown shuffled, each with a letter.

    Every order that keeps all rules is right.

    Args:
        lines: in a right order.
        rules: {(0, 1): "…"}: line 0 must stand before line 1 (places in ``lines``), and what is said where it
            does not.
        extra: lines that do not belong, each with what is said to whoever uses it.
        code: whether the lines are Python, to be set as such.
    """

    lines: Sequence[str]
    rules: Mapping[tuple[int, int], str]
    extra: Mapping[str, str] = field(default_factory=dict)
    code: bool = False

    kind = "lines to put in order"
    stub = "put the letters in their order in place of the three dots"
    several_right = True

    def _faults(self) -> Iterator[str]:
        yield from super()._faults()
        if not self.rules:
            yield "it needs `rules`: without one every order is right."
        places = range(len(self.lines))
        for first, later in self.rules:
            if first not in places or later not in places or first >= later:
                yield f"rule ({first}, {later}) contradicts the order of its {len(self.lines)} lines."

    def __post_init__(self) -> None:
        super().__post_init__()
        rng = np.random.default_rng(list(self.name.encode()))
        right = len(self.lines)
        self._places = list(range(right + len(self.extra)))
        while self._broken([place for place in self._places if place < right]) is None:
            self._places = rng.permutation(right + len(self.extra)).tolist()  # never shown in a right order

    def _judge(self, answer: object, given: dict) -> Verdict:
        if untouched(answer):
            return NOT_TRIED
        places = self._read(answer)
        for place, says in enumerate(self.extra.values(), len(self.lines)):
            if place in places:
                return Verdict(State.NOT_YET, says, self.sentences().index(says))
        missing = sorted(self._letter(place) for place in set(range(len(self.lines))) - set(places))
        if missing and self.extra:
            lines = "line belongs" if len(missing) == 1 else "lines belong"
            return Verdict(State.NOT_YET, f"{len(missing)} more {lines} in it.")
        if missing:
            return Verdict(State.NOT_YET, f"Missing: {', '.join(missing)}. Every line belongs in it.")
        broken = self._broken(places)
        if broken is None:
            return Verdict(State.RIGHT, self.why)
        return Verdict(State.NOT_YET, self.sentences()[broken], broken)

    def _read(self, answer: object) -> list[int]:
        """Return the places, in the right order, of the lines that the letters stand for."""
        known = ALPHABET[: len(self._places)]
        expected = f'the letters {known[0]} to {known[-1]} in their order, such as "{known}"'
        parts = [part for text in texts(answer, expected) for part in text.split("\n") if part.strip()]
        shown = dict(self._lettered())
        by_text = [named(shown, part) for part in parts]
        given = by_text if all(by_text) else letters(parts, expected)
        unknown = next((letter for letter in given if letter not in known), None)
        if not given or unknown:
            raise Unreadable(f"There is no line {unknown or 'in your answer'}; expected {expected}.")
        twice = next((letter for letter in given if given.count(letter) > 1), None)
        if twice:
            raise Unreadable(f"Line {twice} stands in it more than once; use each line once.")
        return [self._places[known.index(letter)] for letter in given]

    def _broken(self, places: Sequence[int]) -> int | None:
        """Return the first rule that an order breaks, or None."""
        positions = ((places.index(first), places.index(later)) for first, later in self.rules)
        return next((index for index, (first, later) in enumerate(positions) if first > later), None)

    def _letter(self, place: int) -> str:
        return ALPHABET[self._places.index(place)]

    def _lettered(self) -> list[tuple[str, str]]:
        lines = [*self.lines, *self.extra]
        tick = "`" * self.code
        lettered = zip(ALPHABET, self._places, strict=False)
        return [(letter, f"{tick}{lines[place]}{tick}") for letter, place in lettered]

    def usual_form(self) -> str:
        """Return how an order is written."""
        all_in = "without what does not belong" if self.extra else "each once"
        return f'letters in their order, {all_in}, such as "CAB"'

    def _odd_form(self, answer: object) -> str:
        """Say why an answer can't be noted as a prediction, "" if it can."""
        missing = len(self.lines) - len(self._read(answer))
        return "" if self.extra or not missing else f"{missing} more of the lines must stand in it."

    def _letters(self, answer: object) -> str:
        return "".join(map(self._letter, self._read(answer)))

    def answer_text(self, answer: object) -> str:
        """Return the letters alone."""
        return self._letters(answer)

    def truth_text(self, **given: object) -> str:
        """Return the letters in a right order."""
        return "".join(map(self._letter, range(len(self.lines))))

    def solution_text(self) -> str:
        """Return a right order: the answer, and its lines below."""
        return "\n".join([f'"{self.truth_text()}"', *(f"# {line}" for line in self.lines)])

    def sentences(self) -> list[str]:
        """Return the sentences of the known mistakes."""
        return [*self.rules.values(), *self.extra.values()]


def named(options: Mapping[str, str], said: str) -> str:
    """Return the letter of the one option whose text is said, alone or behind its letter; "" for none.

    The beginning of a text will do, if it is of three letters at least and begins no other one.

    >>> named({"A": "a kernel", "B": "A filter: all its kernels"}, "B. A filter: all its kernels")
    'B'
    >>> named({"A": "a kernel", "B": "A filter: all its kernels"}, "a filter"), named({"A": "a kernel"}, "A")
    ('B', '')
    """
    said = re.sub(r"^\W*\d+[.):]\s+", "", said)  # of a numbered list
    lettered = re.match(r"\W*(?:option |answer |line )?([a-j])\W+(?=\w|\W*[-\[(])", said, re.IGNORECASE)
    tries = [(options, said), (options, bare(said))]
    if lettered and lettered[1].upper() in options:
        own = lettered[1].upper()
        tries.append(({own: options[own]}, said[lettered.end() :]))
    for plain in (_signs, _words):  # code differs by its signs, a sentence is often copied without
        for among, text in tries:
            wanted = plain(text)
            same = [letter for letter, option in among.items() if plain(option) == wanted]
            begun = [
                letter for letter, option in among.items() if f"{plain(option)} ".startswith(f"{wanted} ")
            ]
            if wanted and (len(same) == 1 or not same and len(begun) == 1 and len(_words(text)) > 2):
                return (same or begun)[0]
    return ""


def _signs(text: str) -> str:
    """Return a text in small letters without blanks, backticks and what ends it."""
    return re.sub(r"[\s`]+", "", text.lower()).strip(".;,!()[]{}\"'")


def _words(text: str) -> str:
    """Return a text's words and numbers alone, in small letters."""
    return " ".join(re.findall(r"[^\W_]+", text.lower()))
