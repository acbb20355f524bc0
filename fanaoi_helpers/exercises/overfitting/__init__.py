"""Exercises of notebook 07: why a CNN fails, and what repairs it."""

from ..lesson import Lesson
from . import helping, honesty
from .helping import CHANGES, FAULTS, KEPT

lesson = Lesson("07", "Overfitting and augmentation", helping.ask, honesty.ask)
recap = lesson.recap
globals().update(lesson.exercises)  # each by its name: ex.NAME
