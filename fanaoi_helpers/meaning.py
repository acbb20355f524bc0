"""What a model means by its answer, and which pixels it takes: told where it is not ours, never guessed."""

from __future__ import annotations

from dataclasses import dataclass

from . import errors
from .errors import WorkbookError

# By what a pixel of 0..255 is multiplied and what is added, for a model to see it as it did in training.
PIXELS = {"0..255": (1.0, 0.0), "0..1": (1 / 255, 0.0), "-1..1": (1 / 127.5, -1.0)}
TELL = (
    "tell which label GO had in its training and which pixels it takes (fanaoi inspect by --go-is 0|1 and "
    f"--pixels {'|'.join(PIXELS)}, notebook 08 by go_is and model_pixels)"
)


@dataclass(frozen=True)
class Meaning:
    """What a model of one output means by it, and which pixels it takes; as it stands, a workbook's model.

    Attributes:
        go_is: the label that GO had in training. 1: a high answer means GO; 0: it means NG, as where the
            alphabet gave the labels.
        pixels: the range that it takes: "0..255", where the model itself scales them, "0..1" or "-1..1".
    """

    go_is: int = 1
    pixels: str = "0..255"

    def __post_init__(self) -> None:
        object.__setattr__(self, "go_is", errors.whole_number("go_is", self.go_is, 0, 1))
        errors.one_of("pixels", self.pixels, PIXELS)

    def __str__(self) -> str:
        return f"GO is {self.go_is}, pixels are {self.pixels}"

    @classmethod
    def told(cls, go_is: object, pixels: object) -> Meaning | None:
        """Return what was told, as a number or a word; None where both are None or "", so nothing was.

        >>> Meaning.told("0", "0..1")
        Meaning(go_is=0, pixels='0..1')
        >>> Meaning.told("", "") is None
        True
        """
        missing = [name for name, value in (("go_is", go_is), ("pixels", pixels)) if value in (None, "")]
        if len(missing) == 2:
            return None
        if missing:
            raise WorkbookError(f"Of the model only half is told, not {missing[0]}: {TELL}.")
        return cls(int(go_is) if go_is in ("0", "1") else go_is, pixels)
