"""Exercises of notebook 06: what a trained CNN holds, and what its verdict rests on."""

from ..engine.lesson import Lesson
from . import looking, pointing, tracing

lesson = Lesson("06", "Filters and feature maps")
recap = lesson.recap

which_kernel = lesson.add(looking.which_kernel)
background = lesson.add(looking.background)
same_scale = lesson.add(looking.same_scale)
filter_weights = lesson.add(looking.filter_weights)
field = lesson.add(looking.field)
moved = lesson.add(looking.moved)

pixel_to_logit = lesson.add(tracing.pixel_to_logit)
from_here = lesson.add(tracing.from_here)
which_output = lesson.add(tracing.which_output)
cam = lesson.add(tracing.cam)

inside_share = lesson.add(pointing.inside_share)
blob = lesson.add(pointing.blob)
experiment = lesson.add(pointing.experiment)
