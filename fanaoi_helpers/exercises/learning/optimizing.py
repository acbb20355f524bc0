"""What `fit()` does, learning rates, optimizers, and the first weights."""

from dataclasses import dataclass

import numpy as np

from ... import byhand
from ..choosing import Right
from ..lesson import Exercises

ask = Exercises()

ask.order(
    "training_step",
    asks="What does `fit()` do in one epoch, and in which order? Leave out what does not belong.",
    lines=[
        "shuffle the training photographs",
        "take the next batch",
        "forward pass: predictions for the batch",
        "loss: how wrong they are",
        "backward pass: the gradient of each parameter",
        "parameter update by the optimizer; on to the next batch",
        "after the last batch: loss on the validation photographs",
        "the callbacks hear that the epoch is over",
    ],
    rules={
        (0, 1): "Batches are cut from the shuffled photographs: shuffle before the first one is taken.",
        (1, 2): "There is nothing to predict before a batch has been taken.",
        (2, 3): "The loss compares predictions with labels: it needs the forward pass first.",
        (3, 4): "The backward pass starts at the loss, so the loss comes before it.",
        (4, 5): "The update uses the gradients: the backward pass has to be done.",
        (5, 6): "Validation waits until the last batch of the epoch has made its update.",
        (6, 7): "The callbacks are told the validation loss as well, so validation comes before them.",
    },
    extra={
        "parameter update from the validation photographs": (
            "Validation only measures. A photograph that the CNN has learned from can't tell how it does on "
            "new ones."
        ),
    },
    hints=[
        ("Six of the lines repeat for every batch or lead to it; two come once, at the end of the epoch."),
        "Shuffle, batch, forward, loss, backward, update.",
        "Then validation, and last the callbacks, which hear its result.",
    ],
    why="One update is an iteration; once through all batches is an epoch.",
    minutes=3,
    difficulty=2,
)


@ask.value(
    asks="500 training photographs, batch size 32, 10 epochs. How many iterations (updates) are that?",
    given={"photographs": 500, "batch_size": 32, "epochs": 10},
    mistakes={
        "You dropped the last batch of each epoch. It is smaller, but it is used.": (
            lambda photographs, batch_size, epochs: photographs // batch_size * epochs
        ),
        "You poured all epochs into one heap. Every epoch ends with a smaller batch of its own.": (
            lambda photographs, batch_size, epochs: -(-photographs * epochs // batch_size)
        ),
        "There is no such thing as a part of an update: round up in each epoch.": (
            lambda photographs, batch_size, epochs: photographs / batch_size * epochs
        ),
        "That is one epoch.": lambda photographs, batch_size: -(-photographs // batch_size),
        "That would be an update for each photograph. There is one for each batch.": (
            lambda photographs, epochs: photographs * epochs
        ),
    },
    hints=[
        "How many batches has one epoch? Then times the epochs.",
        "500 / 32 = 15.6: 15 full batches and a smaller one.",
        "16 updates in an epoch.",
    ],
    why="⌈photographs / batch size⌉ in each epoch; the last batch here has 500 − 15 · 32 = 20 photographs.",
    minutes=2,
    difficulty=1,
)
def iterations(photographs, batch_size, epochs):
    in_one_epoch = -(-photographs // batch_size)  # rounded up: the last batch may be smaller
    return in_one_epoch * epochs


@ask.value(
    asks="From which learning rate on does the descent on the loss (5·gain − 10)² no longer arrive?",
    given={"bright": 5},
    mistakes={
        "With that rate the first step arrives exactly. Beyond it the steps go to and fro, but still "
        "shrink.": lambda bright: 1 / (2 * bright**2),
        "That is the limit of section 1, for 2·gain. This valley is steeper.": lambda: 0.25,
        "The 5 in the bracket counts twice: once as the inner slope and once in how the error itself "
        "grows.": lambda bright: 2 / (2 * bright),
        "Steeper by 5 / 2, yes, but twice over: the inner slope counts, and so does the error's growth.": (
            lambda bright: 0.25 * 2 / bright
        ),
        "The slope of the square has a 2 as well. What is the whole slope at a gain?": (
            lambda bright: 2 / bright**2
        ),
        "That is how fast the slope changes. The larger it is, the smaller the rate must be.": (
            lambda bright: 2 * bright**2
        ),
    },
    hints=[
        "Begin with the slope: the slope of the square times the slope of the bracket.",
        (
            "The slope is 2 · (5·gain − 10) · 5 = 50 · (gain − 2), so a step multiplies the distance from 2 "
            "by 1 − 50 · rate."
        ),
        "The distance stops shrinking when that factor is −1.",
    ],
    why="1 − 50 · 0.04 = −1: to and fro for ever. Every valley has its limit: 2 / (its largest curvature).",
    minutes=3,
    difficulty=3,
)
def diverge(bright):
    curvature = 2 * bright**2  # how fast the slope changes: 8 for a card that reads 2
    return 2 / curvature  # there a step multiplies the distance by 1 − rate · curvature = −1


ask.choice(
    "loss_rises",
    asks="A training starts and prints these losses: 0.69, 2.4, 31, 5200, nan. What do you try first?",
    options={
        "more epochs": "It gets worse with every step. More steps lead further away.",
        "a learning rate ten times smaller": Right(
            "Each step leaps over the valley and lands higher. Smaller steps first, everything else later."
        ),
        "more filters": "A CNN that is too small stays at a poor loss. It does not rise without end.",
        "smaller batches": "Smaller batches make the gradient noisier. The steps stay as long as they are.",
        "momentum": "Momentum adds the last steps on top: from here it runs away even faster.",
    },
    hints=["Of the three learning rates on the valley, whose loss ended above its beginning?"],
    why="A loss that rises from the first steps on, up to nan: the learning rate is too large.",
    minutes=1,
    difficulty=1,
)


@dataclass(frozen=True)
class BowlGradient:
    """The gradient of a bowl with two curvatures, which prints as it is written."""

    first: float
    second: float

    def __call__(self, point: np.ndarray) -> np.ndarray:
        """Return the gradient at ``point``, (2,)."""
        return np.array([self.first, self.second]) * point

    def __repr__(self) -> str:
        return f"[{self.first:g}, {self.second:g}] * point"


def _momentum_case(rng):
    gradient = BowlGradient(*rng.integers(1, 9, size=2).astype(float))
    start, steps = rng.integers(1, 9, size=2) * rng.choice([-1.0, 1.0], size=2), int(rng.integers(3, 7))
    return gradient, start, float(rng.choice([0.02, 0.05])), steps, float(rng.choice([0.5, 0.8]))


ask.line(
    "momentum",
    asks="SGD with momentum: part of the last step goes on, and the gradient is added to it. Complete the "
    "velocity.",
    template="""
            def my_momentum(gradient, point, rate, steps, momentum):
                velocity = np.zeros_like(point)
                for _ in range(steps):
                    velocity = ____
                    point = point + velocity
                return point
        """,
    line="momentum * velocity - rate * gradient(point)",
    oracle=lambda gradient, point, rate, steps, momentum: byhand.sgd(gradient, point, rate, steps, momentum)[
        -1
    ],
    cases=_momentum_case,
    mistakes={
        "That is plain SGD: nothing of the last step goes on.": "-rate * gradient(point)",
        "Uphill: the gradient has to be taken off.": "momentum * velocity + rate * gradient(point)",
        "The learning rate is missing: the whole gradient goes into the velocity.": (
            "momentum * velocity - gradient(point)"
        ),
        "All of the last step goes on, so nothing ever slows it down. Only the share `momentum` does.": (
            "velocity - rate * gradient(point)"
        ),
        "You let momentum shrink the new gradient too. It belongs to the old velocity alone.": (
            "momentum * (velocity - rate * gradient(point))"
        ),
        "You took off only a part of the gradient. Here momentum says nothing about the new gradient.": (
            "momentum * velocity - (1 - momentum) * rate * gradient(point)"
        ),
    },
    hints=[
        "Two parts: what is left of the old velocity, and a step as in plain SGD.",
        "What is left: momentum * velocity. The step: − rate * gradient(point).",
    ],
    why="A ball that rolls: steps in one direction add up, steps to and fro cancel out.",
    minutes=3,
    difficulty=2,
)

ask.choice(
    "whose_path",
    asks="Which path is plain SGD's, which momentum's, which Adam's? All go down the valley a² + 10 b² from "
    "one start.",
    options={
        "left: plain SGD, middle: momentum, right: Adam": (
            "Plain SGD takes the steepest way, so it first falls straight down the steep wall. Does the left "
            "one?"
        ),
        "left: momentum, middle: SGD, right: Adam": (
            "The middle one is plain SGD. But which of the others takes its first step equally far in both "
            "directions, however different the slopes are?"
        ),
        "left: Adam, middle: SGD, right: momentum": Right(
            "Adam begins diagonally: it divides each gradient by its own size. SGD falls down the wall and "
            "then creeps along the floor. Momentum rolls past the goal and back."
        ),
        "left: Adam, middle: momentum, right: SGD": (
            "What rolls past the goal and comes back has speed. Plain SGD at this rate never overshoots."
        ),
    },
    hints=[
        "Look at the first steps: straight down the wall, or diagonally?",
        "Look at the end: which one rolls past the goal and has to come back?",
    ],
    why="The same surface, the same start: what differs is what each makes of the same gradients.",
    minutes=2,
    difficulty=2,
)

ask.choice(
    "same_start",
    asks="Two filters, and every number of the network starts at 0.1. What are the two filters like after 50 "
    "steps?",
    options={
        "different: each finds its own edge": (
            "What would make them differ? They see the same patch, and the same blame comes back to both."
        ),
        "equal to each other, and changed": Right(
            "Equal filters get equal gradients, step by step. Two filters, or 32, do the work of one."
        ),
        "both still 0.1 everywhere": (
            "They do get a gradient: their maps are positive and their dense weights are not 0."
        ),
        "one has learned, the other is still 0.1": (
            "Which one should it be? The network has no way to prefer one."
        ),
    },
    hints=["Compare the gradients that the two get in the first step."],
    why="Training can't tell equal filters apart. Random numbers at the start can.",
    minutes=1,
    difficulty=2,
    prediction=True,
)
