"""Scores of explanations against exact masks, and the baselines; then on a CNN trained for a minute."""

import numpy as np
import pytest
from explain_models import photographs, reloaded, smooth, with_random_weights

from fanaoi_helpers import cnn, explain, fans, photos
from fanaoi_helpers.errors import WorkbookError

keras = cnn.keras
SIZE = 12


def map_with(*points):
    """Return one map, 0 but for the given (row, column, value)."""
    found = np.zeros((1, SIZE, SIZE))
    for row, column, value in points:
        found[0, row, column] = value
    return found


def box(y0, x0, y1, x1):
    mask = np.zeros((1, SIZE, SIZE), bool)
    mask[0, y0:y1, x0:x1] = True
    return mask


# Pointing game --------------------------------------------------------------------------------------------


def test_the_maximum_hits_or_misses():
    maps = np.concatenate([map_with((3, 4, 5.0), (9, 9, 4.9)), map_with((9, 9, 5.0), (3, 4, 4.9))])
    hits = explain.pointing_game(maps, np.repeat(box(2, 3, 5, 6), 2, axis=0))
    assert hits.tolist() == [1, 0] and hits.dtype == np.float64
    assert explain.pointing_game(-maps[:1] - 7, box(2, 3, 5, 6)) < 1, "negative maps have a maximum too"


@pytest.mark.parametrize(
    ("tolerance", "hits"),
    [(0, [1, 0, 0, 0]), (1, [1, 1, 0, 0]), (1.4, [1, 1, 0, 0]), (1.5, [1, 1, 1, 0]), (2.9, [1, 1, 1, 1])],
)
def test_the_tolerance_is_a_distance(tolerance, hits):
    """Inside, 1 to the right, 1 and 1 over the corner, 2 and 2 over the corner."""
    maps = np.concatenate([map_with((row, col, 1)) for row, col in [(7, 7), (7, 8), (8, 8), (9, 9)]])
    masks = np.repeat(box(5, 5, 8, 8), 4, axis=0)
    assert explain.pointing_game(maps, masks, tolerance=tolerance).tolist() == hits


@pytest.mark.parametrize("corner", [(0, 0), (0, 11), (11, 0), (11, 11)])
def test_no_tolerance_reaches_around_the_edge(corner):
    row, column = corner
    far = map_with((11 - row, 11 - column, 1))
    mask = map_with((row, column, 1)) > 0
    assert explain.pointing_game(far, mask, tolerance=10) == 0
    assert explain.pointing_game(far, mask, tolerance=16) == 1
    assert explain.pointing_game(map_with((row, column, 1)), mask) == 1


def test_several_maxima_score_what_a_choice_among_them_would():
    mask = box(0, 0, 3, 4)
    assert explain.pointing_game(map_with((0, 0, 1), (2, 3, 1), (9, 9, 1), (9, 10, 1)), mask) == 0.5
    for flat in (0.0, 3.0):
        assert explain.pointing_game(np.full((1, SIZE, SIZE), flat), mask) == mask.mean()


# Mass -----------------------------------------------------------------------------------------------------


def test_the_share_of_the_mass():
    maps = map_with((3, 4, 3.0), (9, 9, 1.0), (0, 0, -50.0))
    assert explain.mass_inside(maps, box(2, 3, 5, 6)).tolist() == [0.75]
    assert explain.mass_inside(np.ones((1, SIZE, SIZE)), box(2, 3, 5, 6))[0] == pytest.approx(9 / 144)
    assert explain.mass_inside(np.zeros((1, SIZE, SIZE)), box(2, 3, 5, 6)).tolist() == [0]


@pytest.mark.parametrize("score", [explain.pointing_game, explain.mass_inside])
def test_bad_maps_and_masks_get_one_sentence(score):
    maps, masks = map_with((3, 4, 1)), box(2, 3, 5, 6)
    empty = np.concatenate([masks, masks & False])
    for arguments, sentence in [
        ((maps, masks[:, 1:]), "^maps has the shape"),
        ((maps[0], masks[0]), "^maps has the shape"),
        ((maps, masks.astype("uint8") * 255), "of uint8, but they must be numbers and bool"),
        ((maps * np.nan, masks), "holds NaN"),
        ((np.repeat(maps, 2, axis=0), empty), r"^masks\[1\] is empty, as are 1 of 2"),
    ]:
        with pytest.raises(WorkbookError, match=sentence):
            score(*arguments)
    assert score(maps[:0], masks[:0]).shape == (0,)
    with pytest.raises(WorkbookError, match="^tolerance is -1"):
        explain.pointing_game(maps, masks, tolerance=-1)


# Baselines ------------------------------------------------------------------------------------------------


def weights_of(model):
    return np.concatenate([weights.ravel() for weights in model.get_weights()])


@pytest.mark.parametrize("kind", ["fresh", "reloaded", "functional"])
def test_random_weights_keep_the_architecture_only(kind, tmp_path):
    model = smooth(12) if kind == "functional" else with_random_weights(cnn.handout_cnn(23, 3, 4, 5, seed=1))
    model = reloaded(model, tmp_path) if kind == "reloaded" else model
    kept = weights_of(model)
    first, again, other = (explain.random_weights(model, seed) for seed in (1, 1, 2))
    assert [layer.name for layer in first.layers[1:]] == [layer.name for layer in model.layers[1:]]
    assert first.input_shape == model.input_shape
    np.testing.assert_array_equal(weights_of(first), weights_of(again))
    np.testing.assert_array_equal(weights_of(model), kept)
    names = [weights.path.split("/")[-1] for weights in model.weights]
    for one, mine, theirs in zip(names, first.get_weights(), other.get_weights(), strict=True):
        assert (mine == theirs).all() == (one == "bias")
    pixels = photographs(2, model.input_shape[1])
    assert not np.allclose(explain.logit(first, pixels), explain.logit(model, pixels), atol=1e-3)


def test_random_weights_are_not_those_that_the_model_began_with():
    model = cnn.handout_cnn(23, 3, 4, 5, seed=1)
    assert not np.allclose(weights_of(explain.random_weights(model, 1)), weights_of(model))
    with pytest.raises(WorkbookError, match="^seed is -1"):
        explain.random_weights(model, -1)


def test_random_weights_are_others_in_each_layer():
    """With the same numbers in two layers they would not be as random as they say."""
    rows = [keras.layers.Dense(6, activation="relu", name=name) for name in ("one", "two")]
    ends_in = [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(1, activation="sigmoid")]
    convolution = keras.layers.Conv2D(6, 1)
    fresh = explain.random_weights(
        keras.Sequential([keras.Input((8, 8, 3)), convolution, *rows, *ends_in]), 4
    )
    one, two = (fresh.get_layer(name).get_weights()[0] for name in ("one", "two"))
    assert one.shape == two.shape and not np.isclose(one, two).any()


def test_the_center_blob_is_round_and_largest_in_the_middle():
    for shape in ((11, 11), (2, 8, 8), (9, 15)):
        blob = explain.center_blob(shape)
        assert blob.shape == shape and blob.dtype == np.float32 and blob.max() == 1
        for turned in (blob[..., ::-1], blob[..., ::-1, :]):
            np.testing.assert_allclose(turned, blob)
    middle = np.zeros((1, 9, 9), bool)
    middle[0, 4, 4] = True
    assert explain.pointing_game(explain.center_blob((1, 9, 9)), middle) == 1
    at = explain.center_blob((9, 9), width=2 / 9)[4]
    assert at[6] == pytest.approx(np.exp(-0.5))  # one standard deviation off
    for shape in (9, (9,), (0, 9), "fan", (1, 2, 3, 4)):
        with pytest.raises(WorkbookError, match="^shape is "):
            explain.center_blob(shape)


# The real thing -------------------------------------------------------------------------------------------


def test_grad_cam_points_at_foreign_objects_and_baselines_do_not():
    """The handout's CNN, trained for some seconds; the same fan stands beside itself, GO and NG."""
    side, units = 40, 400
    shots = [
        fans.render(fans.make_unit(f"P{number:04d}", number, *defect), size=side)
        for number in range(units // 2)
        for defect in ((), ("foreign_object", 36))
    ]
    pixels = np.stack([shot.pixels for shot in shots])
    labels = np.tile([1, 0], units // 2)
    place, cut = np.arange(units), units * 3 // 4
    split = photos.Split(place[:cut], place[cut:], place[:0], by="serial", groups=place // 2)
    model = cnn.handout_cnn(side, 16, 32, 32, seed=0)
    cnn.train(model, pixels, labels, split, epochs=8, batch_size=16, report=lambda line: None)

    unseen = place[cut:]
    assert ((cnn.predict(model, pixels[unseen]) > 0.5) == labels[unseen]).mean() >= 0.85
    bad = unseen[labels[unseen] == 0]
    masks = np.stack([shots[number].mask for number in bad])
    fresh = explain.random_weights(model, seed=1)
    maps = {
        "trained": explain.grad_cam(model, pixels[bad], "NG"),
        "random weights": explain.grad_cam(fresh, pixels[bad], "NG"),
        "center blob": explain.center_blob(masks.shape),
        "for GO": explain.grad_cam(model, pixels[bad], "GO"),
    }
    points = {name: explain.pointing_game(found, masks, tolerance=2).mean() for name, found in maps.items()}
    inside = {name: explain.mass_inside(found, masks).mean() for name, found in maps.items()}
    for baseline in ("random weights", "center blob", "for GO"):
        assert points["trained"] > points[baseline] + 0.3, points
        assert inside["trained"] > 2 * inside[baseline], inside
