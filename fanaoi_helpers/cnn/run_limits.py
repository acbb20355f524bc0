"""What is too much for a run of notebook 05, although each of its parameters is fine by itself."""

from collections.abc import Mapping

from ..errors import WorkbookError
from ..parameters import Plain
from ..photos import folders
from .models import MOST_WEIGHTS, count_weights

MOST_PHOTOGRAPHS = 1_000_000


def check_run(parameters: Mapping[str, Plain]) -> None:
    """Refuse parameters of notebook 05 that make no sense together, by their names.

    Args:
        parameters: all of them, each within its range.
    """
    try:
        folders.two_classes((parameters["ng_class"], parameters["go_class"]))
    except WorkbookError as error:
        raise WorkbookError(f"ng_class and go_class: {error}") from None
    units, shots = parameters["units"], parameters["shots"]
    if units * shots > MOST_PHOTOGRAPHS:
        raise WorkbookError(
            f"units {units} times shots {shots} makes {units * shots:,} photographs, but a run takes at most "
            f"{MOST_PHOTOGRAPHS:,}; make units or shots smaller."
        )
    sizes = {name: parameters[name] for name in ("image_size", "filters_1", "filters_2", "dense_units")}
    weights = count_weights(**sizes)
    if weights > MOST_WEIGHTS:
        raise WorkbookError(
            f"image_size {sizes['image_size']} with filters_2 {sizes['filters_2']} and dense_units "
            f"{sizes['dense_units']} makes a model of {weights:,} weights, but a run takes at most "
            f"{MOST_WEIGHTS:,}; make image_size smaller."
        )
