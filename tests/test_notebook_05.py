"""Every parameter of notebook 05 changes the run: the lesson's own cells are executed, on a small line."""

import lesson
import lesson_05
import numpy as np
import pytest
from lesson_05 import SMALL

from fanaoi_helpers import cnn, fans, files, notebooks, parameters
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.widgets import training_monitor

DEFAULTS = {name: each.default for name, each in parameters.declared(notebooks.find("05")).items()}


@pytest.fixture(scope="module")
def run_05(tmp_path_factory):
    """Return a function that executes the notebook at small sizes; without an output_dir in a new folder."""

    def run(**parameters):
        if "output_dir" not in parameters:
            parameters["output_dir"] = str(tmp_path_factory.mktemp("run"))
        return lesson_05.run(**parameters)

    return run


@pytest.fixture(scope="module")
def base(run_05):
    """Return the small run that the others are compared with."""
    return run_05()


def kernel(run, layer):
    """Return a layer's kernel in the saved model, not in the notebook's memory."""
    return cnn.load(run["folder"] / "model.keras").get_layer(layer).kernel.numpy()


def same_training(one, other):
    """Tell whether two runs trained alike."""
    return np.allclose(kernel(one, "conv1"), kernel(other, "conv1"), rtol=0, atol=1e-5)


def test_a_run_leaves_what_it_promises(base):
    written = {path.relative_to(base["folder"]).as_posix() for path in base["folder"].rglob("*.*")}
    assert {"model.keras", "history.csv", "metrics.json", "figures/learning_curves.png"} <= written
    metrics = base["metrics"]
    assert set(metrics) >= {"parameters", "versions", "device", "seconds", "photographs", "units", "test"}
    told = {"accuracy", "auc", "threshold", "escapes", "ng_total", "overkill", "go_total"}
    assert set(metrics["test"]) == told
    assert metrics["photographs"] == {"train": 24, "validation": 8, "test": 8}
    assert metrics["units"] == {"train": 12, "validation": 4, "test": 4}
    assert metrics["units_on_two_sides"] == 0
    assert metrics["parameters"] == DEFAULTS | SMALL | {"output_dir": str(base["folder"])}


def test_what_is_kept_is_what_was_found(base):
    names, kept = base["names"], base["metrics"]["test"]
    assert kept["escapes"] == names["result"].escapes == names["escaped"].sum()
    assert kept["ng_total"] + kept["go_total"] == len(names["split"].test) == len(names["passed"])
    right = np.mean(names["passed"] == (names["album"].labels[names["split"].test] == 1))
    assert kept["accuracy"] == pytest.approx(right)
    assert kept["threshold"] == names["threshold"] == names["opening"].threshold


def test_an_opening_of_the_sealed_test_is_counted(run_05, tmp_path):
    assert run_05(output_dir=str(tmp_path))["metrics"]["opening_of_the_sealed_test"] == 1
    again = run_05(output_dir=str(tmp_path), epochs=2)
    assert again["metrics"]["opening_of_the_sealed_test"] == 2
    assert "This is opening 2 of the sealed test" in again["printed"]


def test_a_run_that_was_interrupted_goes_on(run_05, tmp_path, monkeypatch):
    def power_cut(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        cut.setattr(cnn, "save_run", power_cut)
        with pytest.raises(KeyboardInterrupt):
            run_05(output_dir=str(tmp_path), epochs=2)
    run = run_05(output_dir=str(tmp_path), epochs=3)
    assert len(run["history"]) == 3
    shown = run["printed"]
    assert "the training goes on after epoch 2" in shown and "epoch 1/3" not in shown
    assert not list(tmp_path.glob("*.npz")), "a saved run needs no checkpoint"


@pytest.mark.parametrize(
    ("stop", "said"), [(True, "goes on after epoch 1."), (False, "is complete, with 3 ep")]
)
def test_a_run_that_was_stopped_or_not_saved_is_run_again_in_a_new_kernel(
    run_05, tmp_path, monkeypatch, stop, said
):
    """Whatever it finds, no later cell stands still, and the monitor shows the training."""

    def power_cut(*args):
        raise KeyboardInterrupt

    begins = training_monitor._Telling.on_epoch_begin

    def click(telling, epoch, logs=None):
        begins(telling, epoch)
        telling.monitor._asked.set()

    with monkeypatch.context() as first:
        first.setattr(cnn, "save_run", power_cut)
        if stop:
            first.setattr(training_monitor._Telling, "on_epoch_begin", click)
        with pytest.raises(KeyboardInterrupt):
            run_05(output_dir=str(tmp_path), epochs=3)
    run = run_05(output_dir=str(tmp_path), epochs=3)
    assert said in run["printed"] and len(run["history"]) == 3 == len(run["names"]["history"]["loss"])
    monitor = run["names"]["monitor"]
    assert (monitor.state, monitor.first + len(monitor.val_loss)) == ("done", 3)
    assert (run["folder"] / "model.keras").is_file()


def test_the_asides_run_at_any_size_and_leave_the_run_alone(run_05, base):
    floats = {name: float(value) for name, value in SMALL.items()}  # as JSON and pandas may give them
    run = run_05(asides=True, seed=0.0, **floats)
    assert same_training(base, run)
    told, names = run["names"]["told"], run["names"]
    assert len(told["loss"]) == 10 and len(names["gone_on"]["loss"]) == 4
    assert set(names["rates"]) == {"generator", "today", "ours"} and names["speed"]["CPU"] > 0
    assert not list(run["folder"].glob("small*")), "what an aside writes is gone"
    written = [path.parent.name for path in run["folder"].rglob("events.*")]
    assert sorted(written) == ["train", "validation"] if cnn.tensorboard_is_there() else not written
    assert len(names["points"]) == len(names["losses"]) >= 4


def test_a_learner_may_go_back_to_any_cell_and_tensorboard_may_be_missing(run_05, monkeypatch):
    monkeypatch.setattr(cnn, "tensorboard_is_there", lambda: False)
    run = run_05(asides=True, again=True)
    assert not list(run["folder"].rglob("events.*"))
    assert run["printed"].count("TensorBoard is not installed here: pip install tensorboard") == 2
    turned = "each verdict is turned over: True"
    assert run["printed"].count(turned) == 2, "going back to it tells the same"


@pytest.mark.parametrize("name", [name for name, value in DEFAULTS.items() if type(value) is int])
def test_a_whole_float_is_a_whole_number(name, tmp_path):
    told = SMALL | {"output_dir": str(tmp_path), "seed": 1}
    names = lesson.execute("05", until="## Which photographs?", **{**told, name: float(told[name])})
    assert type(names[name]) is int and names[name] == told[name]


def test_photos_dir(run_05, base, tmp_path):
    fans.produce(tmp_path / "mine", units=30, shots=1, seed=5, size=32, workers=1)
    line = {name: DEFAULTS[name] for name in ("units", "shots")}  # which say nothing of the folder
    run = run_05(photos_dir=str(tmp_path / "mine"), **line)
    assert (run["folder"] / "figures" / "errors_by_size.png").exists(), "its manifest tells the sizes"
    assert sum(run["metrics"]["photographs"].values()) == 30
    assert run["metrics"]["parameters"]["photos_dir"] == str(tmp_path / "mine")


def test_units(run_05):
    assert sum(run_05(units=30)["metrics"]["units"].values()) == 30


def test_shots(run_05):
    metrics = run_05(shots=1)["metrics"]
    assert sum(metrics["photographs"].values()) == 20 == sum(metrics["units"].values())


def test_image_size(run_05, base):
    run = run_05(image_size=20)
    assert run["pixels"].shape[1:] == run["model"].input_shape[1:] == (20, 20, 3)
    assert base["pixels"].shape[1:] == (16, 16, 3)


def test_epochs(run_05, base):
    assert [row["epoch"] for row in run_05(epochs=3)["history"]] == ["1", "2", "3"]
    assert len(base["history"]) == 1


def test_batch_size(run_05, base):
    run = run_05(batch_size=5)
    assert (base["steps"], run["steps"]) == (3, 5)
    assert int(run["model"].optimizer.iterations.numpy()) == 5


def test_learning_rate(run_05, base):
    run = run_05(learning_rate=0.1)
    first = cnn.handout_cnn(16, 2, 3, 4, seed=0).get_layer("conv1").kernel.numpy()
    moved = [np.abs(kernel(one, "conv1") - first).max() for one in (base, run)]
    assert moved[1] > 10 * moved[0] > 0


def test_filters_1(run_05, base):
    assert kernel(base, "conv1").shape == (3, 3, 3, 2)
    assert kernel(run_05(filters_1=5), "conv1").shape == (3, 3, 3, 5)


def test_filters_2(run_05, base):
    assert kernel(base, "conv2").shape == (3, 3, 2, 3)
    assert kernel(run_05(filters_2=6), "conv2").shape == (3, 3, 2, 6)


def test_dense_units(run_05, base):
    assert kernel(base, "dense1").shape[1] == 4
    assert kernel(run_05(dense_units=7), "dense1").shape[1] == 7


def test_seed(run_05, base):
    again, other = run_05(), run_05(seed=1)
    assert np.array_equal(base["pixels"], again["pixels"])
    assert same_training(base, again)
    assert not np.array_equal(base["pixels"], other["pixels"])
    assert not np.allclose(kernel(base, "conv1"), kernel(other, "conv1"), atol=1e-2)


def test_precision(run_05, base):
    run = run_05(precision="bfloat16")
    off = np.abs(kernel(base, "conv1") - kernel(run, "conv1")).max()
    assert 0 < off < 0.01, "a little other numbers, in fewer bits"
    assert run["model"].get_layer("conv1").compute_dtype == "float32", "the trained model is an ordinary one"


def test_all_gpus(run_05, base):
    run = run_05(all_gpus=True)
    assert "only one device works" in run["printed"] or len(cnn.devices()) > 1
    assert run["metrics"]["parameters"]["all_gpus"] is True
    assert same_training(base, run)


def test_output_dir(run_05, tmp_path):
    place = tmp_path / "new" / "place"
    assert run_05(output_dir=str(place))["folder"] == place
    assert (place / "metrics.json").is_file()


@pytest.mark.parametrize(
    ("name", "value"),
    [("photos_dir", 3), ("units", 3), ("shots", 0), ("image_size", 5), ("epochs", 0), ("batch_size", -1),
     ("learning_rate", 0), ("filters_1", 0), ("filters_2", 1.5), ("dense_units", "many"), ("seed", -1),
     ("output_dir", None), ("precision", "float64"), ("all_gpus", "no"), ("go_class", "ng"),
     ("ng_class", " ")],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_before_any_work(run_05, tmp_path, name, value):
    parameters = {"output_dir": str(tmp_path / "out")} | {name: value}
    with pytest.raises(WorkbookError, match=name):
        run_05(**parameters)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_not_there_is_told(run_05, tmp_path):
    with pytest.raises(WorkbookError, match="nowhere"):
        run_05(photos_dir=str(tmp_path / "nowhere"))


@pytest.mark.parametrize("name", ["impeller", "aliens", "cookies"])
def test_real_photographs(run_05, name):
    folder = files.root().parent / "shared" / "photos" / name
    if not folder.is_dir():
        pytest.skip(f"no real photographs here: shared/photos/{name} is not beside the project")
    line = {name: DEFAULTS[name] for name in ("units", "shots")}
    run = run_05(photos_dir=str(folder), **line)
    metrics, serials = run["metrics"], run["names"]["album"].serials
    assert sum(metrics["photographs"].values()) == len(list(folder.glob("*/*.jp*g")))
    assert metrics["units_on_two_sides"] == 0
    assert metrics["split_by"] == ("copies" if serials is None else "serial")
    assert serials is None or sum(metrics["units"].values()) == len(set(serials))


def test_what_the_table_of_other_sizes_shows_is_what_the_text_says():
    names = lesson.execute("05", until="**Explain.** 64 filters in conv1", **SMALL)
    work, count = names["multiplications"], cnn.count_weights
    assert 1.8 < work(80, 64, 64, 128) / work(80, 32, 64, 128) < 2, "nearly double the work"
    assert count(80, 64, 64, 128) / count(80, 32, 64, 128) < 1.01, "hardly change the parameters"
    assert work(80, 32, 64, 16) / work(80, 32, 64, 128) > 0.9, "the other way round"
    assert 7 < count(80, 32, 64, 128) / count(80, 32, 64, 16) < 8, "a seventh of the parameters"
    assert cnn.map_sizes(160)[-1] ** 2 > 4 * cnn.map_sizes(80)[-1] ** 2, "more than four times the values"
    assert cnn.map_sizes(80) == (78, 39, 37, 18), "the table has 39 and 18"
