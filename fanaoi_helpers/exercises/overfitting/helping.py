"""Learning by heart, and what helps against it."""

import numpy as np

from ..choosing import Right
from ..lesson import Exercises

ask = Exercises()


ask.choice(
    "by_heart",
    asks="40 photographs, 300 steps: how many of its own photographs will the CNN judge rightly, and how "
    "many of fans that it never saw?",
    options={
        "Nearly all of its own, nearly all of the others": (
            "40 photographs do not show what a defect is in general. What would tell it?"
        ),
        "Half of its own, half of the others": (
            "That is a coin. Hundreds of thousands of weights and 300 steps: it can do more than that with "
            "photographs that it sees again and again."
        ),
        "Nearly all of its own, not many more than a coin of the others": Right(
            "There are far more weights than photographs: it can tell its own apart by anything."
        ),
        "Fewer of its own than of the others": (
            "It is trained on its own photographs until it gets them right; the others it has never seen."
        ),
    },
    hints=[
        "How many weights are there for each photograph?",
        "It may use anything that tells 40 photographs apart, not only defects.",
    ],
    why="What it knows of its own photographs says nothing about other fans: look at validation.",
    minutes=1,
    difficulty=1,
    prediction=True,
)


def _early_stop_otherwise(losses, patience):
    """Return the same without a loop over checks: by where the running minimum was set last."""
    losses = np.asarray(losses)
    lowest = np.minimum.accumulate(losses)
    fresh = np.r_[True, losses[1:] < lowest[:-1]]
    last_set = np.maximum.accumulate(np.where(fresh, np.arange(len(losses)), 0))
    waited = np.flatnonzero(np.arange(len(losses)) - last_set == patience)
    stop = int(waited[0]) if len(waited) else len(losses) - 1
    return stop, int(last_set[stop])


def _first_rise(losses, patience):
    for check in range(1, len(losses)):
        if losses[check] >= losses[check - 1]:
            return check, check - 1
    return len(losses) - 1, len(losses) - 1


def _losses(rng):
    checks = int(rng.integers(6, 14))
    valley = np.abs(np.arange(checks) - rng.integers(1, checks)) * 0.05
    return (valley + rng.uniform(0.3, 0.5, checks)).round(3).tolist(), int(rng.integers(1, 4))


@ask.function(
    asks="Early stopping: given the validation losses check by check, return at which check (counted from 0) "
    "the training stops, because there was no new lowest loss `patience` times in a row, and which check's "
    "weights are kept. If that never happens it ends with the last check.",
    oracle=_early_stop_otherwise,
    cases=_losses,
    mistakes={
        "You stop at the first rise. One bad check may be chance: that is what patience is for.": _first_rise,
        "You keep the weights of the check where it stopped. Those had become worse.": (
            lambda losses, patience: (_early_stop_otherwise(losses, patience)[0],) * 2
        ),
        "You return what is kept first. Asked is where it stops, then what is kept.": (
            lambda losses, patience: _early_stop_otherwise(losses, patience)[::-1]
        ),
        "You looked at all losses. When it stops nobody knows yet what would come later.": (
            lambda losses, patience: (len(losses) - 1, int(np.argmin(losses)))
        ),
        "You stop a check late: with patience 1 the first check without a new lowest loss stops it.": (
            lambda losses, patience: _early_stop_otherwise(losses, patience + 1)
        ),
    },
    hints=[
        "Remember at which check the lowest loss so far was: `best`.",
        "`check - best` says how long ago that was.",
        "`if losses[check] < losses[best]: best = check`; then, `if check - best == patience:`, return both.",
    ],
    why="Stop when nothing new has come for a while, and go back to the best: Keras's EarlyStopping with "
    "restore_best_weights=True.",
    minutes=6,
    difficulty=2,
)
def early_stop(losses, patience):
    best = 0
    for check in range(1, len(losses)):
        if losses[check] < losses[best]:
            best = check
        if check - best == patience:
            return check, best
    return len(losses) - 1, best


def _inputs(rng):
    shape = tuple(int(n) for n in rng.integers(2, 6, 2))
    return rng.uniform(-2, 2, shape).round(2), rng.integers(0, 2, shape), float(rng.choice([0.2, 0.5, 0.75]))


ask.line(
    "dropout",
    asks="Complete the line: dropout while training. `keep` holds 1 for a number that stays and 0 for one "
    "that is left out, as happens to a share `rate` of them; the sum should stay the same on average.",
    template="""
        def my_dropout(x, keep, rate):
            return ____
        """,
    line="x * keep / (1 - rate)",
    oracle=lambda x, keep, rate: np.where(np.asarray(keep) == 1, np.asarray(x) / (1 - rate), 0.0),
    cases=_inputs,
    mistakes={
        "Then the sum shrinks: of half the numbers only half the sum is left. Make up for it.": "x * keep",
        "`rate` is the share that is left out; you need the share that stays.": "x * keep / rate",
        "That makes what is left smaller still. It has to grow.": "x * keep * (1 - rate)",
        "You kept what was to be left out.": "x * (1 - keep) / (1 - rate)",
        "Nothing is left out: where is `keep`?": "x / (1 - rate)",
    },
    hints=["Leave out by multiplying.", "If a share of 1 − rate stays, divide by it."],
    why="Nothing happens once it is trained: the sums are right already.",
    minutes=3,
    difficulty=2,
)


@ask.value(
    asks="The cross-entropy is 0.30, a layer's weights are 2, −1 and 0.5, and L2 is 0.01. What loss does the "
    "optimizer see?",
    given={"loss": 0.30, "weights": (2, -1, 0.5), "l2": 0.01},
    tolerance=1e-6,
    mistakes={
        "That is L1: the weights' sizes. L2 takes their squares.": (
            lambda loss, weights, l2: loss + l2 * sum(abs(weight) for weight in weights)
        ),
        "That is the price alone; the cross-entropy is paid as well.": (
            lambda weights, l2: l2 * sum(weight**2 for weight in weights)
        ),
        "Weights of opposite sign do not make up for one another: square each of them first.": (
            lambda loss, weights, l2: loss + l2 * sum(weights) ** 2
        ),
        "Keras adds the sum of the squares, not their mean.": (
            lambda loss, weights, l2: loss + l2 * np.mean(np.square(weights))
        ),
        "It is a price: it makes the loss larger.": (
            lambda loss, weights, l2: loss - l2 * sum(weight**2 for weight in weights)
        ),
    },
    hints=["The loss, plus 0.01 times the sum of the squares.", "4 + 1 + 0.25."],
    why="The largest weight pays most of it: 2² of 5.25.",
    minutes=2,
    difficulty=1,
)
def l2_penalty(loss, weights, l2):
    return loss + l2 * sum(weight**2 for weight in weights)


ask.choice(
    "what_helps",
    asks="Which of these will bring most on fans never seen?",
    options={
        "Dropout: half of the numbers left out in each step": (
            "It makes learning by heart harder. What is missing are examples of defects: it adds none."
        ),
        "L2: a price on large weights": (
            "It keeps weights small. Small weights that have seen 40 fans have still seen 40 fans."
        ),
        "A quarter of the filters": (
            "Even that CNN has hundreds of weights for each photograph, and fewer filters to look with."
        ),
        "16 times as many photographs": Right(
            "640 fans show more defects than 40, and what they have in common."
        ),
    },
    hints=["What does the CNN lack, discipline or examples?", "Three change the CNN, one what it sees."],
    why="Nothing makes up for photographs of more fans. The others use better what there is, or don't.",
    minutes=1,
    difficulty=1,
    prediction=True,
)


@ask.value(
    asks="The handout's CNN ends in 64 maps of 18×18. Instead of Flatten, Dense(128) and the verdict: global "
    "max pooling and the verdict. How many weights, with biases, come after the maps?",
    given={"maps": 64},
    mistakes={
        "The verdict has a bias, too.": lambda maps: maps,
        "That is Flatten, without Dense(128): a weight for each place of each map.": (
            lambda maps: 18 * 18 * maps + 1
        ),
        "That is the handout's own: Flatten into Dense(128).": lambda maps: (18 * 18 * maps + 1) * 128 + 129,
        "Dense(128) is gone: the verdict sees the pooled numbers directly.": (
            lambda maps: (maps + 1) * 128 + 129
        ),
    },
    hints=["Global max pooling leaves one number of each map.", "64 numbers into one neuron."],
    why="65 instead of 2,654,465. What is lost is the place; for 'is there a defect' that is no loss.",
    minutes=2,
    difficulty=1,
)
def pooled_weights(maps):
    return maps + 1


ask.choice(
    "wrong_labels",
    asks="Which CNN will judge new fans better: one that learned from 160 photographs, all labeled rightly, "
    "or one that learned from 640, of which 30 % bear the wrong label?",
    options={
        "640 with 30 % wrong: more is more": (
            "That holds as long as the labels do. The wrong ones pull the other way."
        ),
        "160, all right": Right(
            "A wrong label costs a right one besides: 640 photographs of which 30 % pull the other way."
        ),
        "The same: wrong labels cancel out": (
            "They cancel right ones out. A share of 70 − 30 = 40 % is left, and it is found more slowly."
        ),
        "Neither learns anything": "160 photographs brought more than a coin above.",
    },
    hints=["What does a wrong label do to the gradient?", "Of 640, 448 pull one way and 192 the other."],
    why="Two people who label 160 fans carefully beat one who labels 640 in a hurry.",
    minutes=1,
    difficulty=2,
    prediction=True,
)


ask.order(
    "augment_order",
    asks="A dataset is to be augmented. Put the steps in order; two of them do not belong.",
    lines=[
        "split the units into training, validation and sealed test",
        "draw a batch of training photographs",
        "change each of its photographs at random",
        "learn from the changed batch",
        "judge the validation photographs as they are",
    ],
    rules={
        (0, 1): "What is a training photograph? Nobody knows before the split.",
        (1, 2): "Change what was drawn: each batch anew, so that no photograph comes twice the same.",
        (2, 3): "The changed photographs are for learning from them.",
        (3, 4): "Validation comes after learning: it asks what was learned.",
    },
    extra={
        "add changed copies of all photographs to the folder": (
            "Whoever splits that folder at random has copies of one photograph on both sides."
        ),
        "change the validation photographs, too": "The station sees fans as they are; so should validation.",
    },
    hints=["The split comes first.", "Only what is learned from is changed."],
    why="Split first, change only what is learned from, and change it anew each time.",
    minutes=2,
    difficulty=1,
)


CHANGES = ("mirror left-right", "turn by 180°", "1.5 times as bright", "zoom by 1.3", "shift by 2 mm")


FAULTS = (
    "rotor of the\nwrong hand",
    "label stuck on\nupside down",
    "dust above\nthe 3 mm limit",
    "plastic too pale",
)


KEPT = ((0, 1, 1, 1), (1, 0, 1, 1), (1, 1, 1, 0), (1, 1, 0, 1), (1, 1, 1, 1))


def _with(row, values):
    table = keeps_label.reference()
    table[row] = values
    return table


@ask.value(
    asks="Five rows (mirror, turn by 180°, brighter, zoom by 1.3, shift by 2 mm) of four numbers: 1 if every "
    "photograph keeps its label on a line that looks for a rotor of the wrong hand, a label stuck on upside "
    "down, dust above the 3 mm limit, plastic too pale; 0 if a good fan then looks like an NG one.",
    mistakes={
        "Hold a fan before a mirror: to which side do its blades lean?": lambda: _with(0, [1, 1, 1, 1]),
        "Turn a sheet of paper with an arrow that curves to the right: turned, it still does. A turn "
        "does not change the hand.": lambda: _with(1, [0, 0, 1, 1]),
        "Where is the top of a good label, after a turn by 180°?": lambda: _with(1, [1, 1, 1, 1]),
        "How bright may plastic be before it is too pale? That fault is brightness.": (
            lambda: _with(2, [1, 1, 1, 1])
        ),
        "Zooming makes dust larger. Is 2.5 mm still 2.5 mm?": lambda: _with(3, [1, 1, 1, 1]),
        "A shift by 2 mm leaves hand, print, size and brightness alone.": lambda: _with(4, [0, 0, 0, 0]),
        "You have 0 and 1 the other way round: 1 says that the label is kept.": (
            lambda: (1 - np.array(keeps_label.reference())).tolist()
        ),
    },
    hints=[
        "Each of the first four rows has one 0.",
        "What does a good fan look like after the change: like a fan that the line would send back?",
        "Mirror: hand. Turn: label. Brightness: pale. Zoom: the limit in mm.",
    ],
    why="An augmentation says: this does not matter. Whether that is true depends on what is looked for.",
    minutes=4,
    difficulty=2,
)
def keeps_label():
    mirror = [0, 1, 1, 1]  # a mirrored rotor is one of the other hand
    turn = [1, 0, 1, 1]  # an upright label is now upside down
    brighter = [1, 1, 1, 0]  # good plastic now looks pale
    zoom = [1, 1, 0, 1]  # a speck of 2.5 mm now looks like 3.25 mm
    shift = [1, 1, 1, 1]
    return [mirror, turn, brighter, zoom, shift]
