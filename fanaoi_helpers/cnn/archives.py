"""The .keras file itself: written so that every Keras 3 opens it, and asked who wrote it.

A .keras file is a zip: the layers as text (``config.json``), the weights, and by whom (``metadata.json``).
Keras writes every argument of every layer, also those that only its newest version has, and refuses an
argument that it does not know, even where it says nothing ("input_axes": null).
"""

import copy
import dataclasses
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
        name: of the file, for sentences.
        config: the model as Keras serializes it.
        metadata: of the file; anyone may have written it.
    """

    path: Path
    name: str
    config: dict
    metadata: dict

    @property
    def keras_version(self) -> str:
        """The version of Keras that wrote the file, such as "3.13.2"; "" where it does not say."""
        version = self.metadata.get("keras_version")
        plausible = isinstance(version, str) and re.fullmatch(r"\d+\.\d+[\w.+-]{,20}", version)
        return version if plausible else ""

    @property
    def ours(self) -> bool:
        """Whether the workbook saved it, so that its model takes photographs of 0..255 and gives P(GO).

        The file says so. Workbooks that did not mark their files yet are known by their layers.
        """
        mark = self.metadata.get(MARK)
        if isinstance(mark, dict) and all(mark.get(key) == MEANING[key] for key in ("takes", "gives")):
            return True
        layers = {(name, str(arguments.get("name"))) for name, _, arguments in _objects(self.config)}
        return layers >= {("InputLayer", "photo"), ("Rescaling", "rescale"), ("Dense", "verdict")}


def read(path: Path) -> Archive:
    """Return what the .keras file ``path`` tells of itself, after its check sums were compared."""
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
            config = json.loads(archive.read(CONFIG))
            metadata = json.loads(archive.read(METADATA)) if METADATA in members else {}
        if not isinstance(config, dict) or not isinstance(metadata, dict):
            raise ValueError(f"its {CONFIG} describes no model")
        list(limits.objects(config))  # it is not nested without an end
    except Exception as error:  # zipfile and json fail in many ways, all of which mean a broken file
        why = (
            str(error)
            if type(error) is ValueError
            else f"it can't be unpacked, as if only a part of it were there: {type(error).__name__}"
        )
        raise WorkbookError(
            f"{name} is broken ({why}); copy it once more from where it is whole, or train the model again."
        ) from error
    return Archive(path, name, config, metadata)


def _members(archive: zipfile.ZipFile, size: int) -> set[str]:
    """Return the names in a .keras file of ``size`` bytes, or say why it is none.

    Raises:
        ValueError: it lacks something, holds what no model has, or would grow beyond measure.
    """
    members = archive.infolist()
    names = {member.filename for member in members}
    if not names >= {CONFIG, limits.WEIGHTS}:
        raise ValueError(f"it lacks {CONFIG} or the weights, so it was no model or is none any more")
    if len(members) > 3 or not names <= {CONFIG, METADATA, limits.WEIGHTS}:
        other = sorted(names - {CONFIG, METADATA, limits.WEIGHTS}) or sorted(names)
        raise ValueError(f"it holds {other[0][:40]!r} besides the layers and the weights of a model")
    for member in members:
        name, unpacked = member.filename, member.file_size
        if name != limits.WEIGHTS and unpacked > limits.LARGEST_TEXT:
            raise ValueError(f"its {name} has {unpacked:,} bytes, more than that of any model")
    total = sum(member.file_size for member in members)
    swollen = total > limits.WORTH_A_RATIO and total > limits.MOST_RATIO * size
    if swollen or total > limits.MOST_BYTES:
        raise ValueError(f"its {size / 1e6:,.1f} MB would unpack to {total / 1e6:,.0f} MB")
    return names


def write(model: keras.Model, path: Path, marked: bool) -> None:
    """Write ``model`` into the .keras file ``path``, whole or not at all, so that every Keras 3 opens it.

    Args:
        model: any model of Keras.
        path: of the file; its folder is made where it is missing.
        marked: whether the file says that the model takes photographs of 0..255 and gives P(GO).
    """
    with files.replacing(path) as saved:
        model.save(saved)
        archive = read(saved)
        metadata = archive.metadata | ({MARK: MEANING} if marked else {})
        with files.replacing(saved) as beside:
            rewritten(saved, beside, {CONFIG: plain(archive.config), METADATA: metadata})


def rewritten(path: Path, target: str | os.PathLike, texts: dict[str, dict]) -> None:
    """Copy a .keras file, with other values in some of its members that are JSON; the weights stay."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for member in old.infolist():
            if member.filename in texts:
                new.writestr(zipfile.ZipInfo(member.filename), json.dumps(texts[member.filename]))
            else:
                with old.open(member) as source, new.open(member, "w") as sink:
                    shutil.copyfileobj(source, sink, 1 << 20)


def opened(archive: Archive) -> keras.Model:
    """Return the model of a .keras file, as it is or without what is new and says nothing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what matters in them is an error here
            limits.check_layers(archive.config, archive.name)
            limits.check_sizes(archive.config, archive.path, archive.name)
            return keras.saving.load_model(archive.path, compile=False, safe_mode=True)
    except WorkbookError:
        raise
    except Exception as error:  # Keras raises many kinds, with messages of many lines
        config, strange = fitting(archive.config)
        if config == archive.config or _is_code(error):
            raise WorkbookError(_why_not(archive, error, strange)) from error
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch, archive.path.name)
        with files.replacing(path) as beside:
            rewritten(archive.path, beside, {CONFIG: config})
        return opened(dataclasses.replace(archive, path=path, config=config))


def _is_code(error: Exception) -> bool:
    if isinstance(error, limits.BringsCode):
        return True
    return "safe_mode=False" in str(error)  # Keras names the way around whenever it refuses code


def _why_not(archive: Archive, error: Exception, strange: list[str]) -> str:
    """Return the sentence about a whole .keras file that can't be opened."""
    name, theirs, ours = archive.name, archive.keras_version, keras.__version__
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
    return [int(part) for part in re.findall(r"\d+", version)[:3]]


def plain(config: dict | list) -> dict | list:
    """Return a configuration without the arguments that say what their default says anyway.

    What a newer Keras added has a default that changes nothing, so the rest is what an older one can read.
    """
    config = copy.deepcopy(config)
    for _, made_by, arguments in _objects(config):
        # A network's own arguments stay: they are no constructor's.
        defaults = {} if made_by is None or issubclass(made_by, keras.Model) else _constructor(made_by)
        for name in arguments.keys() & defaults.keys():
            if _text(arguments[name]) == _text(defaults[name]) and name not in _asked_for(made_by):
                del arguments[name]
    return config


def fitting(config: dict) -> tuple[dict, list[str]]:
    """Return a configuration as this Keras can read it, and what in it this Keras does not know.

    An argument that this Keras does not know is left out where it says nothing, or belongs to a switch that
    is off (as ``renorm_momentum`` to ``renorm``).

    Returns:
        The configuration, and what is left, such as ["'StereoConv2D'", "the reach=2 of 'Conv2D'"].
    """
    config, strange = copy.deepcopy(config), []
    for name, made_by, arguments in _objects(config):
        if made_by is None:
            strange.append(repr(name[:60]))
        elif not issubclass(made_by, keras.Model):
            unknown = arguments.keys() - _constructor(made_by).keys()
            silent = {each for each in unknown if _says_nothing(arguments[each])}
            silent |= {each for each in unknown if any(each.startswith(f"{switch}_") for switch in silent)}
            strange += [
                f"the {each[:40]}={str(arguments[each])[:40]} of {name!r}"
                for each in sorted(unknown - silent)
            ]
            for each in silent:
                del arguments[each]
    return config, strange


def foreign(config: dict) -> list[str]:
    """Return the names of the classes and functions in a configuration that are not Keras' own."""
    names = []
    for each in limits.objects(config):
        name = each["class_name"]
        if isinstance(name, str) and "module" in each and not _of_keras(each["module"]):
            names.append(str(each.get("config")) if name == "function" else name)
    return names


def _objects(config: dict | list) -> Iterator[tuple[str, type | None, dict]]:
    """Yield the name, the class (None: this Keras has none) and the arguments of all objects of Keras."""
    for each in limits.objects(config):
        name, module, arguments = (each.get(key) for key in ("class_name", "module", "config"))
        if isinstance(name, str) and _of_keras(module) and isinstance(arguments, dict):
            made_by = keras
            for part in [*module.split(".")[1:], name]:
                made_by = getattr(made_by, part, None)
            yield name, made_by if inspect.isclass(made_by) else None, arguments


def _of_keras(module: object) -> bool:
    return isinstance(module, str) and module.split(".")[0] in ("keras", "builtins")


@functools.cache
def _constructor(made_by: type) -> dict[str, object]:
    """Return the arguments that ``made_by`` can be made with, by name, with their defaults."""
    defaults = {}
    for base in made_by.__mro__:
        if "__init__" in vars(base):
            parameters = inspect.signature(vars(base)["__init__"]).parameters.values()
            for parameter in parameters:
                defaults.setdefault(parameter.name, parameter.default)
            if all(parameter.kind is not parameter.VAR_KEYWORD for parameter in parameters):
                break
    return defaults


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
