"""Files are written beside and renamed; what can't be written is told in a sentence."""

import hashlib
import http.server
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from fanaoi_helpers import files
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.station import writing


def test_replacing_puts_the_whole_file_in_place(tmp_path):
    target = tmp_path / "deep" / "metrics.json"
    with files.replacing(target) as beside:
        beside.write_text("new", encoding="utf-8")
        assert beside.suffix == ".json"
        assert not target.exists()
    assert target.read_text(encoding="utf-8") == "new"
    assert list(target.parent.iterdir()) == [target]


def test_text_is_written_as_it_is(tmp_path):
    files.write(tmp_path / "deep" / "a.txt", "größer\n")
    files.write(tmp_path / "deep" / "a.bin", b"\r\n")
    assert (tmp_path / "deep" / "a.txt").read_bytes() == "größer\n".encode()
    assert (tmp_path / "deep" / "a.bin").read_bytes() == b"\r\n"


def test_replacing_keeps_the_old_file_when_writing_fails(tmp_path):
    target = tmp_path / "metrics.json"
    target.write_text("old", encoding="utf-8")
    with pytest.raises(RuntimeError), files.replacing(target) as beside:
        beside.write_text("half", encoding="utf-8")
        raise RuntimeError
    assert target.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_in_the_place_of_a_folder_is_told(tmp_path):
    (tmp_path / "taken").write_text("", encoding="utf-8")
    with pytest.raises(WorkbookError, match="taken/metrics.json could not be written"):
        with files.replacing(tmp_path / "taken" / "metrics.json"):
            pass


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no umask")
def test_the_written_file_has_ordinary_permissions(tmp_path):
    with files.replacing(tmp_path / "a.txt") as beside:
        beside.write_text("", encoding="utf-8")
    (tmp_path / "b.txt").write_text("", encoding="utf-8")
    assert (tmp_path / "a.txt").stat().st_mode == (tmp_path / "b.txt").stat().st_mode


def test_runs_go_where_the_environment_says(tmp_path, monkeypatch):
    monkeypatch.setenv("FANAOI_RUNS", str(tmp_path))
    assert files.runs_dir() == tmp_path.resolve()
    monkeypatch.delenv("FANAOI_RUNS")
    assert files.runs_dir() == files.root() / "runs"


def test_paths_in_the_workbook_are_shown_from_its_folder():
    assert files.shown(files.root() / "notebooks" / "x.ipynb") == "notebooks/x.ipynb"


def test_a_writable_folder_is_made_and_left_empty(tmp_path):
    folder = files.writable_folder(tmp_path / "a" / "b")
    assert list(folder.iterdir()) == []
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(WorkbookError, match="could not be written"):
        files.writable_folder(tmp_path / "file")


posix = pytest.mark.skipif(os.name != "posix", reason="pipes, devices and links of POSIX")


@posix
def test_what_is_written_for_a_pipe_goes_into_it(tmp_path):
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    with files.replacing(pipe) as beside:
        assert beside.suffix == ".json" and beside.parent != tmp_path
        beside.write_bytes(b"told" * 50_000)
    reader.join(10)
    assert read == [b"told" * 50_000] and stat.S_ISFIFO(pipe.stat().st_mode)
    assert list(tmp_path.iterdir()) == [pipe] and not beside.exists()


@posix
def test_a_device_stays_one(tmp_path):
    null = tmp_path / "null"
    try:
        os.mknod(null, stat.S_IFCHR | 0o666, os.makedev(1, 3))
        null.read_bytes()
    except OSError:
        pytest.skip("only root may make a device")
    before = null.stat()
    with files.replacing(null) as beside:
        beside.write_bytes(b"gone")
    assert files.writable_file(null) == null
    with writing.growing(null) as file:
        file.write("gone")
    after = null.stat()
    assert (after.st_mode, after.st_rdev) == (before.st_mode, before.st_rdev)
    assert list(tmp_path.iterdir()) == [null]


@posix
@pytest.mark.parametrize("write", [files.replacing, writing.growing])
def test_a_link_stays_one_and_what_it_leads_to_is_replaced(tmp_path, write):
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "old.txt").write_text("old")
    for name, leads_to in [("link", "far/old.txt"), ("loose", "far/new.txt"), ("twice", "link")]:
        (tmp_path / name).symlink_to(leads_to)
        with write(tmp_path / name) as beside:
            beside.write("new") if hasattr(beside, "write") else beside.write_text("new")
        assert (tmp_path / name).is_symlink() and (tmp_path / name).read_text() == "new"
    assert sorted(path.name for path in tmp_path.rglob("*")) == [
        "far", "link", "loose", "new.txt", "old.txt", "twice",
    ]  # fmt: skip
    (tmp_path / "round").symlink_to("round")
    with pytest.raises(WorkbookError, match="round could not be written"), write(tmp_path / "round"):
        pass


@pytest.mark.parametrize("write", [files.replacing, writing.growing])
def test_a_folder_is_never_replaced(tmp_path, write):
    for name in ("empty", "link"):
        (tmp_path / "empty").mkdir(exist_ok=True)
        if name == "link":
            (tmp_path / "link").symlink_to("empty")
        with pytest.raises(
            WorkbookError, match=f"{name} could not be written, as it is a folder: give the name of a file"
        ):
            with write(tmp_path / name):
                pass
        assert (tmp_path / name).is_dir()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full")
@pytest.mark.parametrize("write", [files.replacing, writing.growing])
def test_a_device_that_takes_nothing_is_told(write):
    with pytest.raises(WorkbookError, match=r"/dev/full could not be written \(No space left on device\)"):
        with write("/dev/full") as beside:
            beside.write("x") if hasattr(beside, "write") else beside.write_text("x")
    assert Path("/dev/full").is_char_device()


@posix
@pytest.mark.parametrize("leads_to", ["a pipe", "a file that was removed"])
def test_where_stdout_leads_is_written_into(tmp_path, leads_to):
    """/dev/stdout is a link to what need not have a name."""
    code = "from fanaoi_helpers import files\nwith files.replacing('/dev/stdout') as f: f.write_text('told')"
    words, how = [sys.executable, "-c", code], {"cwd": files.root(), "stderr": subprocess.PIPE}
    if leads_to == "a pipe":
        assert subprocess.run(words, stdout=subprocess.PIPE, **how).stdout == b"told"
    else:
        with (tmp_path / "gone").open("w+b") as file:
            (tmp_path / "gone").unlink()
            done = subprocess.run(words, stdout=file, **how)
            file.seek(0)
            assert file.read() == b"told" and not done.stderr
    assert not list(tmp_path.iterdir())


def test_a_file_to_come_is_asked_for(tmp_path):
    (tmp_path / "folder").mkdir()
    assert files.writable_file(tmp_path / "deep" / "a.csv") == tmp_path / "deep" / "a.csv"
    assert list((tmp_path / "deep").iterdir()) == []
    with pytest.raises(WorkbookError, match="as it is a folder"):
        files.writable_file(tmp_path / "folder")
    assert files.writable_file(os.devnull) == Path(os.devnull)


def test_names_of_any_length_and_kind(tmp_path):
    for name in (
        "n" * 250 + ".json",
        "ü" * 120 + ".json",
        "風扇🌀" * 15 + ".json",
        "[a]*?.json"[os.name == "nt" :],
    ):
        with files.replacing(tmp_path / name) as beside:
            assert beside.suffix == ".json"
            beside.write_text(name, encoding="utf-8")
        assert (tmp_path / name).read_text(encoding="utf-8") == name
    assert len(list(tmp_path.iterdir())) == 4


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("", "The path is '', which is no path (it is empty)."),
        ("~nosuchuser/x", "The path is '~nosuchuser/x', which is no path (there is no such home folder)."),
        ("a\0b", "which is no path (embedded null byte)."),
        ("x" * 300, "which is no path (File name too long)."),
        ("x/" * 3000, "which is no path (File name too long)."),
    ],
)
def test_what_is_no_path_is_told(path, words):
    with pytest.raises(WorkbookError) as refused:
        files.expanded(path)
    assert str(refused.value).endswith(words) and len(str(refused.value)) < 200
    with pytest.raises(WorkbookError, match="which is no path"):
        files.writable_folder(path)


def test_paths_that_need_not_be_there(tmp_path):
    assert files.expanded("~/x") == Path("~/x").expanduser()
    for path in ("nowhere/x", os.fsdecode(b"\xff"), f"{__file__}/deeper"):
        assert files.expanded(path) == Path(path)


def test_what_a_killed_program_left_is_removed_but_not_what_is_being_written(tmp_path):
    old, new, other = (tmp_path / f".fanaoi-{word}-a.json" for word in ("01234567", "89abcdef", "7"))
    for path in (old, new, other, tmp_path / ".a-01234567.json"):
        path.write_text("half")
        os.utime(path, (1e9, 1e9))
    new.touch()
    with files.replacing(tmp_path / "b.json") as beside:
        beside.write_text("whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".a-01234567.json", ".fanaoi-7-a.json", ".fanaoi-89abcdef-a.json", "b.json",
    ]  # fmt: skip
    files.sweep(tmp_path, "b.json")
    assert new.exists()
    files.sweep(tmp_path, "a.json")
    assert not new.exists() and other.exists()


def test_records_are_added_and_a_torn_line_costs_itself_alone(tmp_path):
    file = tmp_path / "deep" / "log.jsonl"
    files.append_lines(file, [{"step": 1}, {"of": "größer\u2028 \ud800"}])
    with file.open("ab") as torn:
        torn.write(b"\n\xff\n[1]\n" + b"[" * 100_000 + b'\n{"step": ')
    files.append_lines(file, [{"step": 2}])
    found = [files.record_in(line) for line in files.read_lines(file, 1_000_000)]
    assert found == [{"step": 1}, {"of": "größer\u2028 \ud800"}, None, None, None, None, {"step": 2}]
    assert list(file.parent.iterdir()) == [file]
    with pytest.raises(OSError, match="more than 0.001 MB is not opened"):
        files.read_lines(file, 1000)
    with pytest.raises(WorkbookError, match="deep could not be written"):
        files.append_lines(file.parent, [{"step": 3}])


def test_what_is_fetched_is_whole_and_right_or_nothing(tmp_path, monkeypatch):
    there = tmp_path / "weights.h5"
    there.write_bytes(b"w" * 1000)
    address, sha256 = there.as_uri(), hashlib.sha256(b"w" * 1000).hexdigest()
    assert files.fetched(address, sha256, 5) == files.fetched(address, None, 5, most=1000) == b"w" * 1000
    assert files.fetched(address, None, 5, most=999) is None
    assert files.fetched(address, hashlib.sha256(b"").hexdigest(), 5) is None
    assert files.fetched((tmp_path / "gone.h5").as_uri(), sha256, 5) is None


@pytest.mark.parametrize("declared", [1001, 999, 1000])
def test_what_is_torn_off_is_not_taken(declared):
    class Torn(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(declared))
            self.end_headers()
            self.wfile.write(b"w" * min(1000, declared))

        def log_message(self, *words):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Torn) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        content = files.fetched(f"http://127.0.0.1:{server.server_port}/w", None, 5)
        thread.join()
    assert content == (None if declared > 1000 else b"w" * declared)


HOLD = """import sys, time
from fanaoi_helpers import files
with files.alone_in(sys.argv[1], "run"):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def test_a_folder_is_held_by_one_program_as_long_as_it_lives(tmp_path):
    def hold(seconds):
        words = [sys.executable, "-c", HOLD, str(tmp_path / "out"), str(seconds)]
        return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=files.root())

    first = hold(60)
    assert first.stdout.readline().strip() == b"held"
    refusal = "Another run writes into .*out: wait until it ends, or choose another output folder"
    with pytest.raises(WorkbookError, match=refusal), files.alone_in(tmp_path / "out", "run"):
        pass
    with files.alone_in(tmp_path / "out", "training"):  # of the run itself
        pass
    first.kill()  # -9
    first.communicate()
    with files.alone_in(tmp_path / "out", "run"):
        second = hold(0)
        assert b"Another run writes into" in second.communicate()[1]
    assert list((tmp_path / "out").iterdir()) == []


def test_many_take_turns_and_never_two_at_once(tmp_path):
    """Also when one takes the lock at the moment at which another one removes its file."""
    inside, most, turns = [], [], []

    def work():
        while len(turns) < 200:
            try:
                with files.alone_in(tmp_path, "run"):
                    inside.append(1)
                    most.append(len(inside))
                    turns.append(1)
                    inside.pop()
            except WorkbookError:
                pass

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == 1
