"""Notebook 03's exercises on cross-entropy: surprise, likelihood, the handout's digit, a batch."""

import numpy as np

from ... import byhand
from ..choosing import Right
from ..lesson import Exercises

ask = Exercises()

DIGIT = np.array([0.1, 0.05, 0.1, 0.7, 0.02, 0.01, 0.01, 0.005, 0.01, 0.005])  # the handout's, sum 1.01
THREE = np.eye(10)[3]


# What a wrong answer costs -------------------------------------------------------------------------------


@ask.value(
    asks="A paper reports a mean surprise of 1.5 bits (log base 2). What would Keras, with ln, call it?",
    given={"bits": 1.5},
    tolerance=0.005,
    mistakes={
        "Bits and nats are not the same: ln grows more slowly than log base 2.": lambda bits: bits,
        "You divided by ln 2. A coin is 1 bit, and 0.693 nats.": lambda bits: bits / np.log(2),
        "That is log base 10. Keras takes ln.": lambda bits: bits * np.log10(2),
        "That is ln of 1.5. The surprise is a logarithm already; only its unit changes.": (
            lambda bits: np.log(bits)
        ),
    },
    hints=["The table shows p = 0.5 in all three units.", "1 bit is 0.693 nats."],
    why="ln p = log2 p · ln 2. The base only scales the loss: the best model stays the best.",
    minutes=2,
    difficulty=1,
)
def nats(bits):
    return bits * np.log(2)


@ask.value(
    asks="A model gave 0.9, 0.5 and 0.2 to what was true of three fans. Its cross-entropy?",
    given={"p_three": np.array([0.9, 0.5, 0.2])},
    tolerance=0.005,
    mistakes={
        "That is the sum of the surprises; asked is their mean.": lambda p_three: -np.log(p_three).sum(),
        "You took the mean of the probabilities first. Each fan's surprise first, then the mean.": (
            lambda p_three: -np.log(p_three.mean())
        ),
        "That is log base 10. Take ln, `np.log`.": lambda p_three: -np.log10(p_three).mean(),
        "That is log base 2, so bits. Take ln, `np.log`.": lambda p_three: -np.log2(p_three).mean(),
        "The minus sign is missing: a loss is never negative.": lambda p_three: np.log(p_three).mean(),
        "That is the likelihood. Now −ln of it, per fan.": lambda p_three: p_three.prod(),
    },
    hints=["The surprise of p is −ln p.", "0.105, 0.693 and 1.609. Now their mean."],
    why="The same as −ln(0.9 · 0.5 · 0.2) / 3: both roads.",
    minutes=3,
    difficulty=1,
)
def mean_surprise(p_three):
    return np.mean(-np.log(p_three))


@ask.value(
    asks="7 of 10 fans are GO. A model must say the same P(GO) to all. Which one makes its loss lowest?",
    given={"ten_labels": np.array([1, 1, 1, 1, 1, 1, 1, 0, 0, 0])},
    tolerance=0.005,
    mistakes={
        "A shrug. It ignores that GO is more frequent.": lambda: 0.5,
        "Then each of the three NG fans costs infinitely much.": lambda: 1.0,
        "That is the share of NG.": lambda ten_labels: np.mean(ten_labels == 0),
        "In percent, yes. A probability goes from 0 to 1.": lambda ten_labels: 100 * np.mean(ten_labels),
    },
    hints=["Surer than half, but not certain.", "Say what is true: how many percent are GO?"],
    why="Cross-entropy is lowest for a model that says how often it really happens.",
    minutes=1,
    difficulty=2,
    prediction=True,
)
def best_constant(ten_labels):
    return np.mean(ten_labels)


# The handout's digit -------------------------------------------------------------------------------------


@ask.value(
    asks="The handout's ten probabilities for a handwritten 3: what is their cross-entropy, with ln?",
    given={"truth": THREE, "predicted": DIGIT},
    tolerance=0.0005,
    mistakes={
        "That is log base 10. Take ln.": lambda truth, predicted: -np.log10(truth @ predicted),
        "That is log base 2. Take ln.": lambda truth, predicted: -np.log2(truth @ predicted),
        "The minus sign is missing.": lambda truth, predicted: np.log(truth @ predicted),
        "You added all ten terms. The zeros of the truth strike nine of them out.": (
            lambda predicted: -np.log(predicted).sum()
        ),
        "That is 1 − p: what is missing to certainty, not its surprise.": (
            lambda truth, predicted: 1 - truth @ predicted
        ),
        "That is the probability of the 3. What does it cost?": lambda truth, predicted: truth @ predicted,
    },
    hints=["Nine of the ten terms are multiplied by 0.", "−ln of the probability of the 3."],
    why="Only the probability of the true class counts.",
    minutes=2,
    difficulty=1,
    prediction=True,
)
def digit_loss(truth, predicted):
    return -np.sum(truth * np.log(predicted))


ask.choice(
    "keras_disagrees",
    asks="The loss of the handout's digit: by hand 0.3567, by Keras 0.3666, from the same ten numbers. Why?",
    options={
        "Keras computes with float32.": "That changes the seventh decimal, not the second.",
        "Keras takes a logarithm with another base.": (
            "Then the ratio of the two would be that of the bases, 0.43 or 1.44. It is 1.03."
        ),
        "Keras raises every probability to at least 10⁻⁷.": (
            "It does, but the probability of the 3 is far above that."
        ),
        "Keras adds the surprise of the nine other digits.": (
            "The zeros of the truth strike them out, in Keras too; and they would add much more."
        ),
        "The ten numbers do not add up to 1, and Keras divides by their sum.": Right(
            "They add up to 1.01. Keras makes them probabilities, without a word."
        ),
    },
    hints=["What must be true of any list of probabilities?", "Let `clue` be `predicted.sum()`."],
    why="0.7 / 1.01 = 0.6931, and −ln 0.6931 = 0.3666. A loss does not tell you that its input is odd.",
    minutes=2,
    difficulty=2,
)


def _labelled_batches(rng):
    """Draw one-hot rows and probabilities, both (batch, classes); a batch may hold one row."""
    batch, classes = rng.integers(1, 7), rng.integers(2, 6)
    return np.eye(classes)[rng.integers(classes, size=batch)], rng.dirichlet(np.ones(classes), size=batch)


@ask.function(
    asks="Write the loss of a batch: one-hot `truth` and probabilities `p`, each (batch, classes).",
    oracle=byhand.cross_entropy,
    cases=_labelled_batches,
    mistakes={
        "That is log base 10. `np.log` is ln.": lambda truth, p: byhand.cross_entropy(truth, p) / np.log(10),
        "That is log base 2. `np.log` is ln.": lambda truth, p: byhand.cross_entropy(truth, p) / np.log(2),
        "You added up the batch. The loss of a batch is the mean.": (
            lambda truth, p: -np.sum(truth * np.log(p))
        ),
        "The minus sign is missing: a loss is never negative.": (
            lambda truth, p: -byhand.cross_entropy(truth, p)
        ),
        "You took the mean over batch and classes at once: too small by the number of classes. First the "
        "sum over each row.": lambda truth, p: -np.mean(truth * np.log(p)),
        "That has one loss for each fan (or for each class). Take their mean: one number.": (
            lambda truth, p: -np.sum(truth * np.log(p), axis=1)
        ),
        "You took the mean of the probabilities before the logarithm. First −ln for each row.": (
            lambda truth, p: -np.log(np.mean(np.sum(truth * p, axis=1)))
        ),
        "The truth is not in it: all classes count alike.": (
            lambda truth, p: -np.mean(np.sum(np.log(p), axis=1))
        ),
        "That is 1 − p, averaged. A confident wrong answer must cost more than that.": (
            lambda truth, p: 1 - np.mean(np.sum(truth * p, axis=1))
        ),
    },
    hints=[
        "`truth * p` is 0 everywhere but at the true class of each row.",
        "`np.sum(truth * p, axis=1)`: the probability that each row gave to its truth.",
        "−ln of these, then `np.mean`.",
    ],
    why="Sum over the classes of a row, mean over the rows of the batch.",
    minutes=6,
    difficulty=2,
)
def cross_entropy(truth, p):
    of_the_truth = np.sum(truth * p, axis=1)  # one probability for each row
    return np.mean(-np.log(of_the_truth))


ask.order(
    "batch_loss",
    asks="Order the lines: from `logits` and class numbers `labels` to the loss. Two don't belong.",
    code=True,
    lines=[
        "shifted = logits - logits.max(axis=1, keepdims=True)",
        "powers = np.exp(shifted)",
        "p = powers / powers.sum(axis=1, keepdims=True)",
        "of_truth = p[np.arange(len(labels)), labels]",
        "surprise = -np.log(of_truth)",
        "loss = surprise.mean()",
    ],
    rules={
        (0, 1): "Take off the largest before e is raised to anything; later e has overflowed.",
        (1, 2): "The division needs the powers.",
        (2, 3): "Pick the true class's probability after there are probabilities.",
        (3, 4): "The surprise is that of the true class: pick it first.",
        (4, 5): "The mean of the surprises needs the surprises.",
    },
    extra={
        "p = 1 / (1 + np.exp(-logits))": "That asks about each class alone; here exactly one is true.",
        "loss = -np.log(of_truth.mean())": "That hides the worst fan: first −ln, then the mean.",
    },
    hints=[
        "Softmax first, then the loss.",
        "Shift, powers, divide: that is softmax. Two lines do not belong.",
    ],
    why="Scores → softmax → probability of the truth → −ln → mean.",
    minutes=4,
    difficulty=2,
)
