"""Exercises of notebook 02: convolution by hand."""

from ..engine.lesson import Lesson
from . import kernels, layers, network, pooling, window

lesson = Lesson("02", "Convolution by hand")
recap = lesson.recap

first_number = lesson.add(window.first_number)
window_sum = lesson.add(window.window_sum)
which_is_wrong = lesson.add(window.which_is_wrong)
stride_two = lesson.add(window.stride_two)
output_size = lesson.add(window.output_size)
padded_corner = lesson.add(window.padded_corner)

average_pooling = lesson.add(pooling.average_pooling)
max_pool = lesson.add(pooling.max_pool)

hidden_slips = lesson.add(kernels.hidden_slips)
signed_sum = lesson.add(kernels.signed_sum)
convolve = lesson.add(kernels.convolve)
dot_response = lesson.add(kernels.dot_response)

even_patch = lesson.add(layers.even_patch)
channel_sum = lesson.add(layers.channel_sum)
one_filter = lesson.add(layers.one_filter)
conv_layer = lesson.add(layers.conv_layer)
window_axes = lesson.add(layers.window_axes)

shift = lesson.add(network.shift)
map_sizes = lesson.add(network.map_sizes)
parameter_counts = lesson.add(network.parameter_counts)
most_work = lesson.add(network.most_work)
receptive_field = lesson.add(network.receptive_field)
