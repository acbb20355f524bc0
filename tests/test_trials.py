"""Small experiments: photographs as the line makes them, a fair order, honest counts, no network needed."""

import numpy as np
import pytest

from fanaoi_helpers import cnn, fans, files, photos, trials
from fanaoi_helpers.errors import WorkbookError

UNITS = fans.make_units(12, seed=3)


@pytest.fixture(scope="module")
def album():
    return trials.photographs(UNITS, 32, shots=2)


def tiny(seed):
    return cnn.handout_cnn(32, 2, 2, 2, seed=seed)


def test_photographs_are_what_load_makes_of_the_lines_folder(album, tmp_path, monkeypatch):
    monkeypatch.setenv("FANAOI_RUNS", str(tmp_path / "runs"))
    loaded = photos.load(fans.produce(tmp_path / "line", 12, 2, 3, workers=1), 32)
    order = np.argsort(album.names)
    assert [album.names[at] for at in order] == [name.removeprefix("photos/") for name in loaded.names]
    assert np.array_equal(album.pixels[order], loaded.pixels)
    for field in ("labels", "serials", "defects", "sizes"):
        ours, theirs = getattr(album, field)[order], getattr(loaded, field)
        assert np.array_equal(ours, theirs, equal_nan=field == "sizes"), field


def test_photographs_are_taken_as_told():
    usual = trials.photographs(UNITS[:2], 32)
    assert len(usual) == 2 and usual.units == 2
    moved = trials.photographs(UNITS[:2], 32, conditions=fans.Conditions(shift_x=10))
    other = trials.photographs(UNITS[:2], 32, design=fans.DESIGNS["AF120-9"])
    assert not np.array_equal(usual.pixels, moved.pixels)
    assert not np.array_equal(usual.pixels, other.pixels)
    assert len(trials.photographs([], 32)) == 0


def test_turned_copies_keep_label_and_serial_and_turn_as_far_as_told(album):
    copies = trials.with_turned_copies(album, copies=3, degrees=90)
    assert len(copies) == 3 * len(album) and len(set(copies.names)) == len(copies)
    for field in ("labels", "serials", "defects"):
        assert np.array_equal(getattr(copies, field)[::3], getattr(album, field))
        assert np.array_equal(getattr(copies, field)[2::3], getattr(album, field))
    assert np.array_equal(copies.pixels[1::3], album.pixels), "the middle one is not turned"
    # Degrees above 0 turn counter-clockwise, as in OpenCV.
    assert np.array_equal(copies.pixels[2::3], np.rot90(album.pixels, 1, axes=(1, 2)))
    assert np.array_equal(copies.pixels[::3], np.rot90(album.pixels, -1, axes=(1, 2)))
    split = photos.split_random(copies, 0, copies=False)
    assert split.torn and not photos.split(copies, 0).torn
    for bad in ({"copies": 0, "degrees": 10}, {"copies": 2, "degrees": 181}):
        with pytest.raises(WorkbookError):
            trials.with_turned_copies(album, **bad)


def test_a_trial_asks_as_often_as_told_and_begins_anew_for_each_seed(album):
    train, unseen = np.arange(16), np.arange(16, 24)
    how = {"steps": 7, "batch_size": 4, "checks": 3}
    both = trials.trial(tiny, album, train, unseen, seeds=[5, 6], **how)
    assert both.steps.tolist() == [3, 5, 7]
    for curve in (both.remembered, both.validation, both.loss, both.training_loss):
        assert curve.shape == (2, 3) and np.isfinite(curve).all()
    alone = trials.trial(tiny, album, train, unseen, seeds=[6], **how)
    assert np.allclose(alone.loss[0], both.loss[1], atol=1e-4), "nothing of seed 5 is left over"
    assert not np.allclose(both.loss[0], both.loss[1], atol=1e-4)
    assert both.known == both.remembered[:, -1].mean() and both.new == both.validation[:, -1].mean()
    assert both.gap == both.known - both.new


def test_a_trial_learns_what_it_is_told_and_is_judged_by_the_truth(album):
    def build(seed):
        return cnn.handout_cnn(32, 8, 8, 16, seed=seed)

    index = np.arange(8)
    wrong = 1 - album.labels
    how = {"steps": 150, "batch_size": 8, "learning_rate": 0.003, "checks": 1}
    done = trials.trial(build, album, index, index, labels=wrong, **how)
    assert done.remembered[0, 0] > 0.8, "it knows the labels that it was told"
    assert np.isclose(done.validation[0, 0], 1 - done.remembered[0, 0])
    assert np.isclose(trials.accuracy(done.model, album, index), done.validation[0, 0])
    assert trials.accuracy(done.model, album, threshold=0.0) == np.mean(album.labels == 1)


def test_stopped_early_takes_each_seeds_own_best_check():
    curves = {"steps": np.arange(3), "remembered": np.ones((2, 3)), "training_loss": np.zeros((2, 3))}
    loss = np.array([[0.7, 0.5, 0.9], [0.6, 0.8, 0.9]])
    validation = np.array([[0.5, 0.7, 0.6], [0.6, 0.9, 0.9]])
    done = trials.Trial(**curves, loss=loss, validation=validation, model=None)
    assert np.allclose(done.stopped_early(), (0.65, 0.55))


def test_every_photograph_of_an_epoch_is_seen_once():
    order = trials._order(np.array([4, 7, 9]), 8, seed=1)
    assert len(order) == 8
    assert sorted(order[:3]) == sorted(order[3:6]) == [4, 7, 9]
    assert order.tolist() == trials._order(np.array([4, 7, 9]), 8, seed=1).tolist()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"steps": 2, "checks": 3}, "steps is 2"),
        ({"seeds": []}, "seeds is empty"),
        ({"train": np.array([], int)}, "train is empty"),
        ({"batch_size": 0}, "batch_size"),
    ],
)
def test_a_trial_refuses_what_makes_no_sense(album, change, words):
    index = np.arange(4)
    told = {"train": index, "validation": index, "steps": 3, "checks": 1} | change
    with pytest.raises(WorkbookError, match=words):
        trials.trial(tiny, album, **told)


def test_a_trial_refuses_photographs_of_another_size(album):
    with pytest.raises(WorkbookError, match="the model takes"):
        trials.trial(lambda seed: cnn.handout_cnn(40, 2, 2, 2), album, [0], [1], steps=5)


def test_what_is_fetched_is_kept_and_what_is_not_there_is_none(tmp_path, monkeypatch):
    monkeypatch.setenv("FANAOI_RUNS", str(tmp_path / "runs"))
    there = tmp_path / "weights.h5"
    there.write_bytes(b"w" * 100_000)
    got = trials.fetched(there.as_uri(), seconds=5)
    assert got.read_bytes() == there.read_bytes() and files.runs_dir() in got.parents
    there.unlink()
    assert trials.fetched(there.as_uri(), seconds=5) == got, "once is enough"
    assert trials.fetched((tmp_path / "gone.h5").as_uri(), seconds=5) is None
    assert sorted(p.name for p in got.parent.iterdir()) == ["weights.h5"]
