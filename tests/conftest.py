"""A browser and a JupyterLab for the tests of the interactive figures."""

import os

import browser as browsers
import pytest


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
