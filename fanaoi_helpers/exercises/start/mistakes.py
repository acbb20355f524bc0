"""Counting mistakes: escapes, overkill, and what a share of right verdicts hides."""

import numpy as np

from ..lesson import Exercises

ask = Exercises()


# How are mistakes counted? ----------------------------------------------------------------------------------


def _counted(verdicts, labels):
    """Return how many are bad called GO, good called NG, bad called NG, good called GO: without a loop."""
    called_go = np.array(list(verdicts)) == "G"
    go = np.array(labels) == "GO"
    return tuple(
        int(np.sum(both)) for both in (called_go & ~go, ~called_go & go, ~called_go & ~go, called_go & go)
    )


def _judged_fans(rng):
    fans = int(rng.integers(1, 25))
    verdicts = "".join(rng.choice(["G", "N"], fans))
    return verdicts, [str(label) for label in rng.choice(["GO", "NG"], fans, p=[0.4, 0.6])]


@ask.function(
    asks="Count escapes and overkill, given `verdicts` such as 'GNNG' and `labels` such as ['GO', 'NG', "
    "'NG', 'GO'].",
    oracle=lambda verdicts, labels: _counted(verdicts, labels)[:2],
    cases=_judged_fans,
    mistakes={
        "You return overkill first. Asked is escapes, overkill.": (
            lambda verdicts, labels: _counted(verdicts, labels)[1::-1]
        ),
        "A letter is never equal to a word: 'G' is not 'GO'. So every fan counts as a mistake.": (
            lambda verdicts, labels: (labels.count("NG"), labels.count("GO"))
        ),
        "Those are the right verdicts. A mistake is where verdict and label disagree.": (
            lambda verdicts, labels: _counted(verdicts, labels)[2:]
        ),
        "You count the verdicts alone. Look at verdict and label of the same fan together.": (
            lambda verdicts, labels: (verdicts.count("G"), verdicts.count("N"))
        ),
        "Both your numbers count all mistakes. Keep the two kinds apart.": (
            lambda verdicts, labels: (sum(_counted(verdicts, labels)[:2]),) * 2
        ),
        "You never find a mistake. Which texts do you compare? A verdict is 'G' or 'N'.": (
            lambda verdicts, labels: (0, 0)
        ),
        "You judge the first fan alone: is your `return` inside the loop?": (
            lambda verdicts, labels: _counted(verdicts[:1], labels[:1])[:2]
        ),
    },
    hints=[
        "`for verdict, label in zip(verdicts, labels):` goes through both at once.",
        "`if verdict == 'G' and label == 'NG':` is one of the two.",
        "Begin with `escapes = overkill = 0`, add 1 where it fits; last, `return escapes, overkill`.",
    ],
    why="An escape is G on an NG fan, overkill is N on a GO fan; every other pair is right.",
    minutes=5,
    difficulty=2,
)
def count_mistakes(verdicts, labels):
    escapes = overkill = 0
    for verdict, label in zip(verdicts, labels, strict=True):
        if verdict == "G" and label == "NG":
            escapes += 1
        if verdict == "N" and label == "GO":
            overkill += 1
    return escapes, overkill


def _counts(rng):
    ng, go = (int(count) for count in rng.integers(2, 200, 2))
    return int(rng.integers(1, ng)), int(rng.integers(1, go)), ng, go


ask.line(
    "escape_rate",
    asks="Complete the line: how many percent of the bad fans escaped?",
    template="""
            def my_escape_rate(escapes, overkill, ng, go):
                return ____
            """,
    line="100 * escapes / ng",
    oracle=lambda escapes, overkill, ng, go: np.divide(escapes, ng) / 0.01,
    cases=_counts,
    mistakes={
        "That is a share of all fans, so more good fans make it look better. Only NG can escape.": (
            "100 * escapes / (ng + go)"
        ),
        "That says how many of the mistakes are escapes.": "100 * escapes / (escapes + overkill)",
        "A GO fan is never an escape; divide by those that could be one.": "100 * escapes / go",
        "Those were caught.": "100 - 100 * escapes / ng",
        "That is the overkill among the good fans.": "100 * overkill / go",
        "That is a share between 0 and 1; make percent of it.": "escapes / ng",
    },
    hints=[
        "A part above, a whole below: which fans are the whole?",
        "The bad fans are `ng`; then times 100.",
    ],
    why="Escapes are counted among the NG fans, overkill among the GO fans.",
    minutes=2,
    difficulty=1,
)


@ask.value(
    asks="Of 7,200 fans 72 are NG. Somebody calls every fan GO. What share of the verdicts is right?",
    given={"made": 7200, "ng": 72},
    tolerance=1e-4,
    mistakes={
        "That is the share that is wrong.": lambda made, ng: ng / made,
        "That is in percent; a share lies between 0 and 1.": lambda made, ng: 100 * (made - ng) / made,
        "How many, yes; divide by all fans to get a share.": lambda made, ng: made - ng,
        "Every good fan is called GO, and rightly so.": lambda: 0,
        "Not quite all: the 72 are called GO as well.": lambda: 1,
        "A coin would be right half the time; here few fans are NG.": lambda: 0.5,
    },
    hints=["Which fans are judged rightly?", "All but 72 of 7,200."],
    why="Where NG is rare, a verdict without looking is nearly always right.",
    minutes=1,
    difficulty=1,
    prediction=True,
)
def all_go(made, ng):
    return (made - ng) / made
