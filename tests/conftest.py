"""A browser and a JupyterLab for the tests of the interactive figures."""

import base64
import io
import os

import browser as browsers
import pytest
from PIL import Image


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """Give a running JupyterLab; skip where there is no browser to look at it, but never in CI."""
    if browsers.executable() is None:
        why = f"no browser on this machine: install one of {', '.join(browsers.BROWSERS)}"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    with browsers.Lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture(scope="module")
def browser():
    """Give a Chromium; for one module, because Playwright keeps an event loop running as long as it lives."""
    with browsers.chromium() as opened:
        yield opened


@pytest.fixture
def forms(monkeypatch):
    """Give a function that returns a figure's words and picture, and checks where which of its forms are."""

    def found(figure, picture="image/png"):
        monkeypatch.setenv("FANAOI_HEADLESS", "0")
        alive, _ = figure._repr_mimebundle_()
        assert set(alive) == {"text/plain", picture, "application/vnd.jupyter.widget-view+json"}
        monkeypatch.setenv("FANAOI_HEADLESS", "1")
        stored = figure._repr_mimebundle_()
        assert set(stored) == {"text/plain", picture}
        return stored["text/plain"], Image.open(io.BytesIO(base64.b64decode(stored[picture])))

    return found
