"""How fast the interactive figures answer: from the input event to the painted frame, in a real browser.

`python benchmarks/widgets.py [NAME ...] [--steps N]`

Each figure stands in a JupyterLab of its own and is moved by real mouse and key events, as its test in
`tests/test_widget_NAME.py` does it. A step's time runs from the event's own time stamp to the first moment
after the next frame was painted. Beside them, in the same run: a slider of ipywidgets.interact that draws
with matplotlib, until its new picture is on the page.
"""

import argparse
import importlib
import sys
import tempfile
from pathlib import Path
from statistics import median

TESTS = Path(__file__).resolve().parents[1] / "tests"
LIMITS = {"network_explorer": 100, "training_monitor": None, "blind_judge": None}  # ms; 20 for the others
INTERACT = """import matplotlib.pyplot as plt
import numpy as np
from ipywidgets import interact
from fanaoi_helpers.figures import arithmetic
ramp = np.arange(25.0).reshape(5, 5)
kernel = np.array([[1, 0, -1]] * 3)
@interact(row=(0, 2), column=(0, 2))
def show(row=0, column=0):
    display(arithmetic.sliding_window(ramp, kernel, row, column))"""

# The time of the first input event of a step, and of the moment after the frame that follows it.
WATCH = """() => {
  const steps = (window.fanaoiSteps = []);
  let open = false;
  const begin = (event) => {
    if (open) return;
    open = true;
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => { steps.push(performance.now() - event.timeStamp); open = false; };
      channel.port2.postMessage(0);
    });
  };
  for (const kind of ["pointermove", "pointerdown", "keydown"])
    document.addEventListener(kind, begin, { capture: true });
}"""
# The same for interact: until the picture in the output is another one.
WATCH_PICTURE = """() => {
  const steps = (window.fanaoiSteps = []);
  let since = null;
  document.addEventListener("keydown", (event) => { since ??= event.timeStamp; }, { capture: true });
  new MutationObserver((changes) => {
    const added = changes.flatMap((one) => [...one.addedNodes]);
    if (since === null || !added.some((node) => node.querySelector?.("img"))) return;
    const begun = since;
    since = null;
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => steps.push(performance.now() - begun);
      channel.port2.postMessage(0);
    });
  }).observe(document.querySelector(".jp-Notebook"), { childList: true, subtree: true });
}"""


def measured(page, watch, step, count):
    """Do ``count`` steps one after the other; return the milliseconds that each of them took."""
    step(page, 0)
    page.wait_for_timeout(500)
    page.evaluate(watch)
    for number in range(1, count + 1):
        seen = page.evaluate("window.fanaoiSteps.length")
        step(page, number)
        page.wait_for_function(f"window.fanaoiSteps.length > {seen}", timeout=20_000, polling=5)
    return sorted(page.evaluate("window.fanaoiSteps"))


def move_slider(page, number):
    """Move interact's first slider by a key."""
    if number == 0:
        page.focus(".jupyter-widgets .noUi-handle")
    page.keyboard.press("ArrowRight" if number // 2 % 2 == 0 else "ArrowLeft")


def main():
    """Print a row for each figure."""
    names = sorted(path.stem.removeprefix("test_widget_") for path in TESTS.glob("test_widget_*.py"))
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(names)}; all unless given")
    options.add_argument("--steps", type=int, default=100)
    chosen = options.parse_args()
    unknown = sorted(set(chosen.names) - set(names))
    if unknown or chosen.steps < 2:
        options.error(f"no figure is called {', '.join(unknown)}" if unknown else "--steps must be 2 or more")
    sys.path.insert(0, str(TESTS))
    import browser as browsers

    if browsers.executable() is None:
        options.error(f"no browser on this machine: install one of {', '.join(browsers.BROWSERS)}")
    jobs = {name: importlib.import_module(f"test_widget_{name}") for name in chosen.names or names}
    print(f"{'':24}{'median':>10}{'95th percentile':>18}{'limit':>9}")
    with (
        tempfile.TemporaryDirectory() as folder,
        browsers.Lab(Path(folder)) as lab,
        browsers.chromium() as browser,
    ):
        for name, module in [*jobs.items(), ("interact", None)]:
            cells, step, watch = (
                (module.CELLS, module.one_step, WATCH) if module else ([INTERACT], move_slider, WATCH_PICTURE)
            )
            with lab.open(browser, cells, f"{name}") as shown:
                shown.page.wait_for_selector(".fanaoi" if module else ".noUi-handle")
                shown.page.wait_for_timeout(1000)
                times = measured(shown.page, watch, step, chosen.steps)
            middle, late = median(times), times[min(len(times) - 1, round(0.95 * len(times)))]
            limit = LIMITS.get(name, 20) if module else None
            kept = "" if limit is None or late <= limit else "  MISSED"
            print(
                f"{name:24}{middle:7.1f} ms{late:15.1f} ms{f'{limit} ms' if limit else '–':>9}{kept}",
                flush=True,
            )


if __name__ == "__main__":
    main()
