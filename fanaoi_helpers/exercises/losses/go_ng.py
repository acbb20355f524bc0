"""Notebook 03's exercises on the loss of GO/NG fans: binary cross-entropy, logits, accuracy."""

import numpy as np

from ... import byhand
from ..engine.choosing import Choice, Option
from ..engine.exercise import Mistake
from ..engine.function import Line
from ..engine.value import Value

# GO/NG, and a batch --------------------------------------------------------------------------------------


def _go_ng_batches(rng):
    labels = rng.permutation(np.append([0, 1], rng.integers(2, size=rng.integers(1, 6))))
    return labels, rng.uniform(0.02, 0.98, size=len(labels))


binary_loss = Line(
    "binary_loss",
    asks="Complete the binary cross-entropy of a batch: `labels` 1 (GO) or 0 (NG), `p` = P(GO).",
    template="def my_binary_loss(labels, p):\n    each = ____\n    return np.mean(each)",
    line="-(labels * np.log(p) + (1 - labels) * np.log(1 - p))",
    oracle=byhand.binary_cross_entropy,
    cases=_go_ng_batches,
    mistakes=[
        Mistake("That is the GO half. An NG fan would cost nothing.", "-labels * np.log(p)"),
        Mistake("That is the NG half. A GO fan would cost nothing.", "-(1 - labels) * np.log(1 - p)"),
        Mistake("The minus sign is missing.", "labels * np.log(p) + (1 - labels) * np.log(1 - p)"),
        Mistake(
            "The minus stands before the first half only: the second needs it too.",
            "-labels * np.log(p) + (1 - labels) * np.log(1 - p)",
        ),
        Mistake("That is log base 10.", "-(labels * np.log10(p) + (1 - labels) * np.log10(1 - p))"),
        Mistake("Swapped: a GO fan must pay −ln p.", "-(labels * np.log(1 - p) + (1 - labels) * np.log(p))"),
        Mistake("The labels are not in it: every fan pays as if it were GO.", "-np.log(p)"),
    ],
    names={"np": np},
    hints=[
        "Two halves, of which the label switches one on.",
        "`labels * np.log(p)` is the half for GO; write the one for NG with `1 - labels` and `1 - p`.",
        "Add the halves in brackets and put a minus before them.",
    ],
    why="For y = 1 the second half is 0, for y = 0 the first.",
    minutes=4,
    difficulty=2,
)


def _worst_share(labels, p_go):
    each = -(labels * np.log(p_go) + (1 - labels) * np.log(1 - p_go))
    return each[0] / np.sum(each)


worst_share = Value(
    "worst_share",
    asks="Fan 0 is NG with P(GO) = 0.98; most others are judged right. Its share of the loss, from 0 to 1?",
    reference=_worst_share,
    given={
        "labels": np.array([0, 1, 0, 1, 0, 1]),
        "p_go": np.array([0.982, 0.797, 0.297, 0.833, 0.116, 0.865]),
    },
    mistakes=[
        Mistake("That would be an equal share for each fan.", lambda labels: 1 / len(labels)),
        Mistake("That is the model's P(GO) for it, not its share of the loss.", lambda p_go: p_go[0]),
        Mistake("That is its loss. Divide by the sum of all losses.", lambda p_go: -np.log(1 - p_go[0])),
        Mistake(
            "In percent, about so. A share goes from 0 to 1.",
            lambda labels, p_go: 100 * _worst_share(labels, p_go),
        ),
    ],
    hints=["The others cost about 0.2 each.", "Fan 0 is NG with P(GO) = 0.98: it costs 4."],
    why="One confident mistake weighs as much as many right verdicts.",
    minutes=1,
    difficulty=2,
    tolerance=0.05,
    prediction=True,
)


def _shrug(classes):
    p = 1 / classes  # the same for every class, so also for the true one
    return -np.log(p)


shrug = Value(
    "shrug",
    asks="A digit CNN has learned nothing: each of the ten digits gets the same probability. Its loss?",
    reference=_shrug,
    given={"classes": 10},
    mistakes=[
        Mistake("That is a shrug between two classes. Here are ten.", lambda: np.log(2)),
        Mistake("That is log base 10. Keras takes ln.", lambda classes: np.log10(classes)),
        Mistake("That is log base 2, so bits. Keras takes ln.", lambda classes: np.log2(classes)),
        Mistake("That is the probability of the true digit. What does it cost?", lambda classes: 1 / classes),
        Mistake("The minus sign is missing.", lambda classes: -np.log(classes)),
        Mistake(
            "You added up all ten digits. The truth keeps one of them.",
            lambda classes: classes * np.log(classes),
        ),
        Mistake(
            "That is −ln of what the nine others got together.", lambda classes: -np.log(1 - 1 / classes)
        ),
    ],
    hints=["What probability does the true digit get, whichever it is?", "−ln 0.1"],
    why="ln K for K classes, whatever the labels are: the loss of a network that has learned nothing.",
    minutes=1,
    difficulty=1,
    tolerance=0.003,
)

# From logits, and why not accuracy -----------------------------------------------------------------------


def _extreme_loss(bad_z):
    # −ln sigmoid(z), without ever taking the sigmoid
    return max(bad_z, 0) - bad_z + np.log1p(np.exp(-abs(bad_z)))


extreme_loss = Value(
    "extreme_loss",
    asks="A GO fan gets the score z = −1000. What is its loss, on paper? (A finite number.)",
    reference=_extreme_loss,
    given={"bad_z": -1000.0},
    mistakes=[
        Mistake("That is the score; the loss has no minus.", lambda bad_z: bad_z),
        Mistake("That is its probability, rounded. Its loss is far away from that.", lambda: 0.0),
        Mistake(
            "That is −ln 0.001. The probability is much smaller: about e to the z.",
            lambda: -np.log(0.001),
        ),
        Mistake(
            "That is where Keras stops if it is given the probability, not what is true.",
            lambda: -np.log(1e-7),
        ),
    ],
    hints=["For very negative z, sigmoid(z) is nearly e to the z.", "−ln undoes the e."],
    why="−ln sigmoid(z) is nearly −z: the loss grows as the score falls, and so stays useful.",
    minutes=1,
    difficulty=2,
    tolerance=0.005,
    prediction=True,
)

sigmoid_twice = Choice(
    "sigmoid_twice",
    asks="In a GO/NG training the accuracy is 100 %, the loss stays just above 0.5. What do you suspect?",
    options=[
        Option("Labels the wrong way round.", "Then the accuracy would be near 0."),
        Option("A model that shrugs.", "That gives 0.693, and an accuracy no better than a coin."),
        Option(
            "A sigmoid at the end and `from_logits=True`.",
            "The sigmoid is taken twice: 1 becomes 0.731 and 0 becomes 0.5.",
            right=True,
        ),
        Option(
            "Too few epochs.",
            "With accuracy 100 % the loss would go on falling. Here it can't get lower.",
        ),
    ],
    hints=[
        "The order of the probabilities is right, their values are not.",
        "Section 11 shows this very loss.",
    ],
    why="A sigmoid at the end or `from_logits=True`, never both.",
    minutes=2,
    difficulty=2,
)

small_step = Choice(
    "small_step",
    asks="Every score of a batch of fans rises by 0.01. How do its accuracy and its loss change?",
    options=[
        Option("Both change a little.", "Accuracy counts fans: it knows no little."),
        Option("The loss changes a little, the accuracy not at all.", "No fan changes sides.", right=True),
        Option(
            "The accuracy changes a little, the loss not at all.",
            "The other way round: every score moved.",
        ),
        Option("Neither: 0.01 is too small to be seen.", "Every score moved, and the loss reads scores."),
    ],
    hints=[
        "How many fans have a score between −0.01 and 0?",
        "The accuracy changes only if a fan changes sides.",
    ],
    why="The accuracy moves only when a fan changes sides; the loss moves with every score.",
    minutes=1,
    difficulty=1,
    prediction=True,
)

three_models = Choice(
    "three_models",
    asks="One fan of four is judged wrong: by brash surely, by sure and careful barely. Lowest loss first?",
    options=[
        Option("All equal: each has three of four right.", "So says the accuracy. The loss asks how sure."),
        Option("brash, sure, careful", "Being sure pays, until you are sure and wrong."),
        Option("careful, sure, brash", "Careful pays 0.51 for each fan that it gets right."),
        Option("sure, careful, brash", "Sure where right, in doubt where wrong.", right=True),
    ],
    hints=[
        "Start with the last fan: what does 0.99 cost there, and 0.55?",
        "Then the three others, 0.6 or 0.95.",
    ],
    why="Same accuracy, three losses: the loss reads how sure each verdict was.",
    minutes=2,
    difficulty=2,
    prediction=True,
)
