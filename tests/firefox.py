"""A real Firefox, asked by WebDriver BiDi, for the tests of the interactive figures.

Playwright drives only a Firefox of its own making; here is what the tests need of its page.
"""

import contextlib
import json
import re
import subprocess
import time

FIREFOXES = ("firefox-esr", "firefox")
START = 60  # seconds that it may take to start, or to answer


class Firefox:
    """A headless Firefox with one page, which is also its ``mouse``; use it as a context manager."""

    def __init__(self, executable, folder):
        from websocket import create_connection  # JupyterLab's server brings it

        command = [executable, "--headless", "--no-remote", "--profile", folder, "--remote-debugging-port=0"]
        said, address, until = folder / "said.txt", None, time.monotonic() + START
        with said.open("w") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        while not (address := re.search(r"BiDi listening on (\S+)\n", said.read_text(errors="replace"))):
            assert time.monotonic() < until and self.process.poll() is None, said.read_text(errors="replace")
            time.sleep(0.1)
        self.socket = create_connection(f"{address[1]}/session", timeout=START, suppress_origin=True)
        self.asked, self.heard, self.mouse, self.at = 0, {}, self, (0, 0)
        self._ask("session.new", capabilities={})
        self._ask("session.subscribe", events=["log.entryAdded"])
        self.context = self._ask("browsingContext.getTree")["contexts"][0]["context"]

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        with contextlib.suppress(Exception):
            self._ask("browser.close")
        self.socket.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _ask(self, method, **parameters):
        self.asked += 1
        self.socket.send(json.dumps({"id": self.asked, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.recv())
            # Of a figure's script alone, which anywidget makes a blob of: JupyterLab has errors of its own.
            if message.get("method") == "log.entryAdded" and "blob:" in json.dumps(message):
                if message["params"]["level"] == "error":
                    self.heard["pageerror"](message["params"]["text"])
            if message.get("id") == self.asked:
                if message["type"] == "error":
                    raise RuntimeError(f"{method}: {message['error']}: {message['message']}")
                return message["result"]

    def new_page(self, viewport):
        """Return the page, in this size."""
        self._ask("browsingContext.activate", context=self.context)  # JupyterLab works on what has the focus
        self._ask("browsingContext.setViewport", context=self.context, viewport=viewport)
        return self

    def on(self, event, heard):
        """Let ``heard`` have every error of the figures."""
        self.heard[event] = heard

    def goto(self, address):
        """Go to an address."""
        self._ask("browsingContext.navigate", context=self.context, url=address, wait="complete")

    def close(self):
        """Leave the page; Firefox itself goes on."""
        self.goto("about:blank")

    def evaluate(self, code, arg=None):
        """Return what an expression is, or what the function that it is makes of ``arg``."""
        called = f"async () => {{ const it = ({code}), all = {json.dumps(arg)}; "
        called += "return JSON.stringify(await (typeof it === 'function' ? it(all) : it)) ?? 'null'; }"
        answer = self._ask(
            "script.callFunction",
            functionDeclaration=called,
            awaitPromise=True,
            target={"context": self.context},
        )
        if answer["type"] == "exception":
            raise RuntimeError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"]["value"])

    def eval_on_selector_all(self, selector, code):
        """Return what a function makes of all elements that a selector finds."""
        return self.evaluate(f"({code})([...document.querySelectorAll({json.dumps(selector)})])")

    def wait_for_function(self, code, timeout=START * 1000):
        """Wait until an expression is true."""
        until = time.monotonic() + timeout / 1000
        while not self.evaluate(code):
            assert time.monotonic() < until, f"not in {timeout / 1000:g} s: {code}"
            time.sleep(0.1)

    def wait_for_selector(self, selector, timeout=START * 1000):
        """Wait until an element is there."""
        self.wait_for_function(f"document.querySelector({json.dumps(selector)}) !== null", timeout)

    def wait_for_timeout(self, milliseconds):
        """Wait."""
        time.sleep(milliseconds / 1000)

    def _act(self, *actions):
        source = {
            "type": "pointer",
            "id": "mouse",
            "parameters": {"pointerType": "mouse"},
            "actions": actions,
        }
        self._ask("input.performActions", context=self.context, actions=[source])

    def move(self, x, y, steps=1):
        """Move the mouse to a place."""
        (left, top), self.at = self.at, (x, y)
        places = [
            (round(left + part * (x - left) / steps), round(top + part * (y - top) / steps))
            for part in range(1, steps + 1)
        ]
        self._act(*({"type": "pointerMove", "x": x, "y": y} for x, y in places))

    def down(self):
        """Press the mouse's first button."""
        self._act({"type": "pointerDown", "button": 0})

    def up(self):
        """Let it go."""
        self._act({"type": "pointerUp", "button": 0})
