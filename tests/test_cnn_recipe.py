"""The repaired recipe: its CNN, its optimizer, and the trained model that comes with the workbook."""

import hashlib
import json
import re
from types import SimpleNamespace

import numpy as np
import pytest

from fanaoi_helpers import cnn, explain, fans, files, photos, verdicts
from fanaoi_helpers.errors import WorkbookError

keras = cnn.keras


def noise(count, size, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, size, size, 3), dtype=np.uint8)


def weights_of(model):
    return [np.asarray(weights) for weights in model.get_weights()]


def same(one, other):
    return all((a == b).all() for a, b in zip(weights_of(one), weights_of(other), strict=True))


# The untrained CNN ----------------------------------------------------------------------------------------


def test_the_repaired_cnn_is_what_the_lesson_says():
    model = cnn.repaired_cnn(seed=0)
    assert model.input_shape == (None, 128, 128, 3) and model.output_shape == (None, 1)
    assert model.count_params() == 61_153
    assert 30 * model.count_params() < cnn.count_weights(), "far fewer weights than the handout's"
    names = [layer.name for layer in model.layers]
    assert names[:5] == ["photo", "brightness", "contrast", "rescale", "shift"]
    assert names[5:8] == ["conv1", "norm1", "relu1"] and names[-1] == "verdict"
    assert [name for name in names if name.startswith("conv")] == [f"conv{n}" for n in range(1, 6)]
    assert {layer.compute_dtype for layer in model.layers} == {"float32"}


def test_a_photograph_comes_in_as_it_is_and_a_probability_out():
    model = cnn.repaired_cnn(40, seed=0)
    white_and_black = np.stack([np.full((40, 40, 3), value, np.uint8) for value in (255, 0)])
    scaled = keras.ops.convert_to_numpy(model.get_layer("rescale")(white_and_black.astype("float32")))
    assert scaled.max() == 1 and scaled.min() == -1
    p_go = cnn.predict(model, noise(5, 40))
    assert p_go.shape == (5,) and ((p_go > 0) & (p_go < 1)).all()
    with pytest.raises(WorkbookError, match="don't divide by 255"):
        cnn.predict(model, noise(5, 40) / 255)


@pytest.mark.parametrize("size", [32, 33, 100, 1024])
def test_any_size_makes_a_model_with_the_same_weights(size):
    assert cnn.repaired_cnn(size, seed=3).count_params() == 61_153
    assert same(cnn.repaired_cnn(size, seed=3), cnn.repaired_cnn(32, seed=3))


def test_the_seed_decides_the_first_weights():
    assert same(cnn.repaired_cnn(32, seed=1), cnn.repaired_cnn(32, seed=1))
    assert not same(cnn.repaired_cnn(32, seed=1), cnn.repaired_cnn(32, seed=2))
    assert not same(cnn.repaired_cnn(32), cnn.repaired_cnn(32))
    one, other = (
        explain.filters(cnn.repaired_cnn(32, seed=1), f"conv{number}").ravel()[:1000] for number in (4, 5)
    )
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.2, "each layer begins with numbers of its own"


@pytest.mark.parametrize("name", ["brightness", "contrast", "shift"])
def test_what_is_changed_at_random_is_for_training_only_and_seeded(name):
    def changed(seed):
        layer = cnn.repaired_cnn(64, seed=seed).get_layer(name)
        return keras.ops.convert_to_numpy(layer(photo, training=True))

    photo = noise(8, 64).astype("float32")
    still = cnn.repaired_cnn(64, seed=1).get_layer(name)(photo, training=False)
    assert (keras.ops.convert_to_numpy(still) == photo).all()
    assert (changed(1) == changed(1)).all() and (changed(1) != changed(2)).any()
    assert np.abs(changed(1) - photo).max() > 1
    assert changed(1).min() >= 0 and changed(1).max() <= 255


def test_brightness_and_contrast_change_as_much_as_the_recipe_says():
    gray = np.tile(np.array([100, 150], "float32").reshape(1, 1, 2, 1), (200, 64, 32, 3))
    model = cnn.repaired_cnn(64, seed=1)
    brighter, harder = (
        keras.ops.convert_to_numpy(model.get_layer(name)(gray, training=True))
        for name in ("brightness", "contrast")
    )
    moved = (brighter - gray).reshape(200, -1)
    assert np.ptp(moved, axis=1).max() < 1e-3, "the whole photograph by the same amount"
    assert 0.07 * 255 < np.abs(moved).max() <= 0.08 * 255 + 1e-3
    times = np.ptp(harder[:, 0, :2, 0], axis=1) / 50
    assert 1 - 1e-3 <= times.min() < 1.05 and 1.12 < times.max() <= 1.15 + 1e-3


def test_asking_changes_nothing():
    model, state = cnn.repaired_cnn(64, seed=1), np.random.get_state()[1].copy()
    assert (cnn.predict(model, noise(4, 64)) == cnn.predict(model, noise(4, 64))).all()
    assert (np.random.get_state()[1] == state).all(), "nothing global is seeded"


@pytest.mark.parametrize("size", [31, 0, -5, 1025, 64.5, "128", None, True])
def test_sizes_that_leave_no_model_get_a_sentence(size):
    with pytest.raises(WorkbookError, match="^image_size is .* whole number from 32 to 1024"):
        cnn.repaired_cnn(size)


def test_seeds_and_schedules_that_make_no_sense_get_a_sentence():
    with pytest.raises(WorkbookError, match="^seed is -1"):
        cnn.repaired_cnn(32, seed=-1)
    for arguments, sentence in [
        ((0, 32, 20), "^photographs is 0"),
        ((2400, 0, 20), "^batch_size is 0"),
        ((2400, 32, 0), "^epochs is 0"),
        ((2400, 32, 1.5), "^epochs is 1.5"),
    ]:
        with pytest.raises(WorkbookError, match=sentence):
            cnn.repaired_optimizer(*arguments)


# Training -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("photographs", "batch_size", "epochs"), [(2400, 32, 20), (33, 32, 5), (128, 32, 1)])
def test_the_learning_rate_rises_and_falls_to_nothing(photographs, batch_size, epochs):
    optimizer = cnn.repaired_optimizer(photographs, batch_size, epochs)
    steps = -(-photographs // batch_size)

    def rate(step):
        optimizer.iterations.assign(step)
        return float(optimizer.learning_rate)

    top, end = (steps if epochs > 1 else steps // 2), steps * epochs
    rises = [rate(step) for step in np.linspace(0, top, 4).astype(int)]
    falls = [rate(step) for step in np.linspace(top, end, 9).astype(int)]
    assert rises[0] == 0 and falls[0] == pytest.approx(0.003) and falls[-1] == pytest.approx(0, abs=1e-9)
    assert rises == sorted(rises) and falls == sorted(falls, reverse=True)
    assert optimizer.weight_decay == 1e-3


@pytest.fixture(scope="module")
def learned():
    """A repaired CNN that has learned in seconds that a bright spot anywhere is NG; and from what."""
    pixels, labels = noise(240, 32) // 4, np.arange(240) % 2
    random = np.random.default_rng(5)
    for number in np.flatnonzero(labels == 0):
        row, column = random.integers(0, 24, 2)
        pixels[number, row : row + 8, column : column + 8] += 120
    part = np.arange(240)
    split = SimpleNamespace(train=part[:160], validation=part[160:200], test=part[200:])
    model = cnn.repaired_cnn(32, seed=0)
    history = cnn.train(
        model,
        pixels,
        labels,
        split,
        epochs=4,
        batch_size=16,
        optimizer=cnn.repaired_optimizer(160, 16, 4),
        report=lambda line: None,
    )
    return model, history, pixels, labels, split


def test_it_learns_what_counts_wherever_it_is(learned):
    model, history, pixels, labels, split = learned
    assert history["loss"][-1] < 0.2 * history["loss"][0]
    assert verdicts.judge(labels[split.test], cnn.predict(model, pixels[split.test]), 0.5).accuracy >= 0.95


def test_nothing_speaks_for_a_fan(learned):
    """Each map can only speak against it: no weight of the verdict is negative, and there are some."""
    model, _, pixels, _, split = learned
    kernel = np.asarray(model.get_layer("verdict").get_weights()[0])
    assert kernel.min() >= 0 and kernel.max() > 0
    explained = explain.grad_cam(model, pixels[split.test], "GO", "relu5")
    assert (explained == 0).all(), "so there is nothing to point at for GO"


def test_it_trains_in_bfloat16_as_well():
    pixels, labels, part = noise(16, 32), np.arange(16) % 2, np.arange(16)
    split = SimpleNamespace(train=part[:8], validation=part[8:], test=part[:0])
    model, optimizer = cnn.repaired_cnn(32, seed=1), cnn.repaired_optimizer(8, 8, 2)
    how = {"epochs": 2, "batch_size": 8, "precision": "bfloat16", "report": lambda line: None}
    history = cnn.train(model, pixels, labels, split, optimizer=optimizer, **how)
    assert np.isfinite(history["loss"]).all()
    assert {layer.compute_dtype for layer in model.layers} == {"float32"}


def test_four_looks_say_the_worst_of_four_shifted_photographs(learned, tmp_path):
    model, _, pixels, _, split = learned
    pixels = pixels[split.test]
    looked, side = cnn.four_looks(model), pixels.shape[1]
    shifted = [
        np.pad(pixels, ((0, 0), (down, 0), (right, 0), (0, 0)), mode="symmetric")[:, :side, :side]
        for down in (0, 2)
        for right in (0, 2)
    ]
    worst = np.min([cnn.predict(model, photo) for photo in shifted], axis=0)
    np.testing.assert_allclose(cnn.predict(looked, pixels), worst, atol=1e-6)
    assert (worst < cnn.predict(model, pixels)).any(), "another look finds more"
    assert looked.get_layer("conv1") is model.get_layer("conv1"), "not one weight of its own"
    looked.save(tmp_path / "looks.keras")
    again = cnn.load(tmp_path / "looks.keras")
    np.testing.assert_allclose(cnn.predict(again, pixels), worst, atol=1e-6)


@pytest.mark.parametrize("moved", [(0, 0), (0, 2), (2, 0), (2, 2)])
def test_the_rim_of_a_look_is_the_same_mirror_image_on_pytorch(monkeypatch, moved):
    pixels = np.random.default_rng(0).uniform(size=(2, 5, 6, 3)).astype("float32")
    wanted = np.pad(pixels, ((0, 0), (moved[0], 0), (moved[1], 0), (0, 0)), mode="symmetric")
    for backend in (keras.backend.backend(), "torch"):
        with monkeypatch.context() as patch:
            patch.setattr(keras.backend, "backend", lambda backend=backend: backend)
            rim = cnn.recipe._with_mirrored_rim(keras.ops.convert_to_tensor(pixels), *moved)
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(rim), wanted)


def test_four_looks_need_the_repaired_cnn():
    with pytest.raises(WorkbookError, match="handout_cnn.*flatten.*four_looks takes the layers"):
        cnn.four_looks(cnn.handout_cnn(32))


def test_saved_and_loaded_it_says_the_same(learned, tmp_path):
    model, _, pixels, _, split = learned
    model.save(tmp_path / "model.keras")
    again = cnn.load(tmp_path / "model.keras")
    np.testing.assert_allclose(
        cnn.predict(again, pixels[split.test]), cnn.predict(model, pixels[split.test]), atol=1e-6
    )
    assert [layer.name for layer in again.layers] == [layer.name for layer in model.layers]


def test_the_same_seed_trains_the_same_model():
    """Brightness, contrast and shift draw at random in every step: they too begin with the model's seed."""
    pixels, labels, part = noise(32, 32), np.arange(32) % 2, np.arange(32)
    split = SimpleNamespace(train=part[:24], validation=part[24:], test=part[:0])
    models = [cnn.repaired_cnn(32, seed=1) for _ in range(2)]
    how = {"epochs": 2, "batch_size": 8, "deterministic": True, "report": lambda line: None}
    for model in models:
        optimizer = cnn.repaired_optimizer(24, 8, 2)
        cnn.train(model, pixels, labels, split, optimizer=optimizer, **how)
    assert same(*models) and not same(models[0], cnn.repaired_cnn(32, seed=1))


# The model that comes with the workbook -------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped():
    told = json.loads(cnn.shipped_model().with_suffix(".json").read_text(encoding="utf-8"))
    return cnn.load(cnn.shipped_model()), told


def test_the_shipped_model_is_what_its_description_says(shipped):
    model, told = shipped
    content = cnn.shipped_model().read_bytes()
    assert hashlib.sha256(content).hexdigest() == told["sha256"] and len(content) == told["bytes"] < 600_000
    assert cnn.shipped_model().name == told["file"]
    assert model.count_params() == told["weights"]
    assert model.input_shape == (None, told["image_size"], told["image_size"], 3)
    assert told["line_version"] == fans.LINE_VERSION, "trained on fans that look otherwise: train it again"
    assert not getattr(model, "optimizer", None), "it is for asking, not for training on"


def test_the_shipped_model_has_the_layers_of_the_recipe(shipped):
    model, told = shipped
    fresh = cnn.repaired_cnn(told["image_size"], seed=0)
    for one, other in zip(model.layers, fresh.layers, strict=True):
        # A saved pair comes back as a list.
        mine, theirs = (json.loads(json.dumps(layer.get_config())) for layer in (one, other))
        for config in (mine, theirs):
            config.pop("kernel_initializer", None)
            config.pop("seed", None)
        assert (type(one), mine) == (type(other), theirs)


@pytest.fixture(scope="module")
def fresh(shipped, tmp_path_factory):
    """Photographs of a line that nobody has trained on: 150 fans, two shots of each."""
    folder = tmp_path_factory.mktemp("fresh")
    fans.produce(folder / "line", 150, 2, seed=2_718_281)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FANAOI_RUNS", str(folder / "runs"))
        return photos.load(folder / "line", shipped[1]["image_size"])


def test_the_shipped_model_keeps_its_promise_on_fresh_fans(shipped, fresh):
    model, told = shipped
    assert told["looks"] == 4
    seen = verdicts.judge(fresh.labels, cnn.predict(cnn.four_looks(model), fresh.pixels), told["threshold"])
    assert len(fresh) == 300 and seen.ng_total == 150
    assert seen.accuracy >= 0.98, str(seen)
    assert told["fresh"]["accuracy"] >= 0.99 and told["test"]["accuracy"] >= 0.995


def test_the_shipped_model_points_at_the_defect(shipped):
    """Fewer fans than the description's figures rest on, so with a margin."""
    model, told = shipped
    units = [unit for unit in fans.make_units(120, seed=31) if not unit.is_go]
    shots = [fans.render(unit, size=told["image_size"]) for unit in units]
    shots = [shot for shot in shots if shot.mask.any()]
    pixels, masks = np.stack([shot.pixels for shot in shots]), np.stack([shot.mask for shot in shots])
    promised = told["grad_cam"]

    def points(asked):
        maps = explain.grad_cam(asked, pixels, "NG", promised["layer"])
        return explain.pointing_game(maps, masks, tolerance=promised["tolerance"]).mean()

    by_chance = points(explain.random_weights(model, seed=5))
    assert promised["pointing_game"] >= 0.8 and promised["units"] >= 100
    assert points(model) >= 0.7 and points(model) >= by_chance + 0.3


def test_the_page_of_figures_says_what_the_description_says(shipped):
    _, told = shipped
    page = (files.root() / "docs" / "measured.md").read_text(encoding="utf-8")
    test, fresh, points = told["test"], told["fresh"], told["grad_cam"]
    for name, promised in (("sealed test", test), ("fresh fans", fresh)):
        row = next(line for line in page.splitlines() if line.startswith(f"| {name} |"))
        assert f"{promised['accuracy']:.2%}" in row
        assert f"{promised['escapes']} of {promised['ng_total']}" in row
        assert f"{promised['overkill']} of {promised['go_total']}" in row
    for way, tests in told["seeds"].items():
        for seed, promised in enumerate(tests):
            row = next(line for line in page.splitlines() if line.startswith(f"| {seed} | {way} |"))
            found = re.findall(r"[\d.]+%|\d+ of \d+", row)
            assert found[1] == f"{promised['escapes']} of {promised['ng_total']}"
            assert found[2] == f"{promised['overkill']} of {promised['go_total']}"
            assert abs(float(found[0][:-1]) / 100 - promised["accuracy"]) < 6e-5
    assert [len(tests) for tests in told["seeds"].values()] == [5, 5]
    row = next(line for line in page.splitlines() if line.startswith(f"| Grad-CAM, `{points['layer']}` |"))
    keys = ("pointing_game", "pointing_exactly", "mass_inside")
    assert re.findall(r"\d\.\d+", row) == [f"{points[key]:.3f}" for key in keys]
    assert f"{told['weights']:,} weights" in page


def test_without_the_workbook_a_sentence_says_where_the_model_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "root", lambda: tmp_path)
    with pytest.raises(WorkbookError, match=r"repaired_cnn\.keras is not there; .*--ship"):
        cnn.shipped_model()
