"""Fill in what a borrowed Python, such as Colab's, lacks; never touch what a running notebook depends on."""

import importlib
import importlib.util
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from .errors import WorkbookError

# Replacing one of these under a running notebook breaks it (and Keras comes with TensorFlow).
PROTECTED = ("tensorflow", "keras", "numpy")
# Where the name to import is another.
_IMPORTED_AS = {
    "markdown-it-py": "markdown_it",
    "pillow": "PIL",
    "scikit-image": "skimage",
    "scikit-learn": "sklearn",
    "opencv-python-headless": "cv2",
}


def install_missing() -> None:
    """Install with pip what the workbook needs and this Python lacks; say in one line what that was.

    Does nothing where nothing is missing. TensorFlow, Keras and NumPy are never installed or changed, and
    whatever is imported already (IPython, the kernel, the widgets) is not changed either.
    """
    missing = [need for need in dependencies() if importlib.util.find_spec(import_name(need)) is None]
    protected = [need for need in missing if project_name(need) in PROTECTED]
    if protected:
        raise WorkbookError(
            f"This Python has no {' and no '.join(map(project_name, protected))}: open the notebook on "
            "Colab, or start the workbook with: python workbook.py"
        )
    if not missing:
        return
    names = ", ".join(map(project_name, missing))
    # A constraint keeps pip from changing for the sake of something else what this Python runs on.
    with tempfile.TemporaryDirectory() as folder:
        constraints = Path(folder) / "constraints.txt"
        constraints.write_text("\n".join(_present({*PROTECTED, *_imported()})), encoding="utf-8")
        done = _pip("install", "--quiet", "--constraint", str(constraints), *missing)
    if done.returncode:
        errors = [line.strip() for line in done.stderr.splitlines() if line.startswith("ERROR")]
        reason = errors[-1].removeprefix("ERROR: ") if errors else f"pip ended with {done.returncode}"
        raise WorkbookError(
            f"{names} could not be installed ({reason}): check the network, then run the cell again."
        )
    importlib.invalidate_caches()
    print(f"Installed {names}.")


def dependencies() -> list[str]:
    """Return the requirements of the workbook itself, as pyproject.toml lists them.

    >>> "Pillow" in [requirement[:6] for requirement in dependencies()]
    True
    """
    project = Path(__file__).resolve().parents[1] / "pyproject.toml"
    if not project.is_file():  # installed as a package: pip has seen to everything
        return []
    # Python 3.10 has no TOML reader; this list is one quoted requirement a line.
    block = re.search(r"^dependencies = \[$(.*?)^\]$", project.read_text(encoding="utf-8"), re.M | re.S)
    return re.findall(r'^\s*"([^"]+)"', block.group(1), re.M) if block else []


def project_name(requirement: str) -> str:
    """Return the normalized project name of a requirement.

    >>> project_name("scikit_learn>=1.5,<2")
    'scikit-learn'
    """
    return canonicalize_name(Requirement(requirement).name)


def import_name(requirement: str) -> str:
    """Return the name under which a requirement is imported.

    >>> import_name("Pillow>=11"), import_name("tqdm>=4.66")
    ('PIL', 'tqdm')
    """
    name = project_name(requirement)
    return _IMPORTED_AS.get(name, name.replace("-", "_"))


def _imported() -> set[str]:
    """Return the projects that some imported module comes from."""
    projects = metadata.packages_distributions()
    tops = {name.partition(".")[0] for name in sys.modules}
    return {canonicalize_name(project) for top in tops for project in projects.get(top, ())}


def _present(projects: Iterable[str]) -> list[str]:
    """Return ``name==version`` for each project that is there (on a TPU, TensorFlow has another name)."""
    pinned = []
    for name in sorted(projects):
        with suppress(metadata.PackageNotFoundError):
            pinned.append(f"{name}=={metadata.version(name)}")
    return pinned


def _pip(*arguments: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="replace")
