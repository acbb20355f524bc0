"""Exercises of notebook 05: from a folder to a score that one may defend."""

from ..engine.lesson import Lesson
from . import feeding, labels, network, training

lesson = Lesson("05", "Train GO/NG")
recap = lesson.recap

folder_numbers = lesson.add(labels.folder_numbers)
torn_units = lesson.add(labels.torn_units)

same_padding = lesson.add(network.same_padding)
conv2_weights = lesson.add(network.conv2_weights)
dense_weights = lesson.add(network.dense_weights)

trap_rule = lesson.add(labels.trap_rule)

first_loss = lesson.add(training.first_loss)
chip_pixels = lesson.add(training.chip_pixels)

batch_work = lesson.add(feeding.batch_work)
stops_after = lesson.add(training.stops_after)
must_be_kept = lesson.add(training.must_be_kept)
