"""The ledger: what was tried is kept in the learner's own file, whatever happens; what is read from it."""

import csv
import getpass
import json
import os
import platform
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from fanaoi_helpers import __main__ as command
from fanaoi_helpers import files
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.exercises import ledger, recap, summary
from fanaoi_helpers.exercises.lesson import Lesson
from fanaoi_helpers.exercises.outcomes import outcomes
from fanaoi_helpers.exercises.shortening import LONGEST, shortened
from fanaoi_helpers.exercises.value import Value

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of POSIX")


@pytest.fixture(autouse=True)
def forgotten(monkeypatch):
    """Every test begins with an empty memory."""
    monkeypatch.setattr(ledger, "_unwatched", [])
    monkeypatch.setattr(ledger, "_waiting", [])


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Return the ledger of a learner who sits at the machine."""
    monkeypatch.setenv("FANAOI_HEADLESS", "0")
    monkeypatch.setenv("FANAOI_LEDGER", str(tmp_path / "own" / "my_ledger.jsonl"))
    return tmp_path / "own" / "my_ledger.jsonl"


def lines(file):
    """Return the records of a file, all of which must be whole."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def python(code, **options):
    """Start another Python that has imported the ledger and runs ``code``."""
    imports = "from fanaoi_helpers import files\nfrom fanaoi_helpers.exercises import ledger"
    words = [sys.executable, "-c", f"{imports}\n{code}"]
    return subprocess.Popen(words, cwd=files.root(), stdout=subprocess.PIPE, text=True, **options)


def record(learner="a", exercise="sum", event="check", answer=1, state="right", **more):
    """Return a record as a ledger holds it."""
    made = {
        "version": 1,
        "learner": learner,
        "at": "2026-11-20T09:30:00+00:00",
        "id": f"{random.random():.8f}",
    }
    return {
        **made,
        "notebook": "02",
        "exercise": exercise,
        "event": event,
        "answer": answer,
        "state": state,
        **more,
    }


def written(file, *records):
    """Write records as a ledger."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")
    return file


# ---- Keeping ----------------------------------------------------------------------------------------------


@posix
def test_a_ledger_of_a_class_that_has_no_end_is_refused(tmp_path):
    (tmp_path / "endless.jsonl").symlink_to("/dev/zero")
    with pytest.raises(WorkbookError, match=r"endless.jsonl could not be read \(not a file\)"):
        summary.collect([tmp_path / "endless.jsonl"])
    with (tmp_path / "large.jsonl").open("wb") as file:
        file.truncate(ledger.LARGEST + 1)
    with pytest.raises(WorkbookError, match="more than 20 MB is not opened"):
        summary.collect([tmp_path])


def test_a_note_is_one_line_that_stands_for_itself(own):
    answer = np.array([[35, 45], [85, 95]])
    assert ledger.note("check", "02", "stride_two", answer=answer, state="not yet", mistake=0) == ""
    assert ledger.note("hint", "02", "stride_two", answer=1) == ""
    first, second = lines(own)
    assert first | {"learner": "", "at": "", "id": ""} == {
        **{"version": 1, "learner": "", "at": "", "id": "", "notebook": "02", "exercise": "stride_two"},
        **{"event": "check", "answer": [[35, 45], [85, 95]], "state": "not yet", "mistake": 0},
    }
    assert first["at"].endswith("+00:00") and len(first["at"]) == len("2026-11-20T09:30:00+00:00")
    assert first["learner"] == second["learner"] != ""
    assert ledger.records() == [first, second]
    assert list(own.parent.iterdir()) == [own]


def test_the_learner_is_a_random_number_and_nothing_personal_is_kept(own):
    ledger.note("check", "02", "sum", answer=Path.home(), state="not yet")
    text = own.read_text(encoding="utf-8")
    for personal in (getpass.getuser(), platform.node(), str(Path.home()), str(own.parent)):
        assert f'"{personal}' not in text and f"/{personal}" not in text
    (first,) = lines(own)
    own.unlink()
    ledger.note("check", "02", "sum", answer=1, state="right")
    assert lines(own)[0]["learner"] != first["learner"]


def test_another_kernel_goes_on_with_the_same_learner(own):
    ledger.note("check", "02", "sum", answer=1)
    assert python("print(repr(ledger.note('check', '03', 'loss', answer=2)))").communicate()[0] == "''\n"
    assert len({one["learner"] for one in lines(own)}) == 1
    assert [one["notebook"] for one in ledger.records()] == ["02", "03"]


def test_a_headless_run_leaves_no_trace_and_sees_only_itself(own, monkeypatch):
    ledger.note("check", "02", "sum", answer=1)
    before = own.read_bytes(), sorted(own.parent.iterdir())
    monkeypatch.setenv("FANAOI_HEADLESS", "1")
    assert ledger.records() == []
    assert ledger.note("check", "02", "sum", answer=2) == ""
    assert ledger.keep("beat_the_machine", right=17) == ""
    assert ledger.kept("beat_the_machine") == {"right": 17}
    assert [one["answer"] for one in ledger.records()] == [2, {"right": 17}]
    monkeypatch.setenv("FANAOI_HEADLESS", "0")
    ledger.note("check", "02", "sum", answer=3)
    assert [one["answer"] for one in lines(own)] == [1, 3]
    assert (own.read_bytes().startswith(before[0]), sorted(own.parent.iterdir())) == (True, before[1])


def test_the_file_is_in_the_workbook_unless_the_environment_says_otherwise(own, monkeypatch):
    assert ledger.path() == own.resolve()
    monkeypatch.delenv("FANAOI_LEDGER")
    assert ledger.path() == files.root() / "my_ledger.jsonl"


def test_what_was_kept_last_is_met_again(own):
    assert ledger.kept("beat_the_machine") is None
    ledger.keep("beat_the_machine", right=12, seconds=80.5)
    ledger.keep("beat_the_machine", right=17, verdicts="GGN")
    ledger.keep("other", right=1)
    assert ledger.kept("beat_the_machine") == {"right": 17, "verdicts": "GGN"}


def test_a_name_is_kept_only_if_it_is_set_and_goes_again(own):
    ledger.note("check", "02", "sum", answer=1)
    assert "name" not in [one["event"] for one in lines(own)]
    ledger.set_name("Ada")
    ledger.set_name("  Ada   Lovelace ")
    assert [one["answer"] for one in lines(own)] == [1, "Ada Lovelace"]
    assert '"Ada"' not in own.read_text(encoding="utf-8")
    ledger.set_name("")
    assert "Ada" not in own.read_text(encoding="utf-8")
    assert lines(own)[0]["answer"] == 1
    assert ledger.set_name(...) == "A name is text in quotes, but this is ellipsis."


# ---- Answers ----------------------------------------------------------------------------------------------


class Raising:
    """An object of which nothing can be asked."""

    def __getattr__(self, name):
        raise RuntimeError("no")

    def __repr__(self):
        raise RuntimeError("no")

    __str__ = __len__ = __iter__ = __repr__


def secret(x):
    """Hold what nobody else is to read."""
    return "my own source"


LOOP = [1]
LOOP.append(LOOP)
BROAD = []
BROAD += [BROAD, BROAD]


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        (None, None),
        (..., "..."),
        (True, True),
        (float("nan"), "nan"),
        ([1, float("-inf")], [1, "-inf"]),
        (10**6000, "a huge number"),
        (np.float32(0.1), 0.1),
        (np.array([1, 2], np.int8), [1, 2]),
        (np.bool_(True), True),
        (np.array([1 + 2j]), ["(1+2j)"]),
        (np.zeros((1000, 1000, 3)), "array of 1000 × 1000 × 3"),
        (list(range(100_000)), "list of more than 120 things"),
        (LOOP, "list of more than 120 things"),
        (BROAD, "list of more than 120 things"),
        ("x" * 1000, "x" * (LONGEST - 1) + "…"),
        ("half \ud800 a letter", "half \ud800 a letter"),
        ("two\nlines", "two\nlines"),
        ({"a": (1, 2)}, {"a": [1, 2]}),
        (secret, "a function"),
        (len, "a function"),
        (Raising(), "(Raising)"),
        ([Raising()], "(list)"),
        ({1, 2}, "(set)"),
        (Path("folder"), f"({type(Path()).__name__})"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_any_answer_is_kept_short_and_as_json(own, answer, kept):
    assert shortened(answer) == kept
    assert ledger.note("check", "02", "sum", answer=answer) == ""
    line = own.read_text(encoding="utf-8")
    assert line.count("\n") == 1 and len(line) < 2000
    assert json.loads(line, parse_constant=pytest.fail)["answer"] == kept
    assert "my own source" not in line


def test_a_tensor_is_kept_as_its_numbers():
    from fanaoi_helpers.cnn import keras

    tensor = keras.ops.convert_to_tensor([[0.1, 2.0]])
    assert shortened(tensor) == [[0.1, 2.0]]
    assert shortened(keras.Variable(tensor)) == [[0.1, 2.0]]
    assert shortened(keras.ops.ones((32, 80, 80, 3))) == "array of 32 × 80 × 80 × 3"
    assert shortened(keras.Input((80, 80, 3))) == "(KerasTensor)"


# ---- Whatever happens -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("obstacle", "words"),
    [
        ("folder in its place", "is no file: move it away, or set FANAOI_LEDGER"),
        ("file in the folder's place", "could not be written (File exists)"),
        ("another program's file", "holds something else than a ledger"),
        ("a picture", "holds something else than a ledger"),
        ("100 MB", "holds more than 20 MB: move it away, and a new one begins."),
    ],
)
def test_an_obstacle_is_one_sentence_and_what_waits_is_written_later(own, obstacle, words):
    foreign = {"another program's file": b'{"step": 1}\n{"step": 2}\n', "a picture": bytes(range(256))}
    own.parent.mkdir()
    if obstacle == "folder in its place":
        own.mkdir()
    elif obstacle == "file in the folder's place":
        own.parent.rmdir()
        own.parent.write_bytes(b"taken")
    elif obstacle == "100 MB":
        with own.open("wb") as file:
            file.truncate(100_000_000)
    else:
        own.write_bytes(foreign[obstacle])
    started = time.perf_counter()
    for answer in (1, 2):
        said = ledger.note("check", "02", "sum", answer=answer)
        assert said.startswith("Kept only while this kernel runs") and words in said and "\n" not in said
    assert time.perf_counter() - started < 1
    assert [one["answer"] for one in ledger.records()] == [1, 2]
    if obstacle in foreign:
        assert own.read_bytes() == foreign[obstacle]
    if obstacle == "file in the folder's place":
        assert own.parent.read_bytes() == b"taken"
        own.parent.unlink()
    else:
        own.rename(own.with_name("moved away"))
    assert ledger.note("check", "02", "sum", answer=3) == ""
    assert [one["answer"] for one in lines(own)] == [1, 2, 3]
    assert [one["answer"] for one in ledger.records()] == [1, 2, 3]


def test_torn_and_foreign_lines_stay_where_they_are(own):
    ledger.note("check", "02", "sum", answer=1)
    whole = own.read_bytes()
    torn = b'\xef\xbb\xbf{"step": 1}\r\n\xff\xfe\n[' + b"[" * 100_000 + b"\n" + whole * 2 + whole[:60]
    own.write_bytes(torn)
    assert ledger.note("check", "02", "sum", answer=2) == ""
    assert own.read_bytes().startswith(torn + b"\n")
    assert [one["answer"] for one in ledger.records()] == [1, 2]
    assert len({one["learner"] for one in ledger.records()}) == 1
    found, broken = ledger.read(own)
    assert (len(found), broken) == (2, 4)


def test_a_write_protected_ledger_stays_as_it_is(own, monkeypatch):
    ledger.note("check", "02", "sum", answer=1)
    before = own.read_bytes()
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # root may write everything
        monkeypatch.setattr(os, "access", lambda path, mode: False)
    own.chmod(0o444)
    assert "is write-protected" in ledger.note("check", "02", "sum", answer=2)
    assert own.read_bytes() == before
    own.chmod(0o644)


@posix
def test_a_full_disk_costs_nothing_that_was_kept(own):
    for answer in range(10):
        ledger.note("check", "02", "sum", answer=answer)
    before = own.read_bytes()
    room = (len(before) + 10,) * 2
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, {room})"
    said = python(f"{limit}\nprint(ledger.note('check', '02', 'sum', answer=10))").communicate()[0]
    assert "could not be written (File too large)" in said and said.count("\n") == 1
    assert own.read_bytes() == before
    assert list(own.parent.iterdir()) == [own]


def test_a_lock_is_waited_for_and_a_dead_program_holds_none(own, monkeypatch):
    lock = "ledger.path().with_name('.my_ledger.jsonl.lock')"
    hold = f"with files.alone({lock}, ''):\n print('held', flush=True)\n import time; time.sleep(60)"
    holder = python(hold)
    assert holder.stdout.readline() == "held\n"
    monkeypatch.setattr(ledger, "PATIENCE", 0.2)
    said = ledger.note("check", "02", "sum", answer=1)
    assert "another program holds" in said and not own.exists()
    holder.kill()
    holder.communicate()
    assert ledger.note("check", "02", "sum", answer=2) == ""
    assert [one["answer"] for one in lines(own)] == [1, 2]


@posix
@pytest.mark.parametrize("moment", range(6))
def test_a_kernel_killed_while_it_writes_costs_at_most_the_last_record(own, moment):
    filler = "x" * 190
    written(own, *(record(answer=filler) for _ in range(1000)))
    keep = f"ledger.note('check', '02', 'sum', answer=n, more={filler!r})"
    code = f"for n in range(10_000):\n {keep}\n print(n, flush=True)"
    process = python(code)
    for _ in range(3):
        process.stdout.readline()
    time.sleep(random.Random(moment).uniform(0, 0.1))
    process.send_signal(signal.SIGKILL)
    told = process.communicate()[0].splitlines()
    assert process.returncode == -signal.SIGKILL
    last = int(told[-1]) if told else 2
    answers = [one["answer"] for one in lines(own)]
    assert answers[:1000] == [filler] * 1000
    assert answers[1000:] in ([*range(last + 1)], [*range(last + 2)])
    assert ledger.note("check", "02", "sum", answer="next") == ""
    assert lines(own)[-1]["answer"] == "next"
    assert list(own.parent.iterdir()) == [own]


def test_two_notebooks_at_once_lose_nothing(own):
    code = "for n in range(200):\n said = ledger.note('check', '0{}', 'sum', answer=n)\n if said: print(said)"
    processes = [python(code.format(number)) for number in (2, 3)]
    assert [process.communicate()[0] for process in processes] == ["", ""]
    found = lines(own)
    for notebook in ("02", "03"):
        assert [one["answer"] for one in found if one["notebook"] == notebook] == list(range(200))
    assert len(found) == 400 and len({one["learner"] for one in found}) == 1


def test_threads_of_one_kernel_lose_nothing(own):
    def work():
        for number in range(25):
            ledger.note("check", "02", "sum", answer=number)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one["answer"] for one in lines(own)) == sorted(list(range(25)) * 4)


def test_a_note_is_quick_beside_2000_records(own):
    written(own, *(record(answer=[[35, 45], [85, 95]]) for _ in range(2000)))
    needed = []
    for _ in range(20):
        started = time.perf_counter()
        ledger.note("check", "02", "sum", answer=1)
        needed.append(time.perf_counter() - started)
    assert min(needed) < 0.05  # 1.3 ms on an idle machine; a disk may be slow
    assert len(ledger.records()) == 2020


# ---- Outcomes and recap -----------------------------------------------------------------------------------


def outcome(*records):
    """Return the outcome of one learner's records of one exercise."""
    (found,) = outcomes(records).values()
    return found


def test_an_outcome_tells_how_it_went():
    wrong, right = record(answer=40, state="not yet", mistake=1), record(answer=50, truth="50")
    found = outcome(wrong, record(event="hint", answer=1), record(event="hint", answer=2), right, wrong)
    assert (found.state, found.first, found.answers, found.truth) == ("right", False, (40, 50), "50")
    assert (found.hints, found.solution, found.mistakes, found.tried) == (2, False, (1, 1), True)
    assert outcome(right).first and outcome(right).answers == (50,)
    assert outcome(wrong).state == "not yet"


def test_the_first_attempt_does_not_count_after_the_solution():
    solution = record(event="solution", answer=None, state=None)
    assert not outcome(solution, record()).first
    assert outcome(record(), solution).first
    assert outcome(solution).state == "not tried" and not outcome(solution).tried


def test_a_prediction_counts_when_it_is_revealed():
    said = record(event="predict", answer=40, state=None)
    assert outcome(said).state == "predicted" and not outcome(said).tried
    revealed = outcome(said, record(event="reveal", answer=40, state="not yet", truth="0"))
    assert (revealed.state, revealed.answers, revealed.truth) == ("not yet", (40,), "0")


def constant(value):
    """Return a function of nothing."""
    return lambda: value


def lesson():
    """Return a lesson of three exercises that answer 50, 0 and 7."""
    exercises = {
        name: Value(
            name,
            asks=f"What is the `{name}` of <b>all</b> numbers?",
            reference=constant(truth),
            shown=f"{truth}",
            mistakes={f"Slip {slip} <of {name}>.": constant(100 + slip) for slip in range(3)},
            hints=["Look."],
            why="So.",
            minutes=1,
            difficulty=1,
        )
        for name, truth in (("sum", 50), ("share", 0), ("never", 7))
    }
    return Lesson("02", "convolution", "Convolution by hand", exercises, {})


def recap_of(records):
    made = lesson()
    return recap.Recap("02 Convolution by hand", recap.rows(made.number, made.exercises, records))


def test_a_recap_with_nothing_tried_is_one_plain_sentence():
    made = recap_of([])
    assert repr(made) == ("None of the 3 exercises is tried yet. Your answers will stand here.")
    assert made._repr_html_() is None


def test_a_recap_says_what_was_said_and_what_it_was():
    records = [
        record(exercise="sum", answer=40.0, state="not yet"),
        record(exercise="sum", event="hint", answer=1),
        record(exercise="sum", answer=[[50.0, 0.125]], state="right", truth="50"),
        record(exercise="share", event="predict", answer="<i>40</i>", state=None),
        record(exercise="elsewhere", notebook="03"),
        record(exercise="removed"),
    ]
    made = recap_of(records)
    assert repr(made) == (
        "02 Convolution by hand\n"
        "✓ sum    you said: 40, then [[50, 0.125]]; it was: 50; 1 hint\n"
        "● share  you said: <i>40</i>; not revealed yet\n"
        "Not tried yet: never.\n"
        "1 of 3 right, 0 at the first attempt."
    )
    page = made._repr_html_()
    assert "&lt;i&gt;40&lt;/i&gt;" in page and "<i>" not in page and "<b>all" not in page
    assert "1 of 3 right, 0 at the first attempt." in page
    assert ">7<" not in page and ">0<" not in page  # what was not tried or not revealed stays untold
    records.append(record(exercise="share", event="reveal", answer="<i>40</i>", state="not yet"))
    assert "it was: 0" in repr(recap_of(records))


def test_long_answers_are_cut_and_lines_fold():
    records = [record(exercise="sum", answer="y" * 200, state="not yet", truth="z " * 90)]
    made = recap_of(records)
    assert made.rows[0].answers == ("y" * 69 + "…",)
    assert max(map(len, repr(made).splitlines())) <= 100


def test_what_an_exercise_notes_comes_back_in_the_recap(own, capsys):
    made = lesson()
    made.exercises["sum"].check(100)
    made.exercises["sum"].hint()
    made.exercises["sum"].check(50)
    made.exercises["share"].check(...)
    made.exercises["never"].predict(3)
    made.exercises["never"].reveal()
    capsys.readouterr()
    made.recap()
    assert capsys.readouterr().out == (
        "02 Convolution by hand\n"
        "✓ sum    you said: 100, then 50; it was: 50; 1 hint\n"
        "✗ never  you said: 3; it was: 7\n"
        "Not tried yet: share.\n"
        "1 of 3 right, 0 at the first attempt.\n"
        f"Kept in {files.shown(own)}, which is yours.\n"
    )


# ---- A class ----------------------------------------------------------------------------------------------


@pytest.fixture
def collected(tmp_path, monkeypatch):
    """Return a folder with the ledgers of three learners; one comes twice, one is torn."""
    monkeypatch.setattr(summary, "lessons", lambda: [lesson()])
    folder = tmp_path / "class"
    slip = {"state": "not yet", "mistake": 1}
    a = [record("a"), record("a", event="name", answer="=Ada", exercise=""), record("a", exercise="share")]
    b = [
        record("b", **slip),
        record("b", event="hint"),
        record("b"),
        record("b", event="result", exercise="x y"),
    ]
    c = [record("c", **slip), record("c", **{**slip, "mistake": 0}), record("c", event="solution")]
    written(folder / "a.jsonl", *a)
    written(folder / "again" / "a (1).jsonl", *a[:2])
    written(folder / "b.jsonl", *b, record("b", exercise="old_one", **{**slip, "mistake": 9}))
    with written(folder / "c.jsonl", *c).open("a") as file:
        file.write('{"version": 1, "lear\n{"version": 2}\n')
    (folder / ".a-half.jsonl").write_text("{", encoding="utf-8")
    (folder / "notes.txt").write_text("not a ledger", encoding="utf-8")
    return folder


def fanaoi(*arguments):
    """Run the command in this process; return its exit status."""
    with pytest.raises(SystemExit) as stopped:
        command.main([str(argument) for argument in arguments])
    return stopped.value.code or 0


def test_merging_takes_each_record_once_in_order(tmp_path):
    early, late = (
        record(at="2026-11-20T09:00:00+00:00", answer=1),
        record(at="2026-11-21T09:00:00+00:00", answer=2),
    )
    monday = written(tmp_path / "monday.jsonl", early)
    friday = written(tmp_path / "friday.jsonl", early, late)
    other = written(tmp_path / "other.jsonl", record("0"))
    merged, broken = ledger.merge([friday, other, monday, monday])
    assert broken == {}
    assert [(one["learner"], one["answer"]) for one in merged] == [("0", 1), ("a", 1), ("a", 2)]
    with pytest.raises(WorkbookError, match="none.jsonl could not be read"):
        ledger.merge([tmp_path / "none.jsonl"])


def test_a_class_is_shown_by_exercise(collected, capsys):
    assert fanaoi("ledger", collected, collected / "a.jsonl") == 0
    told = capsys.readouterr().out
    assert told.startswith(
        f"3 learners, 11 records, from 4 files.\n{files.shown(collected / 'c.jsonl')}: 2 lines without"
    )
    rows = [line.split() for line in told.splitlines() if line[:3] == "02 "]
    assert rows[:3] == [
        ["02", "sum", "3", "2", "1", "1", "1", "1", "2"],
        ["02", "share", "1", "1", "1", "0", "0", "0"],
        ["02", "old_one", "1", "0", "0", "0", "0", "9", "1"],
    ]
    assert rows[3:] == [["02", "sum", "Slip", "1", "<of", "sum>."]]


def test_a_class_is_written_as_csv(collected, tmp_path, capsys):
    file = tmp_path / "out" / "class.csv"
    assert fanaoi("ledger", collected, "--csv", file) == 0
    with file.open(encoding="utf-8-sig", newline="") as text:
        first, *_ = rows = list(csv.DictReader(text))
    assert first == {
        **{"exercise": "02 sum", "tried": "3", "right": "2", "at_once": "1", "hints": "1", "solutions": "1"},
        **{"mistake": "1", "made": "2", "says": "Slip 1 <of sum>."},
    }
    assert len(rows) == 3
    assert fanaoi("ledger", collected, "--csv", file, "--learners") == 0
    with file.open(encoding="utf-8-sig", newline="") as text:
        assert [row["learner"] for row in csv.DictReader(text)] == ["'=Ada", "b", "c"]
    assert fanaoi("ledger", collected, "--csv", collected / "notes.txt" / "class.csv") == 1
    assert "could not be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "There is no {}/nobody.jsonl: name ledgers, or folders that hold some."),
        (
            "not a ledger\n",
            "There is no ledger in {}/nobody.jsonl: a learner's own is called my_ledger.jsonl.",
        ),
        (
            json.dumps(record(event="result")),
            "Nobody has tried an exercise yet: 1 learner, 1 records, from {}/nobody.jsonl.",
        ),
    ],
    ids=["no file", "no ledger", "nothing tried"],
)
def test_without_a_ledger_the_command_says_so_in_one_sentence(tmp_path, monkeypatch, capsys, content, words):
    monkeypatch.setattr(summary, "lessons", lambda: [lesson()])
    if content:
        (tmp_path / "nobody.jsonl").write_text(content, encoding="utf-8")
    assert fanaoi("ledger", tmp_path / "nobody.jsonl") == 1
    captured = capsys.readouterr()
    assert captured.err == words.format(files.shown(tmp_path)) + "\n"
    assert captured.out == ""


def test_the_learners_own_summary(own, monkeypatch, capsys):
    monkeypatch.setattr(summary, "lessons", lambda: [lesson()])
    assert fanaoi("ledger") == 0
    assert (
        capsys.readouterr().out == f"Nothing tried yet: {files.shown(own)} begins with your first answer.\n"
    )
    assert not own.parent.exists()
    written(own, record("a"), record("a", exercise="share", state="not yet"))
    assert fanaoi("ledger") == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == f"1 learner, 2 records, from {files.shown(own)}."
    assert told[-1].split() == ["02", "Convolution", "by", "hand", "3", "2", "1", "1", "0", "0"]
    assert fanaoi("ledger", "--learners") == 2
