"""Notebook 06: what it refuses, that other parameters and models of one's own go through, and its facts."""

import numpy as np
import pytest
from lesson import claims, code
from lesson import execute_cells as execute

from fanaoi_helpers import cnn, explain, fans
from fanaoi_helpers.errors import WorkbookError

# In a notebook a warning is a red box.
pytestmark = pytest.mark.filterwarnings(
    "error::RuntimeWarning", "error::UserWarning", "ignore::DeprecationWarning"
)

CELLS = code("06")
FIRST = next(at for at, cell in enumerate(CELLS) if "digits.load" in cell["source"])
SMALL = {"image_size": 24.0, "units": 40.0, "epochs": 1.0, "of_each_kind": 1.0}


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    """Return a folder with two small CNNs of one's own that learned nothing."""
    folder = tmp_path_factory.mktemp("mine")
    cnn.save(cnn.handout_cnn(24, 1, 2, 3, seed=0), folder / "handout.keras")
    cnn.save(cnn.repaired_cnn(32, seed=0), folder / "repaired.keras")
    return folder


@pytest.mark.parametrize(
    ("name", "value"),
    [("defect", "rust"), ("image_size", 16), ("units", 39), ("epochs", 0.5), ("of_each_kind", 0),
     ("seed", -1)],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_before_any_work(name, value):
    with pytest.raises(WorkbookError, match=name):
        execute(CELLS[:FIRST], **{name: value})


@pytest.mark.parametrize("kind", ["borrowed", "go_only"])
def test_a_cnn_that_branches_is_asked_in_the_second_sitting_and_on_photographs_of_ones_own(
    kind, tmp_path, capsys
):
    """It has no row of layers to trace: that is said, and every cell runs."""
    rng = np.random.default_rng(0)
    if kind == "borrowed":
        model = cnn.borrowed_cnn(
            cnn.Neuron(rng.normal(size=2048).astype("float32"), 0.0, 1.0, rng.random(2)), 64
        )
    else:
        bank = rng.normal(size=(3, 152)).astype("float32")
        model = cnn.go_only_cnn(cnn.PatchCore(bank), cnn.Scale(10.0, 20.0), 64)
    path = cnn.save(model, tmp_path / "model.keras")
    own = fans.produce(tmp_path / "own", 6, 1, seed=3, size=64, workers=1)
    names = execute(CELLS, **SMALL, model_path=str(path), photos_dir=str(own), defect="scratch")
    said, complained = capsys.readouterr()
    assert f"model.keras is not the handout's CNN but '{model.name}': the second sitting asks it" in said
    assert names["trained_here"] and names["repaired"] is names["chosen"] and names["width"] == 64
    assert "3 NG, then 3 GO; P(GO) above each" in said and not complained
    assert names["mine"].shape == (6, 64, 64, 3) and max(each.max() for each in names["heats"].values()) > 0
    assert all(claims(said)[sentence] for sentence in EXACT)


def test_models_of_ones_own_go_through_and_are_told_whose_fans_they_see(mine, capsys):
    own = {"model_path": str(mine / "handout.keras"), "repaired_path": str(mine / "repaired.keras")}
    names = execute(CELLS, **SMALL, **own, defect="scratch")
    said, complained = capsys.readouterr()
    assert names["model"].input_shape[1] == 24 and names["width"] == 32
    assert said.count("asked about the simulated fans, whatever it learned") == 2
    assert "This CNN has a single filter in conv1, so there are no twins." in said
    found = claims(said)
    assert len(found) >= 20 and not complained
    assert not found["of GO and of NG it is right on more than 90 %"], "it learned nothing, and that is said"
    assert all(found[sentence] for sentence in EXACT)


@pytest.mark.usefixtures("runs")  # without the run that notebook 05 may have left
def test_a_small_training_goes_through(mine, capsys):
    names = execute(CELLS, **SMALL, repaired_path=str(mine / "repaired.keras"), seed=2**31)
    said, complained = capsys.readouterr()
    assert names["trained_here"] and names["side"] == 24 and "epoch 1/1" in said
    found = claims(said)
    assert len(found) >= 20 and not complained
    assert all(found[sentence] for sentence in EXACT)


# What holds for every CNN, whatever it learned.
EXACT = [
    "left and right differ in nothing but the sign",
    "each of the four kernels finds its side",
    "background: 0 without a bias, 1 with one",
    "the explorer's verdict is the CNN's",
    "ReLU has been there, no number is below 0",
    "the votes and the bias add up to the map's number",
    "the formula and the CNN have the same fields",
    "all pixels outside of the field changed, the numbers not",
    "nine patches of 10×10 pixels for each map",
    "only numbers that see a changed pixel have changed",
    "by hand, from ten pixels to the verdict, the same numbers",
]


def test_an_edge_has_no_stroke_in_it_and_a_copy_is_nothing_else():
    """How much of an edge a filter is: 0 for the four above, 1 for one that copies the stroke."""
    defines = [cell for cell in CELLS if "def strokeness" in cell["source"]]
    names = execute([*CELLS[:FIRST], *defines])
    left, copy = np.array([[-1, 0, 1]] * 3), np.eye(9)[4].reshape(3, 3)
    kernels = np.stack([left, -left, left.T, -left.T, copy, -copy], axis=-1)
    reader = names["reader_of_digits"]()
    reader.layers[0].set_weights([kernels[:, :, None], np.zeros(6)])
    assert np.allclose(names["strokeness"](reader), [0, 0, 0, 0, 1, 1])


def test_the_lessons_field_is_the_cnns():
    defines = [cell for cell in CELLS if "def field" in cell["source"]]
    field = execute(defines)["field"]
    for layer, windows in (("pool1", [(3, 1), (2, 2)]), ("conv2", [(3, 1), (2, 2), (3, 1)])):
        x0, y0, x1, y1 = explain.patch_of(cnn.handout_cnn(), layer, 5, 6)
        assert x1 - x0 == y1 - y0 == field(windows)
