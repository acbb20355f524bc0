"""Notebook 03's exercises on the loss of GO/NG fans: binary cross-entropy, logits, accuracy."""

import numpy as np

from ... import byhand
from ..choosing import Right
from ..lesson import Exercises

ask = Exercises()

# GO/NG, and a batch --------------------------------------------------------------------------------------


def _go_ng_batches(rng):
    labels = rng.permutation(np.append([0, 1], rng.integers(2, size=rng.integers(1, 6))))
    return labels, rng.uniform(0.02, 0.98, size=len(labels))


ask.line(
    "binary_loss",
    asks="Complete the binary cross-entropy of a batch: `labels` 1 (GO) or 0 (NG), `p` = P(GO).",
    template="def my_binary_loss(labels, p):\n    each = ____\n    return np.mean(each)",
    line="-(labels * np.log(p) + (1 - labels) * np.log(1 - p))",
    oracle=byhand.binary_cross_entropy,
    cases=_go_ng_batches,
    mistakes={
        "That is the GO half. An NG fan would cost nothing.": "-labels * np.log(p)",
        "That is the NG half. A GO fan would cost nothing.": "-(1 - labels) * np.log(1 - p)",
        "The minus sign is missing.": "labels * np.log(p) + (1 - labels) * np.log(1 - p)",
        "The minus stands before the first half only: the second needs it too.": (
            "-labels * np.log(p) + (1 - labels) * np.log(1 - p)"
        ),
        "That is log base 10.": "-(labels * np.log10(p) + (1 - labels) * np.log10(1 - p))",
        "Swapped: a GO fan must pay −ln p.": "-(labels * np.log(1 - p) + (1 - labels) * np.log(p))",
        "The labels are not in it: every fan pays as if it were GO.": "-np.log(p)",
    },
    hints=[
        "Two halves, of which the label switches one on.",
        "`labels * np.log(p)` is the half for GO; write the one for NG with `1 - labels` and `1 - p`.",
        "Add the halves in brackets and put a minus before them.",
    ],
    why="For y = 1 the second half is 0, for y = 0 the first.",
    minutes=4,
    difficulty=2,
)


@ask.value(
    asks="Fan 0 is NG with P(GO) = 0.98; most others are judged right. Its share of the loss, from 0 to 1?",
    given={
        "labels": np.array([0, 1, 0, 1, 0, 1]),
        "p_go": np.array([0.982, 0.797, 0.297, 0.833, 0.116, 0.865]),
    },
    tolerance=0.05,
    mistakes={
        "That would be an equal share for each fan.": lambda labels: 1 / len(labels),
        "That is the model's P(GO) for it, not its share of the loss.": lambda p_go: p_go[0],
        "That is its loss. Divide by the sum of all losses.": lambda p_go: -np.log(1 - p_go[0]),
        "In percent, about so. A share goes from 0 to 1.": (
            lambda labels, p_go: 100 * worst_share.reference(labels, p_go)
        ),
    },
    hints=["The others cost about 0.2 each.", "Fan 0 is NG with P(GO) = 0.98: it costs 4."],
    why="One confident mistake weighs as much as many right verdicts.",
    minutes=1,
    difficulty=2,
    prediction=True,
)
def worst_share(labels, p_go):
    each = -(labels * np.log(p_go) + (1 - labels) * np.log(1 - p_go))
    return each[0] / np.sum(each)


@ask.value(
    asks="A digit CNN has learned nothing: each of the ten digits gets the same probability. Its loss?",
    given={"classes": 10},
    tolerance=0.003,
    mistakes={
        "That is a shrug between two classes. Here are ten.": lambda: np.log(2),
        "That is log base 10. Keras takes ln.": lambda classes: np.log10(classes),
        "That is log base 2, so bits. Keras takes ln.": lambda classes: np.log2(classes),
        "That is the probability of the true digit. What does it cost?": lambda classes: 1 / classes,
        "The minus sign is missing.": lambda classes: -np.log(classes),
        "You added up all ten digits. The truth keeps one of them.": (
            lambda classes: classes * np.log(classes)
        ),
        "That is −ln of what the nine others got together.": lambda classes: -np.log(1 - 1 / classes),
    },
    hints=["What probability does the true digit get, whichever it is?", "−ln 0.1"],
    why="ln K for K classes, whatever the labels are: the loss of a network that has learned nothing.",
    minutes=1,
    difficulty=1,
)
def shrug(classes):
    p = 1 / classes  # the same for every class, so also for the true one
    return -np.log(p)


# From logits, and why not accuracy -----------------------------------------------------------------------


@ask.value(
    asks="A GO fan gets the score z = −1000. What is its loss, on paper? (A finite number.)",
    given={"bad_z": -1000.0},
    tolerance=0.005,
    mistakes={
        "That is the score; the loss has no minus.": lambda bad_z: bad_z,
        "That is its probability, rounded. Its loss is far away from that.": lambda: 0.0,
        "That is −ln 0.001. The probability is much smaller: about e to the z.": lambda: -np.log(0.001),
        "That is where Keras stops if it is given the probability, not what is true.": lambda: -np.log(1e-7),
    },
    hints=["For very negative z, sigmoid(z) is nearly e to the z.", "−ln undoes the e."],
    why="−ln sigmoid(z) is nearly −z: the loss grows as the score falls, and so stays useful.",
    minutes=1,
    difficulty=2,
    prediction=True,
)
def extreme_loss(bad_z):
    # −ln sigmoid(z), without ever taking the sigmoid
    return max(bad_z, 0) - bad_z + np.log1p(np.exp(-abs(bad_z)))


ask.choice(
    "sigmoid_twice",
    asks="In a GO/NG training the accuracy is 100 %, the loss stays just above 0.5. What do you suspect?",
    options={
        "Labels the wrong way round.": "Then the accuracy would be near 0.",
        "A model that shrugs.": "That gives 0.693, and an accuracy no better than a coin.",
        "A sigmoid at the end and `from_logits=True`.": Right(
            "The sigmoid is taken twice: 1 becomes 0.731 and 0 becomes 0.5."
        ),
        "Too few epochs.": "With accuracy 100 % the loss would go on falling. Here it can't get lower.",
    },
    hints=[
        "The order of the probabilities is right, their values are not.",
        "Section 11 shows this very loss.",
    ],
    why="A sigmoid at the end or `from_logits=True`, never both.",
    minutes=2,
    difficulty=2,
)

ask.choice(
    "small_step",
    asks="Every score of a batch of fans rises by 0.01. How do its accuracy and its loss change?",
    options={
        "Both change a little.": "Accuracy counts fans: it knows no little.",
        "The loss changes a little, the accuracy not at all.": Right("No fan changes sides."),
        "The accuracy changes a little, the loss not at all.": "The other way round: every score moved.",
        "Neither: 0.01 is too small to be seen.": "Every score moved, and the loss reads scores.",
    },
    hints=[
        "How many fans have a score between −0.01 and 0?",
        "The accuracy changes only if a fan changes sides.",
    ],
    why="The accuracy moves only when a fan changes sides; the loss moves with every score.",
    minutes=1,
    difficulty=1,
    prediction=True,
)

ask.choice(
    "three_models",
    asks="One fan of four is judged wrong: by brash surely, by sure and careful barely. Lowest loss first?",
    options={
        "All equal: each has three of four right.": "So says the accuracy. The loss asks how sure.",
        "brash, sure, careful": "Being sure pays, until you are sure and wrong.",
        "careful, sure, brash": "Careful pays 0.51 for each fan that it gets right.",
        "sure, careful, brash": Right("Sure where right, in doubt where wrong."),
    },
    hints=[
        "Start with the last fan: what does 0.99 cost there, and 0.55?",
        "Then the three others, 0.6 or 0.95.",
    ],
    why="Same accuracy, three losses: the loss reads how sure each verdict was.",
    minutes=2,
    difficulty=2,
    prediction=True,
)
