"""Which number is GO, what a wrong one costs, and units that stand on two sides of a split."""

import numpy as np

from ..engine.choosing import Choice, Option
from ..engine.exercise import Mistake
from ..engine.function import Function
from ..engine.value import Value


def _folder_numbers(pairs):
    numbers = []
    for names in pairs:
        in_order = sorted(names)  # as text, letter by letter
        numbers += [in_order.index(name) for name in names]
    return numbers


folder_numbers = Value(
    name="folder_numbers",
    asks=(
        "Keras numbers two folders `GO` and `NG`, and in another place two folders `60` and `100`. "
        "Which numbers do GO, NG, 60 and 100 get? Four numbers."
    ),
    prediction=True,
    reference=_folder_numbers,
    given={"pairs": [["GO", "NG"], ["60", "100"]]},
    mistakes=[
        Mistake(
            "That is what the handout says, and it calls that alphabetical. Which comes first, G or N?",
            lambda: [1, 0, 0, 1],
        ),
        Mistake(
            "GO and NG are right. But names are text, also where they look like numbers.",
            lambda: [0, 1, 0, 1],
        ),
        Mistake(
            "60 and 100 are right: text is sorted from its first letter on. So are GO and NG.",
            lambda: [1, 0, 1, 0],
        ),
        Mistake("The order is right. Keras begins to count at 0.", lambda: [1, 2, 2, 1]),
        Mistake("Each place has two folders of its own, and begins at 0 again.", lambda: [0, 1, 3, 2]),
    ],
    hints=[
        "Alphabetical order: G or N first?",
        'Sorted as text, the first letters are compared: is it "6" or "1" that comes first?',
        "The folder that comes first gets 0.",
    ],
    why="Sorted as text: GO 0, NG 1; 100 0, 60 1. The handout has both pairs the other way round.",
    minutes=2,
    difficulty=1,
)


trap_rule = Choice(
    name="trap_rule",
    asks=(
        "A CNN is trained on the alphabet's numbers, GO 0 and NG 1. Then the handout's rule is used: above "
        "0.5 is GO. "
        "How many of the good fans are called GO?"
    ),
    prediction=True,
    options=[
        Option(
            "as many as its accuracy in training says",
            "It is that often right about its own numbers. But in them, what does a high one mean?",
        ),
        Option(
            "all of them",
            "A high score would have to mean GO for that. In the alphabet's numbers GO is 0.",
        ),
        Option(
            "about half of them",
            "A coin would. This CNN has learned to tell the two apart; the only question is which is which.",
        ),
        Option(
            "only the few that it is mistaken about",
            "It answers with P(NG), low for a good fan, and the rule asks for a high score.",
            right=True,
        ),
    ],
    hints=[
        "What does the CNN answer to a good fan, if GO was 0 in its training: a high number or a low one?",
        "It answers with P(NG). A good fan gets a low one; the rule asks for a high one.",
    ],
    why="The CNN is as good as ever. Only its answer is P(NG), and nobody told the rule.",
    minutes=1,
    difficulty=2,
)


def _torn_units(units, train, test):
    learned_from = {units[photo] for photo in train}
    tested_on = {units[photo] for photo in test}
    return len(learned_from & tested_on)


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


torn_units = Function(
    name="torn_units",
    asks=(
        "How many units stand on two sides? `units[i]` is the unit of photograph i; `train` and `test` "
        "are lists of photographs, such as [0, 3, 4]."
    ),
    reference=_torn_units,
    oracle=_torn_by_counting,
    cases=_dealt_photographs,
    mistakes=[
        Mistake(
            "That is always 0: no photograph is on two sides. Ask for the unit of each.",
            lambda units, train, test: len(set(train) & set(test)),
        ),
        Mistake(
            "You count photographs of the test. Several of them may show one unit; count each unit once.",
            lambda units, train, test: sum(units[i] in {units[j] for j in train} for i in test),
        ),
        Mistake(
            "Those are all units that occur. Asked is how many occur on both sides.",
            lambda units, train, test: len({units[i] for i in train} | {units[i] for i in test}),
        ),
        Mistake(
            "Those are the units of the test, torn or not.",
            lambda units, train, test: len({units[i] for i in test}),
        ),
        Mistake(
            "Those are units that stand on one side only.",
            lambda units, train, test: len({units[i] for i in train} ^ {units[i] for i in test}),
        ),
    ],
    hints=[
        "First the units that were learned from: `{units[photo] for photo in train}` is a set of them.",
        "The same for the test. What is in both sets?",
        "`a & b` is what two sets have in common, `len` counts it.",
    ],
    why="In an honest split it is 0. Dealt out photograph by photograph, it hardly ever is.",
    minutes=4,
    difficulty=1,
)
