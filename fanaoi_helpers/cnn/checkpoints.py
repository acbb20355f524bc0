"""An interrupted training goes on: all it needs for that lies in one file, replaced after each epoch.

The file is an .npz without pickled objects: the model's variables (weights, moving averages, the states of
random layers), the optimizer's (step, learning rate, Adam's moments), the best weights so far, and a text
in JSON that says which training this is and how its epochs went.
"""

import dataclasses
import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path

import numpy as np

from .. import files
from ..photos import Split
from .archives import plain
from .quiet import keras

NAME = "interrupted_training.npz"
SAMPLE = 16  # photographs that stand for all of them when a checkpoint is compared with a run
PLAIN = ("history", "best_loss", "callbacks", "stopped")  # what of the progress is a plain value
History = dict[str, list[float]]


@dataclasses.dataclass
class Progress:
    """How far a training has come.

    Attributes:
        history: one float per finished epoch, by name.
        best_loss: the smallest ``val_loss`` so far.
        best_weights: the model's weights of that epoch, as ``model.get_weights()`` gives them.
        callbacks: what the caller's callbacks have counted, as plain values.
        stopped: whether one of them ended the training early, by a rule of its own and not by hand.
    """

    history: History = dataclasses.field(default_factory=dict)
    best_loss: float = np.inf
    best_weights: list[np.ndarray] = dataclasses.field(default_factory=list)
    callbacks: list[list] = dataclasses.field(default_factory=list)
    stopped: bool = False

    @property
    def epochs(self) -> int:
        """The number of finished epochs."""
        return len(self.history.get("loss", ()))

    def ended(self, epochs: int) -> bool:
        """Tell whether a training of ``epochs`` epochs has nothing left to do."""
        return self.stopped or self.epochs >= epochs


class Checkpoint:
    """The file that a training in ``folder`` goes on from; ``run`` says which training it belongs to."""

    def __init__(self, folder: str | os.PathLike, run: dict[str, object]) -> None:
        self.path = files.writable_folder(folder) / NAME
        self.run = json.loads(_as_json(run))

    def write(self, model: keras.Model, progress: Progress) -> None:
        """Keep the state of ``model`` and its optimizer, beside and then renamed: whole or not at all."""
        state = {name: getattr(progress, name) for name in PLAIN}
        state |= {"run": self.run, "keras": keras.__version__}
        arrays = {"told": np.array(json.dumps(state))}
        now = [keras.ops.convert_to_numpy(variable) for variable in _variables(model)]
        for part, values in (("state", now), ("best", progress.best_weights)):
            arrays |= {f"{part}{number}": value for number, value in enumerate(values)}
        with files.replacing(self.path) as path:
            np.savez(path, **arrays)

    def read(self, model: keras.Model, epochs: int) -> tuple[Progress, str]:
        """Bring ``model`` and its optimizer to where the checkpoint was written.

        Returns:
            How far it had come, and a sentence for the user, "" where there is no checkpoint. One that is
            torn, belongs to another training or is further than ``epochs`` changes nothing: training begins
            anew.
        """
        name, by = files.shown(self.path), ""
        files.sweep(self.path.parent, NAME)  # a run was killed while it wrote
        if not self.path.exists():
            return Progress(), ""
        try:
            # Each array is read in turn; the zip's check sums notice what is torn.
            with np.load(self.path, allow_pickle=False) as archive:
                before = json.loads(str(archive["told"]))
                writer = str(before.get("keras", "of an earlier workbook"))
                if writer != keras.__version__:
                    by = f", and was written by the Keras {writer:.30}, while this is {keras.__version__}"
                state = _numbered(archive, "state")
                values = {part: before[part] for part in PLAIN}
                progress = Progress(**values, best_weights=_numbered(archive, "best"))
            other = [part for part in self.run if before["run"].get(part) != self.run[part]]
            if progress.epochs > epochs:
                other.append("epochs")
            if not other:
                _put_back(model, state, progress.best_weights)
        except Exception as error:  # a torn file fails in many ways, all of which mean the same
            return Progress(), f"{name} can't be read ({type(error).__name__}){by}: the training begins anew."
        if other:
            return Progress(), (
                f"{name} belongs to another training (other {', '.join(other)}){by}: this one begins anew."
            )
        if progress.ended(epochs):
            return progress, (
                f"{name}: this training is complete, with {progress.epochs} epochs; "
                "remove the file to repeat it."
            )
        return progress, f"{name}: the training goes on after epoch {progress.epochs}."


def forget(folder: str | os.PathLike) -> None:
    """Remove the checkpoint in ``folder``, if there is one: its run is saved."""
    with suppress(OSError):
        (Path(folder) / NAME).unlink(missing_ok=True)


def which_run(
    model: keras.Model, pixels: np.ndarray, labels: np.ndarray, split: Split, **settings: object
) -> dict[str, object]:
    """Return what makes two trainings the same one, as plain values.

    The number of epochs is not part of it: an interrupted training may go on to more of them. Neither are
    the model's weights, which the checkpoint replaces: after an interruption they are half trained.
    """
    layers = []
    for layer in model.layers:
        kind, config = type(layer), layer.get_config()
        config.pop("name", None)  # Keras numbers layers without a name through a whole session
        layers.append({"module": kind.__module__, "class_name": kind.__name__, "config": config})
    # As JSON, because some layers of some Keras keep what can't be copied; and plain, because a training may
    # go on with another Keras, which knows more arguments.
    layers = plain(json.loads(_as_json(layers)))
    shapes = [list(weight.shape) for weight in model.weights]
    some = np.unique(np.linspace(0, len(pixels) - 1, SAMPLE).astype(int))
    return {
        "model": _digest(_as_json([layers, shapes]).encode()),
        "photographs": _digest(str(pixels.shape).encode(), pixels[some].tobytes(), labels.tobytes()),
        "split": _digest(*(np.asarray(part).tobytes() for part in (split.train, split.validation))),
        "backend": keras.backend.backend(),
        **settings,
    }


def _as_json(values: object) -> str:
    """Return ``values`` as JSON; an object by its class, as its address is another one in each process."""
    return json.dumps(values, default=lambda value: type(value).__name__)


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def _variables(model: keras.Model) -> list[keras.Variable]:
    """Return all that training changes; not the metrics, which begin each epoch anew."""
    of_metrics = {id(variable) for variable in model.metrics_variables}
    own = [variable for variable in model.variables if id(variable) not in of_metrics]
    return own + list(model.optimizer.variables)


def _numbered(archive: np.lib.npyio.NpzFile, part: str) -> list[np.ndarray]:
    count = sum(name.startswith(part) for name in archive.files)
    return [archive[f"{part}{number}"] for number in range(count)]


def _put_back(model: keras.Model, state: list[np.ndarray], best: list[np.ndarray]) -> None:
    """Give each variable its value again; all of them fit, or none is touched."""
    variables = _variables(model)
    for held, values in ((variables, state), (model.weights, best)):
        if [tuple(variable.shape) for variable in held] != [value.shape for value in values]:
            raise ValueError("shapes that do not fit")
    for variable, value in zip(variables, state, strict=True):
        variable.assign(value)
