"""The living panels in a real JupyterLab: clicked, dragged, moved by keys, reloaded, stored."""

import json
import os
import signal

import nbformat
import pytest

from fanaoi_helpers import exercises

EXERCISES = {
    exercise.name: exercise for lesson in exercises.lessons() for exercise in lesson.exercises.values()
}
CELLS = [
    """from fanaoi_helpers import exercises
from fanaoi_helpers.exercises import ledger
ex = {name: one for lesson in exercises.lessons() for name, one in lesson.exercises.items()}""",
    *(f'ex["{name}"].check(...)' for name in ("mistake_named", "fair_test", "keeps_label", "stride_two")),
    'ex["corner"].predict(...)',
]
NOTES = (
    """[[one["event"], one["exercise"], one.get("answer"), one.get("state")] for one in ledger.records()]"""
)
NAMES = ("mistake_named", "fair_test", "keeps_label", "stride_two", "corner")


class Panel:
    """One exercise on the page."""

    def __init__(self, shown, name):
        self.shown, self.name, self.page = shown, name, shown.page
        self.root = f'.fanaoi-exercise[aria-label="Exercise {name}"]'
        self.page.locator(self.root).scroll_into_view_if_needed()

    def press(self, selector):
        self.page.locator(f"{self.root} {selector}").click(force=True)  # also what is closed

    def line(self, letter):
        return self.page.locator(f'{self.root} button[data-letter="{letter}"]')

    def send(self):
        return self.page.locator(f"{self.root} :is(.fanaoi-order, .fanaoi-yesno) > button")

    def says(self, words, part="verdict"):
        self.page.wait_for_function(
            "([selector, words]) => document.querySelector(selector)?.textContent.includes(words)",
            arg=[f"{self.root} [data-role={part}]", words.replace("`", "")],
            timeout=20_000,
        )

    def order(self):
        found = f"{self.root} .fanaoi-placed button"
        return "".join(self.page.eval_on_selector_all(found, "all => all.map((one) => one.dataset.letter)"))

    def notes(self):
        return [[event, *more] for event, name, *more in self.shown.python(NOTES) if name == self.name]

    def middle(self, letter):
        box = self.line(letter).bounding_box()
        return box["x"] + 60, box["y"] + box["height"] / 2


@pytest.fixture(scope="module")
def opened(lab, browser):
    with lab.open(browser, CELLS, "panels", width=1366, height=768) as shown:
        shown.page.wait_for_function(f"document.querySelectorAll('.fanaoi-exercise').length === {len(NAMES)}")
        yield shown
        assert shown.errors == []


def test_a_hint_and_the_solution_by_button(opened):
    panel, exercise = Panel(opened, "stride_two"), EXERCISES["stride_two"]
    panel.says("Not tried yet")
    for number, hint in enumerate(exercise.hints, 1):
        assert (
            panel.page.inner_text(f"{panel.root} [data-help=hint]")
            == f"Hint {number} of {len(exercise.hints)}"
        )
        panel.press("[data-help=hint]")
        panel.says(hint, "hint")
    panel.press("[data-help=hint]")  # there is no further one
    panel.press("[data-help=solution]")
    panel.says(exercise.why, "solution")
    assert panel.page.inner_text(f"{panel.root} [data-role=solution] pre") == exercise.solution_text()
    told = [["hint", number, None] for number in range(1, len(exercise.hints) + 1)]
    assert panel.notes() == [*told, ["solution", None, None]]


def test_a_choice_by_click_and_by_key(opened):
    panel, exercise = Panel(opened, "mistake_named"), EXERCISES["mistake_named"]
    for letter, (_, says) in list(exercise._by_letter.items())[:3]:
        if letter == "B":
            panel.line("A").focus()
            panel.page.keyboard.press("Tab")
            panel.page.keyboard.press("Enter")
        else:
            panel.line(letter).click()
        panel.says(says)
        pressed = panel.page.get_attribute(f'{panel.root} [aria-pressed="true"]', "data-letter")
        assert pressed == letter
    states = [[event, answer[0], state] for event, answer, state in panel.notes()]
    assert states == [["check", "A", "not yet"], ["check", "B", "not yet"], ["check", "C", "right"]]


def test_an_order_by_click_by_drag_and_by_keys(opened):
    panel, exercise = Panel(opened, "fair_test"), EXERCISES["fair_test"]
    right = exercise.truth_text()
    assert panel.send().get_attribute("aria-disabled") == "true"
    for letter in right[::-1]:  # clicked
        panel.line(letter).click()
    assert panel.order() == right[::-1]
    panel.line(right[0]).click()  # and taken out again
    assert panel.order() == right[:0:-1]
    panel.send().click()
    panel.says("Not yet")
    # dragged: from below to the top, within the order, and out of it
    x, y = panel.middle(right[0])
    opened.drag((x, y), (x, panel.middle(right[-1])[1] - 14), slow=True)
    assert panel.order() == right[0] + right[:0:-1]
    x, y = panel.middle(right[1])
    opened.drag((x, y), (x, panel.middle(right[-1])[1] - 12), slow=True)
    assert panel.order() == right[:2] + right[:1:-1]
    extra = panel.page.locator(f"{panel.root} .fanaoi-left button").first.bounding_box()
    x, y = panel.middle(right[0])
    opened.drag((x, y), (x, extra["y"] + 10), slow=True)
    assert panel.order() == right[1] + right[:1:-1]
    for letter in panel.order():
        panel.line(letter).click()
    assert panel.order() == ""
    # by keys alone
    for letter in sorted(right):
        panel.line(letter).focus()
        panel.page.keyboard.press("Enter")
    assert panel.order() == "".join(sorted(right))
    for place, letter in enumerate(right):
        panel.line(letter).focus()
        for _ in range(panel.order().index(letter) - place):
            panel.page.keyboard.press("Alt+ArrowUp")
    assert panel.order() == right
    panel.send().focus()
    panel.page.keyboard.press("Space")
    panel.says(exercise.why)
    assert [state for _, _, state in panel.notes()] == ["not yet", "right"]


def test_a_table_of_yes_and_no_by_click_and_by_keys(opened):
    panel, exercise = Panel(opened, "keeps_label"), EXERCISES["keeps_label"]
    right = exercise.reference()
    cells = panel.page.locator(f"{panel.root} td button")
    assert panel.send().inner_text() == f"Check ({cells.count()} left)"
    clicked = 3 * len(right[0])
    for number, value in enumerate(sum(right[:3], [])):
        for _ in range(1 if value else 2):  # open, yes, no
            cells.nth(number).click()
    panel.press(".fanaoi-yesno > button")  # says nothing as long as cells are open
    cells.nth(clicked).focus()
    for number, value in enumerate(sum(right[3:], []), clicked):
        assert cells.nth(number).evaluate("one => one === document.activeElement")
        panel.page.keyboard.press(str(value))
        panel.page.keyboard.press("ArrowRight")
    assert [int(value) for value in cells.evaluate_all("all => all.map((one) => one.dataset.value)")] == sum(
        right, []
    )
    named = f"{exercise.rows[0]}, {exercise.columns[0]}: {'yes' if right[0][0] else 'no'}"
    assert cells.first.get_attribute("aria-label") == named
    panel.send().click()
    panel.says(exercise.why)
    assert [[answer, state] for _, answer, state in panel.notes()] == [[right, "right"]]


def test_a_prediction_by_click_is_revealed_later(opened):
    panel, exercise = Panel(opened, "corner"), EXERCISES["corner"]
    panel.line("B").click()
    panel.says("You say B")
    panel.line("C").click()
    panel.says("You say C")
    opened.python('ex["corner"].reveal()\n0')
    notes = [[event, answer[0], state] for event, answer, state in panel.notes()]
    state = "right" if exercise._right == "C" else "not yet"
    assert notes == [["predict", "B", None], ["predict", "C", None], ["reveal", "C", state]]


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="this system can't halt a process")
def test_a_kernel_that_does_not_answer_is_named_and_answers_once(opened):
    panel, exercise = Panel(opened, "corner"), EXERCISES["corner"]
    kernel = opened.python("__import__('os').getpid()")
    os.kill(kernel, signal.SIGSTOP)
    try:
        panel.press("[data-help=hint]")
        opened.page.wait_for_selector(f"{panel.root} >> text=No answer from Python yet")
        panel.press("[data-help=hint]")  # asks nothing more as long as an answer is owed
    finally:
        os.kill(kernel, signal.SIGCONT)
    panel.says(exercise.hints[0], "hint")
    assert not opened.page.is_visible(f"{panel.root} >> text=No answer from Python yet")
    assert panel.notes()[-1][:2] == ["hint", 1] and exercise.hints[1:]


ENDLESS = """def my_output_size(n, k, s, p):
    while endless:
        pass

ex["output_size"].check(my_output_size)"""


def test_an_endless_loop_is_ended_by_one_press_of_stop(lab, browser):
    with lab.open(browser, [CELLS[0], "endless = False", ENDLESS], "endless") as shown:
        page = shown.page
        page.wait_for_selector(".fanaoi-exercise")
        assert shown.python("globals().update(endless=True)\nendless")
        page.locator(".jp-CodeCell .cm-content").last.click()
        page.keyboard.press("Control+Enter")
        page.wait_for_function("document.querySelectorAll('.jp-InputPrompt').item(2).textContent === '[*]:'")
        page.wait_for_timeout(500)
        page.click('[data-command="notebook:interrupt-kernel"], [title^="Interrupt the kernel"]')
        Panel(shown, "output_size").says("You stopped it")
        assert shown.python("endless", timeout=5), "the same kernel answers at once"


def test_keys_in_a_panel_are_not_the_notebooks(opened):
    panel = Panel(opened, "mistake_named")
    panel.line("A").focus()
    for key in ("d", "d", "x", "b", "a", "z", "Delete", "m"):
        panel.page.keyboard.press(key)
    assert panel.page.locator(".jp-Notebook .jp-CodeCell").count() == len(CELLS)


def test_a_page_that_is_loaded_anew_shows_the_same(opened):
    panel = Panel(opened, "fair_test")
    panel.line(panel.order()[-1]).click()  # an order that has not been sent
    order = panel.order()
    assert panel.page.locator(f"{panel.root} .fanaoi-stale").count() == 1  # the verdict is about another one
    opened.page.wait_for_timeout(800)
    # all but what was said to a screen reader
    look = "all => all.map((one) => [...one.children].slice(1).map((part) => part.innerText))"
    before = opened.page.eval_on_selector_all(".fanaoi-exercise", look)
    opened.page.keyboard.press("Control+s")
    opened.page.wait_for_function("!document.querySelector('.jp-mod-dirty')")
    opened.page.reload()
    opened.page.wait_for_function(
        f"document.querySelectorAll('.fanaoi-exercise').length === {len(NAMES)}", timeout=60_000
    )
    assert opened.page.eval_on_selector_all(".fanaoi-exercise", look) == before
    assert panel.order() == order
    panel.line(order[0]).click()
    panel.send().click()  # and it answers as before
    panel.says("2 more lines belong in it.")


def test_what_a_learner_saved_is_there_without_a_kernel(opened, lab, browser, tmp_path):
    opened.page.keyboard.press("Control+s")
    opened.page.wait_for_function("!document.querySelector('.jp-mod-dirty')")
    opened.page.wait_for_timeout(500)
    saved = nbformat.read(opened.path, 4)
    for cell in saved.cells[1:]:
        assert "Error" not in json.dumps(cell.outputs)
    nbformat.write(saved, tmp_path / "saved.ipynb")
    with lab.open(
        browser, tmp_path / "saved.ipynb", "saved_panels", width=1366, height=768, kernel=False
    ) as shown:
        shown.page.wait_for_function(  # JupyterLab says that it misses the panels; nobody sees that
            "[...document.querySelectorAll('.jp-OutputArea-output')]"
            f".filter((one) => one.textContent.includes('model not found')).length === {len(NAMES)}"
        )
        words = " ".join(shown.page.locator(".jp-OutputArea-child:visible").all_inner_texts())
        assert "model not found" not in words and EXERCISES["stride_two"].why in words
        assert all(EXERCISES[name].asks.replace("`", "") in words for name in NAMES)
        for count, found in (
            (len(NAMES), ".fanaoi-still"),
            (0, ".fanaoi-exercise"),
            (0, ".jp-OutputArea button"),
        ):
            assert shown.page.locator(found).count() == count
