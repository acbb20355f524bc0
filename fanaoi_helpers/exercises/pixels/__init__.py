"""Exercises of notebook 01: pixels and tensors."""

from ..engine.lesson import Lesson
from . import colors, pictures, tensors

lesson = Lesson("01", "Pixels and tensors")
recap = lesson.recap

gray_pixel = lesson.add(pictures.gray_pixel)
mix = lesson.add(pictures.mix)
corner = lesson.add(pictures.corner)
center_crop = lesson.add(pictures.center_crop)

to_gray = lesson.add(colors.to_gray)
to_rgb = lesson.add(colors.to_rgb)
wraparound = lesson.add(colors.wraparound)
brighten = lesson.add(colors.brighten)
twice = lesson.add(colors.twice)

batch_shape = lesson.add(tensors.batch_shape)
ndims = lesson.add(tensors.ndims)
channels_last = lesson.add(tensors.channels_last)
pixels_224 = lesson.add(tensors.pixels_224)
megabytes = lesson.add(tensors.megabytes)
old_ways = lesson.add(tensors.old_ways)
traces = lesson.add(tensors.traces)
from_file = lesson.add(tensors.from_file)
growth = lesson.add(tensors.growth)
