"""Notebook 03's exercises on cross-entropy: surprise, likelihood, the handout's digit, a batch."""

import numpy as np

from ... import byhand
from ..engine.choosing import Choice, Option, Order, Rule
from ..engine.exercise import Mistake
from ..engine.function import Function
from ..engine.value import Value

DIGIT = np.array([0.1, 0.05, 0.1, 0.7, 0.02, 0.01, 0.01, 0.005, 0.01, 0.005])  # the handout's, sum 1.01
THREE = np.eye(10)[3]


# What a wrong answer costs -------------------------------------------------------------------------------


def _nats(bits):
    return bits * np.log(2)


nats = Value(
    "nats",
    asks="A paper reports a mean surprise of 1.5 bits (log base 2). What would Keras, with ln, call it?",
    reference=_nats,
    given={"bits": 1.5},
    mistakes=[
        Mistake("Bits and nats are not the same: ln grows more slowly than log base 2.", lambda bits: bits),
        Mistake("You divided by ln 2. A coin is 1 bit, and 0.693 nats.", lambda bits: bits / np.log(2)),
        Mistake("That is log base 10. Keras takes ln.", lambda bits: bits * np.log10(2)),
        Mistake(
            "That is ln of 1.5. The surprise is a logarithm already; only its unit changes.",
            lambda bits: np.log(bits),
        ),
    ],
    hints=["The table shows p = 0.5 in all three units.", "1 bit is 0.693 nats."],
    why="ln p = log2 p · ln 2. The base only scales the loss: the best model stays the best.",
    minutes=2,
    difficulty=1,
    tolerance=0.005,
)


def _mean_surprise(p_three):
    return np.mean(-np.log(p_three))


mean_surprise = Value(
    "mean_surprise",
    asks="A model gave 0.9, 0.5 and 0.2 to what was true of three fans. Its cross-entropy?",
    reference=_mean_surprise,
    given={"p_three": np.array([0.9, 0.5, 0.2])},
    mistakes=[
        Mistake(
            "That is the sum of the surprises; asked is their mean.",
            lambda p_three: -np.log(p_three).sum(),
        ),
        Mistake(
            "You took the mean of the probabilities first. Each fan's surprise first, then the mean.",
            lambda p_three: -np.log(p_three.mean()),
        ),
        Mistake("That is log base 10. Take ln, `np.log`.", lambda p_three: -np.log10(p_three).mean()),
        Mistake("That is log base 2, so bits. Take ln, `np.log`.", lambda p_three: -np.log2(p_three).mean()),
        Mistake(
            "The minus sign is missing: a loss is never negative.", lambda p_three: np.log(p_three).mean()
        ),
        Mistake("That is the likelihood. Now −ln of it, per fan.", lambda p_three: p_three.prod()),
    ],
    hints=["The surprise of p is −ln p.", "0.105, 0.693 and 1.609. Now their mean."],
    why="The same as −ln(0.9 · 0.5 · 0.2) / 3: both roads.",
    minutes=3,
    difficulty=1,
    tolerance=0.005,
)


def _best_constant(ten_labels):
    return np.mean(ten_labels)


best_constant = Value(
    "best_constant",
    asks="7 of 10 fans are GO. A model must say the same P(GO) to all. Which one makes its loss lowest?",
    reference=_best_constant,
    given={"ten_labels": np.array([1, 1, 1, 1, 1, 1, 1, 0, 0, 0])},
    mistakes=[
        Mistake("A shrug. It ignores that GO is more frequent.", lambda: 0.5),
        Mistake("Then each of the three NG fans costs infinitely much.", lambda: 1.0),
        Mistake("That is the share of NG.", lambda ten_labels: np.mean(ten_labels == 0)),
        Mistake(
            "In percent, yes. A probability goes from 0 to 1.", lambda ten_labels: 100 * np.mean(ten_labels)
        ),
    ],
    hints=["Surer than half, but not certain.", "Say what is true: how many percent are GO?"],
    why="Cross-entropy is lowest for a model that says how often it really happens.",
    minutes=1,
    difficulty=2,
    tolerance=0.005,
    prediction=True,
)


# The handout's digit -------------------------------------------------------------------------------------


def _digit_loss(truth, predicted):
    return -np.sum(truth * np.log(predicted))


digit_loss = Value(
    "digit_loss",
    asks="The handout's ten probabilities for a handwritten 3: what is their cross-entropy, with ln?",
    reference=_digit_loss,
    given={"truth": THREE, "predicted": DIGIT},
    mistakes=[
        Mistake("That is log base 10. Take ln.", lambda truth, predicted: -np.log10(truth @ predicted)),
        Mistake("That is log base 2. Take ln.", lambda truth, predicted: -np.log2(truth @ predicted)),
        Mistake("The minus sign is missing.", lambda truth, predicted: np.log(truth @ predicted)),
        Mistake(
            "You added all ten terms. The zeros of the truth strike nine of them out.",
            lambda predicted: -np.log(predicted).sum(),
        ),
        Mistake(
            "That is 1 − p: what is missing to certainty, not its surprise.",
            lambda truth, predicted: 1 - truth @ predicted,
        ),
        Mistake(
            "That is the probability of the 3. What does it cost?",
            lambda truth, predicted: truth @ predicted,
        ),
    ],
    hints=["Nine of the ten terms are multiplied by 0.", "−ln of the probability of the 3."],
    why="Only the probability of the true class counts.",
    minutes=2,
    difficulty=1,
    tolerance=0.0005,
    prediction=True,
)

keras_disagrees = Choice(
    "keras_disagrees",
    asks="The loss of the handout's digit: by hand 0.3567, by Keras 0.3666, from the same ten numbers. Why?",
    options=[
        Option("Keras computes with float32.", "That changes the seventh decimal, not the second."),
        Option(
            "Keras takes a logarithm with another base.",
            "Then the ratio of the two would be that of the bases, 0.43 or 1.44. It is 1.03.",
        ),
        Option(
            "Keras raises every probability to at least 10⁻⁷.",
            "It does, but the probability of the 3 is far above that.",
        ),
        Option(
            "Keras adds the surprise of the nine other digits.",
            "The zeros of the truth strike them out, in Keras too; and they would add much more.",
        ),
        Option(
            "The ten numbers do not add up to 1, and Keras divides by their sum.",
            "They add up to 1.01. Keras makes them probabilities, without a word.",
            right=True,
        ),
    ],
    hints=["What must be true of any list of probabilities?", "Let `clue` be `predicted.sum()`."],
    why="0.7 / 1.01 = 0.6931, and −ln 0.6931 = 0.3666. A loss does not tell you that its input is odd.",
    minutes=2,
    difficulty=2,
)


def _cross_entropy(truth, p):
    of_the_truth = np.sum(truth * p, axis=1)  # one probability for each row
    return np.mean(-np.log(of_the_truth))


def _labelled_batches(rng):
    """Draw one-hot rows and probabilities, both (batch, classes); a batch may hold one row."""
    batch, classes = rng.integers(1, 7), rng.integers(2, 6)
    return np.eye(classes)[rng.integers(classes, size=batch)], rng.dirichlet(np.ones(classes), size=batch)


cross_entropy = Function(
    "cross_entropy",
    asks="Write the loss of a batch: one-hot `truth` and probabilities `p`, each (batch, classes).",
    reference=_cross_entropy,
    oracle=byhand.cross_entropy,
    cases=_labelled_batches,
    mistakes=[
        Mistake(
            "That is log base 10. `np.log` is ln.",
            lambda truth, p: byhand.cross_entropy(truth, p) / np.log(10),
        ),
        Mistake(
            "That is log base 2. `np.log` is ln.",
            lambda truth, p: byhand.cross_entropy(truth, p) / np.log(2),
        ),
        Mistake(
            "You added up the batch. The loss of a batch is the mean.",
            lambda truth, p: -np.sum(truth * np.log(p)),
        ),
        Mistake(
            "The minus sign is missing: a loss is never negative.",
            lambda truth, p: -byhand.cross_entropy(truth, p),
        ),
        Mistake(
            "You took the mean over batch and classes at once: too small by the number of classes. "
            "First the sum over each row.",
            lambda truth, p: -np.mean(truth * np.log(p)),
        ),
        Mistake(
            "That has one loss for each fan (or for each class). Take their mean: one number.",
            lambda truth, p: -np.sum(truth * np.log(p), axis=1),
        ),
        Mistake(
            "You took the mean of the probabilities before the logarithm. First −ln for each row.",
            lambda truth, p: -np.log(np.mean(np.sum(truth * p, axis=1))),
        ),
        Mistake(
            "The truth is not in it: all classes count alike.",
            lambda truth, p: -np.mean(np.sum(np.log(p), axis=1)),
        ),
        Mistake(
            "That is 1 − p, averaged. A confident wrong answer must cost more than that.",
            lambda truth, p: 1 - np.mean(np.sum(truth * p, axis=1)),
        ),
    ],
    hints=[
        "`truth * p` is 0 everywhere but at the true class of each row.",
        "`np.sum(truth * p, axis=1)`: the probability that each row gave to its truth.",
        "−ln of these, then `np.mean`.",
    ],
    why="Sum over the classes of a row, mean over the rows of the batch.",
    minutes=6,
    difficulty=2,
)

batch_loss = Order(
    "batch_loss",
    code=True,
    asks="Order the lines: from `logits` and class numbers `labels` to the loss. Two don't belong.",
    lines=[
        "shifted = logits - logits.max(axis=1, keepdims=True)",
        "powers = np.exp(shifted)",
        "p = powers / powers.sum(axis=1, keepdims=True)",
        "of_truth = p[np.arange(len(labels)), labels]",
        "surprise = -np.log(of_truth)",
        "loss = surprise.mean()",
    ],
    rules=[
        Rule(
            0,
            1,
            "Take off the largest before e is raised to anything; later e has overflowed.",
        ),
        Rule(1, 2, "The division needs the powers."),
        Rule(2, 3, "Pick the true class's probability after there are probabilities."),
        Rule(3, 4, "The surprise is that of the true class: pick it first."),
        Rule(4, 5, "The mean of the surprises needs the surprises."),
    ],
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
