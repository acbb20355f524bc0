"""Exercises of notebook 06: what a trained CNN holds, and what its verdict rests on."""

from ..lesson import Lesson
from . import looking, pointing, to_the_logit

lesson = Lesson("06", "Filters and feature maps", looking.ask, to_the_logit.ask, pointing.ask)
recap = lesson.recap
globals().update(lesson.exercises)  # each by its name: ex.NAME
