"""Exercises of notebook 03: from one neuron's score to the loss of a batch."""

from ..engine.lesson import Lesson
from . import go_ng, neurons, probabilities, surprise

lesson = Lesson("03", "Cross-entropy")
recap = lesson.recap

neuron_score = lesson.add(neurons.neuron_score)
turning_bias = lesson.add(neurons.turning_bias)
parameter_count = lesson.add(neurons.parameter_count)
best_line = lesson.add(neurons.best_line)
steepest_sigmoid = lesson.add(neurons.steepest_sigmoid)
mitigates = lesson.add(neurons.mitigates)
firing_share = lesson.add(neurons.firing_share)
dead_bias = lesson.add(neurons.dead_bias)
leaky_relu = lesson.add(neurons.leaky_relu)

probability_ratio = lesson.add(probabilities.probability_ratio)
softmax = lesson.add(probabilities.softmax)
one_score = lesson.add(probabilities.one_score)
which_head = lesson.add(probabilities.which_head)

nats = lesson.add(surprise.nats)
mean_surprise = lesson.add(surprise.mean_surprise)
best_constant = lesson.add(surprise.best_constant)
digit_loss = lesson.add(surprise.digit_loss)
keras_disagrees = lesson.add(surprise.keras_disagrees)
cross_entropy = lesson.add(surprise.cross_entropy)
batch_loss = lesson.add(surprise.batch_loss)

binary_loss = lesson.add(go_ng.binary_loss)
worst_share = lesson.add(go_ng.worst_share)
shrug = lesson.add(go_ng.shrug)
extreme_loss = lesson.add(go_ng.extreme_loss)
sigmoid_twice = lesson.add(go_ng.sigmoid_twice)
small_step = lesson.add(go_ng.small_step)
three_models = lesson.add(go_ng.three_models)
