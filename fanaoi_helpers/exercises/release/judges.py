"""Which defects escape, who judges better, and what a repeated verdict proves."""

import numpy as np

from ... import verdicts
from ..choosing import Right
from ..lesson import Exercises

ask = Exercises()


def _by_tails(sizes, rates, limit):
    """Return the same by looking at the worst rate from each size on."""
    worst = np.maximum.accumulate(np.asarray(rates)[::-1])[::-1]
    good = np.flatnonzero(worst <= limit)
    return float(sizes[good[0]]) if len(good) else np.inf


def _curve_case(rng):
    count = int(rng.integers(4, 9))
    sizes = np.cumsum(rng.integers(1, 5, size=count)) + 0.5
    rates = np.round(np.linspace(0.9, 0, count) + rng.normal(scale=0.15, size=count), 1).clip(0, 1)
    rates[-1] = rng.choice([0, 0, 0, 0.4])
    return sizes, rates, float(rng.choice([0.1, 0.2, 0.3]))


@ask.function(
    asks="`sizes` rise, `rates` are their escape rates. The smallest size from which on *no* size has a rate "
    "above `limit`; `np.inf` if the largest one still has.",
    oracle=_by_tails,
    cases=_curve_case,
    mistakes={
        "That is the first size that does well. A larger one may escape again: begin at the largest.": (
            lambda sizes, rates, limit: next(
                (s for s, r in zip(sizes, rates, strict=True) if r <= limit), np.inf
            )
        ),
        "A rate that is exactly the limit is still allowed.": (
            lambda sizes, rates, limit: _by_tails(sizes, np.where(rates == limit, 1, rates), limit)
        ),
        "That is the largest size that escapes too often. The answer is the next one.": (
            lambda sizes, rates, limit: max(
                (s for s, r in zip(sizes, rates, strict=True) if r > limit), default=np.inf
            )
        ),
        "That is the largest size, whatever the rates.": lambda sizes, rates, limit: sizes[-1],
    },
    hints=[
        "A curve from few fans jumps. What must hold of all the larger sizes?",
        "Walk from the largest size down, and stop at the first rate above the limit.",
    ],
    why="A claim such as “finds all from 9 mm up” is about every size from there on.",
    minutes=5,
    difficulty=2,
)
def smallest_found(sizes, rates, limit):
    smallest = np.inf
    for size, rate in zip(sizes[::-1], rates[::-1], strict=True):  # from the largest down
        if rate > limit:
            break
        smallest = size
    return smallest


def _kappa_case(rng):
    truth = (rng.random(int(rng.integers(8, 25))) < rng.choice([0.5, 0.7])).astype(int)
    called = np.where(rng.random(len(truth)) < 0.25, 1 - truth, truth)
    truth[:2], called[:3] = (0, 1), (0, 1, 1)
    return truth, called


def _chance(truth, called):
    go, called_go = np.mean(truth == 1), np.mean(called == 1)
    return go * called_go + (1 - go) * (1 - called_go)


def _kappa_from_study(truth, called):
    return verdicts.attribute_study(truth, {"one": called}).appraisers[0].kappa


@ask.function(
    asks="Cohen's kappa of `called` against `truth` (arrays of 1 for GO, 0 for NG): the agreement beyond "
    "chance, as a share of what there is beyond chance.",
    oracle=_kappa_from_study,
    cases=_kappa_case,
    mistakes={
        "That is the agreement. Take off what guessing would agree on, too.": (
            lambda truth, called: np.mean(truth == called)
        ),
        "Agreement beyond chance, yes. As a share of what? At best 1 − chance can be reached.": (
            lambda truth, called: np.mean(truth == called) - _chance(truth, called)
        ),
        "That is right if chance agrees on half. How often does it, with these shares of GO?": (
            lambda truth, called: 2 * np.mean(truth == called) - 1
        ),
        "Your chance counts GO alone. Two who guess agree on NG as well.": lambda truth, called: (
            (np.mean(truth == called) - np.mean(truth) * np.mean(called))
            / (1 - np.mean(truth) * np.mean(called))
        ),
        "That is the chance agreement alone.": _chance,
    },
    hints=[
        "How often do the two agree? And how often would they, if each drew its verdicts from a hat?",
        "Chance: share of GO in truth times share in called, plus the same for NG.",
        "(agreement − chance) / (1 − chance).",
    ],
    why="1 is perfect, 0 is what guessing reaches. Calling every fan GO gives 0, however rare NG is.",
    minutes=6,
    difficulty=3,
)
def kappa(truth, called):
    agree = np.mean(truth == called)
    go, called_go = np.mean(truth == 1), np.mean(called == 1)
    chance = go * called_go + (1 - go) * (1 - called_go)
    return (agree - chance) / (1 - chance)


ask.choice(
    "same_file",
    asks="The CNN judges the same files three times, with the same verdicts every time. What is proven?",
    options={
        "Its repeatability is 100 %.": (
            "Of the arithmetic, yes. Of the station? Nothing was photographed twice."
        ),
        "It judges better than the human, who wavers.": "Who always says GO never wavers either.",
        "That a computer computes: the same numbers in, the same number out.": Right(
            "So take the fan off, put it back, photograph it again, and ask then."
        ),
        "That its threshold is right.": "Any threshold would have agreed with itself.",
    },
    hints=["What would have to be done three times, to try the whole station?"],
    why="The lamp, the pose and the sensor are part of the gauge. Re-shoot the unit, not the question.",
    minutes=1,
    difficulty=1,
)
