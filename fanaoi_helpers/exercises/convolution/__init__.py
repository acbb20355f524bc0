"""Exercises of notebook 02: convolution by hand."""

from ..lesson import Lesson
from . import filters, kernels, pooling, whole_cnn, window

lesson = Lesson("02", "Convolution by hand", window.ask, pooling.ask, kernels.ask, filters.ask, whole_cnn.ask)
recap = lesson.recap
globals().update(lesson.exercises)  # each by its name: ex.NAME
