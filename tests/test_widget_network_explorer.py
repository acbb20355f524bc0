"""The network explorer: its numbers are Keras's, for the handout's CNN and the repaired one."""

import numpy as np
import pytest

from fanaoi_helpers import cnn, explain
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.widgets import network_layers
from fanaoi_helpers.widgets.network_explorer import NetworkExplorer

keras = cnn.keras
layers = keras.layers

CELLS = [
    """import numpy as np
from fanaoi_helpers import cnn
from fanaoi_helpers.widgets.network_explorer import NetworkExplorer
rng = np.random.default_rng(0)
model = cnn.handout_cnn(80, seed=0)
photographs = np.kron(rng.integers(0, 256, (12, 16, 16, 3)), np.ones((1, 5, 5, 1))).astype(np.uint8)
figure = NetworkExplorer(model, photographs, np.arange(12) % 2, [f"fan {n}" for n in range(12)])
figure""",
]
REPAIRED = """repaired_model = cnn.load(cnn.shipped_model())
large = np.kron(rng.integers(0, 256, (4, 16, 16, 3)), np.ones((1, 8, 8, 1))).astype(np.uint8)
repaired = NetworkExplorer(repaired_model, large, layer="relu5")
repaired"""
TRUTH = """from fanaoi_helpers import explain
from fanaoi_helpers.explain import _row
def ask(model, figure):
    names = [one["name"] for one in figure.layers[:-1]]
    given = _row.outputs_of(model, figure.photographs, names)
    found = {name: np.asarray(one) for name, one in zip(names, given)}
    found = {name: one.reshape(len(one), *figure.maps[name].shape) for name, one in found.items()}
    return found | {figure.layers[-1]["name"]: explain.logit(model, figure.photographs).reshape(-1, 1, 1, 1)}
truth = {"figure": ask(model, figure), "repaired": ask(repaired_model, repaired)}
def seen(which):
    one = globals()[which]
    maps = truth[which][one.layer][one.index]
    return {"value": maps[one.row, one.column, one.map], "limit": abs(maps).max(),
            "max": maps.max(axis=(0, 1)), "mean": maps.mean(axis=(0, 1)),
            "logit": list(truth[which].values())[-1][one.index, 0, 0, 0]}
True"""  # fmt: skip


def one_step(page, number):
    """Go to the next photograph, by the keyboard."""
    if number == 0:
        page.focus(".fanaoi-strip [aria-selected=true]")
        page.keyboard.press("Home")
    page.keyboard.press("ArrowRight" if number // 10 % 2 == 0 else "ArrowLeft")


def photographs(count, size, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, size, size, 3), dtype=np.uint8)


def with_noise(model, seed=1):
    """Return the model with weights that leave nothing at its beginning, variances above 0."""
    rng = np.random.default_rng(seed)
    for one in model.weights:
        positive = "variance" in one.path
        one.assign(rng.uniform(0.5, 2, one.shape) if positive else rng.normal(0, 0.3, one.shape))
    return model


def odd_model():
    return keras.Sequential([
        keras.Input((21, 17, 3)), layers.Rescaling(1 / 128, offset=-1), layers.RandomFlip(),
        layers.Conv2D(5, (3, 2), strides=(2, 1), padding="same", activation="sigmoid"), layers.Dropout(0.5),
        layers.MaxPooling2D((3, 2), strides=2, padding="same"), layers.BatchNormalization(center=False),
        layers.Conv2D(6, 3, use_bias=False), layers.ReLU(), layers.GlobalMaxPooling2D(), layers.Dense(7),
        layers.Dense(3, activation="sigmoid", use_bias=False), layers.Dense(1, activation="sigmoid"),
    ])  # fmt: skip


# --- without a browser -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("build", "size"),
    [
        (lambda: cnn.handout_cnn(80, seed=0), (80, 80)),
        (lambda: with_noise(cnn.handout_cnn(11, 3, 5, 7)), (11, 11)),
        (lambda: cnn.load(cnn.shipped_model()), (128, 128)),
        (lambda: cnn.repaired_cnn(45, seed=0), (45, 45)),
        (lambda: with_noise(odd_model()), (21, 17)),
    ],
)
def test_the_plain_layers_do_what_keras_does(build, size):
    model = build()
    photo = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    plain, weights = network_layers.layers_of(model)
    maps = network_layers.forward(plain, weights, photo)
    x = keras.ops.cast(photo[None], "float32")
    known = {one["name"] for one in plain}
    for layer in model.layers:
        if isinstance(layer, layers.InputLayer):
            continue
        x = layer(x, training=False)
        if layer.name in known and layer is not model.layers[-1]:
            wanted = np.asarray(x)[0].reshape(maps[layer.name].shape)
            assert np.abs(maps[layer.name] - wanted).max() <= 1e-5 * np.abs(wanted).max(), layer.name
    logit = float(explain.logit(model, photo[None])[0])
    assert maps[plain[-1]["name"]][0, 0, 0] == pytest.approx(logit, abs=1e-5 * max(1, abs(logit)))


@pytest.mark.parametrize(
    "layer",
    [
        layers.AveragePooling2D(2, name="culprit"),
        layers.Conv2D(4, 3, dilation_rate=2, name="culprit"),
        layers.Conv2D(4, 3, activation="tanh", name="culprit"),
        layers.ReLU(max_value=6, name="culprit"),
        layers.Dense(4, name="culprit"),
        layers.LayerNormalization(name="culprit"),
    ],
)
def test_a_layer_that_is_not_understood_is_named(layer):
    model = keras.Sequential(
        [keras.Input((16, 16, 3)), layer, layers.Flatten(), layers.Dense(1, activation="sigmoid")]
    )
    with pytest.raises(WorkbookError, match=f"'culprit' is a {type(layer).__name__} that .* not understand"):
        NetworkExplorer(model, photographs(1, 16))


@pytest.fixture(scope="module")
def small():
    return cnn.handout_cnn(24, 4, 8, 16, seed=0)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"layer": "conv7"}, "layer is 'conv7', but it must be one of 'rescale', 'conv1'"),
        ({"map": 4}, "map is 4, but it must be a whole number from 0 to 3"),
        ({"row": -1}, "row is -1, .* 0 to 21"),
        ({"layer": "pool2", "column": 4}, "column is 4, .* 0 to 3"),
        ({"index": 2}, "index is 2, .* 0 to 1"),
        ({"labels": [1]}, "There are 1 labels for 2 photographs"),
        ({"labels": [1, 3]}, "must hold only 1 for GO and 0 for NG"),
        ({"names": ["a"]}, "There are 1 names for 2 photographs"),
    ],
)
def test_bad_settings_are_refused(small, settings, says):
    with pytest.raises(WorkbookError, match=says):
        NetworkExplorer(small, photographs(2, 24), **settings)


def test_photographs_must_fit(small):
    with pytest.raises(WorkbookError, match="the model takes"):
        NetworkExplorer(small, photographs(2, 25))
    explorer = NetworkExplorer(small, photographs(3, 24), [1, 0, 1], index=2)
    with pytest.raises(WorkbookError, match="the figure takes"):
        explorer.photographs = photographs(2, 25)
    before = explorer.logit
    explorer.photographs = photographs(2, 24, seed=5)
    assert explorer.index == 1 and not len(explorer.labels) and explorer.logit != before


def test_later_settings_are_checked_and_stay_inside(small):
    explorer = NetworkExplorer(small, photographs(2, 24), layer="conv1", map=3, row=21, column=20)
    with pytest.raises(WorkbookError, match="row is 22"):
        explorer.row = 22
    explorer.layer = "pool2"
    assert (explorer.map, explorer.row, explorer.column) == (3, 3, 3)
    explorer.layer = "verdict"
    assert (explorer.map, explorer.row, explorer.column) == (0, 0, 0)
    assert explorer.value == explorer.logit


def test_it_begins_at_the_strongest_number(small):
    explorer = NetworkExplorer(small, photographs(2, 24))
    maps = explain.feature_maps(small, explorer.photographs[:1], ["conv1"])["conv1"][0]
    assert explorer.layer == "conv1" and explorer.map == maps.mean(axis=(0, 1)).argmax()
    assert explorer.value == pytest.approx(maps[..., explorer.map].max(), rel=1e-5)


@pytest.mark.parametrize("layer", ["rescale", "conv1", "pool2", "dense1", "verdict"])
def test_every_layer_has_a_still_picture(small, layer):
    assert NetworkExplorer(small, photographs(2, 24), [1, 0], ["", "torn"], layer=layer, index=1).still().axes


@pytest.mark.parametrize("layer", ["norm1", "strongest", "against"])
def test_so_has_the_repaired_one(layer):
    assert NetworkExplorer(cnn.repaired_cnn(32, seed=0), photographs(1, 32), layer=layer).still().axes


def test_what_a_notebook_stores(small, forms):
    explorer = NetworkExplorer(small, photographs(2, 24), [1, 0])
    assert repr(explorer).startswith("NetworkExplorer(photograph 0, GO, P(GO) 0.")
    words, picture = forms(explorer)
    assert words == repr(explorer) and picture.width > 600


# --- in the browser --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def figure(lab, browser):
    with lab.open(browser, [*CELLS, REPAIRED], "network_explorer", height=1000) as shown:
        shown.page.wait_for_function(
            "document.querySelectorAll('.fanaoi-network-explorer .fanaoi-maps canvas').length > 40"
        )
        yield shown


STATE = "' '.join(str(getattr({which}, name)) for name in ('index', 'layer', 'map', 'row', 'column'))"


def settled(figure, which):
    """Wait until the browser shows what Python holds; return the figure's selector."""
    number = ("figure", "repaired").index(which)
    state = figure.python(STATE.format(which=which))
    figure.page.wait_for_function(
        f"document.querySelectorAll('.fanaoi-network-explorer')[{number}]?.dataset.drawn == '{state}'",
        timeout=15_000,
    )
    return figure.page.locator(".fanaoi-network-explorer").nth(number)


@pytest.mark.parametrize(("which", "settings"), [("figure", 12), ("repaired", 10)])
def test_its_numbers_are_keras_s(figure, which, settings):
    figure.python(TRUTH)
    rng = np.random.default_rng(2)
    kinds = figure.python(f"[[one['name'], one['shape']] for one in {which}.layers]")
    count = figure.python(f"len({which}.photographs)")
    order = rng.permutation(len(kinds))
    for number in range(settings):
        name, shape = kinds[order[number % len(order)]]
        row, column, chosen = (int(rng.integers(size)) for size in shape)
        figure.python(
            f"{which}.index = {rng.integers(count)}\n{which}.layer = {name!r}\n"
            f"{which}.map, {which}.row, {which}.column = {chosen}, {row}, {column}\n"
            f"{which}.sorted = {bool(number % 2)}\nTrue"
        )
        box = settled(figure, which)
        wanted = figure.python(f"seen({which!r})")
        near = 1e-5 * wanted["limit"]
        said = box.locator("[data-role=sum]")
        assert float(said.get_attribute("data-value")) == pytest.approx(wanted["value"], abs=near), name
        logit = float(box.locator("[data-role=logit]").get_attribute("data-value"))
        assert logit == pytest.approx(wanted["logit"], rel=1e-5, abs=1e-5)
        p_go = float(box.locator("[data-role=p-go]").get_attribute("data-value"))
        assert p_go == pytest.approx(1 / (1 + np.exp(-logit)), rel=1e-9)
        tiles = box.locator(".fanaoi-maps > div").evaluate_all(
            "all => all.map((one) => [one.dataset.map, one.dataset.value, one.dataset.mean].map(Number))"
        )
        tiles = sorted(tiles)
        assert [int(tile[0]) for tile in tiles] == list(range(shape[2]))
        assert np.allclose([tile[1] for tile in tiles], wanted["max"], rtol=0, atol=near), name
        assert np.allclose([tile[2] for tile in tiles], wanted["mean"], rtol=0, atol=near), name
        if said.get_attribute("data-sum") and name.startswith(("conv", "dense", "verdict")):
            total = float(said.get_attribute("data-sum")) + float(said.get_attribute("data-bias"))
            after = max(total, 0) if which == "figure" and name != "verdict" else total
            assert after == pytest.approx(wanted["value"], abs=near), name
            adds = box.locator("[data-role=adds]").evaluate_all(
                "all => all.map((one) => Number(one.dataset.value))"
            )
            if len(adds) < 64:  # all inputs are there
                assert sum(adds) == pytest.approx(total - float(said.get_attribute("data-bias")), abs=near)
    assert figure.errors == []


def test_keys_and_mouse_reach_python(figure):
    page, press = figure.page, figure.page.keyboard.press
    box = page.locator(".fanaoi-network-explorer").first
    figure.python("figure.index, figure.layer, figure.sorted = 0, 'conv1', True\nTrue")
    settled(figure, "figure")
    box.locator("[data-photograph='3']").click()
    figure.until("figure.index", 3)
    press("ArrowLeft")
    figure.until("figure.index", 2)
    press("End")
    figure.until("figure.index", 11)
    box.locator("[data-layer=pool1]").focus()
    box.locator("[data-layer=pool1]").click()
    press("ArrowRight")
    figure.until("figure.layer", "conv2")
    tiles = box.locator(".fanaoi-maps > div")
    tiles.nth(2).click()
    figure.until("figure.map", int(tiles.nth(2).get_attribute("data-map")))
    press("ArrowRight")
    figure.until("figure.map", int(tiles.nth(3).get_attribute("data-map")))
    press("ArrowDown")
    figure.until("figure.map", lambda found: found != int(tiles.nth(3).get_attribute("data-map")))
    box.locator("button", has_text="strongest first").click()
    figure.until("figure.sorted", False)
    assert tiles.nth(5).get_attribute("data-map") == "5"
    canvas = box.locator("[data-role=map]")
    canvas.scroll_into_view_if_needed()
    place = canvas.bounding_box()
    to = place["x"] + place["width"] * 10.5 / 37, place["y"] + place["height"] * 20.5 / 37
    figure.drag((to[0] + 40, to[1] - 9), to)  # whether the button is down or not
    figure.until("[figure.row, figure.column]", [20, 10])
    canvas.focus()
    press("ArrowDown")
    press("End")
    figure.until("[figure.row, figure.column]", [21, 36])
    rows = box.locator("[data-input]")
    rows.nth(4).click()
    assert (
        rows.nth(4).get_attribute("aria-selected") == "true"
        and "map 4:" in box.locator("[data-role=terms]").inner_text()
    )
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    for key in ("a", "b", "x"):  # JupyterLab's own keys mean nothing in the figure
        press(key)
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells
    assert figure.errors == []


def test_500_random_steps(figure):
    page, rng = figure.page, np.random.default_rng(3)
    box = page.locator(".fanaoi-network-explorer").first
    groups = [".fanaoi-strip", ".fanaoi-steps", ".fanaoi-maps", ".fanaoi-inputs tbody"]
    keys = ["ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp", "Home", "End"]

    def some_step():
        kind = int(rng.integers(6))
        if kind < 4:
            chosen = box.locator(f"{groups[kind]} [aria-selected=true]")
            if chosen.count():
                chosen.evaluate("one => one.focus()")
                page.keyboard.press(str(rng.choice(keys)))
        elif kind == 4:
            box.locator("[data-role=map]").evaluate("one => one.focus()")
            page.keyboard.press(str(rng.choice([*keys, "PageUp", "PageDown"])))
        else:
            place = box.locator("[data-role=map]").bounding_box()
            if place:
                page.mouse.move(place["x"] + 260 * rng.random(), place["y"] + 260 * rng.random())

    figure.steps(some_step, 500)
    shown = box.get_attribute("data-drawn")
    figure.until(STATE.format(which="figure"), shown, seconds=15)
    assert figure.errors == []
