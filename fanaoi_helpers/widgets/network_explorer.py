"""Walk through a trained CNN with one photograph, from its pixels to the verdict, with the real weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import traitlets
from matplotlib.figure import Figure

from .. import arrays, errors
from ..errors import WorkbookError
from ..figures import inside
from . import network_layers
from .base import InteractiveFigure
from .traits import Array, State, Switch

if TYPE_CHECKING:
    from ..cnn import keras

MOST_PHOTOGRAPHS = 200


class NetworkExplorer(InteractiveFigure):
    """Your own trained CNN, layer by layer, for one photograph: maps, filters, the sum behind each number.

    Choose a photograph and a layer; choose one of its maps to see the filter behind it; point at a number of
    it to see its window and what each input adds. Everything is computed in the browser from the model's own
    weights, which are taken once: train further, and make another figure.

    Keys: in each group the arrows move on (photographs, layers, maps, numbers of a map, inputs), Home and End
    go to its ends; Tab goes to the next group.

    Args:
        model: one row of layers as in :func:`cnn.handout_cnn` and :func:`cnn.repaired_cnn`, of any size.

    >>> from fanaoi_helpers import cnn
    >>> photographs = np.full((2, 24, 24, 3), 200, "uint8")
    >>> explorer = NetworkExplorer(cnn.handout_cnn(24, 4, 8, 16, seed=0), photographs, layer="conv2", map=3)
    >>> explorer.maps["conv2"].shape, round(explorer.p_go, 2)
    ((9, 9, 8), 0.5)
    """

    scripts = ("network_arithmetic.js", "network_explorer.js")

    positional = 3

    layers = traitlets.List(help="what the model does, one dictionary for each layer").tag(sync=True)
    weights = Array([], dtype="float32", read_only=True, help="all numbers that the layers refer to")
    photographs = Array(ndim=4, dtype="uint8", help="(N, size, size, 3) as the model takes them, N to 200")
    labels = Array([], dtype="uint8", optional=True, help="(N,) GO 1, NG 0; none unless given")
    names = State((), optional=True, help="N short texts, such as the kind of defect; none unless given")
    index = State(0, help="which photograph, from 0")
    layer = State(None, help="its name; the first convolution unless given")
    map = State(None, help="which of the layer's maps (or units), from 0; the strongest one unless given")
    row = State(None, help="of the number in that map; where the map is largest unless given")
    column = State(None, help="the same")
    sorted = Switch(True, help="the strongest maps first, by their mean's size; else in order of number")

    def __init__(
        self, model: keras.Model, photographs: np.ndarray, *values: object, **states: object
    ) -> None:
        from .. import cnn

        self._computed: tuple[int, dict] | None = None
        # The layers first: what is given is checked against them.
        self.layers, weights = network_layers.layers_of(model)
        self.set_trait("weights", weights)
        cnn.check_pixels(model, photographs)
        super().__init__(photographs, *values, **states)

    @traitlets.default("layer")
    def _first_convolution(self) -> str:
        return next(
            (layer["name"] for layer in self.layers if layer["kind"] == "conv"), self.layers[0]["name"]
        )

    @traitlets.default("map")
    def _strongest_map(self) -> int:
        return int(np.abs(self.maps[self.layer].mean(axis=(0, 1))).argmax())

    @traitlets.default("row")
    def _row_of_the_largest(self) -> int:
        return int(self.maps[self.layer][..., self.map].max(axis=1).argmax())

    @traitlets.default("column")
    def _column_of_the_largest(self) -> int:
        return int(self.maps[self.layer][self._row_of_the_largest(), :, self.map].argmax())

    @property
    def maps(self) -> dict[str, np.ndarray]:
        """What each layer makes of the chosen photograph: its name to maps (h, w, C) float32.

        Dense layers give (1, 1, units); the last one gives the logit.
        """
        if self._computed is None or self._computed[0] != self.index:
            maps = network_layers.forward(self.layers, self.weights, self.photographs[self.index])
            self._computed = self.index, maps
        return self._computed[1]

    @property
    def value(self) -> float:
        """The number that is looked at."""
        return float(self.maps[self.layer][self.row, self.column, self.map])

    @property
    def logit(self) -> float:
        """The chosen photograph's logit: above 0 it speaks for GO."""
        return float(self.maps[self.layers[-1]["name"]][0, 0, 0])

    @property
    def p_go(self) -> float:
        """The chosen photograph's P(GO), 0..1."""
        return float(1 / (1 + np.exp(-self.logit)))

    @traitlets.validate("photographs")
    def _photographs_fit(self, proposal: dict) -> np.ndarray:
        photographs, side = proposal["value"], tuple(self.layers[0]["takes"])
        if not 1 <= len(photographs) <= MOST_PHOTOGRAPHS or photographs.shape[1:] != side:
            raise WorkbookError(
                f"photographs has the shape {photographs.shape}, but the figure takes "
                f"(N, {', '.join(map(str, side))}) with N from 1 to {MOST_PHOTOGRAPHS}."
            )
        return photographs

    @traitlets.validate("labels", "names")
    def _one_for_each(self, proposal: dict) -> np.ndarray | list[str]:
        values, name = proposal["value"], proposal["trait"].name
        if len(values) not in (0, len(self.photographs)):
            raise WorkbookError(
                f"There are {len(values)} {name} for {len(self.photographs)} photographs: "
                "give one for each, or none."
            )
        if name == "names":
            return [str(text) for text in values]
        if len(values):
            arrays.zeros_and_ones(name, values)
        return values

    @traitlets.validate("layer")
    def _layer_is_there(self, proposal: dict) -> str:
        return errors.one_of("layer", proposal["value"], [layer["name"] for layer in self.layers])

    @traitlets.validate("index", "map", "row", "column")
    def _is_there(self, proposal: dict) -> int:
        name = proposal["trait"].name
        return errors.whole_number(name, proposal["value"], 0, self._counts()[name] - 1)

    @traitlets.observe("layer")
    def _stay_inside(self, change: dict) -> None:
        counts = self._counts()
        with self.hold_sync():
            for name in ("map", "row", "column"):
                setattr(self, name, min(getattr(self, name), counts[name] - 1))

    @traitlets.observe("photographs")
    def _begin_anew(self, change: dict) -> None:
        self._computed = None
        count = len(self.photographs)
        with self.hold_sync():
            self.index = min(self.index, count - 1)
            self.labels = self.labels if len(self.labels) == count else []
            self.names = self.names if len(self.names) == count else []

    def _counts(self) -> dict[str, int]:
        shape = next((layer["shape"] for layer in self.layers if layer["name"] == self.layer), [1, 1, 1])
        return dict(zip(("row", "column", "map"), shape, strict=True)) | {"index": len(self.photographs)}

    def still(self) -> Figure:
        """Return the layer's strongest maps as a picture; of dense layers, what each input adds."""
        photo, maps = self.photographs[self.index], self.maps
        if maps[self.layer].shape[:2] != (1, 1):
            return inside.map_gallery(photo, maps[self.layer], self.layer, self._caption())
        # What only hands numbers on is shown by what the next dense layer makes of them.
        place = [layer["name"] for layer in self.layers].index(self.layer)
        after = next(
            number for number, layer in enumerate(self.layers) if number >= place and layer["kind"] == "dense"
        )
        dense, unit = self.layers[after], self.map if after == place else 0
        given = maps[self.layers[after - 1]["name"]] if after else photo
        kernel, bias = (
            network_layers.array(dense, key, self.weights)[..., unit] for key in ("kernel", "bias")
        )
        title = f"{dense['name']}, unit {unit}: what each input adds; {self._caption()}"
        return inside.contributions((given * kernel).sum(axis=(0, 1)), float(bias), title)

    def _caption(self) -> str:
        label = f"{('NG', 'GO')[self.labels[self.index]]}, " if len(self.labels) else ""
        name = f"{self.names[self.index]}, " if self.names else ""
        return f"{label}{name}P(GO) {self.p_go:.2f}"

    def words(self) -> str:
        """Return the present state in one line."""
        where = f"{self.layer}, map {self.map}, row {self.row}, column {self.column}: {self.value:.4g}"
        return f"photograph {self.index}, {self._caption()}; {where}"
