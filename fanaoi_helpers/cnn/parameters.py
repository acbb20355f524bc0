"""What a run of notebook 05 can be told."""

from __future__ import annotations

import dataclasses

from .. import errors, fans
from ..errors import WorkbookError
from ..photos import CLASSES, folders
from .models import LARGEST_IMAGE, SMALLEST_IMAGE, count_weights
from .precision import PRECISIONS

MOST_WEIGHTS = 300_000_000  # about 5 GB while training: each weight with its gradient and Adam's two averages


@dataclasses.dataclass(frozen=True)
class RunParameters:
    """Everything that notebook 05 can be told. Making one checks every value; the notebook has the defaults.

    Raises:
        WorkbookError: a value that makes no sense, alone or with the others, by the parameter's name.
    """

    photos_dir: str  # a folder with one folder for each class, or "" for the simulated line
    units: int  # simulated fans, each with a serial
    shots: int  # photographs of each
    image_size: int
    epochs: int
    batch_size: int
    learning_rate: float
    filters_1: int
    filters_2: int
    dense_units: int
    seed: int
    output_dir: str
    precision: str = "float32"  # "float32", "bfloat16", "auto"
    all_gpus: bool = False
    go_class: str = CLASSES[1]  # the names of the two folders in photos_dir
    ng_class: str = CLASSES[0]

    def __post_init__(self) -> None:
        """Check every value and keep it as a plain Python number or text."""
        whole = {
            "units": (10, fans.MOST_UNITS),  # 5 units of each class: the fewest that leave both in every part
            "shots": (1, fans.MOST_SHOTS),
            "image_size": (SMALLEST_IMAGE, LARGEST_IMAGE),
            "epochs": (1, 1000),
            "batch_size": (1, 4096),
            "filters_1": (1, 1024),
            "filters_2": (1, 1024),
            "dense_units": (1, 8192),
            "seed": (0, 2**32 - 1),
        }
        checked = {
            name: errors.whole_number(name, getattr(self, name), *span) for name, span in whole.items()
        }
        checked["learning_rate"] = errors.number("learning_rate", self.learning_rate, 1e-9, 1.0)
        for name in ("photos_dir", "output_dir", "go_class", "ng_class"):
            checked[name] = errors.text(name, getattr(self, name)).strip()
        try:
            folders.two_classes((checked["ng_class"], checked["go_class"]))
        except WorkbookError as error:
            raise WorkbookError(f"ng_class and go_class: {error}") from None
        checked["precision"] = errors.one_of("precision", self.precision, PRECISIONS)
        if type(self.all_gpus) is not bool:
            raise WorkbookError(f"all_gpus is {self.all_gpus!r}, but it must be True or False.")
        for name, value in checked.items():
            object.__setattr__(self, name, value)
        if self.units * self.shots > 1_000_000:
            raise WorkbookError(
                f"units {self.units} times shots {self.shots} makes {self.units * self.shots:,} photographs, "
                "but a run takes at most 1,000,000; make units or shots smaller."
            )
        weights = count_weights(self.image_size, self.filters_1, self.filters_2, self.dense_units)
        if weights > MOST_WEIGHTS:
            raise WorkbookError(
                f"image_size {self.image_size} with filters_2 {self.filters_2} and dense_units "
                f"{self.dense_units} makes a model of {weights:,} weights, but a run takes at most "
                f"{MOST_WEIGHTS:,}; make image_size smaller."
            )

    def as_dict(self) -> dict[str, int | float | str]:
        """Return the parameters as plain values, for ``metrics.json``."""
        return dataclasses.asdict(self)
