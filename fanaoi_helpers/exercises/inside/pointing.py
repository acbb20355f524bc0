"""Does an explanation point at the defect, and does a good score mean that the CNN looks at it?"""

import numpy as np

from ..choosing import Right
from ..lesson import Exercises

ask = Exercises()


def _some_heat(rng):
    shape = tuple(int(count) for count in rng.integers(4, 9, size=2))
    heat = rng.normal(size=shape)
    heat[0, 0], heat[-1, -1] = 1.5, -1.5  # something for it and something against it, always
    mask = rng.random(shape) < 0.3
    mask[0, 0] = mask[-1, -1] = True
    mask[0, -1] = False
    return heat, mask


@ask.function(
    asks="Which share of what an explanation points to lies on the defect? `heat` (S, S) counts where it is "
    "above 0; `mask` (S, S) is True on the defect.",
    oracle=lambda heat, mask: np.average(mask, weights=heat.clip(0)),
    cases=_some_heat,
    mistakes={
        "What is below 0 speaks against the verdict: leave it out, inside and outside.": (
            lambda heat, mask: heat[mask].sum() / heat.sum()
        ),
        "You count what speaks against the verdict as if it spoke for it.": (
            lambda heat, mask: np.abs(heat)[mask].sum() / np.abs(heat).sum()
        ),
        "That asks where the heat is largest, the pointing game. Here all of it counts.": (
            lambda heat, mask: float(mask[np.unravel_index(heat.argmax(), heat.shape)])
        ),
        "That counts pixels. A hot one should count for more than a lukewarm one.": (
            lambda heat, mask: (heat[mask] > 0).sum() / (heat > 0).sum()
        ),
        "That compares mean with mean; a share compares sums.": (
            lambda heat, mask: heat.clip(0)[mask].mean() / heat.clip(0).mean()
        ),
        "That is the share outside of the defect.": (
            lambda heat, mask: heat.clip(0)[~mask].sum() / heat.clip(0).sum()
        ),
        "That is how much of the photograph the defect covers, whatever the heat.": (
            lambda heat, mask: mask.mean()
        ),
    },
    hints=[
        "`np.maximum(heat, 0)` keeps what is above 0.",
        "Its sum on the mask, `mass[mask].sum()`, divided by its whole sum.",
    ],
    why="1 if all of it lies on the defect. A map that is the same everywhere scores the mask's share.",
    minutes=4,
    difficulty=2,
)
def inside_share(heat, mask):
    mass = np.maximum(heat, 0)
    return mass[mask].sum() / mass.sum()


ask.choice(
    "blob",
    asks="On torn labels Grad-CAM and a blob in the middle of the picture both hit often. What follows?",
    options={
        "Grad-CAM found the tears": (
            "It may have. But whatever points at the middle hits, too, so hitting does not show it."
        ),
        "for this kind the hits tell nothing; look where the blob can't hit": Right(
            "The label is always in the middle. Blades, screws and scratches are not: there a hit means "
            "something, and so does the share inside."
        ),
        "the CNN looks at the middle, whatever the fan": (
            "Then it would miss the screws and the blades. Look at these kinds before you say so."
        ),
        "the pointing game is worthless": (
            "For kinds that lie anywhere it tells a lot. Always hold it beside its baselines, kind by kind."
        ),
    },
    hints=["Where on a fan is its label?", "Which kinds of defect does a blob in the middle miss?"],
    why="A score says something only beside what an explanation without any knowledge would get.",
    minutes=1,
    difficulty=2,
)

ask.choice(
    "experiment",
    asks="This CNN's accuracy is high, and Grad-CAM points past the defects. Bad at pointing, or looking at "
    "something else? Which experiment decides?",
    options={
        "another random split of the same photographs": (
            "Whatever gives NG away in these photographs does so in each split of them."
        ),
        "more photographs from the same folder": (
            "They have the same flaw, if there is one. The score stays high, and you know no more."
        ),
        "the same fans again, all photographed in one way": Right(
            "Now nothing but the fans differs. Whatever was learned from the way of photographing fails."
        ),
        "a longer training": "It would learn the same thing better. The question is which thing.",
        "another threshold": (
            "A threshold trades escapes for overkill. It does not change what the score rests on."
        ),
    },
    hints=[
        "What could differ between the two folders besides the defects?",
        "Take that difference away, and nothing else.",
    ],
    why="A control: change only what you suspect, and ask again.",
    minutes=2,
    difficulty=2,
)
