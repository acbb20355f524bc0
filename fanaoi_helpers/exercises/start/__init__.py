"""Exercises of notebook 00: a shift's fans, the words of the line, a fair test, and counting mistakes."""

from ..lesson import Lesson
from . import mistakes, shift

lesson = Lesson("00", "Start here", shift.ask, mistakes.ask)
recap = lesson.recap
globals().update(lesson.exercises)  # each by its name: ex.NAME
