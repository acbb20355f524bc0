"""Exercises of notebook 01: pixels and tensors."""

from ..lesson import Lesson
from . import colors, pictures, tensors

lesson = Lesson("01", "Pixels and tensors", pictures.ask, colors.ask, tensors.ask)
recap = lesson.recap
globals().update(lesson.exercises)  # each by its name: ex.NAME
