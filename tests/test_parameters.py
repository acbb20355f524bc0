"""Parameters: each is declared once, in its notebook, held against that, and shown by fanaoi list."""

import json

import nbformat
import numpy as np
import pytest
from test_runs import make

from fanaoi_helpers import __main__ as command
from fanaoi_helpers import cnn, fans, files, meaning, notebooks, parameters, runs
from fanaoi_helpers.cnn.precision import PRECISIONS
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.parameters import Parameter, check_parameters, checked, declared

FIVE = notebooks.find("05")
SANE = checked(FIVE, {"units": 40, "epochs": 2, "go_class": "OK"})


def test_parameters_come_out_as_plain_values():
    told = {
        "epochs": np.int64(4),
        "units": 40.0,
        "photos_dir": " some/folder ",
        "learning_rate": np.float32(1),
    }
    values = checked(FIVE, SANE | told)
    assert values == SANE | {"epochs": 4, "photos_dir": "some/folder", "learning_rate": 1.0}
    assert [type(values[name]) for name in ("epochs", "units", "learning_rate")] == [int, int, float]
    json.dumps(values)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("photos_dir", 3),
        ("photos_dir", None),
        ("output_dir", "a\nb"),
        ("units", 9),
        ("units", "40"),
        ("shots", 0),
        ("shots", 101),
        ("image_size", 9),
        ("image_size", 1025),
        ("epochs", 0),
        ("epochs", True),
        ("batch_size", 2.5),
        ("learning_rate", 0),
        ("learning_rate", -0.1),
        ("learning_rate", 1.01),
        ("learning_rate", float("nan")),
        ("filters_1", 0),
        ("filters_2", -64),
        ("dense_units", float("inf")),
        ("seed", -1),
        ("seed", None),
        ("precision", "float64"),
        ("precision", 32),
        ("all_gpus", 1),
        ("ng_class", ""),
        ("ng_class", "ok"),
        ("ng_class", "bad/ones"),
        # alone each value is fine, together they are too much
        ("image_size", 1024),
        ("units", 100_000),
    ],
)
def test_a_parameter_that_makes_no_sense_is_named(name, value):
    values = SANE | {"shots": 100, name: value} if value == 100_000 else SANE | {name: value}
    with pytest.raises(WorkbookError, match=f"^{name} ") as refused:
        cnn.check_run(checked(FIVE, values))
    assert str(refused.value).count("\n") == 0 and str(refused.value).endswith(".")


def test_an_unknown_parameter_is_named_with_those_that_there_are():
    with pytest.raises(
        WorkbookError, match="^05_train_go_ng has no parameter 'epoch'; its parameters are ph"
    ):
        checked(FIVE, {"epoch": 4})


def test_what_the_package_takes_is_what_the_lessons_say():
    five, eight = declared(FIVE), declared(notebooks.find("08"))
    assert five["image_size"].range == f"{cnn.SMALLEST_IMAGE} to {cnn.LARGEST_IMAGE:,}"
    assert (
        five["units"].range == f"10 to {fans.MOST_UNITS:,}"
        and five["shots"].range == f"1 to {fans.MOST_SHOTS}"
    )
    assert five["precision"].choices() == list(PRECISIONS)
    assert eight["model_pixels"].choices() == ["", *meaning.PIXELS] and eight["go_is"].choices() == [
        "",
        "0",
        "1",
    ]


def test_every_parameter_takes_its_default_and_both_its_ends_and_nothing_beyond():
    for path in notebooks.paths():
        values = checked(path, {})
        assert values == {name: parameter.default for name, parameter in declared(path).items()}
        for name, parameter in declared(path).items():
            for odd in (None, [1], b"1", "\0", float("inf"), -float("inf"), float("nan")):
                with pytest.raises(WorkbookError, match=f"^{name} is "):
                    checked(path, {name: odd})
            if " to " in parameter.range:
                low, high = (
                    values[end] if end in values else float(end.replace(",", ""))
                    for end in parameter.range.split(" to ")
                )
                bound = {other: 16 for other, each in declared(path).items() if each.range.endswith(name)}
                assert [checked(path, {name: end} | bound)[name] for end in (low, high)] == [low, high]
                beyond = (low - 1, high + 1) if type(parameter.default) is int else (low / 2, high * 2)
                for odd in beyond:
                    with pytest.raises(WorkbookError, match=f"^{name} is {odd!r}, but"):
                        checked(path, {name: odd})


def test_a_range_may_name_a_parameter_above_and_a_list_of_the_package():
    one, six = notebooks.find("01"), notebooks.find("06")
    assert checked(one, {"photo_size": 100, "image_size": 100})["image_size"] == 100
    with pytest.raises(
        WorkbookError, match="^image_size is 101, but it must be a whole number from 16 to 100"
    ):
        checked(one, {"photo_size": 100, "image_size": 101})
    assert all(checked(six, {"defect": kind})["defect"] == kind for kind in fans.DEFECTS)
    with pytest.raises(WorkbookError, match="^defect is 'rust', but it must be one of '"):
        checked(six, {"defect": "rust"})


def test_a_number_that_papermill_made_of_a_choice_is_the_choice():
    assert checked(notebooks.find("08"), {"go_is": 0})["go_is"] == "0"


# In the notebook ------------------------------------------------------------------------------------------


def test_the_notebook_goes_on_with_plain_values_and_leaves_other_names_alone():
    variables = {**SANE, "units": 40.0, "np": np, "epoch": 3}
    assert check_parameters("05", variables) == SANE
    assert variables == {**SANE, "np": np, "epoch": 3} and type(variables["units"]) is int


def test_a_copy_that_lacks_a_new_parameter_gets_its_default():
    variables = {name: value for name, value in SANE.items() if name != "dense_units"}
    assert check_parameters("05", variables)["dense_units"] == 128 == variables["dense_units"]


def test_where_only_the_package_is_installed_the_notebook_beside_is_asked(tmp_path, monkeypatch):
    make(tmp_path / "05_tiny.ipynb", ("a = 1  # 0 to 9: it", "parameters"))
    monkeypatch.setattr(files, "root", lambda: tmp_path / "elsewhere")
    monkeypatch.chdir(tmp_path)
    assert check_parameters("05", {"a": 2.0}) == {"a": 2}


CELLS = [
    ("# T", "markdown"),
    ("", "setup"),
    (
        "units = 5  # 1 to 9: fans\nshare = 0.5  # 0 to 1: of them\nname = ''  # text: of the line",
        "parameters",
    ),
    (
        "from fanaoi_helpers import notebooks, parameters\n"
        "import pathlib\n"
        "notebooks.notebooks_dir = lambda: pathlib.Path('.')\n"
        "settings = parameters.check_parameters('05', globals())\n"
        "print(settings)",
        "",
    ),
]


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ({"units": 9.0, "share": 1, "name": " a "}, "{'units': 9, 'share': 1.0, 'name': 'a'}"),
        ({"units": 10}, "WorkbookError: units is 10, but it must be a whole number from 1 to 9."),
        ({"share": float("nan")}, "WorkbookError: share is nan, but it must be a number from 0 to 1."),
        (
            {"unit": 5},
            "WorkbookError: 05_tiny has no parameter 'unit'; its parameters are units, share, name.",
        ),
    ],
)
def test_papermill_itself_is_answered_in_a_sentence(tmp_path, monkeypatch, told, shown):
    import papermill

    path = make(tmp_path / "05_tiny.ipynb", *CELLS)
    out = tmp_path / "out.ipynb"
    try:
        papermill.execute_notebook(path, out, told, kernel_name="python3", cwd=tmp_path, progress_bar=False)
    except papermill.PapermillExecutionError:
        assert shown.startswith("WorkbookError")
    outputs = nbformat.read(out, as_version=4).cells[-1].outputs
    texts = [output.get("text", "") + "".join(output.get("traceback", [])) for output in outputs]
    assert "".join(texts).strip() == shown


def test_papermill_shows_what_each_parameter_is():
    import papermill

    shown = papermill.inspect_notebook(str(FIVE))
    for name, parameter in declared(FIVE).items():
        assert shown[name]["help"] == f"{parameter.range}: {parameter.what}"
    assert shown.keys() == declared(FIVE).keys()


# On the command line --------------------------------------------------------------------------------------


def fanaoi(capsys, *words):
    with pytest.raises(SystemExit) as stopped:
        command.main(list(words))
    return stopped.value.code or 0, *capsys.readouterr()


def test_list_shows_what_a_notebook_can_be_told(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    status, out, err = fanaoi(capsys, "list", "05", "6")
    assert (status, err) == (0, "") and out.startswith("05  Train GO/NG (")
    words = " ".join(out.split())
    assert "units 2000 10 to 100,000 fans on the simulated line, half of them NG" in words
    assert "all_gpus False True or False several GPUs share each batch" in words
    assert all(name in words for number in ("05", "06") for name in declared(notebooks.find(number)))
    assert all(kind in words for kind in fans.DEFECTS), "choices by name, not where they stand"


def test_a_run_is_refused_before_it_starts(capsys, runs_folder):
    status, out, err = fanaoi(capsys, "run", "01", "-p", "image_size", "161")
    assert (status, out) == (1, "")
    assert err == "image_size is 161, but it must be a whole number from 16 to 160.\n"
    assert not runs_folder.exists()


@pytest.fixture
def runs_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("FANAOI_RUNS", str(tmp_path / "runs"))
    return tmp_path / "runs"


def test_somebody_elses_notebook_need_not_say_what_its_parameters_may_be(tmp_path):
    path = make(
        tmp_path / "a.ipynb",
        (
            "epochs = 4  # turns: many\nrate = 0.1  # fans to learn: all\nb = 2 * epochs\nc = [1]",
            "parameters",
        ),
    )
    assert declared(path) == {
        "epochs": Parameter("epochs", 4, "", "turns: many"),
        "rate": Parameter("rate", 0.1, "", "fans to learn: all"),
    }
    assert runs.resolve(path, {"epochs": "-7"}, tmp_path) == {"epochs": -7}
    assert "epochs" in parameters.table(path)
