"""What every test needs: nobody is watching, runs go to a folder of their own, pictures need no window."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest

# Copies of notebooks/ without outputs: nbval has nothing to compare there.
collect_ignore = ["learner", "my_notebooks"]


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


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a test runs and caches of its own; return their folder."""
    folder = tmp_path / "runs"
    monkeypatch.setenv("FANAOI_RUNS", str(folder))
    return folder
