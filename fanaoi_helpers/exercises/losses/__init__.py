"""Exercises of notebook 03: from one neuron's score to the loss of a batch."""

from ..lesson import Lesson
from . import go_ng, one_neuron, probabilities, surprise

lesson = Lesson("03", "Cross-entropy", one_neuron.ask, probabilities.ask, surprise.ask, go_ng.ask)
recap = lesson.recap
globals().update(lesson.exercises)  # each by its name: ex.NAME
