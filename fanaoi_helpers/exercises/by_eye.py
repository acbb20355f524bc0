"""Judging by eye: a tray of photographs; a learner's verdicts, scored, kept, and set beside the CNN's."""

from collections.abc import Callable, Mapping
from numbers import Real

import numpy as np

from .. import fans
from ..verdicts import Verdicts
from . import ledger

KEPT_AS = "beat_the_machine"
SECONDS_PER_FAN = 4  # of the line
SHIFT = 8 * 60 * 60  # seconds
FASTEST = 0.5  # seconds a fan: whoever is faster has not looked


def tray(seed: int) -> list[tuple[fans.Unit, int]]:
    """Return twelve photographs, mixed, each as its unit and shot: of how many units, a learner guesses.

    >>> [unit.serial for unit, _ in tray(seed=0)].count("F0002")
    4
    """
    units = [
        fans.make_unit("F0001", seed + 1),
        fans.make_unit("F0002", seed + 2, "oil_stain", 32),
        fans.make_unit("F0003", seed + 3),
    ]
    taken = [(unit, shot) for unit in units for shot in range(4)]
    return [taken[index] for index in np.random.default_rng(seed).permutation(len(taken))]


def keeper(photo_size: int, seed: int) -> Callable[[Verdicts, float], str]:
    """Return what keeps a round for the notebooks in which it is met again, and says in words that it did.

    What keeps it is given the verdicts by eye and the seconds that all of them took, by BlindJudge.
    ``photo_size`` is the side of the photographs in pixels; ``seed`` made the fans.
    """

    def keep(result: Verdicts, seconds: float) -> str:
        count = result.ng_total + result.go_total
        pace = seconds / count
        if pace < FASTEST:
            return f"Not kept: {pace:.2f} s a fan, nobody looks so fast. Run the cell again for another try."
        trouble = ledger.keep(
            KEPT_AS,
            fans=count,
            escapes=result.escapes,
            overkill=result.overkill,
            ng=result.ng_total,
            go=result.go_total,
            seconds=round(seconds, 1),
            photo_size=photo_size,
            seed=seed,
        )
        shift, planned = f"{SHIFT / pace:,.0f}", f"{SHIFT // SECONDS_PER_FAN:,}"
        kept = trouble or "Kept: you meet it again in notebooks 05 and 08."
        return f"{kept} At this pace you judge {shift} fans in a shift of 8 hours; the line makes {planned}."

    return keep


def beside(own: Mapping | None, result: Verdicts, seconds: float, image_size: int) -> str:
    """Return the last round by eye beside a CNN's sealed test, as a small table.

    ``own`` is what ``ledger.kept("beat_the_machine")`` returns; where that is nothing, one sentence says so.
    ``seconds`` are what the CNN takes for one photograph, ``image_size`` is the side of its photographs.
    """
    if not _sound(own):
        return "Nothing of yours to compare yet: first judge 20 fans by eye in notebook 00."
    ng, go = own["ng"], own["go"]
    count = ng + go
    right = (count - own["escapes"] - own["overkill"]) / count
    rows = [
        ("", "you, by eye", "the CNN"),
        ("escapes", f"{own['escapes']} of {ng} NG", f"{result.escapes} of {result.ng_total} NG"),
        ("overkill", f"{own['overkill']} of {go} GO", f"{result.overkill} of {result.go_total} GO"),
        ("right", f"{right:.0%}", f"{result.accuracy:.0%}"),
        ("a fan takes", f"{own['seconds'] / count:.1f} s", f"{seconds:.1g} s"),
        ("pixels", *(f"{size} × {size}" for size in (own["photo_size"], image_size))),
    ]
    lines = [f"{name:<14}{you:<16}{machine}".rstrip() for name, you, machine in rows]
    if ng:
        moves = f"\nOne escape more or less moves yours by {1 / ng:.0%}"
        lines.append(f"{moves}: {count} fans are a hint, no proof.")
    if own["photo_size"] != image_size:
        fairer = "; round two of notebook 00 is at 80 × 80" if image_size == 80 else ""
        lines.append(f"You saw other pixels than the CNN{fairer}.")
    return "\n".join(lines)


def _sound(own: Mapping | None) -> bool:
    """Tell whether a round can be shown: a ledger is a file, and anybody may have written to it."""
    if own is None:
        return False
    whole = [own.get(name) for name in ("escapes", "overkill", "ng", "go", "photo_size")]
    if not all(type(number) is int and number >= 0 for number in whole):
        return False
    seconds = own.get("seconds")
    escapes, overkill, ng, go, _ = whole
    return isinstance(seconds, Real) and seconds > 0 and escapes <= ng and overkill <= go and ng + go > 0
