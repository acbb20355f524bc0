"""A loss before the first step, early stopping, what resuming needs, and pixels on a defect."""

import numpy as np

from ..engine.choosing import Choice, Option
from ..engine.exercise import Mistake
from ..engine.value import Value


def _first_loss():
    p = 0.5  # it knows nothing: GO and NG are the same to it
    return -np.log(p)


first_loss = Value(
    name="first_loss",
    asks="Before the first step the weights are random. What will the loss be, about, on half GO, half NG?",
    prediction=True,
    reference=_first_loss,
    mistakes=[
        Mistake("That is the accuracy. The loss is −ln of the probability of the truth.", lambda: 0.5),
        Mistake("Nothing lost would mean that it is sure, and right, each time.", lambda: 0.0),
        Mistake(
            "That would be with the logarithm to base 2. Keras takes the natural one.", lambda: -np.log2(0.5)
        ),
        Mistake("That would be with the logarithm to base 10. Keras takes the natural one.", lambda: 0.301),
        Mistake("Ten classes would begin there. Here are two.", lambda: np.log(10)),
        Mistake("A loss is never below 0: it is minus the logarithm.", lambda: np.log(0.5)),
    ],
    hints=[
        "What does somebody answer who knows nothing? And what does binary cross-entropy charge for it?",
        "P(GO) is about 0.5 for every photograph: −ln 0.5.",
    ],
    why="ln 2 = 0.693, the price of knowing nothing. A first loss far from it means that something is off.",
    minutes=1,
    difficulty=1,
    tolerance=0.04,
)


def _stops_after(losses, patience):
    best, kept, waited = np.inf, 0, 0
    for epoch, loss in enumerate(losses, start=1):
        waited = waited + 1
        if loss < best:
            best, kept, waited = loss, epoch, 0
        if waited == patience:
            break
    return epoch, kept


stops_after = Value(
    name="stops_after",
    asks=(
        "`EarlyStopping(patience=3, restore_best_weights=True)`, twelve epochs asked for. Validation losses, "
        "were it to run through: 0.62, 0.47, 0.40, 0.44, 0.42, 0.38, 0.41, 0.39, 0.43, 0.40, 0.36, 0.45. "
        "After which epoch does it stop, and whose weights are restored? Two numbers, counted from 1."
    ),
    reference=_stops_after,
    given={
        "losses": [0.62, 0.47, 0.40, 0.44, 0.42, 0.38, 0.41, 0.39, 0.43, 0.40, 0.36, 0.45],
        "patience": 3,
    },
    mistakes=[
        Mistake(
            "That is patience 1: it stops at the first epoch that is no better. Patience is how many of them "
            "in a row are put up with.",
            lambda losses: _stops_after(losses, 1),
        ),
        Mistake(
            "You added up all epochs that were no better. Each new best one begins to wait anew.",
            lambda: (7, 6),
        ),
        Mistake(
            "There is a better epoch late, yes. But it never comes so far: after how many epochs in a row "
            "without a new best one does it stop?",
            lambda losses: (len(losses), int(np.argmin(losses)) + 1),
        ),
        Mistake(
            "It stops there, yes. But whose weights are restored? Not those of the last epoch.",
            lambda losses, patience: _stops_after(losses, patience)[:1] * 2,
        ),
        Mistake(
            "You wait one epoch too long: the third one in a row without a new best is the last.",
            lambda losses, patience: _stops_after(losses, patience + 1),
        ),
        Mistake(
            "Nothing stops it, you say. How many epochs in a row are no better than the best one so far?",
            lambda losses: [len(losses)] * 2,
        ),
        Mistake(
            "After the best epoch nobody knows yet that no better one follows: it goes on for a while.",
            lambda: (6, 6),
        ),
        Mistake(
            "You wait one epoch too short: the best epoch itself does not count as waiting.",
            lambda: (8, 6),
        ),
        Mistake(
            "It stops there, yes. But you looked at all twelve for the best one; those after the stop are "
            "never trained.",
            lambda losses, patience: (_stops_after(losses, patience)[0], int(np.argmin(losses)) + 1),
        ),
        Mistake(
            "You count from 0.",
            lambda losses, patience: tuple(n - 1 for n in _stops_after(losses, patience)),
        ),
        Mistake(
            "The right two numbers, the other way round: first the stop, then what is restored.",
            lambda losses, patience: _stops_after(losses, patience)[::-1],
        ),
    ],
    hints=[
        "Go from epoch to epoch and keep two things in mind: the best loss so far, and how many epochs "
        "you have waited since.",
        "0.62, 0.47, 0.40 are each a new best. Then 0.44 and 0.42 make you wait two epochs, and 0.38 is "
        "a new best again: you begin to wait anew.",
    ],
    why="Patience counts epochs since the best one. What would have come later, nobody gets to know.",
    minutes=2,
    difficulty=2,
)

must_be_kept = Choice(
    name="must_be_kept",
    asks=(
        "Training stops after epoch 2 of 4, the power is gone. What must lie on the disk for the two other "
        "epochs to end with the very same weights as if nothing had happened?"
    ),
    options=[
        Option(
            "the weights",
            "Then Adam begins with empty averages, and the photographs come in the order of epoch 1.",
        ),
        Option(
            "the weights and the curves so far",
            "The curves tell how it went. The next step does not look at them; it looks at Adam's averages.",
        ),
        Option(
            "the weights, Adam's averages and step count, and the number of the epoch",
            "All that the next step is computed from; seed and epoch decide the order of the photographs.",
            right=True,
        ),
        Option(
            "the weights and the learning rate",
            "The rate is in your code anyway. Adam has more to remember: two averages for each weight.",
        ),
    ],
    hints=[
        "What does one step of Adam need, besides the gradient? Notebook 04 has it.",
        "And which photographs come next?",
    ],
    why="A step needs weights, batch, and Adam's averages. Whoever keeps the weights alone trains otherwise.",
    minutes=2,
    difficulty=2,
)


def _chip_pixels(field, image_size):
    one_pixel = field / image_size  # mm
    return 10 / one_pixel


chip_pixels = Value(
    name="chip_pixels",
    asks=(
        "The camera sees a square of 134 mm, the CNN gets 80 × 80 pixels of it. "
        "How many pixels long is a chip of 10 mm?"
    ),
    reference=_chip_pixels,
    given={"field": 134.0, "image_size": 80},
    mistakes=[
        Mistake(
            "That is how many millimeters one pixel covers.", lambda field, image_size: field / image_size
        ),
        Mistake(
            "You multiplied millimeters by millimeters a pixel. Divide: how often does a pixel fit in 10 mm?",
            lambda field, image_size: 10 * field / image_size,
        ),
        Mistake("One pixel a millimeter would be a picture of 134 × 134.", lambda: 10),
        Mistake("That is how many such chips fit side by side into the picture.", lambda field: field / 10),
        Mistake(
            "That is its area in pixels. Asked is its length.",
            lambda field, image_size: (10 * image_size / field) ** 2,
        ),
    ],
    hints=["How many millimeters is one pixel?", "80 pixels for the whole square: 10 mm are a part of them."],
    why="10 · 80 / 134: six pixels. What is that small in the picture is hard to find for any network.",
    minutes=1,
    difficulty=1,
    tolerance=0.05,
)
