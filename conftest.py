"""What every test needs: nobody is watching, runs go to a folder of their own, pictures need no window."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest

# Copies of notebooks/ without outputs: nbval has nothing to compare there.
collect_ignore = ["learner", "my_notebooks"]

# The files that take longest, longest first: one that is begun last keeps everybody waiting.
LONGEST = (
    "05_train_go_ng.ipynb", "07_overfitting_and_augmentation.ipynb", "test_notebook_05.py",
    "06_filters_and_feature_maps.ipynb", "test_any_folder.py", "test_cnn_resuming.py",
    "test_widgets_stored.py", "test_widgets_elsewhere.py", "test_shared_installation.py",
    "08_inspection_station.ipynb", "test_notebook_08.py", "test_notebook_07.py", "test_figures_style.py",
    "test_exercises.py", "02_convolution_by_hand.ipynb", "03_cross_entropy.ipynb",
    "04_backpropagation.ipynb", "01_pixels_and_tensors.ipynb", "test_cnn_versions.py",
    "test_notebook_04.py", "test_learner_pages.py", "test_cnn_recipe.py", "test_cnn_settings.py",
)  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    """Set the environment up for the tests and for the kernels that run the notebooks."""
    scratch = tempfile.mkdtemp(prefix="fanaoi-tests-")
    # At the very end: IPython closes its history there only after the last test.
    atexit.register(shutil.rmtree, scratch, ignore_errors=True)
    os.environ["FANAOI_RUNS"] = os.path.join(scratch, "runs")  # noqa: PTH118 - the variable is text
    os.environ["IPYTHONDIR"] = os.path.join(scratch, "ipython")  # noqa: PTH118 - without the user's start-up files
    os.environ["FANAOI_HEADLESS"] = "1"
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # a debugger's warning in the kernels
    # A backend in the environment would reach the notebooks' kernels and take their pictures away.
    os.environ.pop("MPLBACKEND", None)
    import matplotlib

    matplotlib.use("Agg")
    config.option.loadscopereorder = False  # pytest-xdist would begin with the files of most tests


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest first, for those who run files beside each other."""
    rank = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.name, len(LONGEST)))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Give a notebook's kernel one thread to train with where other files are run beside it.

    Threads that have to wait for each other's core cost a sixth of the work.
    """
    if "PYTEST_XDIST_WORKER" in os.environ:
        os.environ.pop("TF_NUM_INTRAOP_THREADS", None)
        if item.path.suffix == ".ipynb":
            os.environ["TF_NUM_INTRAOP_THREADS"] = "1"


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a test runs and caches of its own; return their folder."""
    folder = tmp_path / "runs"
    monkeypatch.setenv("FANAOI_RUNS", str(folder))
    return folder
