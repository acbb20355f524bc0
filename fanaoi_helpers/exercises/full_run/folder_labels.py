"""Which number is GO, and units that stand on two sides of a split."""

import numpy as np

from ..lesson import Exercises

ask = Exercises()


@ask.value(
    asks="Keras numbers two folders `GO` and `NG`, and in another place two folders `60` and `100`. Which "
    "numbers do GO, NG, 60 and 100 get? Four numbers.",
    given={"pairs": [["GO", "NG"], ["60", "100"]]},
    mistakes={
        "That is what the handout says, and it calls that alphabetical. Which comes first, G or N?": (
            lambda: [1, 0, 0, 1]
        ),
        "GO and NG are right. But names are text, also where they look like numbers.": lambda: [0, 1, 0, 1],
        "60 and 100 are right: text is sorted from its first letter on. So are GO and NG.": (
            lambda: [1, 0, 1, 0]
        ),
        "The order is right. Keras begins to count at 0.": lambda: [1, 2, 2, 1],
        "Each place has two folders of its own, and begins at 0 again.": lambda: [0, 1, 3, 2],
    },
    hints=[
        "Alphabetical order: G or N first?",
        'Sorted as text, the first letters are compared: is it "6" or "1" that comes first?',
        "The folder that comes first gets 0.",
    ],
    why="Sorted as text: GO 0, NG 1; 100 0, 60 1. The handout has both pairs the other way round.",
    minutes=2,
    difficulty=1,
    prediction=True,
)
def folder_numbers(pairs):
    numbers = []
    for names in pairs:
        in_order = sorted(names)  # as text, letter by letter
        numbers += [in_order.index(name) for name in names]
    return numbers


def _torn_by_counting(units, train, test):
    units = np.asarray(units)
    return sum(
        bool((units[train] == unit).any() and (units[test] == unit).any()) for unit in np.unique(units)
    )


def _dealt_photographs(rng):
    fans = int(rng.integers(4, 9))
    units = rng.permutation(np.repeat(np.arange(fans), 3))
    photographs = rng.permutation(len(units))
    cut = int(rng.integers(3, len(units) // 2))
    return units.tolist(), photographs[cut:].tolist(), photographs[:cut].tolist()


@ask.function(
    asks="How many units stand on two sides? `units[i]` is the unit of photograph i; `train` and `test` are "
    "lists of photographs, such as [0, 3, 4].",
    oracle=_torn_by_counting,
    cases=_dealt_photographs,
    mistakes={
        "That is always 0: no photograph is on two sides. Ask for the unit of each.": (
            lambda units, train, test: len(set(train) & set(test))
        ),
        "You count photographs of the test. Several of them may show one unit; count each unit once.": (
            lambda units, train, test: sum(units[i] in {units[j] for j in train} for i in test)
        ),
        "Those are all units that occur. Asked is how many occur on both sides.": (
            lambda units, train, test: len({units[i] for i in train} | {units[i] for i in test})
        ),
        "Those are the units of the test, torn or not.": (
            lambda units, train, test: len({units[i] for i in test})
        ),
        "Those are units that stand on one side only.": (
            lambda units, train, test: len({units[i] for i in train} ^ {units[i] for i in test})
        ),
    },
    hints=[
        "First the units that were learned from: `{units[photo] for photo in train}` is a set of them.",
        "The same for the test. What is in both sets?",
        "`a & b` is what two sets have in common, `len` counts it.",
    ],
    why="In an honest split it is 0. Dealt out photograph by photograph, it hardly ever is.",
    minutes=4,
    difficulty=1,
)
def torn_units(units, train, test):
    learned_from = {units[photo] for photo in train}
    tested_on = {units[photo] for photo in test}
    return len(learned_from & tested_on)
