"""One neuron on borrowed convolutions, and GO alone: what is trained, saved, and refused."""

import numpy as np
import pytest

from fanaoi_helpers import cnn, explain, fans, photos, verdicts
from fanaoi_helpers.cnn import borrowing, good_places
from fanaoi_helpers.errors import WorkbookError


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    """Give 60 photographs of 60 fans, large defects of one kind, and their split."""
    folder = fans.produce(tmp_path_factory.mktemp("line"), 60, 1, seed=1, size=96, workers=1)
    album = photos.load(folder, 96)
    return album, photos.split(album, 0)


def means(count=60, seed=0, signal=2.0):
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    found = rng.normal(size=(count, 2048))
    found[:, :3] += signal * labels[:, None]
    return found, labels


# The neuron -----------------------------------------------------------------------------------------------


def test_the_neuron_is_the_logistic_regression_that_scikit_learn_finds_without_our_rotation():
    from sklearn.linear_model import LogisticRegression

    found, labels = means()
    neuron = cnn.quick_neuron(found, labels, strength=0.01)
    standard = (found - found.mean(axis=0)) / found.std(axis=0)
    oracle = LogisticRegression(C=0.01, class_weight="balanced", tol=1e-8, max_iter=5000).fit(
        standard, labels
    )
    np.testing.assert_allclose(neuron(found), oracle.predict_proba(standard)[:, 1], atol=1e-4)
    many, many_labels = means(2100)
    assert np.isfinite(cnn.quick_neuron(many, many_labels)(many)).all(), "more photographs than maps"


def test_the_strength_is_chosen_on_photographs_that_were_held_out():
    found, labels = means(signal=1.0)
    neuron = cnn.train_neuron(found, labels, np.arange(60))
    assert neuron.strength in borrowing.STRENGTHS and neuron.out_of_fold.shape == (60,)
    seen = verdicts.auc(labels, neuron(found))
    held_out = verdicts.auc(labels, neuron.out_of_fold)
    assert seen > 0.99 > held_out > 0.5, "what it was trained on flatters"


def test_photographs_of_one_unit_stay_together():
    """Copies of noise would be recognized, if a copy of a held-out photograph had been seen."""
    found, _ = means(30, signal=0)
    labels = np.random.default_rng(3).permutation(np.arange(30) % 2)
    twice, both = np.concatenate([found, found]), np.concatenate([labels, labels])
    units = np.tile(np.arange(30), 2)
    apart = cnn.train_neuron(twice, both, units).out_of_fold
    torn = cnn.train_neuron(twice, both, np.arange(60)).out_of_fold
    assert verdicts.auc(both, torn) > 0.9 > 0.75 > verdicts.auc(both, apart)


def test_a_rare_label_weighs_as_much_as_the_other():
    found, labels = means(200, signal=4.0)
    kept = np.flatnonzero((labels == 0) | (np.arange(200) < 20))
    neuron = cnn.train_neuron(found[kept], labels[kept], kept)
    others, other_labels = means(400, seed=9, signal=4.0)
    seen = verdicts.judge(other_labels, neuron(others), 0.5)
    assert seen.overkill_rate < 0.35 and seen.escape_rate < 0.35, "10 GO beside 100 NG are not called NG"


def test_too_few_units_are_refused_in_a_sentence():
    found, labels = means(10)
    with pytest.raises(WorkbookError, match="1 GO and 5 NG units, but cross-validation needs 2"):
        cnn.train_neuron(found, labels, np.where(labels == 1, 0, np.arange(10)))


# The model ------------------------------------------------------------------------------------------------


def test_it_is_one_ordinary_model(line, tmp_path):
    album, split = line
    model = cnn.borrowed(album, split, seed=0)
    seen = cnn.features(album.pixels, album.contents)
    neuron = cnn.train_neuron(seen.means[split.train], album.labels[split.train], split.groups[split.train])
    p_go = cnn.predict(model, album.pixels)
    np.testing.assert_allclose(p_go, neuron(seen.means), atol=2e-3)
    again = cnn.load(cnn.save(model, tmp_path / "model.keras"))
    np.testing.assert_allclose(cnn.predict(again, album.pixels), p_go, atol=1e-6)
    assert sum(np.prod(weights.shape) for weights in model.trainable_weights) == 2049
    assert explain.logit(again, album.pixels[:2]).shape == (2,)
    # Behind the last maps there is their mean alone, so each place has its share of the logit.
    maps = explain.feature_maps(again, album.pixels[:9], ["last_relu"])["last_relu"]
    share = maps @ again.get_layer("verdict").get_weights()[0][-1280:, 0] / maps[0, ..., 0].size
    for verdict, sign in (("GO", 1), ("NG", -1)):
        cams = explain.grad_cam(again, album.pixels[:9], verdict, "last_relu")
        assert cams.shape == (9, 96, 96)
        speaks = (sign * share).max(axis=(1, 2))
        np.testing.assert_allclose(cams.max(axis=(1, 2)), np.maximum(speaks, 0), rtol=0.05, atol=1e-6)
    assert abs(share).max() > 0.1


def test_fine_tuning_keeps_what_validation_calls_better(line, monkeypatch):
    album, split = line
    model = cnn.borrowed(album, split, seed=0)
    before, said = model.get_weights(), []
    early = [layer for layer in model.layers if layer.name.startswith(("stem", "block5"))]
    held = [layer.get_weights() for layer in early]
    history = cnn.fine_tune(model, album, split, epochs=1, learning_rate=1e-9, report=said.append)
    assert len(history["loss"]) == 1 and "Validation loss" in said[-1]
    assert sum(np.prod(weights.shape) for weights in model.trainable_weights) == 2049, "frozen again"
    cnn.fine_tune(model, album, split, epochs=1, learning_rate=0.5, report=said.append)
    assert said[-1].endswith("not kept.")
    same = [np.allclose(a, b, atol=1e-6) for a, b in zip(before, model.get_weights(), strict=True)]
    assert all(same), "a learning rate of 0.5 spoils everything, so it is not kept"
    for layer, kept in zip(early, held, strict=True):
        assert all((a == b).all() for a, b in zip(layer.get_weights(), kept, strict=True))
    with pytest.raises(WorkbookError, match="has no borrowed convolutions"):
        cnn.fine_tune(cnn.repaired_cnn(96), album, split)


# GO alone -------------------------------------------------------------------------------------------------


def places(count, seed=0, odd=False):
    """Return maps (n, 4, 4, 152) that vary a little; those of an odd one have a foreign place."""
    base = np.random.default_rng(0).normal(size=(4, 4, 152))
    maps = base + 0.1 * np.random.default_rng(seed).normal(size=(count, 4, 4, 152))
    if odd:
        maps[:, 1, 2] += 1.0
    return maps


@pytest.mark.parametrize("kind", [cnn.PaDiM, cnn.PatchCore])
def test_what_is_foreign_is_found_where_it_is(kind):
    trained = kind.trained(places(20))
    good, bad = trained.heat(places(5, seed=1)), trained.heat(places(5, seed=2, odd=True))
    assert good.shape == (5, 4, 4)
    assert cnn.foreign(bad).min() > 1.5 * cnn.foreign(good).max()
    assert {np.unravel_index(each.argmax(), (4, 4)) for each in bad} == {(1, 2)}
    assert trained.heat(places(0)).shape == (0, 4, 4)
    with pytest.raises(WorkbookError, match="of good photographs|good photographs at least"):
        kind.trained(places(0))
    with pytest.raises(WorkbookError, match="maps has the shape"):
        kind.trained(np.zeros((3, 152)))


def test_padim_measures_in_standard_deviations():
    """On so many photographs that the covariance is known: Mahalanobis' distance, as SciPy has it."""
    from scipy.spatial.distance import mahalanobis

    rng = np.random.default_rng(0)
    maps = rng.normal(size=(500, 1, 1, 6)) @ rng.normal(size=(6, 6))
    trained = cnn.PaDiM.trained(maps)
    covariance = np.cov(maps[:, 0, 0].T) + 0.01 * np.eye(6)
    one = mahalanobis(maps[3, 0, 0], maps[:, 0, 0].mean(axis=0), np.linalg.inv(covariance))
    assert trained.heat(maps[3:4]).item() == pytest.approx(one, rel=1e-4)


def test_the_bank_is_spread_out():
    """Two crowds and a lonely place: a bank of three has each, one drawn at random the crowds alone."""
    crowd = np.random.default_rng(0).normal(size=(1, 20, 20, 152)) * 0.01
    crowd[:, 10:] += 5
    crowd[0, 0, 0] = -7
    chosen = good_places._spread_out(crowd.reshape(-1, 152).astype("float32"), 3, np.random.default_rng(0))
    assert {round(float(crowd.reshape(-1, 152)[number].mean())) for number in chosen} == {-7, 0, 5}


def test_go_alone_is_one_ordinary_model_too(line, tmp_path):
    album, split = line
    model = cnn.go_only(album, split, seed=0)
    assert not model.get_layer("bank").trainable
    maps = cnn.features(album.pixels, album.contents).maps
    good = split.train[album.labels[split.train] == 1]
    core, distances = cnn.held_out(cnn.PatchCore, maps[good], split.groups[good])
    by_hand = cnn.Scale.of(distances)(cnn.foreign(core.heat(maps)))
    np.testing.assert_allclose(cnn.predict(model, album.pixels), by_hand, atol=5e-3)
    again = cnn.load(cnn.save(model, tmp_path / "model.keras"))
    np.testing.assert_allclose(cnn.predict(again, album.pixels), by_hand, atol=5e-3)
    heat = cnn.keras.Model(again.input, again.get_layer("heat").output)
    drawn = cnn.keras.ops.convert_to_numpy(heat(album.pixels[:4])) ** 0.5
    np.testing.assert_allclose(drawn, core.heat(maps[:4]), atol=0.15, rtol=0.02)
    on_photo = explain.heat_map(again, album.pixels[:4])
    assert on_photo.shape == (4, 96, 96)
    ys, xs = explain.centers(again, "bank")
    places = np.s_[:, ys.astype(int)[:, None], xs.astype(int)[None]]
    limit = cnn.Scale.of(distances).limit
    np.testing.assert_allclose(on_photo[places] * limit, drawn, atol=0.06 * drawn.max())


def test_ng_are_not_looked_at(line):
    from dataclasses import replace

    album, split = line
    blackened = np.array(album.pixels)
    blackened[album.labels == 0] = 0
    other = replace(album, pixels=blackened, contents=[])
    one, two = cnn.go_only(replace(album, contents=[]), split), cnn.go_only(other, split)
    assert all((a == b).all() for a, b in zip(one.get_weights(), two.get_weights(), strict=True))


def test_one_good_unit_in_twenty_is_beyond_the_limit():
    scale = cnn.Scale.of(np.arange(1, 102, dtype=float))
    assert (scale.usual, scale.limit) == (51, 96)
    assert scale([51, 96, 200]).round(2).tolist() == [0.98, 0.5, 0.0]
    alike = cnn.Scale.of(np.ones(5))
    assert np.isfinite(alike([0.9, 1, 1.1])).all()


def test_one_good_unit_is_too_few():
    with pytest.raises(WorkbookError, match="1 GO unit to learn from"):
        cnn.held_out(cnn.PatchCore, places(3), np.zeros(3, int))
