"""Borrowed convolutions: what ImageNet taught is kept, and one neuron is trained on top of it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .. import errors
from ..photos import Photos, Split, folds
from .efficientnet import USUAL_SIZE, backbone
from .feature_files import features, means_of_all_maps
from .fitting import train
from .predicting import predict
from .quiet import channels_last, keras

# Of L2, as scikit-learn counts it: the smaller, the closer the weights are kept to zero.
STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
FINE_TUNED = ("block6", "block7", "last")
FOLDS = 4  # that the strength is chosen on


@dataclass(frozen=True, eq=False)
class Neuron:
    """One trained neuron on top of the means of all maps.

    Attributes:
        kernel: (2048,) float32; the answer is sigmoid(means @ kernel + bias), at 0.5 between the labels.
        bias: a number.
        strength: of L2, the one of ``STRENGTHS`` that ranked photographs best that it was not trained on.
        out_of_fold: (n,) P(GO) of each photograph that it was trained on, by one that did not see its unit.
    """

    kernel: np.ndarray
    bias: float
    strength: float
    out_of_fold: np.ndarray

    def __call__(self, means: np.ndarray) -> np.ndarray:
        """Return P(GO) of photographs: (N,) float64 from their means (N, 2048)."""
        from scipy.special import expit

        return expit(np.asarray(means, np.float64) @ self.kernel + self.bias)


def train_neuron(means: np.ndarray, labels: np.ndarray, units: np.ndarray, seed: int = 0) -> Neuron:
    """Train one neuron: logistic regression with L2 and class weights, whose strength is cross-validated.

    A Dense(1) with a sigmoid *is* logistic regression, and it has one best answer, which scikit-learn finds
    within a second; gradient descent would come near to it.

    Args:
        means: (n, 2048), `features(...).means` of the photographs to train on.
        labels: (n,) GO 1, NG 0, both among them.
        units: (n,) photographs of one unit have the same number; they stay together in cross-validation.
        seed: deals out the folds.
    """
    from scipy.special import expit
    from sklearn.metrics import roc_auc_score
    from threadpoolctl import threadpool_limits

    labels = np.asarray(labels)
    dealt = folds(labels, units, FOLDS, seed)
    best = None
    with threadpool_limits(1):  # such small matrices are not shared out among cores, only waited for
        axes = Axes.of(means)
        places = axes.places(means)
        for strength in STRENGTHS:
            log_odds = np.empty(len(labels))
            for rest, fold in dealt:
                weights, bias = _regression(places[rest], labels[rest], strength)
                log_odds[fold] = places[fold] @ weights + bias
            quality = roc_auc_score(labels, log_odds)
            # Weights nearer to zero are kept unless others are better by more than a trifle.
            if best is None or quality > best[0] + 1e-3:
                best = quality, strength, log_odds
        _, strength, log_odds = best
        kernel, bias = axes.kernel(*_regression(places, labels, strength))
        slope, shift = _calibrated(log_odds, labels)
    return Neuron(kernel * np.float32(slope), slope * bias + shift, strength, expit(slope * log_odds + shift))


def _calibrated(log_odds: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Return slope and shift that make held-out log-odds those of a P(GO): 0.5 is between the labels.

    With more maps than photographs a neuron is too sure of what it was trained on, and takes whatever is new
    for the commoner label. J. Platt's remedy (Probabilistic outputs for support vector machines, 1999).
    """
    spread = max(float(log_odds.std()), 1e-9)
    slope, shift = _regression(log_odds[:, None] / spread, labels, strength=1.0)
    return max(
        float(slope[0]), 0.01
    ) / spread, shift  # where nothing was learned, the order stays all the same


def quick_neuron(means: np.ndarray, labels: np.ndarray, strength: float = 1e-2) -> Neuron:
    """Return a `Neuron` of one strength, where photographs are too few to choose it; nothing is held out."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        axes = Axes.of(means)
        kernel, bias = axes.kernel(*_regression(axes.places(means), np.asarray(labels), strength))
    return Neuron(kernel, bias, strength, np.empty(0))


@dataclass(frozen=True, eq=False)
class Axes:
    """Standardized means, turned so that n photographs need n numbers each instead of 2,048.

    L2 asks for the length of the weights alone, which no rotation changes: the neuron is the same, found
    sooner.
    """

    center: np.ndarray
    spread: np.ndarray
    turned: np.ndarray | None

    @classmethod
    def of(cls, means: np.ndarray) -> "Axes":
        """Return the axes of photographs to train on: (n, D), any D."""
        means = np.asarray(means, np.float64)
        center, spread = means.mean(axis=0), means.std(axis=0)
        spread[spread < 1e-6] = 1  # a map that says the same of all photographs
        if len(means) >= means.shape[1]:
            return cls(center, spread, None)
        return cls(center, spread, np.linalg.svd((means - center) / spread, full_matrices=False)[2])

    def places(self, means: np.ndarray) -> np.ndarray:
        """Return photographs along the axes: (N, min(n, D))."""
        standard = (np.asarray(means, np.float64) - self.center) / self.spread
        return standard if self.turned is None else standard @ self.turned.T

    def kernel(self, weights: np.ndarray, bias: float) -> tuple[np.ndarray, float]:
        """Return kernel (2048,) float32 and bias for means as they are."""
        kernel = (weights if self.turned is None else weights @ self.turned) / self.spread
        return kernel.astype(np.float32), float(bias - self.center @ kernel)


def _regression(places: np.ndarray, labels: np.ndarray, strength: float) -> tuple[np.ndarray, float]:
    from sklearn.linear_model import LogisticRegression

    found = LogisticRegression(C=strength, class_weight="balanced", solver="newton-cholesky", max_iter=200)
    found.fit(places, labels)
    return found.coef_[0], float(found.intercept_[0])


@channels_last()
def borrowed_cnn(neuron: Neuron, image_size: int = USUAL_SIZE) -> keras.Model:
    """Return one ordinary model: photographs (N, size, size, 3) of 0..255 in, P(GO) (N, 1) out.

    The borrowed convolutions are frozen; `save`, `inspect` and `explain` take it like any other.
    """
    model = backbone(image_size)
    verdict = keras.layers.Dense(1, activation="sigmoid", name="verdict")
    whole = keras.Model(model.input, verdict(means_of_all_maps(model)), name="borrowed_cnn")
    verdict.set_weights([neuron.kernel[:, None], np.array([neuron.bias], np.float32)])
    return whole


def borrowed(photos: Photos, split: Split, seed: int = 0) -> keras.Model:
    """Train one neuron on borrowed convolutions: on the training part alone, all three steps in one.

    Args:
        photos: loaded with an ``image_size`` that is a multiple of 32, such as 224.
        split: of these photographs; validation and test are not touched.
        seed: deals out the folds on which the strength of L2 is chosen.
    """
    seen = features(photos.pixels, photos.contents).means[split.train]
    neuron = train_neuron(seen, photos.labels[split.train], split.groups[split.train], seed)
    return borrowed_cnn(neuron, photos.pixels.shape[1])


def fine_tune(
    model: keras.Model,
    photos: Photos,
    split: Split,
    *,
    epochs: int = 8,
    learning_rate: float = 1e-4,
    seed: int = 0,
    report: Callable[[str], object] = print,
) -> dict[str, list[float]]:
    """Train the last borrowed convolutions on as well, and keep that only if validation calls it better.

    The convolutions of blocks 6 and 7, the last one and the neuron learn.

    Args:
        model: made by `borrowed_cnn`; trained in place, frozen again afterwards.
        photos, split: as `borrowed` takes them; validation decides.
        epochs, learning_rate, seed: as `train` takes them.
        report: called with a line after each epoch, and with what it brought.

    Returns:
        What `train` returns.
    """
    if "block6a_project" not in {layer.name for layer in model.layers}:
        raise errors.WorkbookError(
            f"The model {model.name!r} has no borrowed convolutions: take borrowed_cnn's."
        )
    labels, judged = photos.labels[split.validation], photos.pixels[split.validation]

    def loss() -> float:
        from sklearn.metrics import log_loss

        return float(log_loss(labels, predict(model, judged), labels=[0, 1]))

    before, frozen = loss(), model.get_weights()
    for layer in model.layers:
        layer.trainable = layer.name.startswith((*FINE_TUNED, "verdict"))
    try:
        history = train(
            model,
            photos.pixels,
            photos.labels,
            split,
            epochs=epochs,
            learning_rate=learning_rate,
            seed=seed,
            report=report,
        )
    finally:
        for layer in model.layers:
            layer.trainable = layer.name == "verdict"
    after = loss()
    if after >= before:
        model.set_weights(frozen)
    kept = "kept" if after < before else "not kept"
    report(f"Validation loss {before:.4f} with frozen convolutions, {after:.4f} fine-tuned: {kept}.")
    return history


def neuron_of(model: keras.Model) -> Neuron:
    """Return the neuron of a `borrowed_cnn`, to ask it about means that are known; nothing was held out."""
    kernel, bias = (keras.ops.convert_to_numpy(each) for each in model.get_layer("verdict").weights)
    return Neuron(kernel[:, 0], float(bias[0]), float("nan"), np.empty(0))
