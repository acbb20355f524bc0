"""Exercises of notebook 05: from a folder to a score that one may defend."""

from ..lesson import Lesson
from . import folder_labels, handout_cnn, the_run

lesson = Lesson("05", "Train GO/NG", folder_labels.ask, handout_cnn.ask, the_run.ask)
recap = lesson.recap
globals().update(lesson.exercises)  # each by its name: ex.NAME
