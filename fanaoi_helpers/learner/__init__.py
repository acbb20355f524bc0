"""The notebooks as learners open them: without outputs, with folded plumbing, each learner's own."""

from .folding import lesson_folder, opened, stale, write_lesson
from .keeping import bring_up_to_date, my_notebooks, reset
