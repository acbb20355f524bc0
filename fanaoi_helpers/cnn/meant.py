"""Models of other programs, turned into what the workbook takes every model for."""

from __future__ import annotations

from ..errors import WorkbookError
from ..meaning import PIXELS, TELL, Meaning
from .quiet import keras


def as_meant(model: keras.Model, name: str, ours: bool, meaning: Meaning | None) -> keras.Model:
    """Return a model that takes pixels of 0..255 and gives P(GO), whatever ``model`` takes and gives.

    Args:
        model: photographs (None, size, size, 3) in, one answer (None, 1) from 0 to 1 out.
        name: of its file, for the sentence.
        ours: the workbook saved it, so it is so already.
        meaning: what it takes and gives, as was told; None: nothing was.
    """
    if ours:
        if meaning not in (None, Meaning()):
            raise WorkbookError(
                f"{name} was saved by this workbook, so {Meaning()}, but options, parameters or policy tell "
                f"that {meaning}: leave that out."
            )
        return model
    if meaning is None:
        raise WorkbookError(f"{name} was not saved by this workbook, so what it means is not known: {TELL}.")
    if meaning == Meaning():
        return model
    photo = keras.Input(model.input_shape[1:], name="photo")
    times, plus = PIXELS[meaning.pixels]
    scaled = keras.layers.Rescaling(times, offset=plus, dtype="float32", name="to_its_pixels")(photo)
    answer = model(scaled)
    if meaning.go_is == 0:
        answer = keras.layers.Rescaling(-1, offset=1, dtype="float32", name="p_go")(answer)
    return keras.Model(photo, answer, name=f"{model.name}_as_meant")
