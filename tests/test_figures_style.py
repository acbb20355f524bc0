"""One look, whatever was set: no matplotlibrc, style or rcParams change or stop our pictures."""

import ast
import copy
import hashlib
import importlib
import inspect
import io
import os
import pickle
import pkgutil
import subprocess
import sys
import warnings

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import test_figures_arithmetic
import test_figures_audit
import test_figures_learning
import test_figures_losses
import test_figures_ranking
import test_figures_release
import test_figures_responses
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from fanaoi_helpers import figures, widgets
from fanaoi_helpers.figures import audit, inside, line, overfitting, pixels, saliency, style, training
from fanaoi_helpers.station import page
from fanaoi_helpers.widgets import pixel_lens
from fanaoi_helpers.widgets.base import InteractiveFigure

RNG = np.random.default_rng(0)
PHOTO = RNG.integers(0, 256, (20, 24, 3), dtype=np.uint8)
SQUARE = PHOTO[:, :20]
MAPS, FILTERS = np.abs(RNG.normal(size=(9, 9, 6))), RNG.normal(size=(3, 3, 3, 6))
CENTERS = 2 + 2.0 * np.arange(9), 2 + 2.0 * np.arange(9)
HEAT, VALUES = RNG.normal(size=(1, 20, 20)), RNG.normal(size=32)
MASK = np.zeros((20, 20), bool)
MASK[4:9, 5:12] = True
HISTORY = {"loss": [3, 2], "val_loss": [4, 5], "accuracy": [0.5, 0.6], "val_accuracy": [0.4, 0.3]}
EXAMPLES = {
    **test_figures_arithmetic.FIGURES,
    **test_figures_learning.EXAMPLES,
    **test_figures_ranking.EXAMPLES,
    **{f"losses {name}": draw for name, draw in test_figures_losses.EXAMPLES.items()},
    **test_figures_release.EXAMPLES,
    **test_figures_responses.FIGURES,
    "copy_groups": lambda: audit.copy_groups(*test_figures_audit.audited([2, 5, 1, 3])),
    "filters_rgb": lambda: inside.filters_rgb({"a": FILTERS}),
    "filters_by_channel": lambda: inside.filters_by_channel(FILTERS, [5, 2]),
    "map_gallery": lambda: inside.map_gallery(SQUARE, MAPS, "conv1"),
    "what_changed": lambda: inside.what_changed(
        (SQUARE, SQUARE), (MAPS, 2 * MAPS), MASK, "pool2", CENTERS, 2
    ),
    "fields_on_photo": lambda: inside.fields_on_photo(SQUARE, {"conv1": (10, 12, 13, 15)}),
    "best_patches": lambda: inside.best_patches({"map 1": [SQUARE, SQUARE]}, {"map 1": ["GO", "NG"]}),
    "contributions": lambda: inside.contributions(VALUES, -0.5, "map 3"),
    "heat_rows": lambda: saliency.heat_rows(SQUARE[None], {"Grad-CAM": HEAT}, MASK[None]),
    "scores_by_kind": lambda: saliency.scores_by_kind(
        {"a": {"oil_stain": 0.9}, "b": {"oil_stain": 0.1}}, "x"
    ),
    "by_heart": lambda: overfitting.by_heart([1, 2], [[0.5, 1]], [[0.5, 0.6]], [[0.7, 0.1]], [[0.7, 0.9]]),
    "trainings side by side": lambda: overfitting.side_by_side(
        {"a": [1.0, 0.9]}, {"a": [0.6, 0.7]}, base="a"
    ),
    "score_bars": lambda: overfitting.score_bars({"claimed": [0.98], "folds": [0.6, 0.7]}, ["folds"]),
    "stress_curves": lambda: overfitting.stress_curves({"shift": ([0, 4], {"one": [1, 0.5]})}),
    "label_table": lambda: overfitting.label_table(["flip", "shift"], ["dust"], [[1], [0]], [[1], [1]]),
    "values": lambda: pixels.values(PHOTO[:3, :3, 0]),
    "side_by_side": lambda: pixels.side_by_side([PHOTO, PHOTO[..., 0]], ["one", "two"]),
    "places": lambda: pixels.places(PHOTO, [(5, 15)]),
    "zoom": lambda: pixels.zoom(PHOTO, 5, 5),
    "three channels": lambda: pixels.channels(PHOTO[:3, :3], numbers=True),
    "attempt": lambda: pixels.attempt(PHOTO, PHOTO[:9], "mine"),
    "dimensions": lambda: pixels.dimensions(3, 4, 5),
    "graph": lambda: pixels.graph([("a", "first", [], "white"), ("b", "second", ["a"], "white")]),
    "speeds": lambda: pixels.speeds([10, 20], {"loop": [1, 4], "fast": [0.1, 0.2]}, [5, 10], "pixels"),
    "contact_sheet": lambda: line.contact_sheet([PHOTO] * 2, ["GO", "NG"], boxes=[None, (2, 3, 10, 12)]),
    "split_bars": lambda: training.split_bars({"train": (52, 56), "sealed test": (18, 17)}),
    "layer_bars": lambda: training.layer_bars({"conv1": 896, "dense1": 2_654_336}),
    "learning_curves": lambda: training.learning_curves(HISTORY, kept=2),
    "score_histogram": lambda: training.score_histogram([0, 0, 1, 1], np.array([0.1, 0.4, 0.5, 0.9]), 0.5),
    "confusion": lambda: training.confusion(5, 180, 7, 190),
    "errors_by_size": lambda: training.errors_by_size(["scratch", "scratch"], [3, 9], [True, False]),
}
# One of each will do: the others are the same function with odd values.
EXAMPLES = {name: draw for name, draw in EXAMPLES.items() if "," not in name}
SOME = ["split_bars", "score_histogram", "contact_sheet", "network", "three channels"]

HOSTILE = {
    "a dark style": lambda: plt.style.use("dark_background"),
    "a sketch": lambda: plt.xkcd(),
    "rcParams": lambda: mpl.rcParams.update(
        {
            "text.usetex": True, "font.size": 30, "font.family": "serif", "axes.titlesize": 5,
            "figure.dpi": 31, "figure.autolayout": True, "figure.facecolor": "red", "axes.grid": True,
            "savefig.dpi": 17, "savefig.bbox": "tight", "savefig.transparent": True, "savefig.pad_inches": 2,
            "savefig.facecolor": "red", "image.origin": "lower", "image.cmap": "jet", "image.interpolation":
            "bicubic", "lines.linewidth": 9, "patch.force_edgecolor": True, "hatch.linewidth": 5,
            "hatch.color": "lime", "axes.prop_cycle": mpl.cycler(color=["red"]), "axes.unicode_minus": False,
            "axes.xmargin": 0.4, "axes.formatter.use_mathtext": True, "xtick.bottom": False,
            "legend.loc": "center", "path.simplify": False, "lines.antialiased": False,
        }
    ),
}  # fmt: skip


def shown(figure, how="print_figure", **options):
    """Return a fingerprint of a figure's pixels as IPython writes them, or ``savefig``."""
    buffer = io.BytesIO()
    write = figure.savefig if how == "savefig" else figure.canvas.print_figure
    write(buffer, format="rgba", **options)
    return hashlib.sha256(buffer.getvalue()).hexdigest()


def fingerprints(names, drawn=lambda name: EXAMPLES[name]()):
    return {name: shown(drawn(name), dpi=40) for name in names}


def drawing_functions():
    """Return every public function of the package `figures` that returns a Figure, by its name.

    `style` holds what they draw with.
    """
    found = {}
    for module in pkgutil.iter_modules(figures.__path__):
        if module.name == "style":
            continue
        members = vars(importlib.import_module(f"{figures.__name__}.{module.name}"))
        for name, one in members.items():
            if inspect.isfunction(one) and one.__module__.endswith(f".{module.name}") and name[0] != "_":
                if "Figure" in str(inspect.signature(one).return_annotation):
                    found[f"{module.name}.{name}"] = one
    return found


def test_every_drawing_function_wears_the_style():
    found = drawing_functions()
    assert len(found) > 50
    plain = [name for name, one in found.items() if not hasattr(one, "__wrapped__")]
    assert not plain, "put @styled above them"


@pytest.fixture(scope="module")
def usual():
    """The pixels of each example, and the code that drew them; what Matplotlib will take away is an error."""
    called = set()

    def see(frame, event, _):
        if event == "call":
            called.add(frame.f_code)

    def drawn(name):
        sys.setprofile(see)
        try:
            return EXAMPLES[name]()
        finally:
            sys.setprofile(None)

    with mpl.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("error", mpl.MatplotlibDeprecationWarning)
        return fingerprints(EXAMPLES, drawn), called


def test_every_drawing_function_has_an_example(usual):
    drawn = drawing_functions().items()
    assert [name for name, one in drawn if one.__wrapped__.__code__ not in usual[1]] == []


@pytest.mark.parametrize("name", ["all at once", *HOSTILE])
def test_no_setting_changes_or_stops_a_picture(usual, name):
    """All pictures under all settings at once, which leaves none at its default; some under each alone."""
    with mpl.rc_context():
        for each, change in HOSTILE.items():
            if name in (each, "all at once"):
                change()
        before = dict(mpl.rcParams)
        drawn = fingerprints(SOME if name in HOSTILE else EXAMPLES)
        assert [one for one, pixels in drawn.items() if pixels != usual[0][one]] == []
        assert dict(mpl.rcParams) == before, "the learner's own pictures are theirs"


def test_the_settings_are_hostile():
    """A plain picture is changed by each of them, or stopped."""

    def plain():
        figure, axes = plt.subplots()
        axes.plot([1, 2], label="a")
        axes.legend()
        axes.imshow(MASK)
        try:
            return shown(figure)
        except Exception as error:
            return type(error)
        finally:
            plt.close(figure)

    seen = {plain()}
    for change in HOSTILE.values():
        with mpl.rc_context():
            change()
            seen.add(plain())
    assert len(seen) == 4


@pytest.mark.parametrize("name", HOSTILE)
def test_a_figure_that_was_drawn_before_is_saved_as_it_is(name):
    """The report, a run's figures, IPython and a learner's own savefig come later than the drawing."""
    figure = EXAMPLES["split_bars"]()

    def seen():
        tight = shown(figure, dpi=figure.dpi, bbox_inches="tight")  # as IPython asks for it
        return tight, shown(figure, "savefig"), page.png(figure), pixels_of(figure)

    before = seen()
    with mpl.rc_context():
        HOSTILE[name]()
        assert seen() == before


def pixels_of(figure):
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return bytes(canvas.buffer_rgba())


def test_figures_keep_their_class_and_name():
    figure = EXAMPLES["split_bars"]()
    assert isinstance(figure, Figure) and repr(figure).startswith("<Figure size ")
    assert isinstance(copy.deepcopy(figure), style.Figure)
    assert shown(pickle.loads(pickle.dumps(figure))) == shown(figure)


def test_every_interactive_figure_draws_its_picture_in_the_style():
    for module in pkgutil.iter_modules(widgets.__path__):
        importlib.import_module(f"{widgets.__name__}.{module.name}")
    kinds = InteractiveFigure.__subclasses__()
    assert len(kinds) >= 9 and all(hasattr(kind.still, "__wrapped__") for kind in kinds)


def test_what_an_interactive_figure_adds_wears_the_style_too():
    def lens():
        return shown(pixel_lens.PixelLens(PHOTO).still())

    before = lens()
    for change in HOSTILE.values():
        with mpl.rc_context():
            change()
            assert lens() == before


def test_a_matplotlibrc_in_the_home_changes_nothing(usual, tmp_path):
    """Not even one that asks for windows where there is no screen."""
    settings = [
        "backend: tkagg", "text.usetex: True", "font.size: 30", "font.family: serif", "figure.dpi: 31",
        "savefig.dpi: 17", "axes.grid: True", "image.origin: lower", "figure.facecolor: red",
    ]  # fmt: skip
    (tmp_path / "matplotlibrc").write_text("\n".join(settings), encoding="utf-8")
    gone = ("DISPLAY", "WAYLAND_DISPLAY", "MPLBACKEND")
    environment = {name: value for name, value in os.environ.items() if name not in gone}
    environment |= {"MATPLOTLIBRC": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    code = "import test_figures_style as here; print(list(here.fingerprints(here.SOME).values()))"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert ast.literal_eval(done.stdout) == [usual[0][name] for name in SOME]
