"""What lives in a browser, and what stands in its place where none is: shared by figures and exercises.

``COMMON_SCRIPT`` comes in front of every script, ``COMMON_STYLE`` in front of every style sheet.
"""

from __future__ import annotations

import functools
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..files import headless

if TYPE_CHECKING:
    from IPython.display import DisplayHandle

WIDGET = "application/vnd.jupyter.widget-view+json"
COMMON_SCRIPT, COMMON_STYLE = (Path(__file__).with_name(name) for name in ("common.js", "common.css"))


@functools.cache
def text(*paths: Path) -> str:
    """Return these files, one after the other, read once in a process."""
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def show(forms: dict, metadata: dict) -> DisplayHandle:
    """Display something in all its forms, the living one and those that stand still.

    Of several forms in one output JupyterLab tries the living one alone, and says "model not found" once the
    kernel is gone. So there, and in Notebook 7, the still ones are an output of their own behind it, which
    its style sheet hides as long as it lives.

    Forms and metadata are by MIME type, ``WIDGET`` is the living one. The handle on the still ones is for
    :func:`show_again`.
    """
    from IPython.display import display

    if WIDGET in forms and outputs_are_apart():
        display({name: forms[name] for name in (WIDGET, "text/plain")}, metadata=metadata, raw=True)
        forms = {name: form for name, form in forms.items() if name != WIDGET}
    return display(forms, metadata=metadata, raw=True, display_id=True)


def show_again(handle: DisplayHandle, forms: dict, metadata: dict) -> None:
    """Replace what :func:`show` has displayed by other forms of it; the living one stays as it is."""
    if outputs_are_apart():
        forms = {name: form for name, form in forms.items() if name != WIDGET}
    handle.update(forms, metadata=metadata, raw=True)


def widgets_live() -> bool:
    """Tell whether a browser that shows widgets seems to be there.

    JupyterLab and Notebook 7 tell a kernel the name of its session, VS Code leaves its number, JupyterLite is
    in the browser itself. Nothing of that is there in a terminal, in nbval, and in papermill.
    """
    if headless() or running_kernel() is None:
        return False
    known = "google.colab" in sys.modules or sys.platform == "emscripten"
    return known or not {"JPY_SESSION_NAME", "VSCODE_PID"}.isdisjoint(os.environ)


def running_kernel() -> object:
    """Return the kernel that this process is, or None."""
    if "IPython" not in sys.modules:
        return None
    return getattr(sys.modules["IPython"].get_ipython(), "kernel", None)


def outputs_are_apart() -> bool:
    """Tell whether this seems to be JupyterLab or Notebook 7, where the style sheet finds what stands still.

    A Jupyter server tells its kernels the name of their session; one that VS Code begins on a server has
    "-jvsc-" in it. A kernel without a session may be one that VS Code started by itself. Its variables alone
    tell nothing: its terminal hands them on to the JupyterLab that is started there.
    """
    if "google.colab" in sys.modules:
        return False
    session = os.environ.get("JPY_SESSION_NAME")
    if session is None:
        return not any(name.startswith("VSCODE_") for name in os.environ)
    return "-jvsc-" not in session
