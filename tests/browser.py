"""A real JupyterLab in a real Chromium, for the tests and the benchmark of the interactive figures."""

import contextlib
import json
import math
import os
import queue
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from functools import partial
from pathlib import Path

import nbformat

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update",
         "--enable-precise-memory-info", "--js-flags=--expose-gc"]  # fmt: skip
START, RUN = 90, 480  # seconds that a server or a kernel may take to start, and all cells to run
# What the browser makes of a drag by itself: it takes text or a picture along, or selects what it passes.
WATCH = """() => {
  window.ownDrags ??= (() => {
    const seen = [];
    window.addEventListener("dragstart", (event) => { if (!event.defaultPrevented) seen.push("dragstart"); });
    for (const name of ["drop", "pointercancel"]) window.addEventListener(name, () => seen.push(name), true);
    return seen;
  })();
  window.ownDrags.length = 0;
  window.selectedBefore = !getSelection().isCollapsed;
}"""
SEEN = """() => {
  const selects = !window.selectedBefore && !getSelection().isCollapsed;
  return selects ? [...window.ownDrags, `selected ${getSelection()}`] : window.ownDrags;
}"""
PROMPTS = "[...document.querySelectorAll('.jp-InputPrompt')].map((one) => one.textContent)"
# All cells have run; none runs, though not all have.
RAN = rf"{PROMPTS}.some((one) => /\[\d+\]/.test(one)) && !{PROMPTS}.some((one) => /\[[ *]\]/.test(one))"
STALLED = rf"{PROMPTS}.some((one) => /\[ \]/.test(one)) && !{PROMPTS}.some((one) => /\[\*\]/.test(one))"
STATE = """[".jp-InputPrompt", ".jp-Dialog", ".lm-Menu"].map((name) => [name,
  ...[...document.querySelectorAll(name)].map((one) => one.textContent)].join(" ")).concat(
  document.querySelector(".jp-Notebook-ExecutionIndicator")?.dataset.status).join("; ")"""
# A fresh server may ask for a kernel before the page hears of the one that it has. A second one would take
# the first one's place while the page connects to it.
NO_OTHER = """[...document.querySelectorAll(".jp-Dialog")]
  .filter((one) => one.querySelector(".jp-mod-accept")?.textContent.includes("Select"))
  .forEach((one) => one.querySelector(".jp-mod-reject").click())"""
STATUS = "document.querySelector('.jp-Notebook-ExecutionIndicator')?.dataset.status"
IDLE = f"""{STATUS} === "idle" && document.querySelector(".jp-Dialog") === null"""  # and nothing is asked
LOST = f"""!["idle", "busy"].includes({STATUS})"""


def executable(names=BROWSERS):
    """Return the path of the first browser of these names that is on this machine, or None."""
    return next(filter(None, map(shutil.which, names)), None)


MIDDLE = """([selector, number]) => {
  const one = document.querySelectorAll(selector)[number];
  one.scrollIntoView({ block: "nearest" });
  const { x, y, width, height } = one.getBoundingClientRect();
  return [x + width / 2, y + height / 2];
}"""
# Letters of a chart that stand outside of it; what ends at its very edge is whole.
CUT = """(root) => [...document.querySelector(root).querySelectorAll("svg text")].filter((text) => {
  const box = text.getBoundingClientRect(), whole = text.ownerSVGElement.getBoundingClientRect();
  const across = Math.max(whole.left - box.left, box.right - whole.right);
  const down = Math.max(whole.top - box.top, box.bottom - whole.bottom);
  return box.width && Math.max(across, down) > 1;
}).map((text) => text.textContent)"""


class Lab:
    """A server of its own, in a folder of its own: of JupyterLab, or of the program ``notebook`` (7).

    Use it as a context manager; ``open`` shows a notebook in a browser's page.
    """

    def __init__(self, folder, theme="JupyterLab Light", program="jupyterlab"):
        self.program = program
        self.folder, self.token = Path(folder), secrets.token_hex(16)
        settings = self.folder / ".settings" / "@jupyterlab" / "apputils-extension"
        settings.mkdir(parents=True)
        (settings / "themes.jupyterlab-settings").write_text(json.dumps({"theme": theme}), encoding="utf-8")
        # Older ones take cells off the page that are out of sight.
        tracker = settings.with_name("notebook-extension") / "tracker.jupyterlab-settings"
        tracker.parent.mkdir()
        tracker.write_text(json.dumps({"windowingMode": "none"}), encoding="utf-8")
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        self.runtime = self.folder / ".runtime"
        environment = {
            **os.environ,
            "FANAOI_HEADLESS": "0",
            "VSCODE_INJECTION": "1",  # as from VS Code's terminal, which must make no difference
            "FANAOI_RUNS": str(self.folder / ".runs"),
            "FANAOI_LEDGER": str(self.folder / ".answers.jsonl"),
            "JUPYTERLAB_SETTINGS_DIR": str(self.folder / ".settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(self.folder / ".workspaces"),
            "JUPYTER_RUNTIME_DIR": str(self.runtime),
            "JUPYTER_CONFIG_DIR": str(self.folder / ".config"),
        }
        alone = {"jupyterlab": ["--LabApp.news_url=None", "--expose-app-in-browser",
                                "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"],
                 "notebook": ["--expose-app-in-browser"]}[program]  # fmt: skip
        command = [sys.executable, "-m", program, "--no-browser", "--allow-root",
                   f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--ServerApp.ip=127.0.0.1",
                   f"--IdentityProvider.token={self.token}", f"--ServerApp.root_dir={self.folder}",
                   *alone]  # fmt: skip
        self.log = (self.folder / ".server.log").open("w")
        self.server = subprocess.Popen(command, env=environment, stdout=self.log, stderr=self.log)

    def __enter__(self):
        until = time.monotonic() + START
        while True:
            with contextlib.suppress(OSError):
                self._ask("/api/status")
                return self
            if time.monotonic() > until or self.server.poll() is not None:
                self.__exit__()
                said = (self.folder / ".server.log").read_text(encoding="utf-8")[-2000:]
                raise RuntimeError(f"JupyterLab did not start:\n{said}")
            time.sleep(0.2)

    def __exit__(self, *exception):
        self.server.terminate()
        try:
            self.server.wait(10)
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.wait()
        self.log.close()

    def _ask(self, path, body=None):
        request = urllib.request.Request(
            self.address + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {self.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def open(self, browser, cells, name="figure", width=1280, height=900, kernel=True):
        """Show a notebook with these code cells (or the one at this path), run it, and return its Page.

        Without ``kernel`` the notebook is shown as it is stored.
        """
        path = self.folder / f"{name}.ipynb"
        if isinstance(cells, Path):
            shutil.copy(cells, path)
        else:
            made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
            made.metadata["kernelspec"] = {
                "name": "python3",
                "display_name": "Python 3",
                "language": "python",
            }
            nbformat.write(made, path)
        wanted = {"path": path.name, "name": path.name, "type": "notebook", "kernel": {"name": "python3"}}
        if kernel:  # it starts while the page is built
            self._ask("/api/sessions", wanted)
        return Page(self, browser, path, kernel, width, height)

    def kernels(self, path):
        """Return the ids of the kernels that a notebook has."""
        return [each["kernel"]["id"] for each in self._ask("/api/sessions") if each["path"] == path.name]


class Page:
    """A notebook in a browser: ``page`` by Playwright, ``python`` asks its kernel, ``errors`` its console."""

    def __init__(self, lab, browser, path, kernel, width, height):
        self.lab, self.path, self.errors = lab, path, []
        self.page = browser.new_page(viewport={"width": width, "height": height})
        # Asked in each frame, as is usual, a page of 100 cells is busy with nothing else.
        self.page.wait_for_function = partial(self.page.wait_for_function, polling=200)
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self._show()
        self.client = None
        if kernel:
            self.run_all()
            self.client = self._connected(lab.kernels(path)[0])

    def _show(self):
        # A workspace of its own, so that no other notebook is opened beside it.
        of_lab = self.lab.program == "jupyterlab"
        name = self.path.name
        place = f"lab/workspaces/{self.path.stem}/tree/{name}?reset&" if of_lab else f"notebooks/{name}?"
        self.page.goto(f"{self.lab.address}/{place}token={self.lab.token}")
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=START * 1000)
        if of_lab and hasattr(self.page, "keyboard"):
            self.page.keyboard.press("Control+b")  # without the list of files

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self.client:
            self.client.stop_channels()
        for kernel in self.lab.kernels(self.path):
            request = urllib.request.Request(
                f"{self.lab.address}/api/kernels/{kernel}",
                headers={"Authorization": f"token {self.lab.token}"},
                method="DELETE",
            )
            urllib.request.urlopen(request, timeout=30).close()
        self.page.close()

    def _connected(self, kernel):
        from jupyter_client import BlockingKernelClient

        client = BlockingKernelClient(connection_file=str(self.lab.runtime / f"kernel-{kernel}.json"))
        client.load_connection_file()
        client.start_channels()
        client.wait_for_ready(timeout=START)
        return client

    def run_all(self):
        """Run all cells and wait until the kernel has done with them."""
        page, by_hand = self.page, hasattr(self.page, "click")  # Firefox's page has no hand for menus
        began = asked = time.monotonic()
        while not page.evaluate(f"{IDLE} && {RAN}"):
            now = time.monotonic()
            assert now < began + RUN, f"the cells did not run in {RUN} s: {page.evaluate(STATE)}"
            page.evaluate(NO_OTHER)
            if page.evaluate(LOST) and now > asked + 20:
                self._show()
                asked = time.monotonic()
            # Asked before the notebook is the page's current one, menu and command do nothing; asked while
            # the kernel's connection changes, they run a part.
            elif page.evaluate(f"{IDLE} && {STALLED}") and (by_hand or now > asked + 3):
                # JupyterLab's own, while it opened; all cells run now, a figure's come again.
                self.errors.clear()
                if by_hand:
                    page.click('.lm-MenuBar-itemLabel:text-is("Run")')
                    page.click('.lm-Menu-itemLabel:text-is("Run All Cells")')
                    by_hand = False
                else:
                    self._command("notebook:run-all-cells")
                asked = time.monotonic()
            page.wait_for_timeout(100)

    def _command(self, name):
        # Not waited for: a command may end only when somebody has answered what it asks.
        self.page.evaluate(f"void window.jupyterapp.commands.execute('{name}')")

    def python(self, code, timeout=60):
        """Execute ``code`` in the notebook's kernel; return the value of its last line, through JSON.

        NumPy arrays come as lists.
        """
        *before, last = code.strip().splitlines()
        told = "import json as _json, numpy as _np\n"
        told += f"print('\\x00' + _json.dumps({last}, default=lambda x: _np.asarray(x).tolist()))"
        request = self.client.execute("\n".join([*before, told]), store_history=False)
        said, trouble = "", None
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            try:
                message = self.client.get_iopub_msg(timeout=1)
            except queue.Empty:
                continue
            if message["parent_header"].get("msg_id") != request:
                continue
            content = message["content"]
            if message["msg_type"] == "stream":
                said += content["text"]
            elif message["msg_type"] == "error":
                trouble = f"{content['ename']}: {content['evalue']}"
            elif message["msg_type"] == "status" and content["execution_state"] == "idle":
                if trouble:
                    raise RuntimeError(trouble)
                return json.loads(said.rpartition("\x00")[2])
        raise TimeoutError(f"the kernel said nothing in {timeout} s")

    def until(self, code, expected, seconds=5):
        """Ask the kernel until the answer is ``expected``, a value or a function of it; return the answer."""
        fits = expected if callable(expected) else lambda found: found == expected
        until = time.monotonic() + seconds
        while True:
            found = self.python(code)
            if fits(found):
                return found
            assert time.monotonic() < until, f"{code} is {found!r} in Python"
            self.page.wait_for_timeout(100)

    def drag(self, start, end, *, slow=False, then=None):
        """Drag from a place to another as a hand does, a pixel at a time; ``then`` is called before the end.

        A browser begins a drag of its own after the first pixels; larger steps would never show it. Refused
        is such a drag, a pointer that it took away, and text that was selected on the way.
        """
        mouse, count = self.page.mouse, max(1, round(math.dist(start, end)))
        mouse.move(*start)
        self.page.evaluate(WATCH)
        mouse.down()
        for part in range(1, count + 1) if slow else ():
            mouse.move(*(a + (b - a) * part / count for a, b in zip(start, end, strict=True)))
            self.page.wait_for_timeout(10)
        mouse.move(*end, steps=1 if slow else count)
        told = then and then()
        mouse.up()
        assert (seen := self.page.evaluate(SEEN)) == [], f"dragged from {start} to {end}: {seen}"
        return told

    def middle(self, selector, number=0):
        """Return where the middle of the element is that a selector finds."""
        return self.page.evaluate(MIDDLE, [selector, number])

    def cut(self, root):
        """Return the words of which a part is cut off, in the charts of the first figure found."""
        return self.page.evaluate(CUT, root)

    def steps(self, step, count):
        """Call ``step`` so often; refuse an error on the page, or memory that grows in the second half."""

        def heap():
            self.python("None")  # the kernel has answered: no message is on its way any more
            for _ in range(3):  # what one collection frees lets go of more
                self.page.wait_for_timeout(200)
                self.page.evaluate("gc()")
            return self.page.evaluate("performance.memory.usedJSHeapSize")

        before = None
        for number in range(count):
            if number == count // 2:
                before = heap()
            step()
        after = heap()
        assert self.errors == []
        assert after < 1.1 * before + 1e6, f"the page held {before / 1e6:.1f} MB, then {after / 1e6:.1f}"

    def numbers(self, selector):
        """Return the ``data-value`` of all elements that a selector finds, as floats."""
        return [float(one) for one in self.page.eval_on_selector_all(
            selector, "found => found.map((one) => one.dataset.value)")]  # fmt: skip


@contextlib.contextmanager
def chromium(*more):
    """Yield a headless Chromium; ``more`` are further words for it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=[*QUIET, *more])
        try:
            yield browser
        finally:
            browser.close()
