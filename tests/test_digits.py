"""Digits: MNIST from Keras' file or the network, and scikit-learn's where there is neither."""

import hashlib
import threading
import time
import urllib.error
import urllib.request

import numpy as np
import pytest

from fanaoi_helpers import digits
from fanaoi_helpers.errors import WorkbookError


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home for Keras without any file, and no network but what a test puts in its place."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))

    def refused(*args, **kwargs):
        raise urllib.error.URLError("no network in a test")

    monkeypatch.setattr(urllib.request, "urlopen", refused)
    return tmp_path / "keras"


def mnist(path, count=2000, **changed):
    """Write a file in MNIST's form, with numbers of the test's own; return its pictures and labels."""
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
    labels = rng.integers(0, 10, count, dtype=np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {"x_test": pictures, "y_test": labels, "x_train": pictures[:1], "y_train": labels[:1]}
    np.savez(path, **(arrays | changed))
    return pictures, labels


def test_without_file_and_network_scikit_learns_digits_are_enlarged():
    found = digits.load(50)
    assert found.source == digits.SMALL and found.pictures.shape == (50, 28, 28)
    assert found.pictures.dtype == np.uint8 and found.labels.tolist()[:10] == list(range(10))
    assert not found.pictures[:, :4].any() and not found.pictures[:, :, -4:].any()  # the paper around
    assert found.pictures.max() == 255
    from sklearn.datasets import load_digits

    small = load_digits().images[:50]
    means = found.pictures[:, 4:24, 4:24].reshape(50, 4, 5, 4, 5).mean(axis=(2, 4))
    coarse = small.reshape(50, 4, 2, 4, 2).mean(axis=(2, 4)) * 255 / 16
    assert np.corrcoef(means.ravel(), coarse.ravel())[0, 1] > 0.98


def test_keras_own_file_is_taken(home):
    pictures, labels = mnist(home / "datasets" / "mnist.npz")
    found = digits.load(30, seconds=0)
    assert found.source == digits.MNIST
    np.testing.assert_array_equal(found.pictures, pictures[:30])
    np.testing.assert_array_equal(found.labels, labels[:30])
    seven = np.flatnonzero(labels[:30] == 7)[0]
    np.testing.assert_array_equal(found.first(7), pictures[seven])


@pytest.mark.parametrize(
    "changed",
    [
        {"x_test": np.zeros((2000, 8, 8), np.uint8)},
        {"x_test": np.zeros((2000, 28, 28))},
        {"y_test": np.zeros(3, np.uint8)},
        {"x_test": np.array([{}] * 2000)},
    ],
    ids=["other size", "other dtype", "other count", "objects"],
)
def test_a_file_that_is_something_else_is_not_taken(home, changed):
    mnist(home / "datasets" / "mnist.npz", **changed)
    assert digits.load(5, seconds=0).source == digits.SMALL


def test_a_torn_file_is_not_taken(home):
    path = home / "datasets" / "mnist.npz"
    mnist(path)
    whole = path.read_bytes()
    for size in (0, 10, len(whole) // 2):
        path.write_bytes(whole[:size])
        assert digits.load(5, seconds=0).source == digits.SMALL


def serving(monkeypatch, content, right=True):
    """Let the network answer with ``content``; return the list of what was asked for."""
    asked = []

    class Answer:
        headers = {}

        def __enter__(self):
            return self

        def __exit__(self, *error):
            return None

        def read(self, most):
            return content[:most]

    def urlopen(address, timeout):
        asked.append((address, timeout))
        return Answer()

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    if right:
        monkeypatch.setattr(digits, "SHA256", hashlib.sha256(content).hexdigest())
    return asked


def test_what_is_fetched_is_kept_where_keras_looks(home, tmp_path, monkeypatch):
    pictures, _ = mnist(tmp_path / "elsewhere.npz")
    asked = serving(monkeypatch, (tmp_path / "elsewhere.npz").read_bytes())
    first, second = digits.load(5, seconds=3), digits.load(5, seconds=3)
    assert first.source == second.source == digits.MNIST and asked == [(digits.ADDRESS, 3)]
    np.testing.assert_array_equal(second.pictures, pictures[:5])
    assert (home / "datasets" / "mnist.npz").read_bytes() == (tmp_path / "elsewhere.npz").read_bytes()


def test_what_is_fetched_and_not_mnist_is_not_taken(home, tmp_path, monkeypatch):
    mnist(tmp_path / "elsewhere.npz")
    serving(monkeypatch, (tmp_path / "elsewhere.npz").read_bytes(), right=False)
    assert digits.load(5).source == digits.SMALL and not (home / "datasets").exists()


def test_a_home_that_cant_be_written_does_no_harm(home, tmp_path, monkeypatch):
    mnist(tmp_path / "elsewhere.npz")
    serving(monkeypatch, (tmp_path / "elsewhere.npz").read_bytes())
    home.write_text("a file in its place")
    assert digits.load(5).source == digits.MNIST


def test_nobody_waits_for_a_network_that_does_not_answer(monkeypatch):
    answered = threading.Event()

    def urlopen(address, timeout):
        answered.wait(20)
        raise urllib.error.URLError("too late")

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    start = time.perf_counter()
    assert digits.load(5, seconds=0.2).source == digits.SMALL
    assert time.perf_counter() - start < 5
    answered.set()


def test_bad_arguments_get_a_sentence():
    for attempt, sentence in [
        (lambda: digits.load(0), "^count is 0"),
        (lambda: digits.load(1798), "^count is 1798"),
        (lambda: digits.load(5, seconds=-1), "^seconds is -1"),
        (lambda: digits.load(5).first(10), "^digit is 10"),
        (lambda: digits.load(1).first(7), "^there is no 7 among 1 digits"),
    ]:
        with pytest.raises(WorkbookError, match=sentence):
            attempt()
