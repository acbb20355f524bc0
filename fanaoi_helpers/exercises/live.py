"""A panel that lives in the browser: buttons for help, clicks in place of typing; Python judges as ever."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import anywidget
import traitlets

from .. import frontend
from ..errors import WorkbookError
from .panel import LOOKS, Panel, asked, page, text

if TYPE_CHECKING:
    from IPython.display import DisplayHandle

    from .exercise import Exercise

HERE = Path(__file__)
CLICK = "Click, or type your answer in place of the three dots."
VERBS = {"check": "Check", "predict": "Note"}


# Where the kernel is gone JupyterLab says so in place of every panel that lived; what stands still is enough.
NOT_MISSED = """<style>
.jp-OutputArea-child:has(.jupyter-widgets):not(:has(.fanaoi)):has(+ .jp-OutputArea-child .fanaoi-still) {
  display: none;
}
</style>"""
_hiding: list[str] = []  # a kernel's first exercise: a page needs the rule once, and is slower for each


class LivingPanel(anywidget.AnyWidget):
    """The panel of one call of ``check`` or ``predict``, the ``event``; clicks do the same as the call."""

    _esm = traitlets.Unicode(frontend.text(frontend.COMMON_SCRIPT, HERE.with_suffix(".js"))).tag(sync=True)
    _css = traitlets.Unicode(frontend.text(frontend.COMMON_STYLE, HERE.with_suffix(".css"))).tag(sync=True)
    shown = traitlets.Dict().tag(sync=True)
    arranged = traitlets.Unicode().tag(sync=True, echo_update=False)  # what is clicked so far, as letters

    def __init__(self, exercise: Exercise, panel: Panel, event: str, given: dict, answer: object) -> None:
        self._exercise, self._event, self._given = exercise, event, given
        self._header, self._verdict = panel.header, panel
        self._help: dict[str, Panel] = {}  # what the buttons brought, by "hint" and "solution"
        self._judged = exercise.as_clicked(answer)  # the clicks that the verdict is about
        self._turn = 0
        self._handle: DisplayHandle | None = None
        super().__init__(shown=self._shown(), arranged=self._judged)
        self.on_msg(lambda _, message, buffers: self._hear(message))

    def show(self) -> None:
        """Display it, and beside it what stands in its place where it can't live."""
        self._handle = frontend.show(*self._forms())

    def _hear(self, message: object) -> None:
        """Do what a button or a click asks for."""
        match message:
            case {"answer": str(written)} if self._exercise.clicks():
                self._verdict, self._judged = self._answered(written), written
            case {"help": "hint"}:
                self._help["hint"] = self._exercise._hinted(advice=False)
            case {"help": "solution"}:
                self._help["solution"] = self._exercise._solved()
        self._turn += 1
        self.shown = self._shown()
        if self._handle is not None:
            frontend.show_again(self._handle, *self._forms())

    def _answered(self, written: str) -> Panel:
        """Return the panel that somebody would get who types what is clicked."""
        exercise = self._exercise
        try:
            answer = exercise.clicked(written)
            if self._event == "predict":
                return exercise._noted(answer)
            return exercise._judged(answer, self._given, self._event)
        except WorkbookError as error:
            return exercise._panel("not yet", str(error))

    def _shown(self) -> dict:
        """Return what the browser shows, as words and HTML."""
        exercise, clicks = self._exercise, self._exercise.clicks()
        verdict = self._verdict
        if verdict.state == "not tried":
            how = CLICK if clicks else f"{exercise.stub[0].upper()}{exercise.stub[1:]}."
            verdict = dataclasses.replace(verdict, says=how)
        seen, hints = exercise._hints_shown, len(exercise.hints)
        more = seen < hints or "hint" not in self._help  # all of them may have been seen elsewhere
        button = f"Hint {seen + 1} of {hints}" if seen < hints else "Hints" if more else "No more hints"
        return {
            "name": exercise.name,
            "header": self._header,
            "color": LOOKS[verdict.state][2],
            "question": asked(exercise.question(**self._given), details=not clicks),
            "clicks": clicks,
            "verb": VERBS[self._event],
            "verdict": verdict.said(),
            "state": verdict.state,
            "judged": self._judged,
            "help": {"hint": [button, more], "solution": ["Solution", "solution" not in self._help]},
            **{name: self._help[name].said() if name in self._help else "" for name in ("hint", "solution")},
            "turn": self._turn,
        }

    def _forms(self) -> tuple[dict, dict]:
        question = self._exercise.question(**self._given)
        parts = [self._verdict, *self._help.values()]
        alive = self._repr_mimebundle_()
        bundle, metadata = alive if isinstance(alive, tuple) else (alive, {})
        if not _hiding:
            _hiding.append(self._exercise.name)
        rule = NOT_MISSED if self._exercise.name in _hiding else ""
        still = {
            "text/plain": text(self._header, question, parts),
            "text/html": f'{rule}<div class="fanaoi-still">{page(self._header, question, parts)}</div>',
        }
        return {**(bundle or {}), **still}, metadata

    def __repr__(self) -> str:
        return f"LivingPanel({self._exercise.name})"
