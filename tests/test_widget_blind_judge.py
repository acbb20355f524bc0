"""The blind judge, in a real JupyterLab: a round is played, scored by Python, and keeps its secret."""

import numpy as np
import pytest

from fanaoi_helpers import verdicts
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.widgets.blind_judge import BlindJudge

# The notes are put together, so that the page can't have them from the cell.
CELLS = [
    """import numpy as np
from fanaoi_helpers import fans
from fanaoi_helpers.widgets.blind_judge import BlindJudge
taken = [("F0001", 1), ("F0002", 2, "oil_stain", 32), ("F0003", 3), ("F0004", 4, "scratch", 30)]
shots = [fans.render(fans.make_unit(*one), size=320).pixels for one in taken]
labels = "GO NG GO NG GO GO NG NG GO NG".split() * 2
notes = ["z" + "ebra" if label == "NG" else "good" for label in labels]
figure = BlindJudge([shots[(n + n // 4) % 4] for n in range(20)], labels, notes,
    keep=lambda result, seconds: f"Kept: {result.escapes} escapes")
figure""",
]
LABELS = "GNGNGGNNGN" * 2
PHOTOGRAPHS = np.random.default_rng(0).integers(0, 256, (5, 16, 20, 3), dtype=np.uint8)
FIVE = ["GO", "NG", "NG", "GO", "GO"]
STAGE = "[data-role=stage]"
START = f"{STAGE} button:visible"  # words like it may stand elsewhere on JupyterLab's page, unseen


def one_step(page, number):
    """Judge a photograph by key, or take the last verdict back: another photograph either way."""
    if number == 0:
        if page.is_visible(START):
            page.click(START)
        page.focus(STAGE)
    page.keyboard.press("gn"[number % 2] if number % 36 < 18 else "Backspace")


# --- without a browser -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("photographs", "labels", "notes", "words"),
    [
        (PHOTOGRAPHS / 255, FIVE, None, "dtype float64, but it must be uint8"),
        (PHOTOGRAPHS[..., 0], FIVE, None, r"shape \(5, 16, 20\)"),
        (PHOTOGRAPHS[:0], [], None, r"shape \(0, 16, 20, 3\)"),
        (np.zeros((201, 2, 2, 3), np.uint8), ["GO"] * 201, None, "number of photographs is 201"),
        (PHOTOGRAPHS, FIVE[:4], None, "There are 4 labels for 5 photographs"),
        (PHOTOGRAPHS, FIVE, ["good"], "There are 1 notes for 5 photographs"),
        (PHOTOGRAPHS, [1, 0, 0, 1, 2], None, "A label is 2, but it must be 'GO' or 'NG'"),
    ],
)
def test_a_round_that_makes_no_sense_gets_a_sentence(photographs, labels, notes, words):
    with pytest.raises(WorkbookError, match=words):
        BlindJudge(photographs, labels, notes)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("verdicts", "GGX", "Letter 3 of verdicts is 'X': write G for GO or N for NG"),
        ("verdicts", "GGNGGN", "verdicts has 6 letters, but there are 5 photographs"),
        ("verdicts", ["G"], r"verdicts is \['G'\], but it must be text of G and N"),
        ("verdicts", None, "verdicts is None"),
        ("verdicts", ..., "verdicts is Ellipsis"),
        ("seconds", -1, "seconds is -1"),
        ("started", "now", "started is 'now'"),
        ("photographs", PHOTOGRAPHS[:2], "A round keeps its photographs"),
    ],
)
def test_values_that_make_no_sense_get_a_sentence(name, value, words):
    judge = BlindJudge(PHOTOGRAPHS, FIVE)
    judge.verdicts = "GN"
    with pytest.raises(WorkbookError, match=words):
        setattr(judge, name, value)
    assert judge.verdicts == "GN" and judge.photographs.shape == PHOTOGRAPHS.shape


def test_what_follows_from_the_verdicts_is_not_set_by_hand():
    judge = BlindJudge(PHOTOGRAPHS, FIVE)
    for name, value in (("finished", True), ("revealed", {"labels": "GGGGG"})):
        with pytest.raises(Exception, match="read-only"):
            setattr(judge, name, value)


def test_letters_can_be_typed():
    judge = BlindJudge(PHOTOGRAPHS, [1, 0, 0, 1, 1])
    assert not judge.finished and judge.revealed == {}
    with pytest.raises(WorkbookError, match="The round is not over: 0 of 5 fans judged"):
        judge.result  # noqa: B018
    judge._repr_mimebundle_()
    judge.verdicts = "gg, n\nG n"
    assert judge.verdicts == "GGNGN" and judge.finished and 0 < judge.seconds < 60
    assert judge.result == verdicts.judge([1, 0, 0, 1, 1], [1, 1, 0, 1, 0], 0.5)
    counts = {"escapes": 1, "ng_total": 2, "overkill": 1, "go_total": 3}
    assert judge.revealed == {"labels": "GNNGG", "notes": [], **counts, "kept": ""}
    assert repr(judge).endswith("s: escapes 1 of 2 NG, overkill 1 of 3 GO)")
    judge.verdicts = ""
    assert (judge.verdicts, judge.seconds, judge.finished, judge.revealed) == ("", 0, False, {})


def test_a_round_keeps_itself_when_its_last_verdict_falls_and_only_then():
    rounds = []

    def keep(result, seconds):
        rounds.append((result, seconds))
        return f"Kept {len(rounds)}."

    judge = BlindJudge(PHOTOGRAPHS, FIVE, keep=keep)
    judge._repr_mimebundle_()
    judge.verdicts = "GGGG"
    assert rounds == [] and "Kept" not in repr(judge)
    judge.verdicts = "GGGGG"
    assert rounds == [(judge.result, judge.seconds)] and judge.seconds > 0
    assert judge.revealed["kept"] == "Kept 1." and repr(judge).endswith("of 3 GO. Kept 1.)")
    judge.verdicts = ""
    judge.verdicts = "NNNNN"
    assert len(rounds) == 2 and rounds[1][0].overkill == 3


@pytest.mark.parametrize("notes", [None, ["good", "scratch", "oil stain", "good", "good"]])
@pytest.mark.parametrize("given", ["", "GN", "GGGGG", "NGNGN"])
def test_still(given, notes):
    judge = BlindJudge(PHOTOGRAPHS, FIVE, notes)
    judge.verdicts = given
    figure = judge.still()
    figure.canvas.draw()
    titles = " ".join(axis.get_title(loc="left") for axis in figure.axes)
    assert ("escape" in titles) == (len(given) == 5)
    assert len(figure.axes) == 5 and figure.axes[4].get_xlabel().startswith("5")
    alone = BlindJudge(PHOTOGRAPHS[:1], ["NG"])
    alone.verdicts = "N"
    assert repr(alone) == "BlindJudge(1 fans judged in 0 s: escapes 0 of 1 NG, overkill 0 of 0 GO)"
    alone.still().canvas.draw()


def test_the_labels_are_in_nothing_that_a_page_gets_before_the_end(monkeypatch):
    monkeypatch.setenv("FANAOI_HEADLESS", "0")
    judge = BlindJudge(PHOTOGRAPHS, FIVE, ["a", "zebra", "zebra", "b", "c"])
    judge.verdicts = "GGGG"
    for told in (judge.get_state(), judge._repr_mimebundle_(), repr(judge)):
        assert "zebra" not in str(told) and "GNNGG" not in str(told)
    judge.verdicts = "GGGGG"
    assert "zebra" in str(judge.get_state()["revealed"])


def test_a_picture_everywhere_and_a_widget_where_somebody_watches(forms):
    words, picture = forms(BlindJudge(PHOTOGRAPHS, FIVE), "image/jpeg")
    assert words == repr(BlindJudge(PHOTOGRAPHS, FIVE)) and picture.width > 300


# --- in the browser ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def opened(lab, browser):
    with lab.open(browser, CELLS, "blind_judge") as shown:
        shown.page.wait_for_selector(STAGE)
        shown.photographs = np.array(shown.python("figure.photographs[:, ::40, ::40]"), np.uint8)
        yield shown


@pytest.fixture
def figure(opened):
    """Give a figure whose round has not begun."""
    opened.python("figure.verdicts = 'G' * 20\n0")
    opened.python("figure.verdicts = ''\n0")
    opened.page.wait_for_timeout(300)  # both have arrived
    opened.page.wait_for_selector(START)
    return opened


def painted(page):
    """Return every fortieth pixel of the photograph that is on the stage."""
    return page.evaluate(
        """() => { const context = document.querySelector("[data-role=stage] canvas").getContext("2d");
        const all = context.getImageData(0, 0, 320, 320).data, eight = [0, 1, 2, 3, 4, 5, 6, 7];
        const pixel = (at) => Array.from(all.slice(at, at + 3));
        return eight.map((row) => eight.map((column) => pixel(160 * (320 * row + column)))); }"""
    )


def test_a_round_by_keys(figure):
    page, given = figure.page, "GNGNNGNNGGGNGGGGNNGN"
    assert page.is_disabled("[data-letter=G]")
    page.click(START)
    for number, letter in enumerate(given):
        assert page.inner_text("[data-role=progress]") == f"{number + 1} of 20"
        assert np.array_equal(painted(page), figure.photographs[number])
        if number == 7:  # a slip, taken back
            page.keyboard.press("g")
            page.keyboard.press("Backspace")
            assert page.inner_text("[data-role=last]") == "number 7 called NG"
            assert np.array_equal(painted(page), figure.photographs[number])
        assert figure.page.locator("[data-role=wrong]").count() == 0
        page.keyboard.press(letter if number % 2 else letter.lower())
    page.wait_for_selector("[data-role=escapes]")
    assert figure.python("[figure.verdicts, figure.finished]") == [given, True]
    seconds = figure.python("figure.seconds")
    assert 0.1 < seconds < 60 and figure.numbers("[data-role=pace]") == [seconds]
    result = verdicts.judge([one == "G" for one in LABELS], [one == "G" for one in given], 0.5)
    assert figure.numbers("[data-role=escapes], [data-role=overkill]") == [result.escapes, result.overkill]
    line = page.inner_text("[data-role=escapes]")
    assert f"{result.escapes} of 10 NG fans" in line and f"of {given.count('G')} called GO" in line
    assert page.inner_text("[data-role=kept]") == f"Kept: {result.escapes} escapes"
    wrong = [number for number in range(20) if LABELS[number] != given[number]]
    found = page.eval_on_selector_all("[data-photograph]", "all => all.map((one) => +one.dataset.photograph)")
    assert found == wrong
    assert page.locator("figcaption >> text=zebra").count() == result.escapes
    page.keyboard.press("Backspace")  # too late
    page.keyboard.press("g")
    figure.until("figure.verdicts", given)
    assert page.evaluate("document.activeElement.dataset.role") == "ending"
    assert figure.errors == []


def test_a_round_by_mouse(figure):
    page = figure.page
    page.click(START)
    for letter in "GNN":
        page.click(f"[data-letter={letter}]")
    figure.until("figure.verdicts", "GNN")
    page.click("text=Take back")
    page.click("text=Take back")
    figure.until("figure.verdicts", "G")
    assert 0 < figure.python("figure.seconds") < 60
    page.click("text=Take back")
    figure.until("[figure.verdicts, figure.finished]", ["", False])
    assert page.is_disabled("[data-role=back]") and page.inner_text("[data-role=progress]") == "1 of 20"
    assert figure.errors == []


def test_one_verdict_for_a_key_held_down_and_none_for_other_keys(figure):
    page = figure.page
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    page.click(START)
    page.keyboard.down("g")
    page.keyboard.down("g")  # repeats, as a key that is held down
    page.keyboard.up("g")
    for key in "a b d d x ArrowDown Control+g".split():
        page.keyboard.press(key)
    figure.until("figure.verdicts", "G")
    page.wait_for_timeout(300)
    assert page.inner_text("[data-role=progress]") == "2 of 20"
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells


def test_python_writes_and_the_page_follows(figure):
    page, rng = figure.page, np.random.default_rng(1)
    for _ in range(10):
        given = "".join(rng.choice(["G", "N"], 20))
        figure.python(f"figure.verdicts = '{given}'\n0")
        result = verdicts.judge([one == "G" for one in LABELS], [one == "G" for one in given], 0.5)
        page.wait_for_selector(f"[data-role=escapes][data-value='{result.escapes}']")
        assert figure.numbers("[data-role=overkill]") == [result.overkill]
        assert page.locator("[data-photograph]").count() == result.escapes + result.overkill
        figure.python("figure.verdicts = ''\n0")
        page.wait_for_selector(START)
    assert figure.errors == []


def test_a_page_loaded_anew_goes_on_and_gets_the_labels_only_at_the_end(figure):
    page, frames = figure.page, []

    def overhear(socket):
        socket.on(
            "framereceived", lambda data: frames.append(data if isinstance(data, bytes) else data.encode())
        )

    page.click(START)
    for letter in "gnn":
        page.keyboard.press(letter)
    figure.until("figure.verdicts", "GNN")
    started = figure.python("figure.started")
    page.keyboard.press("Control+s")  # with the focus in the figure
    page.wait_for_function("!document.querySelector('.jp-mod-dirty')")
    assert "widget-view" in figure.path.read_text(encoding="utf-8")
    page.on("websocket", overhear)
    page.reload()
    page.wait_for_selector("[data-role=progress] >> text=4 of 20", timeout=60000)
    assert np.array_equal(painted(page), figure.photographs[3])
    assert figure.python("figure.started") == started
    assert page.is_visible("text=so that it hears your keys")
    page.click(STAGE)
    for letter in "GGGGGGGGGGGGGGGG":
        page.keyboard.press(letter)
    page.wait_for_selector("[data-role=progress] >> text=20 of 20")
    figure.until("len(figure.verdicts)", 19)
    assert any(b"verdicts" in frame for frame in frames)
    for secret in ("zebra", LABELS):
        assert not any(secret.encode() in frame for frame in frames), secret
        assert secret not in page.content()
    page.keyboard.press("n")
    page.wait_for_selector("[data-role=escapes]")
    assert any(b"zebra" in frame for frame in frames)
    assert figure.python("figure.seconds") > 1.5  # the clock went on while the page was loaded
    figure.errors.clear()  # what a browser says about connections that a reload cuts


def test_five_hundred_random_steps(figure):
    page, rng = figure.page, np.random.default_rng(2)

    def some_step():
        if page.is_visible("[data-role=ending]"):
            page.wait_for_selector("[data-role=escapes]")  # over in Python, too
            figure.python("figure.verdicts = ''\n0")
            page.wait_for_selector(START)
        if page.is_visible(START):
            page.click(START)
        kind = rng.choice(4, p=[0.6, 0.3, 0.08, 0.02])
        if kind == 0:
            page.keyboard.press(rng.choice(["g", "n"]).item())
        elif kind == 1:
            page.keyboard.press(rng.choice(["Backspace", "ArrowLeft", "q", "Home"]).item())
        elif kind == 2 and page.is_visible("[data-letter=N]"):
            page.click(f"[data-letter={rng.choice(['G', 'N'])}]")
        elif kind == 3:
            given = "".join(rng.choice(["G", "N"], rng.integers(21)))
            figure.python(f"figure.verdicts = '{given}'\n0")
            page.wait_for_timeout(200)

    figure.steps(some_step, 500)
    if page.is_enabled("[data-letter=G]"):
        figure.until("f'{len(figure.verdicts) + 1} of 20'", page.inner_text("[data-role=progress]"))
    assert figure.errors == []
