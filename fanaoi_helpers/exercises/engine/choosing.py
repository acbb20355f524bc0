"""Exercises that are answered with letters: one of several options, or lines to put in order."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from .answers import Unreadable, letters, untouched
from .exercise import NOT_TRIED, Exercise, State, Verdict

ALPHABET = "ABCDEFGHIJ"


@dataclass(frozen=True)
class Option:
    """One of the options of a choice, with what is said to whoever chooses it."""

    text: str
    feedback: str
    right: bool = False


@dataclass(repr=False, kw_only=True)
class Choice(Exercise):
    """One of several options, each with feedback of its own; exactly one is right."""

    options: Sequence[Option]

    kind = "a choice"
    stub = "put a letter in quotation marks in place of the three dots"

    def _judge(self, answer: object, given: dict) -> Verdict:
        if untouched(answer):
            return NOT_TRIED
        index = self._index(answer)
        option = self.options[index]
        wrong = [i for i, other in enumerate(self.options) if not other.right]
        if option.right:
            return Verdict(State.RIGHT, option.feedback)
        return Verdict(State.NOT_YET, option.feedback, wrong.index(index))

    def _index(self, answer: object) -> int:
        last = ALPHABET[len(self.options) - 1]
        expected = f'one letter from A to {last}, such as "A"'
        given = letters(answer, expected)
        if len(given) != 1 or given[0] not in ALPHABET[: len(self.options)]:
            shown = "".join(given)[:20]
            raise Unreadable(f"You gave {shown!r}; expected {expected}.")
        return ALPHABET.index(given[0])

    def details(self) -> list[str]:
        """Return the options with their letters."""
        return [f"{letter}. {option.text}" for letter, option in zip(ALPHABET, self.options, strict=False)]

    def answer_text(self, answer: object) -> str:
        """Return the option that a letter stands for."""
        return self._text(self._index(answer))

    def truth_text(self, **given: object) -> str:
        """Return the right option."""
        return self._text(self._right())

    def _text(self, index: int) -> str:
        return f"{ALPHABET[index]} ({self.options[index].text})".replace("`", "")

    def _right(self) -> int:
        return next(i for i, option in enumerate(self.options) if option.right)

    def solution_text(self) -> str:
        """Return the right letter, as an answer is written."""
        return f'"{ALPHABET[self._right()]}"  # {self.options[self._right()].text}'

    def known_mistakes(self) -> list[tuple[str, object]]:
        """Return (feedback, letter) for each wrong option."""
        lettered = zip(ALPHABET, self.options, strict=False)
        return [(option.feedback, letter) for letter, option in lettered if not option.right]


@dataclass(frozen=True)
class Rule:
    """Line ``first`` must stand before line ``later`` (indices into the lines in their right order)."""

    first: int
    later: int
    says: str


@dataclass(repr=False, kw_only=True)
class Order(Exercise):
    """Lines to put in order (a Parsons problem), shown shuffled, each with a letter.

    Every order that keeps all rules is right.

    Args:
        lines: in a right order.
        rules: what must stand before what, and what is said where it does not.
        extra: lines that do not belong, each with what is said to whoever uses it.
        code: whether the lines are Python, to be set as such.
    """

    lines: Sequence[str]
    rules: Sequence[Rule]
    extra: Mapping[str, str] = field(default_factory=dict)
    code: bool = False

    kind = "lines to put in order"
    stub = 'put the letters in their order in place of the three dots, such as "CAB"'
    several_right = True

    def __post_init__(self) -> None:
        rng = np.random.default_rng(list(self.name.encode()))
        right = len(self.lines)
        self._places = list(range(right + len(self.extra)))
        while self._broken([place for place in self._places if place < right]) is None:
            self._places = rng.permutation(right + len(self.extra)).tolist()  # never shown in a right order

    def _judge(self, answer: object, given: dict) -> Verdict:
        if untouched(answer):
            return NOT_TRIED
        places = self._read(answer)
        for index, says in enumerate(self.extra.values()):
            if len(self.lines) + index in places:
                return Verdict(State.NOT_YET, says, len(self.rules) + index)
        missing = sorted(self._letter(place) for place in set(range(len(self.lines))) - set(places))
        if missing and self.extra:
            lines = "line belongs" if len(missing) == 1 else "lines belong"
            return Verdict(State.NOT_YET, f"{len(missing)} more {lines} in it.")
        if missing:
            return Verdict(State.NOT_YET, f"Missing: {', '.join(missing)}. Every line belongs in it.")
        broken = self._broken(places)
        if broken is None:
            return Verdict(State.RIGHT, self.why)
        return Verdict(State.NOT_YET, self.rules[broken].says, broken)

    def _read(self, answer: object) -> list[int]:
        """Return the places, in the right order, of the lines that the letters stand for."""
        known = ALPHABET[: len(self._places)]
        expected = f'the letters {known[0]} to {known[-1]} in their order, such as "{known}"'
        given = letters(answer, expected)
        unknown = next((letter for letter in given if letter not in known), None)
        if not given or unknown:
            raise Unreadable(f"There is no line {unknown or 'in your answer'}; expected {expected}.")
        twice = next((letter for letter in given if given.count(letter) > 1), None)
        if twice:
            raise Unreadable(f"Line {twice} stands in it more than once; use each line once.")
        return [self._places[known.index(letter)] for letter in given]

    def _broken(self, places: Sequence[int]) -> int | None:
        """Return the first rule that an order breaks, or None."""
        for index, rule in enumerate(self.rules):
            if places.index(rule.first) > places.index(rule.later):
                return index
        return None

    def _letter(self, place: int) -> str:
        return ALPHABET[self._places.index(place)]

    def _all_lines(self) -> list[str]:
        return [*self.lines, *self.extra]

    def details(self) -> list[str]:
        """Return the lines as they are shown: shuffled, with letters."""
        lines = self._all_lines()
        tick = "`" * self.code
        lettered = zip(ALPHABET, self._places, strict=False)
        return [f"{letter}. {tick}{lines[place]}{tick}" for letter, place in lettered]

    def answer_text(self, answer: object) -> str:
        """Return the letters alone."""
        return "".join(self._letter(place) for place in self._read(answer))

    def truth_text(self, **given: object) -> str:
        """Return the letters in a right order."""
        return "".join(self._letter(place) for place in range(len(self.lines)))

    def solution_text(self) -> str:
        """Return a right order: the answer, and its lines below."""
        return "\n".join([f'"{self.truth_text()}"', *(f"# {line}" for line in self.lines)])

    def known_mistakes(self) -> list[tuple[str, object]]:
        """Return (sentence, an order that earns it) for each rule and each line that does not belong."""
        found = []
        for index, rule in enumerate(self.rules):
            order = next((o for o in self._orders() if self._broken(o) == index), None)
            found.append((rule.says, order and "".join(map(self._letter, order))))
        for index, says in enumerate(self.extra.values()):
            found.append((says, self.truth_text() + self._letter(len(self.lines) + index)))
        return found

    def _orders(self) -> Iterator[tuple[int, ...]]:
        return itertools.permutations(range(len(self.lines)))
