"""The training: what the answer means, the first loss, pixels on a defect, feeding, stopping, resuming."""

import numpy as np

from ..choosing import Right
from ..lesson import Exercises

ask = Exercises()


ask.choice(
    "trap_rule",
    asks="A CNN is trained on the alphabet's numbers, GO 0 and NG 1. Then the handout's rule is used: above "
    "0.5 is GO. How many of the good fans are called GO?",
    options={
        "as many as its accuracy in training says": (
            "It is that often right about its own numbers. But in them, what does a high one mean?"
        ),
        "all of them": "A high score would have to mean GO for that. In the alphabet's numbers GO is 0.",
        "about half of them": (
            "A coin would. This CNN has learned to tell the two apart; the only question is which is which."
        ),
        "only the few that it is mistaken about": Right(
            "It answers with P(NG), low for a good fan, and the rule asks for a high score."
        ),
    },
    hints=[
        "What does the CNN answer to a good fan, if GO was 0 in its training: a high number or a low one?",
        "It answers with P(NG). A good fan gets a low one; the rule asks for a high one.",
    ],
    why="The CNN is as good as ever. Only its answer is P(NG), and nobody told the rule.",
    minutes=1,
    difficulty=2,
    prediction=True,
)


@ask.value(
    asks="Before the first step the weights are random. What will the loss be, about, on half GO, half NG?",
    tolerance=0.04,
    mistakes={
        "That is the accuracy. The loss is −ln of the probability of the truth.": lambda: 0.5,
        "Nothing lost would mean that it is sure, and right, each time.": lambda: 0.0,
        "That would be with the logarithm to base 2. Keras takes the natural one.": lambda: -np.log2(0.5),
        "That would be with the logarithm to base 10. Keras takes the natural one.": lambda: 0.301,
        "Ten classes would begin there. Here are two.": lambda: np.log(10),
        "A loss is never below 0: it is minus the logarithm.": lambda: np.log(0.5),
    },
    hints=[
        "What does somebody answer who knows nothing? And what does binary cross-entropy charge for it?",
        "P(GO) is about 0.5 for every photograph: −ln 0.5.",
    ],
    why="ln 2 = 0.693, the price of knowing nothing. A first loss far from it means that something is off.",
    minutes=1,
    difficulty=1,
    prediction=True,
)
def first_loss():
    p = 0.5  # it knows nothing: GO and NG are the same to it
    return -np.log(p)


@ask.value(
    asks="The camera sees a square of 134 mm, the CNN gets 80 × 80 pixels of it. How many pixels long is a "
    "chip of 10 mm?",
    given={"field": 134.0, "image_size": 80},
    tolerance=0.05,
    mistakes={
        "That is how many millimeters one pixel covers.": lambda field, image_size: field / image_size,
        "You multiplied millimeters by millimeters a pixel. Divide: how often does a pixel fit in 10 mm?": (
            lambda field, image_size: 10 * field / image_size
        ),
        "One pixel a millimeter would be a picture of 134 × 134.": lambda: 10,
        "That is how many such chips fit side by side into the picture.": lambda field: field / 10,
        "That is its area in pixels. Asked is its length.": (
            lambda field, image_size: (10 * image_size / field) ** 2
        ),
    },
    hints=["How many millimeters is one pixel?", "80 pixels for the whole square: 10 mm are a part of them."],
    why="10 · 80 / 134: six pixels. What is that small in the picture is hard to find for any network.",
    minutes=1,
    difficulty=1,
)
def chip_pixels(field, image_size):
    one_pixel = field / image_size  # mm
    return 10 / one_pixel


ask.order(
    "batch_work",
    asks="What does the handout's generator do for each batch, and in which order? Leave out what does not "
    "belong.",
    lines=[
        "open the files of the batch",
        "decode each into pixels",
        "resize it to target_size",
        "turn, shift or flip it, where it was told to",
        "multiply all values by 1/255",
        "hand pixels and labels to fit()",
    ],
    rules={
        (0, 1): "There is nothing to decode before the file is open.",
        (1, 2): "A PNG is compressed: it has no pixels to resize before it is decoded.",
        (2, 3): "It turns what the CNN will see: resized first, so that there is less to turn.",
        (3, 4): "Scaling to 0 … 1 is its last touch on the pixels; turning comes before.",
        (4, 5): "fit() gets the finished batch.",
    },
    extra={
        "keep the pixels for the next epoch": (
            "If only it did! It keeps nothing: the next epoch opens, decodes and resizes every file again."
        ),
    },
    hints=[
        "It begins with files and ends with `fit()`.",
        "Open, decode, resize; then what changes the picture, then what changes its scale.",
    ],
    why="All of it for every photograph in every epoch, in Python. That is where its time goes.",
    minutes=3,
    difficulty=2,
)


@ask.value(
    asks="`EarlyStopping(patience=3, restore_best_weights=True)`, twelve epochs asked for. Validation "
    "losses, were it to run through: 0.62, 0.47, 0.40, 0.44, 0.42, 0.38, 0.41, 0.39, 0.43, 0.40, 0.36, 0.45. "
    "After which epoch does it stop, and whose weights are restored? Two numbers, counted from 1.",
    given={
        "losses": [0.62, 0.47, 0.40, 0.44, 0.42, 0.38, 0.41, 0.39, 0.43, 0.40, 0.36, 0.45],
        "patience": 3,
    },
    mistakes={
        "That is patience 1: it stops at the first epoch that is no better. Patience is how many of them "
        "in a row are put up with.": lambda losses: stops_after.reference(losses, 1),
        "You added up all epochs that were no better. Each new best one begins to wait anew.": lambda: (7, 6),
        "There is a better epoch late, yes. But it never comes so far: after how many epochs in a row "
        "without a new best one does it stop?": lambda losses: (len(losses), int(np.argmin(losses)) + 1),
        "It stops there, yes. But whose weights are restored? Not those of the last epoch.": (
            lambda losses, patience: stops_after.reference(losses, patience)[:1] * 2
        ),
        "You wait one epoch too long: the third one in a row without a new best is the last.": (
            lambda losses, patience: stops_after.reference(losses, patience + 1)
        ),
        "Nothing stops it, you say. How many epochs in a row are no better than the best one so far?": (
            lambda losses: [len(losses)] * 2
        ),
        "After the best epoch nobody knows yet that no better one follows: it goes on for a while.": (
            lambda: (6, 6)
        ),
        "You wait one epoch too short: the best epoch itself does not count as waiting.": lambda: (8, 6),
        "It stops there, yes. But you looked at all twelve for the best one; those after the stop are "
        "never trained.": (
            lambda losses, patience: (stops_after.reference(losses, patience)[0], int(np.argmin(losses)) + 1)
        ),
        "You count from 0.": lambda losses, patience: tuple(
            n - 1 for n in stops_after.reference(losses, patience)
        ),
        "The right two numbers, the other way round: first the stop, then what is restored.": (
            lambda losses, patience: stops_after.reference(losses, patience)[::-1]
        ),
    },
    hints=[
        "Go from epoch to epoch and keep two things in mind: the best loss so far, and how many epochs you "
        "have waited since.",
        "0.62, 0.47, 0.40 are each a new best. Then 0.44 and 0.42 make you wait two epochs, and 0.38 is a "
        "new best again: you begin to wait anew.",
    ],
    why="Patience counts epochs since the best one. What would have come later, nobody gets to know.",
    minutes=2,
    difficulty=2,
)
def stops_after(losses, patience):
    best, kept, waited = np.inf, 0, 0
    for epoch, loss in enumerate(losses, start=1):
        waited = waited + 1
        if loss < best:
            best, kept, waited = loss, epoch, 0
        if waited == patience:
            break
    return epoch, kept


ask.choice(
    "must_be_kept",
    asks="Training stops after epoch 2 of 4, the power is gone. What must lie on the disk for the two other "
    "epochs to end with the very same weights as if nothing had happened?",
    options={
        "the weights": (
            "Then Adam begins with empty averages, and the photographs come in the order of epoch 1."
        ),
        "the weights and the curves so far": (
            "The curves tell how it went. The next step does not look at them; it looks at Adam's averages."
        ),
        "the weights, Adam's averages and step count, and the number of the epoch": Right(
            "All that the next step is computed from; seed and epoch decide the order of the photographs."
        ),
        "the weights and the learning rate": (
            "The rate is in your code anyway. Adam has more to remember: two averages for each weight."
        ),
    },
    hints=[
        "What does one step of Adam need, besides the gradient? Notebook 04 has it.",
        "And which photographs come next?",
    ],
    why="A step needs weights, batch, and Adam's averages. Whoever keeps the weights alone trains otherwise.",
    minutes=2,
    difficulty=2,
)
