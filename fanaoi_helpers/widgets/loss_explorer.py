"""Drag scores or probabilities: softmax, cross-entropy and its gradient follow."""

from collections.abc import Sequence

import numpy as np
import traitlets
from matplotlib.figure import Figure

from .. import byhand, errors
from ..errors import WorkbookError
from ..figures import losses
from .base import InteractiveFigure
from .traits import Array, OneOf, State

FEWEST, MOST = 2, 6  # classes
LARGEST = 1e9  # score
FORMS = ("softmax", "binary")


class LossExplorer(InteractiveFigure):
    """Scores, their probabilities, the loss of the true class and its gradient, side by side.

    Drag a score, and softmax follows. Drag a probability: the others keep their proportions, and the dragged
    class's score follows; scores are ln p plus a constant, here the one that leaves the other scores alone.
    Click a name, and that class is the true one. The curve is the loss over the true class's score; its slope
    at the point is that score's gradient, p − 1. Scores may be huge: the loss is computed from the scores.

    ``LossExplorer.binary(logit, label)`` is the form for GO or NG: one score, sigmoid, binary cross-entropy.

    Keys: on a bar, Left and Right change the value, Page Up and Page Down change it ten times as far, Home
    and End take the ends of the bar, Up and Down go to another class; on the names, arrows choose the true
    class.

    >>> explorer = LossExplorer([2.0, 1.0, 0.1], names=["crack", "stain", "scratch"], truth=2)
    >>> explorer.probabilities.round(3), round(explorer.loss, 3)
    (array([0.659, 0.242, 0.099]), 2.317)
    >>> explorer.truth = 0
    >>> explorer.gradient.round(3)
    array([-0.341,  0.242,  0.099])
    >>> LossExplorer.binary(logit=-1000, label=1)
    LossExplorer(score −1000, truth GO, P(GO) 0, loss 1000)
    """

    scripts = ("loss_explorer.js",)

    positional = 3
    _scores = 0  # how many, once it is made

    logits = Array(help="(K,) scores of 2 to 6 classes, −1e9 to 1e9; one score in the binary form")
    names = State(None, help='of the classes; "class 0" and so on unless given, NG and GO in the binary form')
    truth = State(0, help="number of the true class, 0 to K − 1; in the binary form the label, GO 1, NG 0")
    form = OneOf("softmax", FORMS)

    def __init__(self, *values: object, **states: object) -> None:
        super().__init__(*values, **states)
        self._scores = self.logits.size

    @classmethod
    def binary(cls, logit: float = 0.0, label: int = 1) -> "LossExplorer":
        """Return the form for one fan, GO (label 1) or NG (label 0), with one score."""
        return cls([errors.number("logit", logit, -LARGEST, LARGEST)], truth=label, form="binary")

    @property
    def _classes(self) -> int:
        return 2 if self.form == "binary" else self.logits.size

    @traitlets.default("names")
    def _names_of_the_form(self) -> list[str]:
        return ["NG", "GO"] if self.form == "binary" else [f"class {k}" for k in range(self._classes)]

    @traitlets.validate("form")
    def _form_stays(self, proposal: dict) -> str:
        if self._scores:
            raise WorkbookError("A LossExplorer keeps its form: make another one.")
        return proposal["value"]

    @traitlets.validate("logits")
    def _logits_fit(self, proposal: dict) -> np.ndarray:
        logits = proposal["value"]
        count = logits.size
        if count != (self._scores or count):
            raise WorkbookError(
                f"logits holds {count} scores, but this figure has {self._scores}; "
                "for another number of classes make a new LossExplorer."
            )
        if self.form == "binary" and count != 1:
            raise WorkbookError(f"logits holds {count} scores, but the binary form takes one; give [z].")
        if self.form == "softmax" and not FEWEST <= count <= MOST:
            raise WorkbookError(
                f"logits holds {count} scores, but there is room for {FEWEST} to {MOST} classes; "
                "for one score there is LossExplorer.binary."
            )
        worst = float(logits[np.abs(logits).argmax()])
        if abs(worst) > LARGEST:
            raise WorkbookError(f"logits holds {worst:g}, but each must be from {-LARGEST:g} to {LARGEST:g}.")
        return logits

    @traitlets.validate("names")
    def _names_fit(self, proposal: dict) -> list[str]:
        names = proposal["value"]
        if isinstance(names, str) or not isinstance(names, Sequence) or len(names) != self._classes:
            raise WorkbookError(f"names is {names!r:.80}, but it must be a list of {self._classes} names.")
        if not all(errors.text("a name", name).strip() for name in names):
            raise WorkbookError("names holds an empty name; say what the class is called.")
        return list(names)

    @traitlets.validate("truth")
    def _truth_is_a_class(self, proposal: dict) -> int:
        return errors.whole_number("truth", proposal["value"], 0, self._classes - 1)

    @property
    def probabilities(self) -> np.ndarray:
        """(K,) softmax of the scores; (1,) P(GO) in the binary form."""
        return (byhand.sigmoid if self.form == "binary" else byhand.softmax)(self.logits)

    @property
    def loss(self) -> float:
        """The cross-entropy in nats, from the scores: nothing is cut off."""
        if self.form == "binary":
            return byhand.binary_cross_entropy_from_logits([self.truth], self.logits)
        below = self.logits - self.logits.max()
        return float(np.log(np.exp(below).sum()) - below[self.truth])

    @property
    def gradient(self) -> np.ndarray:
        """The gradient of the loss at the scores, p − y, in the shape of ``logits``."""
        if self.form == "binary":
            return byhand.binary_cross_entropy_from_logits_gradient([self.truth], self.logits)
        return byhand.softmax_cross_entropy_gradient(self.truth, self.logits)

    def still(self) -> Figure:
        """Return scores, probabilities and loss as a picture."""
        if self.form == "softmax":
            return losses.scores_to_loss(self.logits, self.names, self.truth)
        # The picture ends where a probability does: what is nearer to 0 or 1 is drawn at its rim.
        p = np.clip(self.probabilities, byhand.EPSILON, 1 - byhand.EPSILON)
        figure = losses.binary_loss([self.truth], p)
        figure.axes[0].set_title(self.words())
        return figure

    def words(self) -> str:
        """Return the present state in one line."""
        p = float(self.probabilities[0 if self.form == "binary" else self.truth])
        scores = ", ".join(f"{z:.6g}" for z in self.logits)
        who = "GO" if self.form == "binary" else self.names[self.truth]
        given = f"score{'s' if self.logits.size > 1 else ''} {scores}, truth {self.names[self.truth]}"
        return f"{given}, P({who}) {p:.3g}, loss {self.loss:.4g}".replace("-", "−")
