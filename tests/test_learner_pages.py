"""A fresh learner's notebooks in JupyterLab: nothing is shown, no folded code is seen, what is typed stays.

``FANAOI_SCREENSHOTS=DIR pytest tests/test_learner_pages.py`` scrolls through them, and leaves a picture of
each screen that a learner sees.
"""

import os
from pathlib import Path

import nbformat
import pytest

from fanaoi_helpers import learner, notebooks
from fanaoi_helpers.learner.merging import given, merged, worked_in

WIDTH, HEIGHT = 1366, 768
# How far all cells reach, and where they are scrolled.
REACH = "document.querySelector('.jp-WindowedPanel-outer').scrollHeight"
SCROLL = """(top) => {
  const all = document.querySelector(".jp-WindowedPanel-outer");
  all.scrollTo(0, top);
  return all.scrollTop;
}"""
# What is in sight: outputs, and the code that can be read.
OUTPUTS = (
    """[...document.querySelectorAll(".jp-Notebook .jp-OutputArea-child")].map((one) => one.innerText)"""
)
CODE = """[...document.querySelectorAll(".jp-Notebook .jp-CodeCell")].filter((cell) => {
  const code = cell.querySelector(".cm-content");
  return code && code.offsetHeight;
}).map((cell) => [...cell.querySelectorAll(".cm-line")].map((one) => one.textContent).join("\\n"))"""
FOLDED = """[...document.querySelectorAll(".jp-Notebook .jp-CodeCell .jp-InputPlaceholder")]
  .map((one) => one.innerText.trim())"""


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    """A learner's own copies, made for the first time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FANAOI_NOTEBOOKS", str(tmp_path_factory.mktemp("learner") / "my_notebooks"))
        assert learner.bring_up_to_date() == []
        return learner.my_notebooks()


@pytest.mark.parametrize("name", [path.stem for path in notebooks.paths()])
def test_a_fresh_notebook_shows_nothing(lab, browser, mine, name):
    cells = nbformat.read(mine / f"{name}.ipynb", as_version=4).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    folded = [cell for cell in code if cell.metadata.get("jupyter", {}).get("source_hidden")]
    seen = [cell for cell in code if cell not in folded]
    with lab.open(browser, mine / f"{name}.ipynb", f"fresh-{name}", WIDTH, HEIGHT, kernel=False) as shown:
        page = shown.page
        page.wait_for_function(f"{CODE}.length >= {len(seen)}", timeout=60_000)
        if pictures := os.environ.get("FANAOI_SCREENSHOTS"):
            scrolled(page, Path(pictures), name)
        assert page.evaluate(OUTPUTS) == []
        assert page.evaluate(CODE) == [cell.source for cell in seen]
        titles = page.evaluate(FOLDED)
        assert titles == [cell.source.split("\n")[0] for cell in folded]
    assert shown.errors == []


def scrolled(page, folder, name):
    """Scroll through a page, and leave a picture of each screen in ``folder``."""
    folder.mkdir(exist_ok=True)
    tops = range(0, page.evaluate(REACH), HEIGHT - 150)
    for number, top in enumerate(tops):
        page.evaluate(SCROLL, top)
        page.wait_for_timeout(50)
        page.screenshot(path=folder / f"{name}-{number:02}.png")


def test_what_jupyterlab_saves_is_known_again(lab, browser, mine):
    """Opened and saved, a copy is as it was given; what is typed into it a newer lesson keeps."""
    path = mine / "00_start_here.ipynb"
    with lab.open(browser, path, "typed-into", WIDTH, HEIGHT, kernel=False) as shown:
        drawn = f"{CODE}.some((code) => code.includes('my_fans = '))"  # before, there is nothing to save
        shown.page.wait_for_function(drawn, timeout=60_000)
        saved = saved_again(shown)
        assert given(saved) == given(notebooks.read(path)) and not worked_in(saved)
        editor = shown.page.locator(".jp-CodeCell .cm-content", has_text="my_fans = ")
        editor.click()
        editor.press("Control+Home")
        editor.press_sequentially("my_own = 60 / 4")
        editor.press("Enter")
        saved = saved_again(shown)
    newer = learner.opened(notebooks.find("00"))
    for cell in newer["cells"]:
        cell["source"] += "\n# newer"
    sources = [cell["source"] for cell in merged(saved, newer)["cells"]]
    (typed,) = (source for source in sources if "my_own" in source)
    assert typed.startswith("my_own = 60 / 4\nmy_fans = ...")
    assert len(sources) == len(newer["cells"]) + 1
    assert sum("# newer" in source for source in sources) == len(newer["cells"])


def saved_again(shown):
    """Save a notebook in JupyterLab; return what is on the disk then."""
    before = shown.path.stat().st_mtime_ns
    shown.page.evaluate("void window.jupyterapp.commands.execute('docmanager:save')")
    for _ in range(100):
        if shown.path.stat().st_mtime_ns != before:
            shown.page.wait_for_timeout(300)
            return notebooks.read(shown.path)
        shown.page.wait_for_timeout(100)
    raise AssertionError("JupyterLab did not save")
