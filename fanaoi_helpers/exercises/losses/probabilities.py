"""Notebook 03's exercises on the way from scores to probabilities: softmax and sigmoid."""

import numpy as np

from ... import byhand
from ..choosing import Right
from ..lesson import Exercises

ask = Exercises()


@ask.value(
    asks="Softmax of the scores 2, 1 and 0.1: how many times as probable as the second is the first?",
    given={"scores": np.array([2.0, 1.0, 0.1])},
    tolerance=0.005,
    mistakes={
        "That would be the scores divided by their sum. Softmax raises e to them first.": (
            lambda scores: scores[0] / scores[1]
        ),
        "That is the difference of the scores. What does e do to it?": lambda scores: scores[0] - scores[1],
        "That is e to the first score. Divide by e to the second.": lambda scores: np.exp(scores[0]),
        "That is its probability, not the ratio of the two.": lambda scores: byhand.softmax(scores)[0],
    },
    hints=["The sum divides both, so it drops out.", "e² divided by e¹."],
    why="Softmax turns differences of scores into ratios of probabilities: 1 more is e times as probable.",
    minutes=1,
    difficulty=1,
    prediction=True,
)
def probability_ratio(scores):
    powers = np.exp(scores)
    return powers[0] / powers[1]


def _naive_softmax(scores, axis=1):
    with np.errstate(over="ignore", invalid="ignore"):
        return np.exp(scores) / np.exp(scores).sum(axis=axis, keepdims=True)


def _softmax_of_batch_largest(scores):
    powers = np.exp(scores - scores.max())
    with np.errstate(invalid="ignore"):
        return powers / powers.sum(axis=1, keepdims=True)


def _score_tables(rng):
    """Draw (batch, classes) scores; in some the rows lie thousands apart, up or down."""
    scores = rng.normal(scale=2, size=(rng.integers(2, 6), rng.integers(2, 6)))
    return (scores + rng.choice([0, 2000]) * rng.permutation(len(scores))[:, None],)


@ask.function(
    asks="Write softmax for (batch, classes) scores of any size: each row by itself, the same shape out.",
    oracle=byhand.softmax,
    cases=_score_tables,
    mistakes={
        "Wrong axis: your columns add up to 1, not your rows. Each fan is a row.": (
            lambda scores: byhand.softmax(scores, axis=0)
        ),
        "You divided by the sum of the whole batch. Each row has a sum of its own.": (
            lambda scores: byhand.softmax(scores.ravel()).reshape(scores.shape)
        ),
        "Right for small scores. For large ones e overflows: which number can you take off first?": (
            lambda scores: _naive_softmax(scores)
        ),
        "You divided by the sum of the batch, not of the row. (Then mind large scores: e overflows.)": (
            lambda scores: _naive_softmax(scores, axis=None)
        ),
        "Wrong axis: your columns add up to 1, not your rows. (Then mind large scores: e overflows.)": (
            lambda scores: _naive_softmax(scores, axis=0)
        ),
        "You took off the largest score of the whole batch. A row far below it underflows to 0 / 0; take "
        "off the largest of each row.": _softmax_of_batch_largest,
        "Those are sigmoids: each score by itself, and the rows do not add up to 1.": (
            lambda scores: byhand.sigmoid(scores)
        ),
        "The division is missing: these are powers, not probabilities.": (
            lambda scores: np.exp(scores - scores.max(axis=1, keepdims=True))
        ),
        "You raised 2 to the scores, not e.": lambda scores: byhand.softmax(scores * np.log(2)),
        "You raised 10 to the scores, not e.": lambda scores: byhand.softmax(scores * np.log(10)),
        "You divided the scores by their sum. First raise e to each of them.": (
            lambda scores: scores / scores.sum(axis=1, keepdims=True)
        ),
    },
    hints=[
        "Two steps: `np.exp` of each score, then divide by the sum of its row.",
        "`np.sum(powers, axis=1, keepdims=True)` gives one sum for each row, ready to divide by.",
        "Take `np.max(scores, axis=1, keepdims=True)` off the scores before `np.exp`.",
    ],
    why="Taking the same number off a row changes nothing, and the largest power is then 1.",
    minutes=8,
    difficulty=2,
)
def softmax(scores):
    largest = np.max(scores, axis=1, keepdims=True)
    powers = np.exp(scores - largest)
    return powers / np.sum(powers, axis=1, keepdims=True)


@ask.value(
    asks="Softmax gets the scores 1.7 (GO) and 0.5 (NG). Which score gives one sigmoid the same P(GO)?",
    given={"score_go": 1.7, "score_ng": 0.5},
    tolerance=0.005,
    mistakes={
        "You added them. A high score for NG must speak against GO.": (
            lambda score_go, score_ng: score_go + score_ng
        ),
        "That would be right if the score for NG were 0.": lambda score_go: score_go,
        "Wrong way round: that gives P(NG).": lambda score_go, score_ng: score_ng - score_go,
        "That is the probability P(GO). Which score leads to it?": (
            lambda score_go, score_ng: byhand.softmax([score_go, score_ng])[0]
        ),
        "Softmax looks at the difference of the scores, not at their ratio.": (
            lambda score_go, score_ng: score_go / score_ng
        ),
    },
    hints=[
        "Taking the same number off both scores changes nothing.",
        "Take off what makes the score for NG 0.",
    ],
    why="softmax(1.7, 0.5) = softmax(1.2, 0) = sigmoid(1.2).",
    minutes=2,
    difficulty=2,
)
def one_score(score_go, score_ng):
    return score_go - score_ng


ask.choice(
    "which_head",
    asks="A station sorts each fan into one bin: release, rework or scrap. Which last layer and loss?",
    options={
        "`Dense(3, 'sigmoid')` with `binary_crossentropy`": (
            "So a fan could be released and scrapped at once: that is multi-label."
        ),
        "`Dense(1, 'sigmoid')` with `binary_crossentropy`": (
            "One output tells two classes apart. Here are three."
        ),
        "`Dense(3, 'softmax')` with `categorical_crossentropy`": Right(
            "Exactly one of three, so the three share a probability of 1."
        ),
        "`Dense(3, 'softmax')` with `binary_crossentropy`": (
            "The layer is right. But this loss asks three separate yes/no questions."
        ),
    },
    hints=["Can two of the three be true of one fan?", "The second row of the table, with K = 3."],
    why="Every fan goes into exactly one bin: multi-class.",
    minutes=1,
    difficulty=1,
)
