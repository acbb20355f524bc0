"""Exercises of notebook 04: descent, backpropagation by hand, training, optimizers."""

from ..lesson import Lesson
from . import backward, descent, optimizing

lesson = Lesson("04", "Backpropagation", descent.ask, backward.ask, optimizing.ask)
recap = lesson.recap
globals().update(lesson.exercises)  # each by its name: ex.NAME
