"""The notebooks as learners open them: without outputs, with folded plumbing, each learner's own."""

from .folding import lesson_folder, opened, stale, write_lesson
