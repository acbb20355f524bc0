"""What every exercise has in common: a question, hints, a solution, and three states."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass, field

from .. import frontend
from ..errors import WorkbookError
from . import ledger
from .answers import Unreadable, condensed, described
from .panel import Panel
from .question import Question
from .verdict import State, Verdict, unread


@dataclass
class Exercise:
    """A question that can judge its answers.

    Args:
        name: as in ``ex.NAME``.
        asks: the question, one or two sentences.
        hints: one to three, each telling more than the one before.
        why: what to take along, shown when the answer is right and under the solution.
        minutes: how long it takes.
        difficulty: 1 to 3.
        prediction: asked before a cell is run, with :meth:`predict`, and answered by :meth:`reveal`.
        form: of the answer, such as "one number, in minutes"; by itself it follows from the kind.
    """

    name: str
    _: KW_ONLY
    asks: str
    hints: Sequence[str]
    why: str
    minutes: int
    difficulty: int
    prediction: bool = False
    form: str = ""
    notebook: str = field(default="", init=False)
    _hints_shown: int = field(default=0, init=False, repr=False)
    _predicted: object = field(default=..., init=False, repr=False)

    kind = "exercise"  # how its header calls it
    stub = "put your answer in place of the three dots"
    several_right = False  # whether answers that differ can both be right
    fewest_mistakes = 3

    def __post_init__(self) -> None:
        """Refuse a declaration that would leave a learner alone."""
        for fault in self._faults():
            raise WorkbookError(f"Exercise {self.name}: {fault}")

    def _faults(self) -> Iterator[str]:
        """Yield what is wrong with the declaration, a sentence each."""
        if not self.name.isidentifier():
            yield "its name is written as ex.NAME, so it must be a Python name."
        if len(self.hints) not in (1, 2, 3) or not all(self.hints):
            yield "it must have one to three hints, each telling more than the one before."
        if len(set(self.hints)) < len(self.hints):
            yield "two of its hints are the same."
        if self.minutes not in range(1, 21) or self.difficulty not in (1, 2, 3):
            yield "`minutes` must be 1 to 20, and `difficulty` 1, 2 or 3."
        slips = self.sentences()
        if not all(slips):
            yield "each known mistake needs a sentence that names the slip."
        if len(slips) < self.fewest_mistakes:
            least = f"at least {self.fewest_mistakes}: who makes another one is not told why it is wrong."
            yield f"it knows {len(slips)} mistakes, but must know {least}"
        if len(set(slips)) < len(slips):
            yield "two known mistakes have the same sentence, which can't tell both slips apart."

    # What a learner calls; each shows a panel.

    def check(self, answer: object = ..., **given: object) -> None:
        """Say whether ``answer`` is right, and if not, why.

        Args:
            answer: anything; three dots mean that nobody has tried yet.
            given: the question's inputs as they are in the notebook.
        """
        self._show(self._judged(answer, given, "check"), "check", given, answer)

    def predict(self, answer: object = ...) -> None:
        """Note a prediction; :meth:`reveal` says later what it was.

        What has not the form of an answer is turned back; what was noted before it then stands.
        """
        answer = condensed(answer)
        if self.judge(answer).state is State.NOT_TRIED:
            answer = self._predicted  # the three dots take back nothing
        self._show(self._noted(answer), "predict", {}, answer)

    def reveal(self, **given: object) -> None:
        """Say whether what was predicted came true."""
        if self._predicted is ...:
            says = "You had made no prediction. Make one before the next run: that is what you will remember."
            self._panel("not tried", says).show()
        else:
            self._judged(self._predicted, given, "reveal").show()

    def hint(self) -> None:
        """Show the next hint, and those before it."""
        self._hinted().show()

    def solution(self) -> None:
        """Show the solution: code that you can copy into a cell and run, and why it is so."""
        self._solved().show()

    # The panels that these show; in a living one (live.py) buttons and clicks ask for them, too.

    def _show(self, panel: Panel, event: str, given: dict, answer: object) -> None:
        """Show a panel, alive where a browser shows widgets and something is left to do."""
        if panel.state in ("not tried", "not yet", "noted") and frontend.widgets_live():
            with suppress(ImportError):  # anywidget is not there: the panel stands alone
                from .live import LivingPanel

                panel = LivingPanel(self, panel, event, given, answer)
        panel.show()

    def _noted(self, answer: object) -> Panel:
        if self.judge(answer).state is State.NOT_TRIED:
            return self._untried({})
        try:
            odd = self._odd_form(answer)
        except Unreadable as reason:
            odd = str(reason)
        except Exception as error:
            odd = unread(error)
        if odd:
            return self._panel("not yet", f"Nothing noted. {odd}{self._still()}", question=self.question())
        words = self.answer_text(answer)
        self._predicted = answer
        trouble = ledger.note("predict", self.notebook, self.name, answer=self._recorded(answer))
        return self._panel("noted", f"You say {words}. Now run the next cell.", trouble=trouble)

    def _hinted(self, advice: bool = True) -> Panel:
        self._hints_shown = min(self._hints_shown + 1, len(self.hints))
        trouble = ledger.note("hint", self.notebook, self.name, answer=self._hints_shown)
        lines = [f"{i}. {hint}" for i, hint in enumerate(self.hints[: self._hints_shown], 1)]
        left = len(self.hints) - self._hints_shown
        ex = f"ex.{self.name}"
        if advice:
            lines.append(f"`{ex}.hint()` again tells more." if left else f"Still stuck? `{ex}.solution()`")
        return self._panel("hint", f"{self._hints_shown} of {len(self.hints)}", lines, trouble=trouble)

    def _solved(self) -> Panel:
        trouble = ledger.note("solution", self.notebook, self.name)
        return self._panel("solution", "", [self.why], code=self.solution_text(), trouble=trouble)

    # What each kind of exercise does in its own way.

    def _judge(self, answer: object, given: dict) -> Verdict:
        """Judge an answer; may raise Unreadable, and nothing else, whatever the answer holds."""
        raise NotImplementedError

    def answer_text(self, answer: object) -> str:
        """Return an answer as the recap shows it: short. May raise Unreadable."""
        raise NotImplementedError

    def truth_text(self, **given: object) -> str:
        """Return the right answer as the recap shows it: short."""
        raise NotImplementedError

    def solution_text(self) -> str:
        """Return the code, or the answer, that ``solution()`` shows."""
        raise NotImplementedError

    def details(self) -> list[str]:
        """Return the lines that belong to the question: options, or lines to put in order."""
        return []

    def given_text(self, **given: object) -> str:
        """Return what is given as code: the question's own inputs, or those of the notebook."""
        return ""

    def usual_form(self) -> str:
        """Return the form of an answer where the sheet says none, without giving it away."""
        return ""

    def clicks(self) -> dict:
        """Return what a living panel offers to click in place of typing; {} for nothing."""
        return {}

    def clicked(self, written: str) -> object:
        """Return the answer that clicks stand for, as somebody would type it."""
        return written

    def as_clicked(self, answer: object) -> str:
        """Return the clicks that an answer stands for; "" for one that can't be clicked."""
        return ""

    def sentences(self) -> list[str]:
        """Return the sentences of the known mistakes, in order."""
        return list(self.mistakes)

    # Common work.

    def _odd_form(self, answer: object) -> str:
        """Say why an answer can't be noted as a prediction, "" if it can; nothing here tells the truth.

        May raise Unreadable, which says the same, and whatever the answer raises.
        """
        self.answer_text(answer)
        return ""

    def _still(self) -> str:
        return "" if self._predicted is ... else f" You still say {self._words(self._predicted)}."

    def judge(self, answer: object, **given: object) -> Verdict:
        """Return the verdict on ``answer`` without showing or noting it; whatever the answer holds.

        Raises:
            WorkbookError: ``given`` names an input that the question does not have, or is one that it can't
                be asked with.
        """
        given = self._given(given)
        try:
            return self._judge(condensed(answer), given)
        except WorkbookError:
            raise
        except Unreadable as odd:
            says = str(odd)
        except KeyboardInterrupt:
            says = "You stopped it before it was judged; run the cell again."
        except Exception as error:  # a list or an array of the learner's own kind may fail anywhere
            says = unread(error)
        return Verdict(State.NOT_YET, says, form=True)

    def _given(self, given: dict) -> dict:
        if given:
            raise WorkbookError(f"{self.name} takes no {', '.join(given)}; give the answer alone.")
        return given

    def _judged(self, answer: object, given: dict, event: str) -> Panel:
        answer = condensed(answer)
        verdict = self.judge(answer, **given)
        if verdict.state is State.NOT_TRIED:
            return self._untried(given)
        words, right = self._words(answer), verdict.state is State.RIGHT
        trouble = ledger.note(
            event,
            self.notebook,
            self.name,
            answer=self._recorded(answer),
            state=verdict.state.value,
            mistake=verdict.mistake,
            truth=words if right and self.several_right else self.truth_text(**given),
            **({"form": True} if verdict.form else {}),
        )
        says, state = verdict.says, verdict.state.value
        if self.prediction:
            state = state if right else "not so"
            came = "and so it is" if right else f"it is {self.truth_text(**given)}"
            says = f"You said {words}, {came}. {says}"
        if verdict.printed:
            says += " It printed:"
        question = None if right else self.question(**given)
        return self._panel(state, says, code=verdict.printed, trouble=trouble, question=question)

    def _untried(self, given: dict) -> Panel:
        says = f"{self.stub[0].upper()}{self.stub[1:]}. Stuck? `ex.{self.name}.hint()`"
        return self._panel("not tried", says, question=self.question(**given))

    def _words(self, answer: object) -> str:
        try:
            return self.answer_text(answer)
        except Exception:
            return described(answer)

    def _recorded(self, answer: object) -> object:
        """Return what the ledger keeps of an answer."""
        return self._words(answer)

    def _panel(
        self,
        state: str,
        says: str = "",
        lines: Sequence[str] = (),
        code: str = "",
        trouble: str = "",
        question: Question | None = None,
    ) -> Panel:
        kind = "prediction" if self.prediction else self.kind
        dots = "●" * self.difficulty + "○" * (3 - self.difficulty)
        header = f"{self.name} · {kind} · {dots} · {self.minutes} min"
        return Panel(header, state, says, [*lines, trouble] if trouble else list(lines), code, question)

    def question(self, **given: object) -> Question:
        """Return the question in full, with the inputs of the notebook where there are some."""
        try:
            inputs = self.given_text(**given)
        except Exception:  # a learner may have changed what the notebook passes
            inputs = self.given_text()
        return Question(self.asks, self.details(), inputs, self.form or self.usual_form())

    def _repr_html_(self) -> str:
        return self._panel("", question=self.question())._repr_html_()

    def __repr__(self) -> str:
        return repr(self._panel("", question=self.question()))
