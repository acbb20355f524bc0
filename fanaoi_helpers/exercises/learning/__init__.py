"""Exercises of notebook 04: descent, backpropagation by hand, training, optimizers."""

from ..engine.lesson import Lesson
from . import descent, layers, training

lesson = Lesson("04", "Backpropagation")
recap = lesson.recap

one_step = lesson.add(descent.one_step)
slope = lesson.add(descent.slope)
forward_passes = lesson.add(descent.forward_passes)

dense_back = lesson.add(layers.dense_back)
relu_back = lesson.add(layers.relu_back)
pool_back = lesson.add(layers.pool_back)
kernel_back = lesson.add(layers.kernel_back)
conv_back = lesson.add(layers.conv_back)
dead_filter = lesson.add(layers.dead_filter)

training_step = lesson.add(training.training_step)
iterations = lesson.add(training.iterations)
diverge = lesson.add(training.diverge)
loss_rises = lesson.add(training.loss_rises)
momentum = lesson.add(training.momentum)
whose_path = lesson.add(training.whose_path)
same_start = lesson.add(training.same_start)
