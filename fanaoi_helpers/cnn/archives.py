"""The .keras file itself: written so that every Keras 3 opens it, and asked who wrote it.

A .keras file is a zip: the layers as text (``config.json``), the weights, and by whom (``metadata.json``).
Keras writes every argument of every layer, also those that only its newest version has, and refuses an
argument that it does not know, even where it says nothing ("input_axes": null).
"""

from __future__ import annotations

import copy
import functools
import inspect
import json
import os
import re
import shutil
import tempfile
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .. import __version__, files
from ..errors import WorkbookError
from . import limits
from .quiet import keras

CONFIG, METADATA = "config.json", "metadata.json"
MARK = "fanaoi_workbook"  # in the metadata of a file that the workbook saved
MEANING = {"version": __version__, "takes": "photographs of 0..255", "gives": "P(GO)"}


@dataclass(frozen=True)
class Archive:
    """What a .keras file tells of itself: its layers as Keras describes them, and who wrote it.

    Attributes:
        path: the file.
        config: the model as Keras serializes it.
        metadata: of the file; anyone may have written it.
    """

    path: Path
    config: dict
    metadata: dict

    @property
    def keras_version(self) -> str:
        """The version of Keras that wrote the file, such as "3.13.2"; "" where it does not say."""
        told = self.metadata.get("keras_version")
        return told if isinstance(told, str) and re.fullmatch(r"\d+\.\d+[\w.+-]{,20}", told) else ""

    @property
    def marked(self) -> bool:
        """Whether the file says that its model takes photographs of 0..255 and gives P(GO)."""
        mark = self.metadata.get(MARK)
        return isinstance(mark, dict) and all(mark.get(key) == MEANING[key] for key in ("takes", "gives"))

    @property
    def of_earlier_workbook(self) -> bool:
        """Whether the layers are those of a workbook that did not mark its files yet."""
        layers = {(name, str(arguments.get("name"))) for name, _, arguments in _objects(self.config)}
        return layers >= {("InputLayer", "photo"), ("Rescaling", "rescale"), ("Dense", "verdict")}


def read(path: Path) -> Archive:
    """Return what the .keras file ``path`` tells of itself, after its check sums were compared.

    Raises:
        WorkbookError: it is no .keras file, or a broken one.
    """
    name = files.shown(path)
    if not path.is_file():
        raise WorkbookError(f"{name} is not there; train a model first, or give the path of a .keras file.")
    try:
        with path.open("rb") as file:
            head = file.read(2)
    except OSError as error:
        raise WorkbookError(f"{name} can't be read ({error.strerror}): may you read it?") from error
    if path.suffix != ".keras" or head != b"PK":
        raise WorkbookError(f"{name} is not a .keras file: save the model as one, with cnn.save.")
    try:
        with zipfile.ZipFile(path) as archive:
            members = _members(archive, path.stat().st_size)
            if torn := archive.testzip():
                raise ValueError(f"the check sum of {torn[:40]} does not fit")
            texts = {one: archive.read(one) if one in members else "{}" for one in (CONFIG, METADATA)}
        told = [json.loads(texts[one]) for one in (CONFIG, METADATA)]
        if not all(isinstance(one, dict) for one in told):
            raise ValueError(f"its {CONFIG} describes no model")
        _objects(told[0])  # can be looked through: it is not nested without an end
    except Exception as error:  # zipfile and json fail in many ways, all of which mean a broken file
        why = (
            str(error)
            if type(error) is ValueError
            else f"it can't be unpacked, as if only a part of it were there: {type(error).__name__}"
        )
        raise WorkbookError(
            f"{name} is broken ({why}); copy it once more from where it is whole, or train the model again."
        ) from error
    return Archive(path, *told)


def _members(archive: zipfile.ZipFile, size: int) -> set[str]:
    """Return the names in a .keras file of ``size`` bytes, or say why it is none.

    Raises:
        ValueError: it lacks something, holds what no model has, or would grow beyond measure.
    """
    listed = archive.infolist()
    names = {one.filename for one in listed}
    if not names >= {CONFIG, limits.WEIGHTS}:
        raise ValueError(f"it lacks {CONFIG} or the weights, so it was no model or is none any more")
    if len(listed) > 3 or not names <= {CONFIG, METADATA, limits.WEIGHTS}:
        other = sorted(names - {CONFIG, METADATA, limits.WEIGHTS}) or sorted(names)
        raise ValueError(f"it holds {other[0][:40]!r} besides the layers and the weights of a model")
    for one in listed:
        if one.filename != limits.WEIGHTS and one.file_size > limits.LARGEST_TEXT:
            raise ValueError(f"its {one.filename} has {one.file_size:,} bytes, more than that of any model")
    total = sum(one.file_size for one in listed)
    swollen = total > limits.WORTH_A_RATIO and total > limits.MOST_RATIO * size
    if swollen or total > limits.MOST_BYTES:
        raise ValueError(f"its {size / 1e6:,.1f} MB would unpack to {total / 1e6:,.0f} MB")
    return names


def write(model: keras.Model, path: Path, marked: bool) -> None:
    """Write ``model`` into the .keras file ``path``, whole or not at all, for every Keras 3.

    Args:
        model: any model of Keras.
        path: of the file; its folder is made where it is missing.
        marked: whether the file says that the model takes photographs of 0..255 and gives P(GO).

    Raises:
        WorkbookError: it can't be written.
    """
    with files.replacing(path) as beside:
        model.save(beside)
        travel(beside, marked)


def travel(path: Path, marked: bool) -> None:
    """Let every Keras 3 open the .keras file ``path`` that this Keras wrote; its weights stay as they are."""
    archive = read(path)
    metadata = archive.metadata | ({MARK: MEANING} if marked else {})
    with files.replacing(path) as beside:
        rewritten(path, beside, {CONFIG: plain(archive.config), METADATA: metadata})


def rewritten(path: Path, target: str | os.PathLike, texts: dict[str, dict]) -> None:
    """Copy a .keras file, with other values in some of its members that are JSON."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for member in old.infolist():
            if member.filename in texts:
                new.writestr(zipfile.ZipInfo(member.filename), json.dumps(texts[member.filename]))
            else:
                with old.open(member) as source, new.open(member, "w") as sink:
                    shutil.copyfileobj(source, sink, 1 << 20)


def opened(archive: Archive) -> keras.Model:
    """Return the model of a .keras file, as it is or without what is new and says nothing.

    Raises:
        WorkbookError: it brings code, needs what this Keras does not have, is broken or too large.
    """
    try:
        return _checked(archive, archive.config, archive.path)
    except WorkbookError:
        raise
    except Exception as error:  # Keras raises many kinds, with messages of many lines
        first = error
    strange = []
    if not _is_code(first):
        config, strange = fitting(archive.config)
        if config != archive.config:
            with tempfile.TemporaryDirectory() as scratch:
                other = Path(scratch, archive.path.name)
                try:
                    rewritten(archive.path, other, {CONFIG: config})
                except OSError as error:
                    raise files.cannot_write(other, error) from error
                try:
                    return _checked(archive, config, other)
                except WorkbookError:
                    raise
                except Exception as error:
                    first = error
    raise WorkbookError(_why_not(archive, first, strange)) from first


def _checked(archive: Archive, config: dict, path: Path) -> keras.Model:
    """Return the model of the .keras file ``path``, which holds ``config``, if it keeps the limits."""
    name = files.shown(archive.path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what matters in them is an error here
        limits.check_layers(config, name)
        limits.check_sizes(config, path, name)
        return keras.saving.load_model(path, compile=False, safe_mode=True)


def _is_code(error: Exception) -> bool:
    if isinstance(error, limits.BringsCode):
        return True
    return "safe_mode=False" in str(error)  # Keras names the way around whenever it refuses code


def _why_not(archive: Archive, error: Exception, strange: list[str]) -> str:
    """Return the sentence about a whole .keras file that can't be opened."""
    name, theirs, ours = files.shown(archive.path), archive.keras_version, keras.__version__
    if _is_code(error):
        return (
            f"{name} is not opened: it brings code of its own, which could do anything on this machine; "
            "use a model of Keras' own layers."
        )
    if others := foreign(archive.config):
        return (
            f"{name} needs {others[0][:60]!r}, which is not Keras' own but of the program that made it; "
            "use a model of Keras' own layers."
        )
    if isinstance(error, MemoryError) or "ResourceExhausted" in type(error).__name__:
        return f"{name} needs more memory than is left: end other notebooks and programs, then try again."
    if theirs.startswith(("1.", "2.")):
        return (
            f"{name} was saved by Keras {theirs}, which Keras {ours}, installed here, can't read: build the "
            "model again with Keras 3 and train it."
        )
    if strange or _number(theirs) > _number(ours):
        what = f", which does not know {', '.join(strange[:3])}" if strange else ""
        return (
            f"{name} was saved by Keras {theirs or '(it does not say which)'} and can't be opened by "
            f"Keras {ours}, which is installed here{what}: open it where the other Keras is, or save there "
            "by cnn.save a model without what is new."
        )
    return (
        f"{name} is broken (its layers and weights do not fit: {type(error).__name__}); copy it once more "
        "from where it is whole, or train the model again."
    )


def _number(version: str) -> list[int]:
    return [int(one) for one in re.findall(r"\d+", version)[:3]]


def plain(config: dict | list) -> dict | list:
    """Return a configuration without the arguments that say what their default says anyway.

    What a newer Keras added has a default that changes nothing, so the rest is what an older one can read.
    """
    config = copy.deepcopy(config)
    for _, made_by, told in _objects(config):
        # A network's own arguments stay: they are no constructor's.
        defaults = {} if made_by is None or issubclass(made_by, keras.Model) else _constructor(made_by)
        for name in told.keys() & defaults.keys():
            if _text(told[name]) == _text(defaults[name]) and name not in _asked_for(made_by):
                del told[name]
    return config


def fitting(config: dict) -> tuple[dict, list[str]]:
    """Return a configuration as this Keras can read it, and what in it this Keras does not know.

    An argument that this Keras does not know is left out where it says nothing, or belongs to a switch that
    is off (as ``renorm_momentum`` to ``renorm``).

    Returns:
        The configuration, and what is left, such as ["'StereoConv2D'", "the reach=2 of 'Conv2D'"].
    """
    config, strange = copy.deepcopy(config), []
    for name, made_by, told in _objects(config):
        if made_by is None:
            strange.append(repr(name[:60]))
        elif not issubclass(made_by, keras.Model):
            unknown = told.keys() - _constructor(made_by).keys()
            silent = {one for one in unknown if _says_nothing(told[one])}
            silent |= {one for one in unknown if any(one.startswith(f"{switch}_") for switch in silent)}
            strange += [
                f"the {one[:40]}={str(told[one])[:40]} of {name!r}" for one in sorted(unknown - silent)
            ]
            for one in silent:
                del told[one]
    return config, strange


def foreign(config: dict) -> list[str]:
    """Return the names of the classes and functions in a configuration that are not Keras' own."""
    return [name for name, module, _ in _named(config) if not _of_keras(module)]


def _objects(config: object) -> list[tuple[str, type | None, dict]]:
    """Return the name, the class (None: this Keras has none) and the arguments of all objects of Keras."""
    found = []
    for name, module, arguments in _named(config):
        if _of_keras(module) and isinstance(arguments, dict):
            made_by = keras
            for part in [*module.split(".")[1:], name]:
                made_by = getattr(made_by, part, None)
            found.append((name, made_by if inspect.isclass(made_by) else None, arguments))
    return found


def _named(told: object) -> Iterator[tuple[str, object, object]]:
    """Yield the name, the module and the arguments of whatever Keras has serialized as an object."""
    if isinstance(told, dict):
        name, arguments = told.get("class_name"), told.get("config")
        if isinstance(name, str) and "module" in told:
            yield (str(arguments) if name == "function" else name), told["module"], arguments
    for one in told.values() if isinstance(told, dict) else told if isinstance(told, list) else ():
        yield from _named(one)


def _of_keras(module: object) -> bool:
    return isinstance(module, str) and module.split(".")[0] in ("keras", "builtins")


@functools.cache
def _constructor(made_by: type) -> dict[str, object]:
    """Return the arguments that ``made_by`` can be made with, by name, with their defaults."""
    found = {}
    for base in made_by.__mro__:
        if "__init__" in vars(base):
            taken = inspect.signature(vars(base)["__init__"]).parameters.values()
            for one in taken:
                found.setdefault(one.name, one.default)
            if all(one.kind is not one.VAR_KEYWORD for one in taken):
                break
    return found


@functools.cache
def _asked_for(made_by: type) -> set[str]:
    """Return the arguments that ``from_config`` of a class reads as ``config["offset"]`` and can't miss."""
    try:
        source = inspect.getsource(made_by.from_config)
    except OSError:  # an installation without sources
        return set()
    return set(re.findall(r'config(?:\[|\.pop\()"(\w+)"(?:\](?! = )|\))', source))


def _says_nothing(value: object) -> bool:
    return value is None or value is False or value in ("", [], {})


def _text(value: object) -> str:
    """Return a value as it stands in a configuration: a tuple is a list there, and 1 is not true."""
    return json.dumps(value, default=repr)
