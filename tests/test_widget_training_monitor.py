"""The training monitor: it shows what Keras reports, and a click ends a running fit without disorder."""

import subprocess
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest

from fanaoi_helpers import cnn
from fanaoi_helpers.errors import WorkbookError
from fanaoi_helpers.widgets import _early_news
from fanaoi_helpers.widgets.training_monitor import MOST_POINTS, TrainingMonitor

keras = cnn.keras

TINY = """import time
import numpy as np
from IPython.display import display
from fanaoi_helpers import cnn
from fanaoi_helpers.widgets.training_monitor import TrainingMonitor
keras = cnn.keras
class Slow(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        time.sleep(0.03)
        Slow.last = time.time()
rng = np.random.default_rng(0)
x = rng.random((320, 8)).astype("float32")
y = (x.sum(axis=1) > 4).astype("float32")
model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1, activation="sigmoid")])
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
order = []
def fit(monitor, epochs, *more):
    return model.fit(x, y, epochs=epochs, batch_size=32, validation_data=(x, y), verbose=0,
                     callbacks=[monitor.callback(), *more]).history"""
BROKEN = """class Broken(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        1 / 0
try:
    fit(monitor, 3, Broken())
except ZeroDivisionError:
    pass"""
CELLS = [
    TINY,
    """monitor = TrainingMonitor(epochs=3)
display(monitor)
history = fit(monitor, 3)""",
]


def one_step(page, number):
    """Go to the button and away again, by the keyboard; what it draws comes from Python."""
    page.keyboard.press("Tab" if number % 2 else "Shift+Tab")


def tiny(accuracy=True):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"] if accuracy else [])
    x = np.random.default_rng(0).random((64, 4)).astype("float32")
    return model, x, (x.sum(axis=1) > 2).astype("float32")


class StopAt(keras.callbacks.Callback):
    """Stops a monitor's training at a batch of an epoch, as a click would."""

    def __init__(self, monitor, epoch, batch):
        super().__init__()
        self.monitor, self.at = monitor, (epoch, batch)

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch, self.batches = epoch, 0

    def on_train_batch_begin(self, batch, logs=None):
        self.batches += 1
        if (self.epoch, batch) == self.at:
            self.monitor._heard({"stop": self.monitor.run})


# --- without a browser -----------------------------------------------------------------------------------


def test_it_holds_what_keras_reports(capsys):
    model, x, y = tiny()
    monitor = TrainingMonitor()
    history = model.fit(
        x, y, epochs=4, validation_data=(x, y), verbose=0, callbacks=[monitor.callback()]
    ).history
    assert monitor.history.keys() == history.keys()
    for name, values in history.items():
        assert np.allclose(monitor.history[name], values, rtol=1e-6), name
    assert (monitor.state, monitor.epochs, monitor.first) == ("done", 4, 0)
    assert monitor.best == int(np.argmin(history["val_loss"])) + 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4 and lines[3].startswith(f"epoch 4/4  loss {history['loss'][3]:.3f}")
    assert repr(monitor).startswith(f"TrainingMonitor(done, 4 of 4 epochs, loss {history['loss'][3]:.3f}")


def test_without_accuracy_and_validation(capsys):
    model, x, y = tiny(accuracy=False)
    monitor = TrainingMonitor(2)
    model.fit(x, y, epochs=2, verbose=0, callbacks=[monitor.callback(report=None)])
    assert list(monitor.history) == ["loss"] and monitor.best is None and capsys.readouterr().out == ""
    assert monitor.still().axes


def test_stop_ends_after_the_batch_and_keeps_the_model():
    model, x, y = tiny()
    monitor = TrainingMonitor(50)
    halt = StopAt(monitor, 2, 1)
    history = model.fit(
        x, y, epochs=50, batch_size=8, validation_data=(x, y), verbose=0,
        callbacks=[monitor.callback(report=None), halt],
    ).history  # fmt: skip
    assert len(history["loss"]) == 3 and halt.batches == 2  # of 8
    assert monitor.state == "stopped" and len(monitor.val_loss) == 3
    assert model.predict(x, verbose=0).shape == (64, 1)
    # Another training is not stopped by the same click, heard once more.
    monitor._heard({"stop": monitor.run})
    history = model.fit(x, y, epochs=2, verbose=0, callbacks=[monitor.callback(report=None)]).history
    assert len(history["loss"]) == 2 and monitor.state == "done" and monitor.run == 2
    monitor._heard({"stop": 1})
    assert not monitor._asked.is_set()


@pytest.fixture
def living(monkeypatch):
    """Let a monitor take this for a notebook; give what is noted of it whenever it would tell the page."""
    from fanaoi_helpers.widgets import training_monitor

    monkeypatch.setenv("FANAOI_HEADLESS", "0")
    names = ("register", "unregister", "look", "close")
    nothing = SimpleNamespace(**{name: lambda *one: None for name in names})
    kernel = SimpleNamespace(shell=SimpleNamespace(events=nothing))
    monkeypatch.setattr(training_monitor, "running_kernel", lambda: kernel)
    monkeypatch.setattr(training_monitor, "EarlyNews", lambda *one: nothing)
    monkeypatch.setattr(training_monitor, "SEND_EVERY", 0)
    steps, send = [], training_monitor._Telling.send
    monkeypatch.setattr(
        training_monitor._Telling,
        "send",
        lambda telling: (send(telling), steps.append(telling.monitor.step)),
    )
    return steps


@pytest.mark.parametrize("at_once", [1, 8])
def test_batches_are_those_of_the_epoch(at_once, living):
    """Keras tells the last of several steps that it takes at once, also where the epoch has fewer."""
    model, x, y = tiny()
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"], steps_per_execution=at_once)
    monitor = TrainingMonitor()
    model.fit(x, y, epochs=2, batch_size=5, verbose=0, callbacks=[monitor.callback(report=None)])
    assert monitor.steps == 13 and max(living) == 13
    assert len(monitor.batch_at) == 2 * -(-13 // at_once) and max(monitor.batch_at) == 2
    assert np.all(np.diff(monitor.batch_at) > 0)


def test_the_time_left_knows_nothing_of_compiling(living, monkeypatch):
    from fanaoi_helpers.widgets import training_monitor

    clock = [0.0]
    monkeypatch.setattr(training_monitor, "time", SimpleNamespace(perf_counter=lambda: clock[0]))
    monitor = TrainingMonitor()
    telling = training_monitor._Telling(monitor, None)
    telling.params, telling.model = {"epochs": 3, "steps": 10}, SimpleNamespace(stop_training=False)
    telling.on_train_begin()
    telling.on_epoch_begin(0)
    left = []
    for number, clock[0] in enumerate([60.0, 61.0, 62.0]):  # the first batch waits a minute for the compiler
        telling.on_train_batch_end(number, {"loss": 1.0})
        left.append(monitor.left)
    assert left[0] < 0 and left[1:] == pytest.approx([28.0, 27.0])
    telling.end()


def test_cnn_train_stays_usable(tmp_path):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (48, 12, 12, 3), dtype=np.uint8)
    labels = np.arange(48) % 2
    split = SimpleNamespace(train=np.arange(32), validation=np.arange(32, 48))
    model, monitor, lines = cnn.handout_cnn(12, 2, 2, 4, seed=0), TrainingMonitor(9), []
    how = {"epochs": 9, "batch_size": 4, "resume_dir": tmp_path, "report": lines.append}
    halt = StopAt(monitor, 3, 0)
    history = cnn.train(model, pixels, labels, split, callbacks=[monitor.callback(report=None), halt], **how)
    assert {len(values) for values in history.values()} == {4}
    assert lines[-1] == "stopped early, after epoch 4 of 9; run it again to go on"
    assert monitor.state == "stopped"
    for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
        assert np.allclose(monitor.history[name], history[name], rtol=1e-6)
    p = cnn.predict(model, pixels[split.validation]).clip(1e-7, 1 - 1e-7)
    truth = labels[split.validation]
    loss = -np.mean(truth * np.log(p) + (1 - truth) * np.log(1 - p))
    assert loss == pytest.approx(min(history["val_loss"]), rel=1e-4)  # the best epoch's weights
    # In a new kernel it goes on, and nothing waits for ever; what is complete is shown as it was.
    model, later = cnn.handout_cnn(12, 2, 2, 4, seed=0), TrainingMonitor(9)
    watched = later.callback(report=None)
    whole = cnn.train(model, pixels, labels, split, callbacks=[watched], **how)
    assert {name: values[:4] for name, values in whole.items()} == history
    assert {len(values) for values in whole.values()} == {9}
    assert any(line.endswith("the training goes on after epoch 4.") for line in lines)
    assert (later.state, later.first, len(later.loss)) == ("done", 4, 5)
    last = TrainingMonitor(9)
    again = cnn.train(model, pixels, labels, split, callbacks=[last.callback()], **how)
    assert again == whole and "is complete, with 9 epochs" in lines[-1]
    assert (last.state, last.first, last.epochs) == ("done", 0, 9)
    assert np.allclose(last.val_loss, whole["val_loss"])
    # Without a checkpoint nothing goes on, and nothing is promised.
    halt = StopAt(monitor, 1, 0)
    cnn.train(model, pixels, labels, split, callbacks=[monitor.callback(report=None), halt],
              **how | {"resume_dir": None})  # fmt: skip
    assert lines[-1] == "stopped early, after epoch 2 of 9"


class Broken(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        raise KeyboardInterrupt


def test_a_training_that_broke_off_does_not_disturb_the_next():
    model, x, y = tiny()
    monitor = TrainingMonitor()
    with pytest.raises(KeyboardInterrupt):
        model.fit(x, y, epochs=3, verbose=0, callbacks=[monitor.callback(report=None), Broken()])
    model.fit(x, y, epochs=2, verbose=0, callbacks=[monitor.callback(report=None)])
    assert (monitor.state, monitor.run, len(monitor.loss)) == ("done", 2, 2)


def test_bad_settings_are_refused():
    with pytest.raises(WorkbookError, match="epochs is -1, but it must be a whole number from 0 to 100000"):
        TrainingMonitor(-1)
    with pytest.raises(WorkbookError, match="No training runs: the state is 'waiting'"):
        TrainingMonitor(3).stop()
    with pytest.raises(WorkbookError, match="state is 'off', but it must be one of"):
        TrainingMonitor(3).state = "off"


def test_what_a_notebook_stores(forms):
    monitor = TrainingMonitor(3)
    words, picture = forms(monitor)  # before it began
    assert words == repr(monitor) and picture.width > 600


def test_a_long_training_is_thinned_and_told_five_times_a_second(monkeypatch):
    from fanaoi_helpers.widgets import training_monitor

    monkeypatch.setenv("FANAOI_HEADLESS", "0")
    events = SimpleNamespace(register=lambda *one: None, unregister=lambda *one: None)
    kernel = SimpleNamespace(shell=SimpleNamespace(events=events))
    monkeypatch.setattr(training_monitor, "running_kernel", lambda: kernel)
    clock = [0.0]
    monkeypatch.setattr(training_monitor.time, "perf_counter", lambda: clock[0])
    monitor, sent = TrainingMonitor(1), []
    telling = training_monitor._Telling(monitor, None)
    send, telling.send = telling.send, lambda: (sent.append(clock[0]), send())
    telling.params, telling.model = {"epochs": 1, "steps": 5000}, SimpleNamespace(stop_training=False)
    telling.on_train_begin()
    telling.on_epoch_begin(0)
    for batch in range(5000):
        clock[0] += 0.03
        telling.on_train_batch_end(batch, {"loss": 1 / (batch + 1), "accuracy": 0.5})
    telling.on_epoch_end(0, {"loss": 0.1, "accuracy": 0.5})
    telling.end()
    gaps = np.diff(sent)
    assert 700 < len(sent) < 760 and gaps[1:-1].min() > 0.19
    assert MOST_POINTS / 2 <= len(monitor.batch_loss) <= MOST_POINTS
    assert monitor.batch_at[-1] > 0.99 and np.all(np.diff(monitor.batch_at) > 0)
    assert monitor.batch_loss[0] < 1 and len(monitor.batch_accuracy) == len(monitor.batch_loss)


# --- in a kernel: a message that comes as it does without JupyterLab's threads for figures ------------------


def test_a_click_is_heard_while_fit_runs_and_cells_keep_their_order():
    import os

    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(env={**os.environ, "FANAOI_HEADLESS": "0"}, startup_timeout=90)

    def until(told):
        while True:
            message = client.get_iopub_msg(timeout=60)
            assert message["msg_type"] != "error", message["content"]
            if found := told(message):
                return found

    def text(beginning):
        return lambda message: (
            message["msg_type"] == "stream"
            and beginning in message["content"]["text"]
            and message["content"]["text"]
        )

    try:
        client.execute(
            TINY + "\nmonitor = TrainingMonitor()\nprint('comm', monitor.comm.comm_id, flush=True)"
        )
        comm = until(text("comm")).split()[1]
        client.execute(
            "history = fit(monitor, 500, Slow()); order.append('fit'); print('through', flush=True)"
        )
        for number in range(3):
            client.execute(f"order.append({number})")
        until(
            lambda m: m["msg_type"] == "comm_msg" and m["content"]["data"].get("state", {}).get("step", 0) > 3
        )
        click = {"comm_id": comm, "data": {"method": "custom", "content": {"stop": 1}}}
        client.shell_channel.send(client.session.msg("comm_msg", click))
        began = time.monotonic()
        until(text("through"))
        assert time.monotonic() - began < 2
        client.execute("print('order', *order, len(history['loss']) < 400, monitor.state, flush=True)")
        assert until(text("order")).split()[1:] == ["fit", "0", "1", "2", "True", "stopped"]
        # A training that breaks off says so; and the kernel is as it was.
        client.execute(BROKEN)
        client.execute("print('state', monitor.state, monitor.run, flush=True)")
        assert until(text("state")).split()[1:] == ["interrupted", "2"]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_news_of_others_is_left_alone():
    heard, passed = [], []
    news = object.__new__(_early_news.EarlyNews)
    session = SimpleNamespace(auth=True, sign=lambda parts: b"genuine")
    news.comm_id, news.heard, news.before = "mine", heard.append, passed.append
    news.kernel = SimpleNamespace(session=session)
    click = b'{"comm_id": "mine", "data": {"method": "custom", "content": {"stop": 1}}}'
    head = b'{"msg_type": "comm_msg"}'
    messages = [
        [b"id", b"<IDS|MSG>", b"genuine", head, b"{}", b"{}", click],
        [b"id", b"<IDS|MSG>", b"forged", head, b"{}", b"{}", click],
        [b"id", b"<IDS|MSG>", b"genuine", head, b"{}", b"{}", click.replace(b"mine", b"other")],
        [b"id", b"<IDS|MSG>", b"genuine", b'{"msg_type": "execute_request"}', b"{}", b"{}", click],
        [b"id", b"<IDS|MSG>", b"genuine", head, b"{}", b"{}", b"mine, not JSON"],
        [b"no message at all"],
    ]
    for message in messages:
        news._passing(message)
    assert heard == [{"stop": 1}] and passed == messages


def test_a_plain_script_prints_lines():
    code = TINY.replace("from IPython.display import display\n", "") + "\nfit(TrainingMonitor(), 2)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert [line.split("  ")[0] for line in done.stdout.splitlines()] == ["epoch 1/2", "epoch 2/2"], (
        done.stderr
    )


# --- in the browser --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def figure(lab, browser):
    with lab.open(browser, CELLS, "training_monitor") as shown:
        shown.page.wait_for_selector(".fanaoi-training-monitor[data-state=done]", timeout=60_000)
        yield shown


def test_it_shows_what_keras_reports(figure):
    history = figure.python("history")
    for name, values in history.items():
        shown = figure.numbers(f".fanaoi-training-monitor [data-role={name}] [data-value]")
        assert np.allclose(shown, values, rtol=1e-5), name
    assert figure.page.locator("[data-role=stop]").is_disabled()
    assert "done: 3 of 3 epochs" in figure.page.inner_text("[data-role=told]")
    assert figure.errors == []


def test_random_curves(figure):
    rng = np.random.default_rng(4)
    for count in rng.integers(1, 30, 10):
        values = rng.random((4, count)).tolist()
        names = ["loss", "accuracy", "val_loss", "val_accuracy"]
        settings = [f"monitor.{name} = {one}" for name, one in zip(names, values, strict=True)]
        figure.python("\n".join([f"monitor.epochs = {count}", *settings, "True"]))
        figure.page.wait_for_function(
            f"""document.querySelector('[data-role=val_accuracy] [data-epoch="{count}"]')?.dataset.value
                == '{values[3][-1]}'"""
        )
        for name, one in zip(names, values, strict=True):
            assert figure.numbers(f"[data-role={name}] [data-value]") == pytest.approx(one)
    assert figure.errors == []


@pytest.mark.parametrize("epochs", [5, 30, 300, 2000, 100_000])
def test_no_number_of_an_axis_is_cut(figure, epochs):
    figure.python(f"monitor.epochs, monitor.loss, monitor.val_loss = {epochs}, [{epochs}.0], []\nTrue")
    last = f"[...document.querySelectorAll('svg')].some((svg) => svg.textContent.includes('{epochs}epoch'))"
    figure.page.wait_for_function(last)
    assert figure.cut(".fanaoi-training-monitor") == []


LIVE = """live = TrainingMonitor()
display(live)
history = fit(live, 500, Slow())
ended = time.time()
order.append('fit')"""


def new_cells(figure, cells):
    """Put cells below and run them all at once, as a person would; return when they are sent."""
    page = figure.page
    page.locator(".jp-Notebook .jp-Cell").last.click()
    page.keyboard.press("Escape")
    for cell in cells:
        page.keyboard.press("b")
        page.locator(".jp-Notebook .jp-Cell.jp-mod-active .cm-content").fill(cell)
        page.keyboard.press("Escape")
    for _ in cells[1:]:
        page.keyboard.press("ArrowUp")
    for _ in cells:
        page.keyboard.press("Shift+Enter")


@pytest.mark.parametrize("key", [None, "Enter"])
def test_a_click_stops_a_running_fit_and_cells_keep_their_order(figure, key):
    page = figure.page
    figure.python("order.clear()\nTrue")
    number = page.locator(".fanaoi-training-monitor").count()
    new_cells(figure, [
        LIVE,
        "order.append(1)", "order.append(2)", "order.append(3)",
    ])  # fmt: skip
    box = page.locator(".fanaoi-training-monitor").nth(number)
    box.locator("xpath=self::*[@data-state='training']").wait_for(timeout=15_000)
    page.wait_for_function(
        f"Number(document.querySelectorAll('.fanaoi-training-monitor')[{number}].dataset.epochs) >= 2",
        timeout=20_000,
    )
    button, clicked = box.locator("[data-role=stop]"), time.time()
    if key:
        button.focus()
        page.keyboard.press(key)
    else:
        button.click()
    assert (
        button.is_disabled() and "stopp" in box.locator("[data-role=told]").inner_text()
    )  # stopping, stopped
    assert figure.python("order", timeout=30) == ["fit", 1, 2, 3]
    # The last batch, that is; then come the validation and the picture that is stored.
    assert figure.python("Slow.last") - clicked < 2 and figure.python("ended") - clicked < 4
    assert figure.python("live.state") == "stopped" and 2 <= figure.python("len(history['loss'])") < 400
    page.wait_for_function(
        "[...document.querySelectorAll('.fanaoi-training-monitor')].at(-1).dataset.state == 'stopped'"
    )
    assert figure.errors == []


def test_500_random_steps(figure):
    page, rng = figure.page, np.random.default_rng(5)

    def ten_steps():
        figure.python(
            "for _ in range(10):\n"
            f"    monitor.loss = np.random.default_rng({rng.integers(1000)}).random({rng.integers(1, 50)})\n"
            "    monitor.batch_at, monitor.batch_loss = np.linspace(0, 3, 1000), np.random.random(1000)\n"
            f"    monitor.state = {str(rng.choice(['training', 'stopping', 'done', 'waiting']))!r}\n"
            "True"
        )
        page.keyboard.press(str(rng.choice(["Tab", "Shift+Tab"])))

    figure.steps(ten_steps, 50)
