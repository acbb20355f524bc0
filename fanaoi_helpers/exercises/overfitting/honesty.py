"""Leaks, stress, transfer and the parts of the repaired recipe."""

import math

import numpy as np

from ..choosing import Right
from ..lesson import Exercises

ask = Exercises()


@ask.value(
    asks="Suppose each photograph had only 4 copies, and 60 % of all copies went into training, at random. "
    "What share of the test's photographs has another copy of itself in training?",
    given={"copies": 4, "training_share": 0.6},
    tolerance=1e-4,
    mistakes={
        "That would be with one other copy. There are three, and one is enough.": (
            lambda training_share: training_share
        ),
        "That is the chance that none of them is in training.": (
            lambda copies, training_share: (1 - training_share) ** (copies - 1)
        ),
        "That is the chance that all three are in training. One is enough.": (
            lambda copies, training_share: training_share ** (copies - 1)
        ),
        "That is how many of its other copies are in training, on average; asked is a share of the "
        "test's photographs.": lambda copies, training_share: (copies - 1) * training_share,
        "That is the share that lies outside of training.": lambda training_share: 1 - training_share,
    },
    hints=["When has it none? If all three others are elsewhere.", "1 − 0.4³."],
    why="With four copies a random split tears nearly every photograph apart; with twelve, every one.",
    minutes=2,
    difficulty=2,
    prediction=True,
)
def torn(copies, training_share):
    no_other_there = (1 - training_share) ** (copies - 1)
    return 1 - no_other_there


def _files(rng):
    files = int(rng.integers(4, 30))
    groups = [f"g{n:03d}" for n in rng.integers(0, max(2, files // 3), files)]
    return groups, (rng.random(files) < 0.4).tolist()


def _sides(groups, is_test):
    return np.array(groups), np.array(is_test, dtype=bool)


def _count_leaked(groups, is_test):
    groups, is_test = _sides(groups, is_test)
    return int(np.isin(groups[is_test], groups[~is_test]).sum())


def _count_groups(groups, is_test):
    groups, is_test = _sides(groups, is_test)
    return len(set(groups[is_test]) & set(groups[~is_test]))


def _count_training(groups, is_test):
    groups, is_test = _sides(groups, is_test)
    return int(np.isin(groups[~is_test], groups[is_test]).sum())


@ask.function(
    asks="Given for each file the photograph that it was made from (`groups`, such as ['g1', 'g1', 'g2']) "
    "and whether it is in the test (`is_test`), count the test files that have a copy in training.",
    oracle=_count_leaked,
    cases=_files,
    mistakes={
        "You count the photographs behind them. Asked is how many files of the test.": _count_groups,
        "You count the training files that have a copy in the test.": _count_training,
        "Those are all files of the test.": lambda groups, is_test: int(np.sum(is_test)),
        "You count the clean ones: those without a copy in training.": (
            lambda groups, is_test: int(np.sum(is_test)) - _count_leaked(groups, is_test)
        ),
        "You count those on both sides together.": (
            lambda groups, is_test: _count_leaked(groups, is_test) + _count_training(groups, is_test)
        ),
    },
    hints=[
        "First the set of all groups that training holds.",
        "`in_training = {group for group, test in zip(groups, is_test) if not test}`",
        "Then count the test files whose group is in it.",
    ],
    why="Two lines. They belong before every score that anybody shows you.",
    minutes=5,
    difficulty=2,
)
def leaked(groups, is_test):
    in_training = {group for group, test in zip(groups, is_test, strict=True) if not test}
    return sum(test and group in in_training for group, test in zip(groups, is_test, strict=True))


ask.choice(
    "turned_fan",
    asks="A good fan is laid into the fixture upside down, turned by 180°. What will a CNN say that judges "
    "nearly every fan of the line rightly?",
    options={
        "GO: CNNs are robust to rotation": (
            "So the handout says. Convolution finds the same thing elsewhere, but not turned."
        ),
        "NG, and nearly so for every good fan": Right(
            "It has never seen a strut, a cable or a label there. To it that is damage."
        ),
        "GO or NG, like a coin": (
            "Not like a coin: it has learned how a good fan looks, and all of these look otherwise in the "
            "same way."
        ),
        "GO, as the blades look the same from all sides": (
            "The blades do, nearly. Struts, cable and label do not."
        ),
    },
    hints=["What else is on a fan but blades?", "What does it call things that it never saw on a good fan?"],
    why="A CNN knows what it was shown. Overkill is the usual answer to the unknown; nobody promises it.",
    minutes=1,
    difficulty=2,
    prediction=True,
)


ask.choice(
    "transfer",
    asks="The convolutions of the trained CNN are kept, only a new last layer learns, from 40 photographs. "
    "Where will that help?",
    options={
        "The same fan at another station, and another model of fan": (
            "What do its filters know of nine blades and a label of another form?"
        ),
        "The same fan at another station only": Right(
            "The same struts, blades and damage, a little turned and smaller: its filters know them."
        ),
        "Another model of fan only": (
            "Another model has other blades, struts and print; a station changes less than that."
        ),
        "Neither: with 40 photographs nothing helps": (
            "The 40 need not teach it what a scratch is, only what to make of its answers."
        ),
    },
    hints=["What do the filters have to see anew in each case?", "A station changes the view, not the fan."],
    why="Transfer learning carries over what two tasks share. Measure whether they do.",
    minutes=1,
    difficulty=2,
    prediction=True,
)


def _schedule(rng):
    steps, warm = int(rng.integers(50, 400)), int(rng.integers(5, 40))
    return int(rng.integers(warm + 1, steps + warm)), warm, warm + steps, float(rng.uniform(0.001, 0.01))


ask.line(
    "warm_up",
    asks="Complete the line: after the warm-up the learning rate falls from `peak` to 0 along half a cosine. "
    "`share` says how much of that way is done, 0 to 1.",
    template="""
        def my_rate(step, warm_steps, all_steps, peak):
            share = (step - warm_steps) / (all_steps - warm_steps)
            return ____
        """,
    line="peak * (1 + math.cos(math.pi * share)) / 2",
    oracle=lambda step, warm_steps, all_steps, peak: (
        peak * np.cos(np.pi / 2 * (step - warm_steps) / (all_steps - warm_steps)) ** 2
    ),
    cases=_schedule,
    names={"math": math},
    mistakes={
        "At the end it is −peak: a cosine goes from 1 to −1. Lift and halve it.": (
            "peak * math.cos(math.pi * share)"
        ),
        "It begins at twice the peak: halve it.": "peak * (1 + math.cos(math.pi * share))",
        "That is a straight line down.": "peak * (1 - share)",
        "It rises: turn the sign of the cosine.": "peak * (1 - math.cos(math.pi * share)) / 2",
        "`math.cos` counts in radians: half a turn is π.": "peak * (1 + math.cos(180 * share)) / 2",
    },
    hints=["cos 0 is 1 and cos π is −1.", "1 + cos goes from 2 to 0."],
    why="Large steps first, small ones last: the last epochs settle.",
    minutes=3,
    difficulty=2,
)
