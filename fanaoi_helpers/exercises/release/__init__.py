"""Exercises of notebook 08: what mistakes cost, what counts prove, who judges better, and when to stop."""

from ..lesson import Lesson
from . import counts, judges, watching

lesson = Lesson("08", "Inspection station", counts.ask, judges.ask, watching.ask)
recap = lesson.recap
globals().update(lesson.exercises)  # each by its name: ex.NAME
