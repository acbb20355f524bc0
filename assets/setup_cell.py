# Setup: nothing to do where the workbook is installed; Colab fetches it here.
import importlib.util
import os
import pathlib
import subprocess
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # a quiet TensorFlow
if importlib.util.find_spec("fanaoi_helpers") is None:
    here = pathlib.Path.cwd()
    home = here / "fanaoi-workbook"
    if (here.parent / "fanaoi_helpers").is_dir():
        home = here.parent
    source = "{repository}"
    clone = ["git", "clone", "--quiet", "--depth=1", source, str(home)]
    if not home.is_dir() and subprocess.run(clone).returncode:
        advice = "check the network, then run this cell again"
        raise RuntimeError(f"{source} could not be fetched: {advice}.")
    sys.path.insert(0, str(home))
    from fanaoi_helpers.colab import install_missing

    install_missing()
