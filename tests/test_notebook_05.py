"""Every parameter of notebook 05 changes the run: the lesson's own cells are executed, on a small line."""

import hashlib
import shutil

import lesson
import lesson_05
import numpy as np
import pytest
from lesson_05 import SMALL

from fanaoi_helpers import __main__ as command
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


# Each size is another, and none of what they decide can come of two of them.
OTHER = {"units": 30, "shots": 1, "image_size": 20, "epochs": 3, "batch_size": 4,
         "filters_1": 5, "filters_2": 6, "dense_units": 7}  # fmt: skip


@pytest.fixture(scope="module")
def other(run_05):
    """Return a run in which all sizes are others."""
    return run_05(**OTHER)


@pytest.fixture(scope="module")
def unsaved(run_05, tmp_path_factory):
    """Return the folder of a run of two epochs that was cut off before it was saved."""

    def power_cut(*args):
        raise KeyboardInterrupt

    folder = tmp_path_factory.mktemp("unsaved")
    with pytest.MonkeyPatch.context() as cut:
        cut.setattr(cnn, "save_run", power_cut)
        with pytest.raises(KeyboardInterrupt):
            run_05(output_dir=str(folder), epochs=2)
    return folder


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
    told = {"accuracy", "majority", "balanced", "auc", "luck", "threshold", "worth"}
    told |= {"escapes", "ng_total", "ng_units", "overkill", "go_total", "go_units"}
    assert set(metrics["test"]) == told
    digest = hashlib.sha256((base["folder"] / "model.keras").read_bytes()).hexdigest()
    assert metrics["model_sha256"] == digest
    assert metrics["photographs"] == {"train": 24, "validation": 8, "test": 8}
    assert metrics["units"] == {"train": 12, "validation": 4, "test": 4}
    assert metrics["units_on_two_sides"] == 0
    each = {"photographs": 4, "units": 2}
    assert metrics["of_each_class"]["test"] == {"GO": each, "NG": each}
    assert metrics["parameters"] == DEFAULTS | SMALL | {"output_dir": str(base["folder"])}


@pytest.mark.parametrize("model", ["repaired", "borrowed", "go_only"])
def test_another_model_goes_through_the_same_door(run_05, model):
    run = run_05(model=model, image_size=64, shots=1, units=30)
    told, kept = run["metrics"], cnn.load(run["folder"] / "model.keras")
    assert kept.name == f"{model}_cnn" and kept.input_shape[1] == 64
    assert told["parameters"]["model"] == model and told["parameters"]["image_size"] == 64
    assert told["opening_of_the_sealed_test"] == 1 and told["units_on_two_sides"] == 0
    assert told["test"]["threshold"] == run["names"]["threshold"]
    assert len(run["history"]) == 1 and float(run["history"][0]["seconds"]) > 0
    assert ("one best answer was found at once" in run["printed"]) == (model != "repaired")
    assert f"This is the handout's CNN; '{model}' is trained below." in run["printed"]
    assert "the model on disk gives the same answers: True" in run["printed"]
    if model == "borrowed":  # a row of history is measured on what was kept
        split, album = run["names"]["split"], run["names"]["album"]
        right = (cnn.predict(kept, album.pixels[split.train]) >= 0.5) == (album.labels[split.train] == 1)
        assert float(run["history"][0]["accuracy"]) == pytest.approx(right.mean(), abs=1e-4)


def test_each_model_has_its_size_where_the_handouts_was_left():
    assert [cnn.size_for(name, 80) for name in ("handout", "repaired", "borrowed", "go_only")] == [
        80, 128, 224, 224]  # fmt: skip
    assert cnn.size_for("repaired", 96) == 96
    for size in (100, 32, 544):
        with pytest.raises(WorkbookError, match=f"image_size is {size}, but borrowed convolutions"):
            cnn.size_for("go_only", size)


def test_what_is_kept_is_what_was_found(base):
    names, kept = base["names"], base["metrics"]["test"]
    assert kept["escapes"] == names["result"].escapes == names["escaped"].sum()
    assert kept["ng_total"] + kept["go_total"] == len(names["split"].test) == len(names["passed"])
    right = np.mean(names["passed"] == (names["album"].labels[names["split"].test] == 1))
    assert kept["accuracy"] == pytest.approx(right)
    assert (kept["ng_units"], kept["go_units"]) == (2, 2) and kept["majority"] == 0.5
    assert names["result"].described() in base["printed"] and names["result"].score in base["printed"]
    assert "Not shown to be better" in kept["worth"] or "No better" in kept["worth"], (
        "two units prove nothing"
    )
    assert kept["threshold"] == names["threshold"] == names["opening"].threshold


def test_an_opening_of_the_sealed_test_is_counted(run_05, base, tmp_path):
    assert base["metrics"]["opening_of_the_sealed_test"] == 1
    shutil.copytree(base["folder"], tmp_path / "again")
    again = run_05(output_dir=str(tmp_path / "again"), epochs=2)
    assert again["metrics"]["opening_of_the_sealed_test"] == 2
    assert "This is opening 2 of the sealed test" in again["printed"]


def test_a_run_that_was_interrupted_goes_on(run_05, unsaved, tmp_path):
    shutil.copytree(unsaved, tmp_path, dirs_exist_ok=True)
    run = run_05(output_dir=str(tmp_path), epochs=3)
    assert len(run["history"]) == 3
    shown = run["printed"]
    assert "the training goes on after epoch 2" in shown and "epoch 1/3" not in shown
    assert not list(tmp_path.glob("*.npz")), "a saved run needs no checkpoint"


def test_a_run_that_was_stopped_by_hand_goes_on_in_a_new_kernel(run_05, tmp_path, monkeypatch):
    begins = training_monitor._Telling.on_epoch_begin

    def click(telling, epoch, logs=None):
        begins(telling, epoch)
        telling.monitor._asked.set()

    def power_cut(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as first:
        first.setattr(cnn, "save_run", power_cut)
        first.setattr(training_monitor._Telling, "on_epoch_begin", click)
        with pytest.raises(KeyboardInterrupt):
            run_05(output_dir=str(tmp_path), epochs=3)
    run = run_05(output_dir=str(tmp_path), epochs=3)
    is_through(run, 3)
    assert "goes on after epoch 1." in run["printed"]


def test_a_run_that_was_not_saved_is_only_saved_in_a_new_kernel(run_05, unsaved, tmp_path):
    shutil.copytree(unsaved, tmp_path, dirs_exist_ok=True)
    run = run_05(output_dir=str(tmp_path), epochs=2)
    is_through(run, 2)
    assert "is complete, with 2 ep" in run["printed"]


def is_through(run, epochs):
    """Whatever a run found, no later cell stands still, and the monitor shows the whole training."""
    assert len(run["history"]) == epochs == len(run["names"]["history"]["loss"])
    monitor = run["names"]["monitor"]
    assert (monitor.state, monitor.first + len(monitor.val_loss)) == ("done", epochs)
    assert (run["folder"] / "model.keras").is_file()


def test_the_asides_run_at_any_size_and_a_learner_may_go_back_to_any_cell(run_05, base):
    floats = {name: float(value) for name, value in SMALL.items()}  # as JSON and pandas may give them
    run = run_05(asides=True, again=True, seed=0.0, **floats)
    assert same_training(base, run), "the asides leave the run alone"
    told, names = run["names"]["told"], run["names"]
    assert len(told["loss"]) == 10 and len(names["gone_on"]["loss"]) == 4
    assert set(names["rates"]) == {"generator", "today", "ours"} and names["speed"]["CPU"] > 0
    assert not list(run["folder"].glob("small*")), "what an aside writes is gone"
    written = [path.parent.name for path in run["folder"].rglob("events.*")]
    assert sorted(written) == ["train", "validation"] if cnn.tensorboard_is_there() else not written
    assert len(names["points"]) == len(names["losses"]) >= 4
    turned = "each verdict is turned over: True"
    assert run["printed"].count(turned) == 2, "going back to it tells the same"
    assert run["printed"].count("the same curves to the last digit: True") == 2


def test_tensorboard_may_be_missing(base, monkeypatch, capsys):
    monkeypatch.setattr(cnn, "tensorboard_is_there", lambda: False)
    cells = lesson.code("05")
    first = next(at for at, cell in enumerate(cells) if "callbacks.TensorBoard(" in cell["source"])
    lesson.execute_cells(cells[first : first + 4], dict(base["names"]))
    assert not list(base["folder"].rglob("events.*"))
    said = capsys.readouterr().out
    assert said.count("TensorBoard is not installed here: pip install tensorboard") == 1
    assert "the validation losses, as cnn.train() gave them back: True" in said


@pytest.mark.parametrize("name", [name for name, value in DEFAULTS.items() if type(value) is int])
def test_a_whole_float_is_a_whole_number(name, tmp_path):
    told = SMALL | {"output_dir": str(tmp_path), "seed": 1}
    names = lesson.execute("05", until="## Which photographs?", **{**told, name: float(told[name])})
    assert type(names[name]) is int and names[name] == told[name]


def test_inspect_knows_the_run(base, capsys):
    """The threshold that the run froze is inspect's, and inspect tells which photographs it learned from."""
    with pytest.raises(SystemExit):
        command.main(["inspect", str(base["folder"] / "model.keras"), str(base["names"]["album"].folder)])
    err = capsys.readouterr().err
    assert f"GO when P(GO) >= {base['names']['threshold']:g}." in err
    assert "24 of these 40 photographs were trained on, and 8 more chose its epoch and threshold" in err


def test_photos_dir(run_05, base, tmp_path):
    fans.produce(tmp_path / "mine", units=30, shots=1, seed=5, size=32, workers=1)
    line = {name: DEFAULTS[name] for name in ("units", "shots")}  # which say nothing of the folder
    run = run_05(photos_dir=str(tmp_path / "mine"), **line)
    assert (run["folder"] / "figures" / "errors_by_size.png").exists(), "its manifest tells the sizes"
    assert sum(run["metrics"]["photographs"].values()) == 30
    assert run["metrics"]["parameters"]["photos_dir"] == str(tmp_path / "mine")
    shown = run["printed"]
    assert "yours: one of the CNN's pixels covers 2.0 of the camera's" in shown
    assert "simulated line: one of the CNN's pixels" not in shown, "what holds for that alone"


def test_units_and_shots(base, other):
    for run, units, photographs in ((base, 20, 40), (other, 30, 30)):
        assert sum(run["metrics"]["units"].values()) == units
        assert sum(run["metrics"]["photographs"].values()) == photographs


def test_image_size(base, other):
    for run, size in ((base, 16), (other, 20)):
        assert run["pixels"].shape[1:] == run["model"].input_shape[1:] == (size, size, 3)


def test_epochs(base, other):
    assert [row["epoch"] for row in other["history"]] == ["1", "2", "3"]
    assert len(base["history"]) == 1


def test_batch_size(base, other):
    assert base["metrics"]["photographs"]["train"] == 24 and base["steps"] == 3
    assert other["metrics"]["photographs"]["train"] == 18 and other["steps"] == 5
    assert int(other["model"].optimizer.iterations.numpy()) == 15


def test_learning_rate(run_05, base):
    run = run_05(learning_rate=0.1)
    first = cnn.handout_cnn(16, 2, 3, 4, seed=0).get_layer("conv1").kernel.numpy()
    moved = [np.abs(kernel(one, "conv1") - first).max() for one in (base, run)]
    assert moved[1] > 10 * moved[0] > 0


def test_filters_and_dense_units(base, other):
    for run, filters_1, filters_2, dense_units in ((base, 2, 3, 4), (other, 5, 6, 7)):
        assert kernel(run, "conv1").shape == (3, 3, 3, filters_1)
        assert kernel(run, "conv2").shape == (3, 3, filters_1, filters_2)
        assert kernel(run, "dense1").shape[1] == dense_units


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


def test_all_gpus_and_output_dir(run_05, base, tmp_path):
    place = tmp_path / "new" / "place"
    run = run_05(all_gpus=True, output_dir=str(place))
    assert "only one device works" in run["printed"] or len(cnn.devices()) > 1
    assert run["metrics"]["parameters"]["all_gpus"] is True
    assert same_training(base, run)
    assert run["folder"] == place and (place / "metrics.json").is_file()


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
