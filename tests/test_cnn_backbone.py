"""The borrowed convolutions: the weights that ImageNet taught, and what they see."""

import hashlib
import runpy

import numpy as np
import pytest

from fanaoi_helpers import cnn, files
from fanaoi_helpers.cnn import efficientnet, feature_files
from fanaoi_helpers.errors import WorkbookError

keras = cnn.keras
CLASSES = {285: "Egyptian cat", 967: "espresso", 657: "missile"}


def photographs():
    """Return what the file was tried on: a cat, a cup of coffee and a rocket, (3, 224, 224, 3) uint8."""
    return runpy.run_path(str(files.root() / "benchmarks" / "backbone.py"))["photographs"]()


def test_it_calls_a_cat_a_cat():
    """Weights in the wrong order would load without an error and call everything the same."""
    with np.load(files.root() / "tests" / "efficientnet_lite0_classes.npz") as stored:
        last = keras.ops.convert_to_numpy(cnn.backbone()(photographs()))
        scores = last.mean(axis=(1, 2)) @ stored["kernel"].astype("float32") + stored["bias"]
        assert scores.shape == (3, 1000) and scores.argmax(axis=1).tolist() == list(CLASSES)
        np.testing.assert_allclose(scores, stored["scores"], atol=1e-3)


def test_the_file_is_the_one_that_the_program_knows():
    content = efficientnet.weights_file().read_bytes()
    assert hashlib.sha256(content).hexdigest() == efficientnet.SHA256
    assert len(content) < 7_000_000
    assert efficientnet.SHA256 in (files.root() / "LICENSE").read_text(encoding="utf-8")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 something else"])
def test_another_file_in_its_place_is_refused(content, tmp_path, monkeypatch):
    (tmp_path / "weights.npz").write_bytes(content)
    monkeypatch.setattr(efficientnet, "weights_file", lambda: tmp_path / "weights.npz")
    efficientnet._weights.cache_clear()
    with pytest.raises(WorkbookError, match="is not the file that came with the workbook"):
        cnn.backbone()
    monkeypatch.setattr(efficientnet, "weights_file", lambda: tmp_path / "nothing.npz")
    with pytest.raises(WorkbookError, match=r"nothing.npz can't be read \(No such file"):
        cnn.backbone()


def test_nothing_of_it_learns_and_any_size_will_do():
    model = cnn.backbone(96)
    assert model.output_shape == (None, 3, 3, 1280) and not model.trainable_variables
    assert model.count_params() == 3_350_000
    for odd, why in [(100, "halve it five times"), (32, "from 64 to 512"), (544, "from 64 to 512")]:
        with pytest.raises(WorkbookError, match=why):
            cnn.backbone(odd)


def noise(count, size=64, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, size, size, 3), dtype=np.uint8)


def names(count, start=0):
    return [f"{number:064x}" for number in range(start, start + count)]


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """Count the photographs that the convolutions are really asked about; what is kept has a folder."""
    monkeypatch.setattr(files, "runs_dir", lambda: tmp_path / "runs")
    counted = []
    compiled = feature_files.BACKEND.compiled

    def counting(model):
        ask = compiled(model)
        return lambda pixels: counted.append(len(pixels)) or ask(pixels)

    monkeypatch.setattr(type(feature_files.BACKEND), "compiled", staticmethod(counting))
    return counted


def test_means_and_maps_are_what_the_layers_say():
    pixels = noise(3)
    seen = cnn.features(pixels)
    assert seen.means.shape == (3, 2048) and seen.maps.shape == (3, 4, 4, 152) and len(seen) == 3
    whole = cnn.backbone(64)
    outputs = [whole.get_layer(name).output for name in efficientnet.ALL_MAPS]
    maps = [keras.ops.convert_to_numpy(each) for each in keras.Model(whole.input, outputs)(pixels)]
    means = np.concatenate([each.mean(axis=(1, 2)) for each in maps], axis=1)
    np.testing.assert_allclose(seen.means, means, atol=5e-3, rtol=2e-3)
    fine = maps[1].reshape(3, 4, 2, 4, 2, 40).mean(axis=(2, 4))
    np.testing.assert_allclose(seen.maps, np.concatenate([fine, maps[3]], axis=3), atol=2e-2, rtol=2e-3)


def test_a_content_is_looked_at_once_wherever_it_lies(asked):
    pixels = noise(40)
    first = cnn.features(pixels, names(40))
    again = cnn.features(pixels, names(40))
    assert asked == [32, 8] and (first.means == again.means).all()
    more = np.concatenate([noise(2, seed=1), pixels[::-1]])
    seen = cnn.features(more, names(2, start=100) + names(40)[::-1])
    assert sum(asked[2:]) == 2
    assert (seen.means[2:] == first.means[::-1]).all() and (seen.maps[2:] == first.maps[::-1]).all()
    np.testing.assert_allclose(seen.means[:2], cnn.features(more[:2]).means, atol=5e-3)


def test_a_damaged_file_is_made_again(asked):
    pixels = noise(3)
    first = cnn.features(pixels, names(3))
    (kept,) = (files.runs_dir() / "cache" / "features").glob("*.npy")
    kept.write_bytes(kept.read_bytes()[:-1000])
    assert (cnn.features(pixels, names(3)).means == first.means).all() and asked == [3, 3]


def test_without_room_it_works_all_the_same(asked, monkeypatch):
    def refused(path):
        raise WorkbookError("no room")

    monkeypatch.setattr(files, "replacing", refused)
    assert cnn.features(noise(3), names(3)).means.shape == (3, 2048)


def test_what_was_not_opened_for_longest_goes_first(asked, monkeypatch):
    monkeypatch.setattr(feature_files, "MOST_BYTES", 60_000)
    for start in (0, 10, 20):
        cnn.features(noise(3, seed=start), names(3, start))
    kept = list((files.runs_dir() / "cache" / "features").glob("*.npy"))
    assert len(kept) == 2
    cnn.features(noise(3, seed=20), names(3, 20))
    assert asked == [3, 3, 3]


@pytest.mark.parametrize("pixels", [np.zeros((2, 64, 64, 3)), np.zeros((64, 64, 3), np.uint8), 5])
def test_pixels_that_are_none_are_refused(pixels):
    with pytest.raises(WorkbookError):
        cnn.features(pixels)
